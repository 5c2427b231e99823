/* Length-encoded integers: one byte up to 250, else a mark and 2, 3 or 8 bytes. */
#include "protocol/mysql/mysql.h"

#include "base/reader.h"
#include "base/writer.h"

uint64_t take_lenenc(struct reader *r)
{
    uint64_t first = take_uint(r, 1);

    switch (first) {
    case 0xfc:
        return take_uint(r, 2);
    case 0xfd:
        return take_uint(r, 3);
    case 0xfe:
        return take_uint(r, 8);
    case 0xfb: /* NULL in a row, no number */
    case 0xff:
        reader_break(r);
        return 0;
    default:
        return first;
    }
}

struct slice take_lenenc_bytes(struct reader *r)
{
    return take_bytes(r, take_lenenc(r));
}

void put_lenenc(struct writer *w, uint64_t value)
{
    if (value <= 0xfa) {
        put_uint(w, value, 1);
    } else if (value <= 0xffff) {
        put_uint(w, 0xfc, 1);
        put_uint(w, value, 2);
    } else if (value <= 0xffffff) {
        put_uint(w, 0xfd, 1);
        put_uint(w, value, 3);
    } else {
        put_uint(w, 0xfe, 1);
        put_uint(w, value, 8);
    }
}

void put_lenenc_bytes(struct writer *w, struct slice bytes)
{
    put_lenenc(w, bytes.size);
    put_bytes(w, bytes);
}
