/* caching_sha2_password: its stored form, the arithmetic of both sides, the memory of what was
 * proven, and the slow part of a login as a job for another thread. Included by auth.h.
 *
 *   stored   = "$A$" + rounds / 1000 in three hex digits + "$" + 20 bytes of salt + 43 of
 *              sha256-crypt(password, salt, rounds); 5,000 rounds in what we make
 *   digest   = SHA256(SHA256(password))                                       what the cache holds
 *   response = SHA256(password) XOR SHA256(digest + salt of the greeting)     the fast path */
#ifndef AUTH_SHA2_H
#define AUTH_SHA2_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "config/config.h"
#include "protocol/mysql/mysql.h"
#include "protocol/tls/crypto.h"

enum {
    SHA2_RESPONSE = 32,
    SHA2_HASH = 70,          /* bytes of the stored form */
    SHA2_CRYPT = 43,         /* bytes of a sha256-crypt */
    SHA2_PASSWORD_MAX = 256, /* bytes, NUL included: MySQL's bound */
    SHA2_CACHE = 4096        /* passwords that one cache holds at most */
};

#define SHA2_PLUGIN SLICE("caching_sha2_password")

/* One byte after 0x01, or alone from the client. */
enum { SHA2_ASK_KEY = 2, SHA2_FAST = 3, SHA2_FULL = 4 };

/* ---- crypt.c ---- */

/* sha256-crypt as crypt(3) has it, but with salts of any length; no NUL at the end. The password is
 * at most SHA2_PASSWORD_MAX bytes. 5,000 rounds take half a millisecond. */
void sha256_crypt(struct slice password, struct slice salt, size_t rounds, char out[SHA2_CRYPT]);

/* Who waits for many rounds is asked before each thousand of them: false gives them up. */
struct pace {
    bool (*goes_on)(void *owner); /* NULL: nobody is asked */
    void *owner;
};

/* The same; false, and nothing is in *out, when it was given up. */
bool sha256_crypt_at_pace(struct slice password, struct slice salt, size_t rounds,
                          const struct pace *pace, char out[SHA2_CRYPT]);

/* ---- sha2.c ---- */

/* Writes the stored form of a password, with a NUL. The salt is printable, so that it can stand in
 * JSON as it is; MySQL's own salts may need \u0001 and the like. */
void sha2_hash(struct slice password, char text[SHA2_HASH + 1]);

/* Whether the password fits a stored form: all its rounds. False for what is no stored form. */
bool sha2_proves(struct slice stored, struct slice password);

void sha2_digest(struct slice password, unsigned char digest[SHA256_SIZE]);

/* The client's side of the fast path. Gives the size of the response: 32, or for an empty password
 * the 1 byte that says so. */
size_t sha2_answer(struct slice password, const unsigned char salt[MYSQL_SALT],
                   unsigned char response[SHA2_RESPONSE]);

/* The server's side; the same time for right and wrong. */
bool sha2_verify(const unsigned char digest[SHA256_SIZE], const unsigned char salt[MYSQL_SALT],
                 struct slice response);

/* Password and NUL, XORed with the salt over and over: what is encrypted for the server, and how it
 * is taken back. */
void sha2_mask(unsigned char *bytes, size_t size, const unsigned char salt[MYSQL_SALT]);

/* Whether anybody logs in by this method: only then a key pair is needed. */
bool sha2_is_used(const struct config *c);

/* The slow part of one login. All that it needs is copied or outlives it, so it may run in any
 * thread; only `run` touches it meanwhile. */
struct verify_job {
    const struct rsa_key *key; /* borrowed, of the process; NULL: `sent` is in clear */
    unsigned char sent[RSA_SEALED_MAX + 1];
    size_t sent_size;
    unsigned char salt[MYSQL_SALT];
    char stored[2][SHA2_HASH];
    size_t stored_count;
    struct pace pace; /* given up, it proves nothing */
    /* the outcome */
    size_t proven; /* which of them; stored_count for none */
    unsigned char digest[SHA256_SIZE];
};

/* Does the work and wipes what was sent. */
void verify_job_run(struct verify_job *job);

/* ---- cache.c: digests of passwords that were proven ----
 *
 * Keyed by user and stored hash, so that a changed hash finds nothing; of a fixed size, the entry
 * that was used least recently of four gives way. Not for several threads: a worker has its own. */
struct sha2_cache {
    struct sha2_entry *entries; /* owned; NULL until the first password was proven */
    uint64_t clock;
};

/* A digest to check a response by; false, with a digest of nobody, when there is none. */
bool sha2_cache_find(struct sha2_cache *c, struct slice user, struct slice stored,
                     unsigned char digest[SHA256_SIZE]);
void sha2_cache_put(struct sha2_cache *c, struct slice user, struct slice stored,
                    const unsigned char digest[SHA256_SIZE]);

/* Wipes and frees; the cache is empty afterwards. */
void sha2_cache_fini(struct sha2_cache *c);

#endif
