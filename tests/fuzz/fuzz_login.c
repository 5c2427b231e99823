/* What a client may send before it is known, and what a server may send to us: the first byte
 * chooses the decoder. Decoded structures are put again and must be read as the same. */
#include <stdint.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"
#include "base/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 256 * 1024, EVERYTHING = 0x7fffffff };

static unsigned char room[ROOM];

static void read_greeting(struct slice payload)
{
    struct greeting g, again;
    struct writer w = writer_over(room, sizeof(room));

    if (!greeting_read(&g, payload) || !greeting_put(&w, &g))
        return;
    must(greeting_read(&again, writer_bytes(&w)));
    must(memcmp(g.salt, again.salt, MYSQL_SALT) == 0 && g.capabilities == again.capabilities);
    must(slice_equal(g.version, again.version) && slice_equal(g.plugin, again.plugin));
}

static void read_login(struct slice payload, uint32_t offered)
{
    struct login l, again;
    struct slice name, value;
    struct writer w = writer_over(room, sizeof(room));

    if (!login_read(&l, payload, offered))
        return;
    must((l.capabilities & ~offered) == 0 && l.user.size <= LOGIN_USER_MAX);
    must(l.attributes.size <= LOGIN_ATTRIBUTES_MAX);
    for (struct slice rest = l.attributes; attribute_next(&rest, &name, &value);)
        must(value.size <= ATTRIBUTE_MAX && name.size < l.attributes.size);
    /* without the two capabilities a response is written in another form than it is read */
    if (!(l.capabilities & (CAPABILITY_PLUGIN_AUTH_LENENC | CAPABILITY_SECURE_CONNECTION)))
        return;
    must(login_put(&w, &l) && login_read(&again, writer_bytes(&w), offered));
    must(slice_equal(l.user, again.user) && slice_equal(l.response, again.response));
    must(slice_equal(l.database, again.database) && slice_equal(l.plugin, again.plugin));
}

/* The input is cut into payloads: a length byte before each. */
static void exchange(struct slice bytes)
{
    static const unsigned char salt[] = "xfSgtRiC_GVsIU\\AtVap";
    struct user user = {.name = SLICE("a"), .native = {{{"", 0}}, 1}};
    struct config config = {0};
    struct peer peer = {.text = "::"};
    enum verify_state state = VERIFY_MORE;
    struct arena arena;
    struct verify v;
    struct error e;

    map_init(&config.user_names, MAP_EXACT);
    must(map_put(&config.user_names, user.name, &user));
    arena_init(&arena, NULL);
    verify_start(&v, &config, &peer, GATEWAY_CAPABILITIES | CAPABILITY_SSL, salt, &arena);
    for (int steps = 0; (state == VERIFY_MORE || state == VERIFY_TLS) && bytes.size; steps++) {
        unsigned char reply[128];
        struct writer w = writer_over(reply, sizeof(reply));
        size_t n = (unsigned char)bytes.data[0];
        bytes = slice_after(bytes, 1);
        n = n < bytes.size ? n : bytes.size;
        must(steps < 3); /* TLS, login, response */
        state = verify_feed(&v, slice_head(bytes, n), &w, &e);
        must(state != VERIFY_OK || slice_equal(v.user->name, SLICE("a")));
        if (state == VERIFY_TLS)
            verify_encrypted(&v);
        bytes = slice_after(bytes, n);
    }
    arena_clear(&arena);
    map_fini(&config.user_names);
}

static void answer(struct slice bytes)
{
    const struct answer_as as = {
        .user = SLICE("u"), .password = SLICE("p"), .database = SLICE("d")};
    enum answer_state state = LOGIN_MORE;
    struct answer a;
    struct error e;

    for (bool first = true; (first || state == LOGIN_MORE) && bytes.size; first = false) {
        unsigned char reply[1024];
        struct writer w = writer_over(reply, sizeof(reply));
        size_t n = (unsigned char)bytes.data[0];
        bytes = slice_after(bytes, 1);
        n = n < bytes.size ? n : bytes.size;
        if (first)
            state = answer_start(&a, &as, slice_head(bytes, n), false, &w, &e);
        else
            state = answer_feed(&a, slice_head(bytes, n), &w, &e);
        bytes = slice_after(bytes, n);
    }
}

static void read_replies(struct slice payload)
{
    struct login l;
    struct ok_packet ok;
    struct err_packet err;
    struct auth_switch s;
    struct slice data;
    uint16_t status, warnings;

    (void)reply_kind(payload);
    (void)change_user_read(&l, payload, GATEWAY_CAPABILITIES);
    (void)auth_switch_read(&s, payload);
    (void)auth_more_read(&data, payload);
    (void)ok_read(&ok, payload);
    (void)eof_read(&status, &warnings, payload);
    if (err_read(&err, payload))
        must(strlen(err.sqlstate) <= 5 && err.message.size < payload.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct slice rest = slice_make(data + 1, size - 1);
    switch (data[0] % 6) {
    case 0:
        read_greeting(rest);
        break;
    case 1:
        read_login(rest, GATEWAY_CAPABILITIES);
        break;
    case 2:
        read_login(rest, EVERYTHING);
        break;
    case 3:
        exchange(rest);
        break;
    case 4:
        answer(rest);
        break;
    default:
        read_replies(rest);
    }
    return 0;
}
