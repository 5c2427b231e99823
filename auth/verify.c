/* A login, packet by packet: who it is, and by which method it is judged. */
#include "auth/verify_private.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/must.h"
#include "base/secret.h"
#include "base/writer.h"

static const struct user nobody;

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

void verify_serve_sha2(struct verify *v, struct sha2_desk *desk)
{
    v->desk = desk;
}

void verify_throttle(struct verify *v, struct throttle *throttle)
{
    v->throttle = throttle;
}

void verify_clock(struct verify *v, millis now, uint64_t date)
{
    v->now = now;
    v->date = date;
}

void verify_only_encrypted(struct verify *v)
{
    v->only_encrypted = true;
}

void verify_encrypted(struct verify *v, const struct tls_names *names)
{
    v->encrypted = true;
    v->names = names;
}

static enum verify_state garbled(struct verify *v, const char *why, struct error *e)
{
    v->why = why;
    refuse(e, ERROR_HANDSHAKE, "Bad handshake");
    return VERIFY_REFUSED;
}

static enum verify_state refuse_clear(struct verify *v, struct error *e)
{
    v->why = "the listener serves TLS only";
    refuse(e, ERROR_LOGIN,
           "starbind: connections without TLS are refused here; connect with TLS (--ssl, "
           "sslMode=REQUIRED)");
    return VERIFY_REFUSED;
}

/* Too many failed logins before this one; whether this one is right is not looked at. */
static bool is_throttled(struct verify *v, struct error *e)
{
    millis wait = v->throttle ? throttle_charge(v->throttle, &v->config->settings, v->peer,
                                                v->login.user, v->now)
                              : 0;

    if (!wait)
        return false;
    v->why = "too many failed logins";
    refuse(e, ERROR_LOGIN_LIMIT,
           "starbind: too many failed logins as '%.*s' or from '%s'; wait %llu seconds",
           SHOW(v->login.user), v->peer->text, (unsigned long long)(wait + 999) / 1000);
    return true;
}

/* ---- who is it? ---- */

/* Whom a stranger's name is treated as. The hash is keyed with what only the configuration knows,
 * so that a name means the same after a restart and nobody can work it out. */
static const struct user *stand_in(const struct config *c, struct slice name)
{
    unsigned char digest[SHA256_SIZE];
    size_t index = 0;

    if (c->user_count == 0)
        return &nobody;
    const struct slice parts[] = {c->users[0].native.at[0], c->users[0].sha2.at[0], name};
    crypto_default()->sha256(parts, 3, digest);
    for (size_t i = 0; i < sizeof(index); i++)
        index = index << 8 | digest[i];
    return &c->users[index % c->user_count];
}

/* The same work for friends and strangers. v->why is a stranger's until somebody is let in. */
static void recognise(struct verify *v)
{
    const struct user *other = stand_in(v->config, v->login.user);

    v->known = account_find(v->config, v->login.user, v->peer, &v->why);
    v->as = v->known ? v->known : other;
}

/* ---- what comes before any password ---- */

/* Who it is; and whether it goes no further, or needs no password. */
static bool is_decided_early(struct verify *v, enum verify_state *state, struct error *e)
{
    *state = VERIFY_REFUSED;
    if (is_throttled(v, e))
        return true;
    recognise(v);
    if (v->as->require_tls && !v->encrypted) {
        *state = judge_deny(v, "the user must come over TLS", e);
        return true;
    }
    if (!v->known || !v->names || !certificate_fits(v->known, v->names))
        return false;
    v->method = SLICE("certificate");
    *state = judge_accept(v, certificate_name(v->known));
    return true;
}

static bool offers_sha2(const struct verify *v)
{
    return slice_equal(v->login.plugin, SHA2_PLUGIN)
           && (v->login.response.size == SHA2_RESPONSE || v->encrypted);
}

static bool may_tell_token(const struct verify *v)
{
    return v->encrypted && v->as->takes_tokens;
}

static bool is_judged_by_sha2(const struct verify *v)
{
    if (v->desk && may_tell_token(v))
        return true;
    return v->desk && v->desk->key && v->as->sha2.count
           && (v->as->native.count == 0 || offers_sha2(v));
}

/* ---- the packets ---- */

static enum verify_state switch_method(struct verify *v, struct writer *reply)
{
    bool to_sha2 = is_judged_by_sha2(v);
    const struct auth_switch s = {to_sha2 ? SHA2_PLUGIN : NATIVE_PLUGIN,
                                  slice_make(v->salt, MYSQL_SALT)};

    must(auth_switch_put(reply, &s));
    v->stage = to_sha2 ? SHA2 : NATIVE;
    return VERIFY_MORE;
}

/* No response at all is native's way to say "no password". */
static bool is_native(const struct login *l)
{
    return slice_equal(l->plugin, NATIVE_PLUGIN)
           && (l->response.size == NATIVE_RESPONSE || l->response.size == 0);
}

/* A client that names sha2 because it prefers that has nothing for our salt yet. */
static bool is_sha2(const struct login *l)
{
    return slice_equal(l->plugin, SHA2_PLUGIN) && l->response.size == SHA2_RESPONSE;
}

static enum verify_state feed_login(struct verify *v, struct slice payload, struct writer *reply,
                                    struct error *e)
{
    bool after_tls = v->stage == LOGIN_AFTER_TLS;
    enum verify_state state;

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
    if (v->only_encrypted && !v->encrypted)
        return refuse_clear(v, e);
    if (is_decided_early(v, &state, e))
        return state;
    if (!(v->login.capabilities & CAPABILITY_PLUGIN_AUTH))
        return judge_native(v, v->login.response, e);
    if (v->encrypted && slice_equal(v->login.plugin, CLEAR_PLUGIN))
        return judge_clear(v, v->login.response, e);
    if (is_judged_by_sha2(v) && is_sha2(&v->login))
        return judge_sha2(v, v->login.response, reply, e);
    if (is_judged_by_sha2(v) || !is_native(&v->login))
        return switch_method(v, reply);
    return judge_native(v, v->login.response, e);
}

static enum verify_state feed_change(struct verify *v, struct slice payload, struct writer *reply,
                                     struct error *e)
{
    enum verify_state state;

    v->stage = OVER;
    if (!change_user_read(&v->login, arena_copy(v->arena, payload), v->offered))
        return garbled(v, "COM_CHANGE_USER not understood", e);
    if (is_decided_early(v, &state, e))
        return state;
    if (v->login.capabilities & CAPABILITY_PLUGIN_AUTH)
        return switch_method(v, reply);
    return judge_native(v, v->login.response, e);
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
    case NATIVE:
        return judge_native(v, arena_copy(v->arena, payload), e);
    case SHA2:
        return judge_sha2(v, arena_copy(v->arena, payload), reply, e);
    case FULL:
        return judge_full(v, payload, reply, e);
    default:
        must(v->stage == SEALED);
        return judge_password(v, payload, e);
    }
}
