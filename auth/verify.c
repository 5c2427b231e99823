#include "auth/auth.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"
#include "base/writer.h"

enum stage { LOGIN, LOGIN_AFTER_TLS, CHANGE, RESPONSE, OVER };

static const struct hashes no_hashes;

void verify_start(struct verify *v, const struct config *config, const struct peer *peer,
                  uint32_t offered, const unsigned char salt[MYSQL_SALT], struct arena *arena)
{
    *v = (struct verify){
        .config = config,
        .peer = peer,
        .arena = arena,
        .offered = offered,
        .stage = LOGIN,
        .why = "",
    };
    memcpy(v->salt, salt, MYSQL_SALT);
}

void verify_start_change(struct verify *v, const struct config *config, const struct peer *peer,
                         uint32_t capabilities, const unsigned char salt[MYSQL_SALT],
                         struct arena *arena)
{
    verify_start(v, config, peer, capabilities, salt, arena);
    v->stage = CHANGE;
}

void verify_encrypted(struct verify *v)
{
    v->encrypted = true;
}

/* The log learns why, the client does not. */
static enum verify_state deny(struct verify *v, const char *why, struct error *e)
{
    v->why = why;
    v->user = NULL;
    refuse(e, ERROR_LOGIN, "Access denied for user '%.*s'@'%s' (using password: %s)",
           SHOW(v->login.user), v->peer->text, v->login.response.size ? "YES" : "NO");
    return VERIFY_REFUSED;
}

static enum verify_state garbled(struct verify *v, const char *why, struct error *e)
{
    v->why = why;
    refuse(e, ERROR_HANDSHAKE, "Bad handshake");
    return VERIFY_REFUSED;
}

/* Which of the user's passwords it was: a reload may take one of two away. */
static struct slice proven_by(const struct hashes *stored, const unsigned char salt[MYSQL_SALT],
                              struct slice response)
{
    for (size_t i = 0; i < stored->count; i++) {
        const struct hashes one = {.at = {stored->at[i]}, .count = 1};
        if (native_verify(&one, salt, response))
            return stored->at[i];
    }
    return (struct slice){0};
}

/* Everything is looked at before anything is decided: a login takes the same time whatever is
 * wrong. */
static enum verify_state judge(struct verify *v, struct slice response, struct error *e)
{
    const char *why = "";
    const struct user *user = account_find(v->config, v->login.user, v->peer, &why);
    const struct hashes *stored = user ? &user->native : &no_hashes;
    bool right = native_verify(stored, v->salt, response);

    v->stage = OVER;
    v->login.response = response;
    if (!user)
        return deny(v, why, e);
    if (user->require_tls && !v->encrypted)
        return deny(v, "the user must come over TLS", e);
    if (stored->count == 0)
        return deny(v, "the user has no mysql_native_password", e);
    if (!right)
        return deny(v, "wrong password", e);
    v->user = user;
    v->proof = proven_by(stored, v->salt, response);
    return VERIFY_OK;
}

static enum verify_state switch_method(struct verify *v, struct writer *reply)
{
    const struct auth_switch s = {NATIVE_PLUGIN, slice_make(v->salt, MYSQL_SALT)};

    must(auth_switch_put(reply, &s));
    v->stage = RESPONSE;
    return VERIFY_MORE;
}

/* No response at all is native's way to say "no password". */
static bool is_native(const struct login *l)
{
    return slice_equal(l->plugin, NATIVE_PLUGIN)
           && (l->response.size == NATIVE_RESPONSE || l->response.size == 0);
}

static enum verify_state feed_login(struct verify *v, struct slice payload, struct writer *reply,
                                    struct error *e)
{
    bool after_tls = v->stage == LOGIN_AFTER_TLS;

    must(!after_tls || v->encrypted);
    v->stage = OVER;
    if (login_is_old(payload)) {
        v->why = "client older than protocol 4.1";
        refuse(e, ERROR_OLD_CLIENT, "Client does not support the 4.1 protocol; upgrade it");
        return VERIFY_REFUSED;
    }
    if (!login_read(&v->login, arena_copy(v->arena, payload), v->offered))
        return garbled(v, "login packet not understood", e);
    if (v->login.is_tls_request) {
        if (v->encrypted)
            return garbled(v, "TLS asked for twice", e);
        v->stage = LOGIN_AFTER_TLS;
        return VERIFY_TLS;
    }
    if (v->login.capabilities & CAPABILITY_PLUGIN_AUTH && !is_native(&v->login))
        return switch_method(v, reply);
    return judge(v, v->login.response, e);
}

static enum verify_state feed_change(struct verify *v, struct slice payload, struct writer *reply,
                                     struct error *e)
{
    v->stage = OVER;
    if (!change_user_read(&v->login, arena_copy(v->arena, payload), v->offered))
        return garbled(v, "COM_CHANGE_USER not understood", e);
    if (v->login.capabilities & CAPABILITY_PLUGIN_AUTH)
        return switch_method(v, reply);
    return judge(v, v->login.response, e);
}

enum verify_state verify_feed(struct verify *v, struct slice payload, struct writer *reply,
                              struct error *e)
{
    switch (v->stage) {
    case LOGIN:
    case LOGIN_AFTER_TLS:
        return feed_login(v, payload, reply, e);
    case CHANGE:
        return feed_change(v, payload, reply, e);
    default:
        must(v->stage == RESPONSE);
        return judge(v, arena_copy(v->arena, payload), e);
    }
}
