/* A client's byte stream, arriving in pieces: packets are taken as if it had come at once, and what
 * was taken is put again as it came. Byte 0 is the size of a piece. */
#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/queue.h"
#include "protocol/mysql/mysql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 4096 };

static struct chunk_pool pool = {.keep = 64};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum packet_state state = PACKET_NONE;
    uint8_t in = 0, out = 0;
    struct queue q, again;
    struct arena arena;

    if (size == 0 || size > 1 << 16)
        return 0;
    size_t step = data[0] ? data[0] : 1, taken = 0;
    queue_init(&q, &pool);
    queue_init(&again, &pool);
    arena_init(&arena, NULL);
    for (size_t at = 1; at < size && state <= PACKET_WHOLE; at += step) {
        queue_put(&q, slice_make(data + at, size - at < step ? size - at : step));
        do {
            struct slice payload = {0};
            state = packet_take(&q, &in, LIMIT, &arena, &payload);
            must(payload.size <= LIMIT);
            if (state == PACKET_WHOLE)
                packet_put(&again, &out, payload);
            must(in == out);
        } while (state == PACKET_WHOLE);
    }
    while (again.size) { /* what came out went in */
        struct slice front = queue_front(&again);
        must(memcmp(front.data, data + 1 + taken, front.size) == 0);
        taken += front.size;
        queue_drop(&again, front.size);
    }
    queue_clear(&q);
    arena_clear(&arena);
    return 0;
}
