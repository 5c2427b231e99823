/* A server's reply, hostile or not, walked whole and in pieces: both must agree on every byte, the
 * end and the counts. Byte 0 chooses the kind of reply, byte 1 how it is cut. */
#include <stdint.h>

#include "base/must.h"
#include "protocol/mysql/mysql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    struct follow f;
    enum follow_state state;
    size_t passed;
    bool took_back; /* the offending packet lay within one piece */
};

static struct outcome walk(unsigned char *bytes, size_t n, uint8_t kind, size_t step)
{
    struct outcome o = {.state = FOLLOW_MORE};
    size_t at = 0, used = 0;

    follow_start(&o.f, (enum follow_what)(kind % 5), 1, (uint8_t)(kind + 1),
                 STATUS_AUTOCOMMIT | STATUS_IN_TRANS, STATUS_AUTOCOMMIT);
    while (at < n && o.state == FOLLOW_MORE) {
        size_t piece = n - at < step ? n - at : step;
        o.state = follow_walk(&o.f, bytes + at, piece, &used);
        must(used <= piece && (o.state != FOLLOW_MORE || used == piece));
        at += used;
    }
    o.passed = at;
    o.took_back = o.f.at_boundary;
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 1 << 20)
        return 0;
    size_t n = size - 2, step = data[1] ? data[1] : 1;
    unsigned char *whole = malloc(n ? n : 1), *cut = malloc(n ? n : 1);

    must(whole && cut);
    memcpy(whole, data + 2, n);
    memcpy(cut, data + 2, n);
    struct outcome a = walk(whole, n, data[0], n ? n : 1), b = walk(cut, n, data[0], step);
    must(a.state == b.state);
    must(a.f.rows == b.f.rows && a.f.packets == b.f.packets && a.f.affected == b.f.affected);
    if (a.state == FOLLOW_MORE || a.state == FOLLOW_END) {
        must(a.passed == b.passed && memcmp(whole, cut, a.passed) == 0);
        must(a.f.at_boundary == b.f.at_boundary && a.f.next_sequence == b.f.next_sequence);
    } else { /* in pieces a part of the offending packet may have gone */
        must(a.took_back && a.passed <= b.passed && memcmp(whole, cut, a.passed) == 0);
        must(!b.took_back || a.passed == b.passed);
    }
    free(whole);
    free(cut);
    return 0;
}
