/* We log in to a frontend (or to a plain MySQL or MariaDB). The first packet always tries
 * mysql_native_password with the greeting's salt: an FE announces it whatever the account's method
 * is, and switches once when that is another.
 *
 *   FIRST ──switch──> NATIVE or CLEAR ──OK──> in
 *     │    └────────> SHA2 ──fast──> PROVEN ──OK──> in
 *     └─OK─> in        └─full─> SENT: the password over checked TLS, or under a known key ──OK──>
 * in */
#include "auth/auth.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/writer.h"

enum { CHARSET = 45, MAX_PACKET = 1 << 30, STEPS_MAX = 4 };
enum stage { FIRST, SWITCHED, SHA2, PROVEN, SENT };

static enum answer_state malformed(struct error *e, const char *what)
{
    refuse(e, ERROR_MALFORMED, "The frontend's %s is not understood", what);
    return LOGIN_REFUSED;
}

/* The words of an ERR are for the log: they may hold physical names. */
static enum answer_state said_no(struct answer *a, struct slice payload, struct error *e)
{
    struct err_packet err;

    if (!err_read(&err, payload))
        return malformed(e, "error packet");
    a->error_number = err.number;
    size_t room = sizeof(a->server_said) - 1;
    size_t size = err.message.size < room ? err.message.size : room;
    memcpy(a->server_said, size ? err.message.data : "", size);
    a->server_said[size] = '\0';
    refuse(e, ERROR_UNREACHABLE,
           "The frontend refused the gateway's account (error %u); ask the gateway's operator",
           a->error_number);
    return LOGIN_REFUSED;
}

/* 0 when the server lacks what we need. */
static uint32_t choose_capabilities(const struct answer_as *as, const struct greeting *g)
{
    const uint32_t needed = CAPABILITY_PROTOCOL_41 | CAPABILITY_SECURE_CONNECTION
                            | (as->database.size ? CAPABILITY_CONNECT_WITH_DB : 0);
    uint32_t chosen = g->capabilities & BACKEND_CAPABILITIES;

    if (as->database.size == 0)
        chosen &= ~CAPABILITY_CONNECT_WITH_DB;
    return (chosen & needed) == needed ? chosen : 0;
}

bool answer_wish_tls(const struct answer_as *as, struct slice greeting, struct writer *wish)
{
    struct greeting g;

    if (!greeting_read(&g, greeting) || !(g.capabilities & CAPABILITY_SSL))
        return false;
    const struct login l = {.capabilities = choose_capabilities(as, &g) | CAPABILITY_SSL,
                            .max_packet = MAX_PACKET,
                            .charset = CHARSET,
                            .is_tls_request = true};
    return login_put(wish, &l);
}

enum answer_state answer_start(struct answer *a, const struct answer_as *as, struct slice greeting,
                               enum answer_wire wire, struct writer *login, struct error *e)
{
    unsigned char response[NATIVE_RESPONSE];
    struct greeting g;

    *a = (struct answer){.as = *as, .wire = wire};
    if (reply_kind(greeting) == REPLY_ERR)
        return said_no(a, greeting, e);
    if (!greeting_read(&g, greeting) || !choose_capabilities(as, &g))
        return malformed(e, "greeting");
    a->capabilities = choose_capabilities(as, &g) | (wire == WIRE_CLEAR ? 0 : CAPABILITY_SSL);
    memcpy(a->salt, g.salt, MYSQL_SALT);
    size_t size = native_answer(as->password, a->salt, response);
    const struct login l = {
        .capabilities = a->capabilities,
        .max_packet = MAX_PACKET,
        .charset = CHARSET,
        .user = as->user,
        .response = slice_make(response, size),
        .database = as->database,
        .plugin = NATIVE_PLUGIN,
        .attributes = as->attributes,
    };
    bool fits = login_put(login, &l);
    secret_wipe(response, sizeof(response));
    if (fits)
        return LOGIN_MORE;
    refuse(e, ERROR_CONFIG, "The account's name or the database's name cannot be sent");
    return LOGIN_REFUSED;
}

static enum answer_state clear_password(struct answer *a, struct writer *reply, struct error *e)
{
    if (a->wire != WIRE_PROVEN) {
        refuse(e, ERROR_UNREACHABLE,
               "The frontend asks for the account's password itself, and has not proven who it is; "
               "set the cluster's tls to verify-ca or verify-full");
        return LOGIN_REFUSED;
    }
    put_cstring(reply, a->as.password);
    return writer_done(reply) ? LOGIN_MORE : malformed(e, "login method");
}

/* ---- caching_sha2_password ---- */

static enum answer_state sha2_response(struct answer *a, struct writer *reply)
{
    unsigned char response[SHA2_RESPONSE];

