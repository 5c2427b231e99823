#include "auth/auth.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/must.h"
#include "base/secret.h"
#include "base/writer.h"

enum stage {
    LOGIN,
    LOGIN_AFTER_TLS,
    CHANGE,
    NATIVE,  /* switched to native: its response comes */
    SHA2,    /* switched to sha2: its response comes */
    FULL,    /* the password comes, or the wish for our public key */
    SEALED,  /* the password comes, encrypted with that key */
    WORKING, /* a job is under way */
    OVER
};

static const struct hashes no_hashes;
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

static enum verify_state accept(struct verify *v, struct slice proof)
{
    v->stage = OVER;
    v->user = v->known;
    v->proof = proof;
    if (v->throttle)
        throttle_forgive(v->throttle, &v->config->settings, v->peer, v->login.user, v->now);
    return VERIFY_OK;
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

static bool is_in_clear(const struct verify *v)
{
    return v->as->require_tls && !v->encrypted;
}

static bool is_certified(const struct verify *v)
{
    return v->known && v->names && certificate_fits(v->known, v->names);
}

static enum verify_state accept_certificate(struct verify *v)
{
    v->method = SLICE("certificate");
    return accept(v, certificate_name(v->known));
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

/* ---- native ---- */

/* Everything is looked at before anything is decided: a login takes the same time whatever is
 * wrong. */
static enum verify_state judge(struct verify *v, struct slice response, struct error *e)
{
    const struct user *user = v->known;
    const struct hashes *stored = user ? &user->native : &no_hashes;
    bool right = native_verify(stored, v->salt, response);

    v->stage = OVER;
    v->method = NATIVE_PLUGIN;
    v->login.response = response;
    if (!user)
        return deny(v, v->why, e);
    if (stored->count == 0)
        return deny(v, "the user has no mysql_native_password", e);
    if (!right)
        return deny(v, "wrong password", e);
    return accept(v, proven_by(stored, v->salt, response));
}

/* ---- sha2, and passwords that are told ---- */

/* For a stranger the log learns that instead. */
static enum verify_state deny_known(struct verify *v, const char *why, struct error *e)
{
    v->stage = OVER;
    return deny(v, v->known ? why : v->why, e);
}

/* Which stored hash a response proves by what the cache holds; `count` for none. As much is
 * computed for one hash as for two, and for those of whom nothing is cached. */
static size_t proven_by_cache(struct verify *v, struct slice response)
{
    const struct hashes *stored = &v->as->sha2;
    size_t proven = stored->count;

    for (size_t i = 0; i < sizeof(stored->at) / sizeof(stored->at[0]); i++) {
        unsigned char digest[SHA256_SIZE];
        struct slice hash = stored->at[stored->count ? i % stored->count : i];
        bool cached = sha2_cache_find(&v->desk->cache, v->as->name, hash, digest);
        bool right = sha2_verify(digest, v->salt, response);
        if (i < stored->count && cached && right)
            proven = i;
        secret_wipe(digest, sizeof(digest));
    }
    return proven;
}

static enum verify_state ask(struct verify *v, unsigned char what, struct writer *reply)
{
    must(auth_more_put(reply, slice_make(&what, 1)));
    v->stage = FULL;
    return VERIFY_MORE;
}

/* A password in clear has a NUL at its end. */
static bool is_told(struct slice payload)
{
    return payload.size > 1 && payload.data[payload.size - 1] == '\0';
}

/* A project that the configuration still knows, by its name there. */
static bool find_project(struct verify *v, struct slice name)
{
    const struct project_name *found = config_find_project(v->config, name);

    if (found)
        v->project = found->project->name;
    return found || name.size == 0;
}

static enum verify_state judge_token(struct verify *v, struct slice token, struct error *e)
{
    const struct settings *settings = &v->config->settings;
    char *room = arena_alloc(v->arena, TOKEN_MAX), *proof = arena_alloc(v->arena, TOKEN_PROOF + 1);
    const struct token_key *key;
    struct slice project;
    const char *why = "";
    bool right = token_verify(token, settings->token_keys, settings->token_key_count, v->login.user,
                              v->date, room, &project, &key, &why);

    v->method = SLICE("token");
    if (!right || !v->known)
        return deny_known(v, why, e);
    if (!find_project(v, project))
        return deny_known(v, "the token's project is gone", e);
    token_proof(key, proof);
    return accept(v, slice_of(proof));
}

/* What no job is needed for. A native hash proves a told password as it proves a response. */
static enum verify_state judge_told(struct verify *v, struct slice password, struct error *e)
{
    unsigned char response[NATIVE_RESPONSE];

    if (v->as->takes_tokens && token_is_one(password))
        return judge_token(v, password, e);
    size_t size = native_answer(password, v->salt, response);
    return judge(v, arena_copy(v->arena, slice_make((char *)response, size)), e);
}

/* In clear over TLS, else encrypted with our key: both end as a job, if there is a hash for it. */
static enum verify_state feed_password(struct verify *v, struct slice payload, struct error *e)
{
    const struct hashes *stored = &v->as->sha2;

