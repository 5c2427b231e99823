/* We log in to a frontend (or to a plain MySQL or MariaDB). The first packet always tries
 * mysql_native_password with the greeting's salt: an FE announces it whatever the account's method
 * is, and switches once when that is another. */
#include "auth/auth.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/writer.h"

enum { CHARSET = 45, MAX_PACKET = 1 << 30, STEPS_MAX = 4 };

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

static bool choose_capabilities(struct answer *a, const struct greeting *g)
{
    const uint32_t needed = CAPABILITY_PROTOCOL_41 | CAPABILITY_SECURE_CONNECTION
                            | (a->as.database.size ? CAPABILITY_CONNECT_WITH_DB : 0);

    a->capabilities = g->capabilities & BACKEND_CAPABILITIES;
    if (a->encrypted)
        a->capabilities |= CAPABILITY_SSL;
    if (a->as.database.size == 0)
        a->capabilities &= ~CAPABILITY_CONNECT_WITH_DB;
    return (a->capabilities & needed) == needed;
}

enum answer_state answer_start(struct answer *a, const struct answer_as *as, struct slice greeting,
                               bool encrypted, struct writer *login, struct error *e)
{
    unsigned char response[NATIVE_RESPONSE];
    struct greeting g;

    *a = (struct answer){.as = *as, .encrypted = encrypted};
    if (reply_kind(greeting) == REPLY_ERR)
        return said_no(a, greeting, e);
    if (!greeting_read(&g, greeting) || !choose_capabilities(a, &g))
        return malformed(e, "greeting");
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
    if (!a->encrypted) {
        refuse(e, ERROR_UNREACHABLE,
               "The frontend asks for the account's password in clear text without TLS; refused");
        return LOGIN_REFUSED;
    }
    put_cstring(reply, a->as.password);
    return writer_done(reply) ? LOGIN_MORE : malformed(e, "login method");
}

static enum answer_state switch_method(struct answer *a, struct slice payload, struct writer *reply,
                                       struct error *e)
{
    unsigned char response[NATIVE_RESPONSE];
    struct auth_switch s;

    if (!auth_switch_read(&s, payload) || a->switched)
        return malformed(e, "change of login method");
    a->switched = true;
    if (slice_equal(s.plugin, SLICE("mysql_clear_password")))
        return clear_password(a, reply, e);
    if (!slice_equal(s.plugin, NATIVE_PLUGIN)) {
        refuse(e, ERROR_UNREACHABLE,
               "The frontend's account wants the login method '%.*s', which is not served yet; "
               "use mysql_native_password",
               (int)(s.plugin.size < LOGIN_PLUGIN_MAX ? s.plugin.size : LOGIN_PLUGIN_MAX),
               s.plugin.size ? s.plugin.data : "");
        return LOGIN_REFUSED;
    }
    if (s.data.size != MYSQL_SALT)
        return malformed(e, "salt");
    memcpy(a->salt, s.data.data, MYSQL_SALT);
    put_bytes(reply, slice_make(response, native_answer(a->as.password, a->salt, response)));
    secret_wipe(response, sizeof(response));
    return LOGIN_MORE;
}

enum answer_state answer_feed(struct answer *a, struct slice payload, struct writer *reply,
                              struct error *e)
{
    struct ok_packet ok;

    if (++a->steps > STEPS_MAX)
        return malformed(e, "endless login");
    switch (reply_kind(payload)) {
    case REPLY_OK:
        if (!ok_read(&ok, payload))
            return malformed(e, "answer to the login");
        a->status = ok.status;
        return LOGIN_OK;
    case REPLY_ERR:
        return said_no(a, payload, e);
    case REPLY_AUTH_SWITCH:
        return switch_method(a, payload, reply, e);
    default: /* native has no further step */
        return malformed(e, "answer to the login");
    }
}