    a->stage = SHA2;
    put_bytes(reply, slice_make(response, sha2_answer(a->as.password, a->salt, response)));
    secret_wipe(response, sizeof(response));
    return LOGIN_MORE;
}

static enum answer_state seal_password(struct answer *a, struct writer *reply, struct error *e)
{
    unsigned char plain[SHA2_PASSWORD_MAX], sealed[RSA_SEALED_MAX];
    struct writer w = writer_over(plain, sizeof(plain));
    size_t size;

    a->stage = SENT;
    put_cstring(&w, a->as.password);
    sha2_mask(plain, w.size, a->salt);
    bool good = writer_done(&w)
                && crypto_default()->rsa_seal(a->as.public_key, writer_bytes(&w), sealed, &size);
    secret_wipe(plain, sizeof(plain));
    if (!good) {
        refuse(e, ERROR_UNREACHABLE,
               "The cluster's public_key cannot encrypt the account's password");
        return LOGIN_REFUSED;
    }
    put_bytes(reply, slice_make(sealed, size));
    return LOGIN_MORE;
}

static enum answer_state sha2_in_full(struct answer *a, struct writer *reply, struct error *e)
{
    if (a->wire != WIRE_PROVEN && a->as.public_key)
        return seal_password(a, reply, e);
    a->stage = SENT;
    if (a->wire == WIRE_PROVEN)
        return clear_password(a, reply, e);
    refuse(e, ERROR_UNREACHABLE,
           "The frontend asks for the account's caching_sha2_password, and has not proven who it "
           "is; set the cluster's tls to verify-ca or verify-full, or its public_key");
    return LOGIN_REFUSED;
}

static enum answer_state next_step(struct answer *a, struct slice payload, struct writer *reply,
                                   struct error *e)
{
    struct slice data;
    bool good = auth_more_read(&data, payload);

    if (good && a->stage == SHA2 && slice_equal(data, SLICE("\x03"))) {
        a->stage = PROVEN;
        return LOGIN_WAIT;
    }
    if (good && a->stage == SHA2 && slice_equal(data, SLICE("\x04")) && a->as.password.size)
        return sha2_in_full(a, reply, e);
    return malformed(e, "answer to the login");
}

static enum answer_state switch_method(struct answer *a, struct slice payload, struct writer *reply,
                                       struct error *e)
{
    unsigned char response[NATIVE_RESPONSE];
    struct auth_switch s;

    if (!auth_switch_read(&s, payload) || a->stage != FIRST)
        return malformed(e, "change of login method");
    a->stage = SWITCHED;
    bool is_sha2 = slice_equal(s.plugin, SHA2_PLUGIN);
    if (slice_equal(s.plugin, SLICE("mysql_clear_password")))
        return clear_password(a, reply, e);
    if (!slice_equal(s.plugin, NATIVE_PLUGIN) && !is_sha2) {
        refuse(e, ERROR_UNREACHABLE,
               "The frontend's account wants the login method '%.*s', which is not served; use "
               "mysql_native_password or caching_sha2_password",
               (int)(s.plugin.size < LOGIN_PLUGIN_MAX ? s.plugin.size : LOGIN_PLUGIN_MAX),
               s.plugin.size ? s.plugin.data : "");
        return LOGIN_REFUSED;
    }
    if (s.data.size != MYSQL_SALT)
        return malformed(e, "salt");
    memcpy(a->salt, s.data.data, MYSQL_SALT);
    if (is_sha2)
        return sha2_response(a, reply);
    put_bytes(reply, slice_make(response, native_answer(a->as.password, a->salt, response)));
    secret_wipe(response, sizeof(response));
    return LOGIN_MORE;
}

/* An OK that this method does not know at this point: whoever says it has checked nothing. */
static bool is_too_early(const struct answer *a)
{
    return a->stage == SHA2 && a->as.password.size;
}

enum answer_state answer_feed(struct answer *a, struct slice payload, struct writer *reply,
                              struct error *e)
{
    struct ok_packet ok;

    if (++a->steps > STEPS_MAX)
        return malformed(e, "endless login");
    switch (reply_kind(payload)) {
    case REPLY_OK:
        if (!ok_read(&ok, payload) || is_too_early(a))
            return malformed(e, "answer to the login");
        a->status = ok.status;
        return LOGIN_OK;
    case REPLY_ERR:
        return said_no(a, payload, e);
    case REPLY_AUTH_SWITCH:
        return switch_method(a, payload, reply, e);
    case REPLY_AUTH_MORE:
        return next_step(a, payload, reply, e);
    default:
        return malformed(e, "answer to the login");
    }
}
