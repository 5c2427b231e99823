/* HandshakeResponse41, and COM_CHANGE_USER, which carries the same fields:
 *
 *   capabilities 4 | max packet 4 | charset 1 | zeros 23                                  (TLS:
 * ends here) | user NUL | response | database NUL | method NUL | lenenc size, attributes
 *
 *   user NUL | size 1, response | database NUL | charset 2 | method NUL | lenenc size, attributes
 *
 * Which of the later fields are there, and how the response's length is written, follows from what
 * BOTH sides have: drivers set bits that they were not offered. */
#include "protocol/mysql/mysql.h"

#include "base/reader.h"
#include "base/writer.h"

enum { RESERVED = 23 };

static struct slice take_bounded(struct reader *r, size_t most)
{
    struct slice text = take_cstring(r);

    if (text.size > most)
        reader_break(r);
    return text;
}

static struct slice take_response(struct reader *r, uint32_t capabilities)
{
    if (capabilities & CAPABILITY_PLUGIN_AUTH_LENENC)
        return take_lenenc_bytes(r);
    if (capabilities & CAPABILITY_SECURE_CONNECTION)
        return take_bytes(r, take_uint(r, 1));
    return take_cstring(r);
}

/* Method and attributes. Some drivers that have the capability leave a field out at the end. */
static void take_tail(struct login *l, struct reader *r)
{
    struct slice name, value;

    if (l->capabilities & CAPABILITY_PLUGIN_AUTH && r->left)
        l->plugin = take_bounded(r, LOGIN_PLUGIN_MAX);
    if (!(l->capabilities & CAPABILITY_CONNECT_ATTRS) || !r->left)
        return;
    l->attributes = take_lenenc_bytes(r);
    struct slice rest = l->attributes;
    while (attribute_next(&rest, &name, &value))
        ;
    if (rest.size || l->attributes.size > LOGIN_ATTRIBUTES_MAX)
        reader_break(r);
}

bool login_is_old(struct slice payload)
{
    struct reader r = reader_over(payload);
    uint64_t capabilities = take_uint(&r, 2);

    return reader_done(&r) && !(capabilities & CAPABILITY_PROTOCOL_41);
}

bool login_read(struct login *l, struct slice payload, uint32_t offered)
{
    struct reader r = reader_over(payload);
    struct login got = {.capabilities = (uint32_t)take_uint(&r, 4) & offered};

    got.max_packet = (uint32_t)take_uint(&r, 4);
    got.charset = (uint8_t)take_uint(&r, 1);
    take_skip(&r, RESERVED);
    got.is_tls_request = got.capabilities & CAPABILITY_SSL && r.left == 0;
    if (!got.is_tls_request) {
        got.user = take_bounded(&r, LOGIN_USER_MAX);
        got.response = take_response(&r, got.capabilities);
        got.has_database = got.capabilities & CAPABILITY_CONNECT_WITH_DB;
        if (got.has_database)
            got.database = take_bounded(&r, LOGIN_DATABASE_MAX);
        take_tail(&got, &r);
    }
    if (!reader_done(&r) || !(got.capabilities & CAPABILITY_PROTOCOL_41))
        return false;
    *l = got;
    return true;
}

bool change_user_read(struct login *l, struct slice argument, uint32_t capabilities)
{
    struct reader r = reader_over(argument);
    struct login got = {.capabilities = capabilities, .has_database = true};

    got.user = take_bounded(&r, LOGIN_USER_MAX);
    got.response = take_bytes(&r, take_uint(&r, 1));
    got.database = take_bounded(&r, LOGIN_DATABASE_MAX);
    if (r.left) {
        got.charset = (uint8_t)take_uint(&r, 2);
        take_tail(&got, &r);
    }
    if (!reader_done(&r))
        return false;
    *l = got;
    return true;
}

/* A NUL inside would end the field early, and the rest would be read as the next ones. */
static void put_name(struct writer *w, struct slice name)
{
    if (name.size && memchr(name.data, 0, name.size))
        w->broken = true;
    put_cstring(w, name);
}

static void put_response(struct writer *w, uint32_t capabilities, struct slice response)
{
    if (capabilities & CAPABILITY_PLUGIN_AUTH_LENENC) {
        put_lenenc_bytes(w, response);
        return;
    }
    if (response.size > 0xff)
        w->broken = true;
    put_uint(w, response.size, 1);
    put_bytes(w, response);
}

bool login_put(struct writer *w, const struct login *l)
{
    put_uint(w, l->capabilities, 4);
    put_uint(w, l->max_packet, 4);
    put_uint(w, l->charset, 1);
    put_fill(w, 0, RESERVED);
    if (l->is_tls_request)
        return writer_done(w);
    put_name(w, l->user);
    put_response(w, l->capabilities, l->response);
    if (l->capabilities & CAPABILITY_CONNECT_WITH_DB)
        put_name(w, l->database);
    if (l->capabilities & CAPABILITY_PLUGIN_AUTH)
        put_name(w, l->plugin);
    if (l->capabilities & CAPABILITY_CONNECT_ATTRS)
        put_lenenc_bytes(w, l->attributes);
    return writer_done(w);
}
