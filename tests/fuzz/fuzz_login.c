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

/* The next payload: a byte of length before each, or 255 and another; they may lie. */
static struct slice cut(struct slice *bytes)
{
    size_t n = (unsigned char)bytes->data[0];

    *bytes = slice_after(*bytes, 1);
    if (n == 0xff && bytes->size) { /* room for a password under a key */
        n += (unsigned char)bytes->data[0];
        *bytes = slice_after(*bytes, 1);
    }
    n = n < bytes->size ? n : bytes->size;
    struct slice piece = slice_head(*bytes, n);
    *bytes = slice_after(*bytes, n);
    return piece;
}

static enum verify_state work(struct verify *v, struct error *e)
{
    verify_job_run(v->job);
    return verify_done(v, v->job, e);
}

/* Users: a with no password, s with the sha2 hash of "s" (one round of a thousand), b with both. */
static void exchange(struct slice bytes)
{
    static const char stored[] =
        "$A$001$abcdefghijabcdefghij/efInZ7yIhgX2cKaQ6KDJihGgk.jkzgukBRRlnilXX8";
    static const unsigned char salt[] = "xfSgtRiC_GVsIU\\AtVap";
    static struct rsa_key *key;
    const struct hashes sha2 = {{{stored, SHA2_HASH}}, 1}, native = {{{"", 0}}, 1};
    struct user users[] = {{.name = SLICE("a"), .native = native},
                           {.name = SLICE("s"), .sha2 = sha2},
                           {.name = SLICE("b"), .native = native, .sha2 = sha2}};
    struct config config = {.users = users, .user_count = 3};
    struct peer peer = {.text = "::"};
    enum verify_state state = VERIFY_MORE;
    struct arena arena;
    struct verify v;
    struct error e;

    if (!key)
        key = crypto_default()->rsa_new();
    struct sha2_desk desk = {.key = key};
    map_init(&config.user_names, MAP_EXACT);
    for (size_t i = 0; i < 3; i++)
        must(map_put(&config.user_names, users[i].name, &users[i]));
    arena_init(&arena, NULL);
    verify_start(&v, &config, &peer, GATEWAY_CAPABILITIES | CAPABILITY_SSL, salt, &arena);
    verify_serve_sha2(&v, &desk);
    for (int steps = 0; (state == VERIFY_MORE || state == VERIFY_TLS) && bytes.size; steps++) {
        unsigned char reply[VERIFY_REPLY_MAX];
        struct writer w = writer_over(reply, sizeof(reply));
        must(steps < 5); /* TLS, login, response, wish for the key, password */
        state = verify_feed(&v, cut(&bytes), &w, &e);
        must(writer_done(&w));
        if (state == VERIFY_TLS)
            verify_encrypted(&v, NULL);
        else if (state == VERIFY_WORK)
            state = work(&v, &e);
        must(state != VERIFY_OK || v.user == &users[0] || v.user == &users[1]
             || v.user == &users[2]);
    }
    arena_clear(&arena);
    sha2_cache_fini(&desk.cache);
    map_fini(&config.user_names);
}

static void answer(struct slice bytes)
{
    const struct answer_as as = {
        .user = SLICE("u"), .password = SLICE("p"), .database = SLICE("d")};
    enum answer_wire wire = bytes.size % 2 ? WIRE_CLEAR : WIRE_PROVEN;
    enum answer_state state = LOGIN_MORE;
    struct answer a;
    struct error e;

    for (bool first = true; (first || state == LOGIN_MORE || state == LOGIN_WAIT) && bytes.size;
         first = false) {
        unsigned char reply[1024];
        struct writer w = writer_over(reply, sizeof(reply));
        struct slice payload = cut(&bytes);
        if (first)
            state = answer_start(&a, &as, payload, wire, &w, &e);
        else
            state = answer_feed(&a, payload, &w, &e);
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