    if (v->encrypted && is_told(payload)
        && (stored->count == 0 || (v->as->takes_tokens && token_is_one(payload))))
        return judge_told(v, slice_head(payload, payload.size - 1), e);
    if (v->encrypted && payload.size > SHA2_PASSWORD_MAX)
        return deny_known(v, "the password is too long", e);
    /* libmariadb does so when it wanted TLS and was offered none: --skip-ssl makes it encrypt */
    if (!v->encrypted && payload.size != RSA_BITS / 8)
        return deny_known(v,
                          is_told(payload) ? "the client told its password in clear, without TLS"
                                           : "no password under the gateway's key",
                          e);
    struct verify_job *job = memory_new(1, sizeof(*job));
    job->key = v->encrypted ? NULL : v->desk->key;
    job->sent_size = payload.size;
    memcpy(job->sent, payload.size ? payload.data : "", payload.size);
    memcpy(job->salt, v->salt, MYSQL_SALT);
    job->stored_count = stored->count;
    for (size_t i = 0; i < stored->count; i++) {
        must(stored->at[i].size == SHA2_HASH);
        memcpy(job->stored[i], stored->at[i].data, SHA2_HASH);
    }
    v->job = job;
    v->stage = WORKING;
    return VERIFY_WORK;
}

/* The client has told its password unasked. */
static enum verify_state judge_clear(struct verify *v, struct slice password, struct error *e)
{
    v->method = CLEAR_PLUGIN;
    if (!is_told(password))
        return deny_known(v, "no password given", e);
    return feed_password(v, password, e);
}

static enum verify_state judge_sha2(struct verify *v, struct slice response, struct writer *reply,
                                    struct error *e)
{
    bool is_empty = response.size == 0 || (response.size == 1 && response.data[0] == '\0');

    v->method = SHA2_PLUGIN;
    v->login.response = is_empty ? (struct slice){0} : response;
    if (v->encrypted && response.size != SHA2_RESPONSE && is_told(response))
        return feed_password(v, response, e); /* libmariadb over TLS does not wait to be asked */
    if (response.size != SHA2_RESPONSE)
        return deny_known(v, is_empty ? "no password given" : "wrong password", e);
    size_t proven = proven_by_cache(v, response);
    if (proven == v->as->sha2.count || !v->known)
        return ask(v, SHA2_FULL, reply);
    ask(v, SHA2_FAST, reply);
    return accept(v, v->as->sha2.at[proven]);
}

static enum verify_state feed_full(struct verify *v, struct slice payload, struct writer *reply,
                                   struct error *e)
{
    if (v->encrypted || payload.size != 1 || payload.data[0] != SHA2_ASK_KEY)
        return feed_password(v, payload, e);
    must(auth_more_put(reply, crypto_default()->rsa_public(v->desk->key)));
    v->stage = SEALED;
    return VERIFY_MORE;
}

void verify_job_free(struct verify_job *job)
{
    if (job)
        secret_wipe(job, sizeof(*job));
    free(job);
}

enum verify_state verify_done(struct verify *v, struct verify_job *job, struct error *e)
{
    const struct hashes *stored = &v->as->sha2;
    size_t proven = job->proven;

    must(v->stage == WORKING && v->job == job);
    v->job = NULL;
    if (v->known && proven < stored->count)
        sha2_cache_put(&v->desk->cache, v->known->name, stored->at[proven], job->digest);
    verify_job_free(job);
    if (!v->known || proven == stored->count)
        return deny_known(v, "wrong password", e);
    return accept(v, stored->at[proven]);
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
    if (is_throttled(v, e))
        return VERIFY_REFUSED;
    recognise(v);
    if (is_in_clear(v))
        return deny_known(v, "the user must come over TLS", e);
    if (is_certified(v))
        return accept_certificate(v);
    if (!(v->login.capabilities & CAPABILITY_PLUGIN_AUTH))
        return judge(v, v->login.response, e);
    if (v->encrypted && slice_equal(v->login.plugin, CLEAR_PLUGIN))
        return judge_clear(v, v->login.response, e);
    if (is_judged_by_sha2(v) && is_sha2(&v->login))
        return judge_sha2(v, v->login.response, reply, e);
    if (is_judged_by_sha2(v) || !is_native(&v->login))
        return switch_method(v, reply);
    return judge(v, v->login.response, e);
}

static enum verify_state feed_change(struct verify *v, struct slice payload, struct writer *reply,
                                     struct error *e)
{
    v->stage = OVER;
    if (!change_user_read(&v->login, arena_copy(v->arena, payload), v->offered))
        return garbled(v, "COM_CHANGE_USER not understood", e);
    if (is_throttled(v, e))
        return VERIFY_REFUSED;
    recognise(v);
    if (is_in_clear(v))
        return deny_known(v, "the user must come over TLS", e);
    if (is_certified(v))
        return accept_certificate(v);
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
    case NATIVE:
        return judge(v, arena_copy(v->arena, payload), e);
    case SHA2:
        return judge_sha2(v, arena_copy(v->arena, payload), reply, e);
    case FULL:
        return feed_full(v, payload, reply, e);
    default:
        must(v->stage == SEALED);
        return feed_password(v, payload, e);
    }
}
