/* HandshakeV10:
 *
 *   protocol 1 | version NUL | connection id 4 | salt 8 | 0 | capabilities low 2 | charset 1 |
 * status 2 | capabilities high 2 | size of salt + NUL 1 | zeros 10 | salt 12 | 0 | method NUL
 */
#include "protocol/mysql/mysql.h"

#include "base/reader.h"
#include "base/writer.h"

enum { SALT_HEAD = 8, SALT_TAIL = MYSQL_SALT - SALT_HEAD, RESERVED = 10, VERSION_10 = 10 };

bool greeting_read(struct greeting *g, struct slice payload)
{
    struct reader r = reader_over(payload);
    struct greeting got = {.protocol = (unsigned)take_uint(&r, 1)};

    got.version = take_cstring(&r);
    got.connection_id = (uint32_t)take_uint(&r, 4);
    struct slice head = take_bytes(&r, SALT_HEAD);
    take_skip(&r, 1);
    got.capabilities = (uint32_t)take_uint(&r, 2);
    got.charset = (uint8_t)take_uint(&r, 1);
    got.status = (uint16_t)take_uint(&r, 2);
    got.capabilities |= (uint32_t)take_uint(&r, 2) << 16;
    take_skip(&r, 1); /* size of the salt: 21, or 0 from servers without PLUGIN_AUTH */
    take_skip(&r, RESERVED);
    struct slice tail = take_bytes(&r, SALT_TAIL);
    take_skip(&r, 1);
    if (got.capabilities & CAPABILITY_PLUGIN_AUTH)
        got.plugin = take_cstring(&r);
    if (!reader_done(&r) || got.protocol != VERSION_10)
        return false;
    memcpy(got.salt, head.data, SALT_HEAD);
    memcpy(got.salt + SALT_HEAD, tail.data, SALT_TAIL);
    *g = got;
    return true;
}

bool greeting_put(struct writer *w, const struct greeting *g)
{
    bool names_method = g->capabilities & CAPABILITY_PLUGIN_AUTH;

    put_uint(w, g->protocol, 1);
    put_cstring(w, g->version);
    put_uint(w, g->connection_id, 4);
    put_bytes(w, slice_make(g->salt, SALT_HEAD));
    put_uint(w, 0, 1);
    put_uint(w, g->capabilities, 2);
    put_uint(w, g->charset, 1);
    put_uint(w, g->status, 2);
    put_uint(w, g->capabilities >> 16, 2);
    put_uint(w, names_method ? MYSQL_SALT + 1 : 0, 1);
    put_fill(w, 0, RESERVED);
    put_bytes(w, slice_make(g->salt + SALT_HEAD, SALT_TAIL));
    put_uint(w, 0, 1);
    if (names_method)
        put_cstring(w, g->plugin);
    return writer_done(w);
}
