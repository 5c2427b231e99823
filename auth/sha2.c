/* caching_sha2_password. Its fast path proves the password by a digest that the gateway has seen
 * proven before; else the password itself is needed, once, for sha256-crypt's rounds. */
#include "auth/sha2.h"

#include "base/must.h"
#include "base/secret.h"

enum {
    SALT = 20,
    SALT_AT = 7, /* behind "$A$005$" */
    ROUNDS_UNIT = 1000,
    ROUNDS_OURS = 5
};

_Static_assert((int)SHA2_RESPONSE == (int)SHA256_SIZE, "response and digest are of one size");
_Static_assert((int)SHA2_HASH == (int)SALT_AT + (int)SALT + (int)SHA2_CRYPT, "nothing else");

static void sha256(struct slice bytes, unsigned char out[SHA256_SIZE])
{
    crypto_default()->sha256(&bytes, 1, out);
}

/* ---- the stored form ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 0 for what is no stored form. */
static size_t rounds_of(struct slice stored)
{
    int rounds = 0;

    if (stored.size != SHA2_HASH || !slice_starts_with(stored, SLICE("$A$"))
        || stored.data[SALT_AT - 1] != '$')
        return 0;
    for (size_t i = 3; i < SALT_AT - 1; i++) {
        int digit = hex_digit(stored.data[i]);
        if (digit < 0)
            return 0;
        rounds = 16 * rounds + digit;
    }
    return (size_t)rounds * ROUNDS_UNIT;
}

static bool proves(struct slice stored, struct slice password, const struct pace *pace)
{
    size_t rounds = rounds_of(stored);
    char made[SHA2_CRYPT];

    if (rounds == 0 || password.size > SHA2_PASSWORD_MAX
        || !sha256_crypt_at_pace(password, slice_make(stored.data + SALT_AT, SALT), rounds, pace,
                                 made))
        return false;
    bool right = secret_equal(made, stored.data + SALT_AT + SALT, SHA2_CRYPT);
    secret_wipe(made, sizeof(made));
    return right;
}

bool sha2_proves(struct slice stored, struct slice password)
{
    return proves(stored, password, &(struct pace){0});
}

void sha2_hash(struct slice password, char text[SHA2_HASH + 1])
{
    static const char letters[] =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char drawn[SALT];

    snprintf(text, SHA2_HASH + 1, "$A$%03x$", (unsigned)ROUNDS_OURS);
    crypto_default()->random(drawn, sizeof(drawn));
    for (size_t i = 0; i < SALT; i++)
        text[SALT_AT + i] = letters[drawn[i] & 0x3f];
    sha256_crypt(password, slice_make(text + SALT_AT, SALT), ROUNDS_OURS * ROUNDS_UNIT,
                 text + SALT_AT + SALT);
    text[SHA2_HASH] = '\0';
}

bool sha2_is_used(const struct config *c)
{
    for (size_t i = 0; i < c->user_count; i++)
        if (c->users[i].sha2.count)
            return true;
    return false;
}

/* ---- the fast path ---- */

void sha2_digest(struct slice password, unsigned char digest[SHA256_SIZE])
{
    sha256(password, digest);
    sha256(slice_make(digest, SHA256_SIZE), digest);
}

/* out = a XOR SHA256(digest + salt); out may be a. */
static void mask(const unsigned char a[SHA256_SIZE], const unsigned char digest[SHA256_SIZE],
                 const unsigned char salt[MYSQL_SALT], unsigned char out[SHA256_SIZE])
{
    const struct slice parts[] = {slice_make(digest, SHA256_SIZE), slice_make(salt, MYSQL_SALT)};
    unsigned char stream[SHA256_SIZE];

    crypto_default()->sha256(parts, 2, stream);
    for (size_t i = 0; i < SHA256_SIZE; i++)
        out[i] = a[i] ^ stream[i];
}

size_t sha2_answer(struct slice password, const unsigned char salt[MYSQL_SALT],
                   unsigned char response[SHA2_RESPONSE])
{
    unsigned char once[SHA256_SIZE], digest[SHA256_SIZE];

    response[0] = 0;
    if (password.size == 0)
        return 1;
    sha256(password, once);
    sha256(slice_make(once, sizeof(once)), digest);
    mask(once, digest, salt, response);
    secret_wipe(once, sizeof(once));
    secret_wipe(digest, sizeof(digest));
    return SHA2_RESPONSE;
}

bool sha2_verify(const unsigned char digest[SHA256_SIZE], const unsigned char salt[MYSQL_SALT],
                 struct slice response)
{
    unsigned char sent[SHA256_SIZE] = {0}, again[SHA256_SIZE];
    bool whole = response.size == SHA2_RESPONSE;

    if (whole)
        memcpy(sent, response.data, sizeof(sent));
    mask(sent, digest, salt, sent);
    sha256(slice_make(sent, sizeof(sent)), again);
    secret_wipe(sent, sizeof(sent));
    return secret_equal(again, digest, SHA256_SIZE) & whole;
}

/* ---- the full way ---- */

void sha2_mask(unsigned char *bytes, size_t size, const unsigned char salt[MYSQL_SALT])
{
    for (size_t i = 0; i < size; i++)
        bytes[i] ^= salt[i % MYSQL_SALT];
}

/* The password within `plain`; false when it is not what a client sends. */
static bool password_read(const struct verify_job *job, unsigned char plain[RSA_SEALED_MAX + 1],
                          struct slice *password)
{
    size_t size = job->sent_size;

    if (!job->key) {
        memcpy(plain, job->sent, size);
    } else {
        if (!crypto_default()->rsa_open(job->key, slice_make(job->sent, size), plain, &size))
            return false;
        sha2_mask(plain, size, job->salt);
    }
    *password = slice_make(plain, size ? size - 1 : 0);
    return size > 1 && size <= SHA2_PASSWORD_MAX && plain[size - 1] == '\0';
}

/* What cannot be a password costs no rounds: whether it can be one is not the user's matter. */
void verify_job_run(struct verify_job *job)
{
    unsigned char plain[RSA_SEALED_MAX + 1];
    struct slice password;

    job->proven = job->stored_count;
    if (password_read(job, plain, &password)) {
        for (size_t i = 0; i < job->stored_count && job->proven == job->stored_count; i++)
            if (proves(slice_make(job->stored[i], SHA2_HASH), password, &job->pace))
                job->proven = i;
        if (job->proven < job->stored_count)
            sha2_digest(password, job->digest);
    }
    secret_wipe(plain, sizeof(plain));
    secret_wipe(job->sent, sizeof(job->sent));
}
