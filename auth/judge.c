/* Whether a response or a password is the user's: one section for each method. */
#include "auth/verify_private.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/must.h"
#include "base/secret.h"
#include "base/writer.h"

static const struct hashes no_hashes;

/* The log learns why, the client does not. */
enum verify_state judge_deny(struct verify *v, const char *why, struct error *e)
{
    v->stage = OVER;
    if (v->known)
        v->why = why;
    v->user = NULL;
    refuse(e, ERROR_LOGIN, "Access denied for user '%.*s'@'%s' (using password: %s)",
           SHOW(v->login.user), v->peer->text, v->login.response.size ? "YES" : "NO");
    return VERIFY_REFUSED;
}

enum verify_state judge_accept(struct verify *v, struct slice proof)
{
    v->stage = OVER;
    v->user = v->known;
    v->proof = proof;
    if (v->throttle)
        throttle_forgive(v->throttle, &v->config->settings, v->peer, v->login.user, v->now);
    return VERIFY_OK;
}

/* ---- native ---- */

/* Everything is looked at before anything is decided: a login takes the same time whatever is
 * wrong. */
enum verify_state judge_native(struct verify *v, struct slice response, struct error *e)
{
    const struct hashes *stored = v->known ? &v->known->native : &no_hashes;
    const struct slice *proven = native_verify(stored, v->salt, response);

    v->stage = OVER;
    v->method = NATIVE_PLUGIN;
    v->login.response = response;
    if (stored->count == 0)
        return judge_deny(v, "the user has no mysql_native_password", e);
    if (!proven)
        return judge_deny(v, "wrong password", e);
    return judge_accept(v, *proven); /* a reload may take one of two away */
}

/* ---- sha2, and passwords that are told ---- */

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
        return judge_deny(v, why, e);
    if (!find_project(v, project))
        return judge_deny(v, "the token's project is gone", e);
    token_proof(key, proof);
    return judge_accept(v, slice_of(proof));
}

/* What no job is needed for. A native hash proves a told password as it proves a response. */
static enum verify_state judge_told(struct verify *v, struct slice password, struct error *e)
{
    unsigned char response[NATIVE_RESPONSE];

    if (v->as->takes_tokens && token_is_one(password))
        return judge_token(v, password, e);
    size_t size = native_answer(password, v->salt, response);
    return judge_native(v, arena_copy(v->arena, slice_make((char *)response, size)), e);
}

/* In clear over TLS, else encrypted with our key: both end as a job, if there is a hash for it. */
enum verify_state judge_password(struct verify *v, struct slice payload, struct error *e)
{
    const struct hashes *stored = &v->as->sha2;

    if (v->encrypted && is_told(payload)
        && (stored->count == 0 || (v->as->takes_tokens && token_is_one(payload))))
        return judge_told(v, slice_head(payload, payload.size - 1), e);
    if (v->encrypted && payload.size > SHA2_PASSWORD_MAX)
        return judge_deny(v, "the password is too long", e);
    /* libmariadb does so when it wanted TLS and was offered none: --skip-ssl makes it encrypt */
    if (!v->encrypted && payload.size != RSA_BITS / 8)
        return judge_deny(v,
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
enum verify_state judge_clear(struct verify *v, struct slice password, struct error *e)
{
    v->method = CLEAR_PLUGIN;
    if (!is_told(password))
        return judge_deny(v, "no password given", e);
    return judge_password(v, password, e);
}

enum verify_state judge_sha2(struct verify *v, struct slice response, struct writer *reply,
                             struct error *e)
{
    bool is_empty = response.size == 0 || (response.size == 1 && response.data[0] == '\0');

    v->method = SHA2_PLUGIN;
    v->login.response = is_empty ? (struct slice){0} : response;
    if (v->encrypted && response.size != SHA2_RESPONSE && is_told(response))
        return judge_password(v, response, e); /* libmariadb over TLS does not wait to be asked */
    if (response.size != SHA2_RESPONSE)
        return judge_deny(v, is_empty ? "no password given" : "wrong password", e);
    size_t proven = proven_by_cache(v, response);
    if (proven == v->as->sha2.count || !v->known)
        return ask(v, SHA2_FULL, reply);
    ask(v, SHA2_FAST, reply);
    return judge_accept(v, v->as->sha2.at[proven]);
}

enum verify_state judge_full(struct verify *v, struct slice payload, struct writer *reply,
                             struct error *e)
{
    if (v->encrypted || payload.size != 1 || payload.data[0] != SHA2_ASK_KEY)
        return judge_password(v, payload, e);
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
        return judge_deny(v, "wrong password", e);
    return judge_accept(v, stored->at[proven]);
}
