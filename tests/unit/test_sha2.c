/* Vectors: sha256-crypt with salts of at most 16 bytes from crypt(3); MySQL's with 20 bytes
 * from a published example of its stored form; the rest from a script of few lines that gives the
 * same answers to these. */
#include "check.h"

#include "auth/auth.h"
#include "base/memory.h"
#include "base/secret.h"

static const unsigned char salt[] = "xfSgtRiC_GVsIU\\AtVap";

/* "hashcat", with a salt that is no text. */
#define EXAMPLE                                                                                    \
    "$A$005$\xf9\xcc\x98\xce\x08\x89\x29\x24\xf5\x0a\x21\x3b\x6b\xc5\x71\xa2\xc1\x17\x78\xc5"      \
    "bTy95Y99eAME1dwEkHOA1ndHGBWz.1bxSSRkuTXFGV/"

static void sha256_crypt_has_known_answers(void **state)
{
    static const struct {
        const char *password, *salt;
        size_t rounds;
        const char *digest;
    } cases[] = {
        {"password", "abcdefghijklmnop", 5000, "ieyonWfl7MR75BuN79Fkt2PqhPI43TsNZYGUObDGVI/"},
        {"Hello world!", "saltstring", 5000, "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
        {"Hello world!", "saltstringsaltst", 10000, "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"},
        {"We have a short salt string but not a short password", "short", 77777,
         "WcW4aC4ptK7LZFc.2rWDrSKMh.v7iE1jNnQ7hL5II5/"},
    };
    char out[SHA2_CRYPT];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sha256_crypt(slice_of(cases[i].password), slice_of(cases[i].salt), cases[i].rounds, out);
        assert_slice(slice_make(out, sizeof(out)), cases[i].digest);
    }
}

static bool goes_on(void *owner)
{
    unsigned *left = owner;

    return *left && --*left;
}

static void rounds_are_given_up_when_nobody_waits_any_more(void **state)
{
    unsigned left = 3;
    const struct pace pace = {goes_on, &left};
    char out[SHA2_CRYPT] = "", whole[SHA2_CRYPT];

    (void)state;
    assert_false(sha256_crypt_at_pace(SLICE("x"), SLICE("salt"), 1000000000, &pace, out));
    assert_int_equal(out[0], '\0');
    left = 6; /* asked five times */
    assert_true(sha256_crypt_at_pace(SLICE("x"), SLICE("salt"), 5000, &pace, out));
    sha256_crypt(SLICE("x"), SLICE("salt"), 5000, whole);
    assert_memory_equal(out, whole, SHA2_CRYPT);
    assert_int_equal(left, 1);
}

static void passwords_of_every_length_have_known_answers(void **state)
{
    static const struct {
        size_t size;
        const char *digest;
    } cases[] = {
        {1, "AH4fJYUOLtQv.45KEnTKfWcrLAxbSBTJ3K3/5QjNpSC"},
        {31, "N6iTLfBICNG4QX9WDpL/ZuUjXOeuuutD3saxBwHIxf9"},
        {32, "FtyTUO.ZjfDn1a1BjoFZEwoaVQwIZsZz.TgKIgrUSLB"},
        {33, "qC5nn1aN1m0cOIQM2E5WpIv7wFoSPb55dnkmWD6ph65"},
        {64, "ON1eNrVOdqykFVqSe9vVR2zMG/rVUtaUcyvDLN3jOe5"},
        {65, "Ql9URIjUkTqe0Qz1ppxjAIC4leTlLwJ1slua95kILS5"},
        {128, "W1VzQYJoNU2FgGLr9DKpzt7wy.LX1HYbUGHot4.SMP3"},
        {255, "M4gQsuqDNUMv.rXpK.S2vxQvr0W8BPBh0JRCMcb4JSA"},
        {256, "FfQ7clavpqKY5p4ID0cSlY2iQGIpmrNaTT7e5QQ6wk0"},
    };
    char password[SHA2_PASSWORD_MAX], out[SHA2_CRYPT];

    (void)state;
    for (size_t i = 0; i < sizeof(password); i++)
        password[i] = (char)('!' + i % 90);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sha256_crypt(slice_make(password, cases[i].size), slice_make(salt, MYSQL_SALT), 5000, out);
        assert_slice(slice_make(out, sizeof(out)), cases[i].digest);
    }
}

static void mysqls_stored_form_is_understood(void **state)
{
    (void)state;
    assert_true(sha2_proves(SLICE(EXAMPLE), SLICE("hashcat")));
    assert_false(sha2_proves(SLICE(EXAMPLE), SLICE("hashcat ")));
    assert_false(sha2_proves(SLICE(EXAMPLE), SLICE("")));
}

static void what_is_no_stored_form_proves_nothing(void **state)
{
    char text[SHA2_HASH + 1];

    (void)state;
    for (size_t i = 0; i < SHA2_HASH; i++) {
        memcpy(text, EXAMPLE, sizeof(text));
        text[i] ^= 0x40;
        assert_false(sha2_proves(slice_make(text, SHA2_HASH), SLICE("hashcat")));
        assert_false(sha2_proves(slice_make(EXAMPLE, i), SLICE("hashcat")));
    }
    memcpy(text, EXAMPLE, sizeof(text));
    text[5] = '0';
    assert_false(sha2_proves(slice_make(text, SHA2_HASH), SLICE("hashcat"))); /* no rounds */
    char long_password[SHA2_PASSWORD_MAX + 1] = "x";
    assert_false(sha2_proves(SLICE(EXAMPLE), slice_make(long_password, sizeof(long_password))));
}

static void the_rounds_are_written_in_hexadecimal_thousands(void **state)
{
    char stored[SHA2_HASH + 1], out[SHA2_CRYPT];

    (void)state;
    sha2_hash(SLICE("x"), stored);
    memcpy(stored + 3, "00b", 3);
    sha256_crypt(SLICE("x"), slice_make(stored + 7, 20), 11000, out);
    memcpy(stored + 27, out, sizeof(out));
    assert_true(sha2_proves(slice_make(stored, SHA2_HASH), SLICE("x")));
    memcpy(stored + 3, "00B", 3);
    assert_true(sha2_proves(slice_make(stored, SHA2_HASH), SLICE("x")));
}

static void hashes_of_our_own_prove_and_are_printable_and_differ(void **state)
{
    char one[SHA2_HASH + 1], other[SHA2_HASH + 1];

    (void)state;
    sha2_hash(SLICE("secret"), one);
    sha2_hash(SLICE("secret"), other);
    assert_int_equal(strlen(one), SHA2_HASH);
    assert_string_not_equal(one, other);
    assert_true(sha2_proves(slice_of(one), SLICE("secret")));
    assert_false(sha2_proves(slice_of(one), SLICE("Secret")));
    for (const char *at = one; *at; at++)
        assert_true(*at > ' ' && *at < 0x7f && *at != '"' && *at != '\\');
}

static void the_response_is_the_known_one(void **state)
{
    unsigned char response[SHA2_RESPONSE];

    (void)state;
    assert_int_equal(sha2_answer(SLICE("password"), salt, response), SHA2_RESPONSE);
    assert_memory_equal(response,
                        "\xc6\xa0\x2b\x3a\x84\x44\x4e\xfa\xf7\xe7\x2b\xa4\x35\xa5\x93\x40"
                        "\x2f\x54\xa3\x7e\xb9\x84\xab\x45\xde\xe2\x16\x90\xe6\x15\xb8\xce",
                        SHA2_RESPONSE);
    assert_int_equal(sha2_answer(SLICE(""), salt, response), 1);
    assert_int_equal(response[0], 0);
}

static void the_fast_path_takes_the_right_password_and_no_other(void **state)
{
    unsigned char digest[SHA256_SIZE], response[SHA2_RESPONSE + 1] = {0};

    (void)state;
    sha2_digest(SLICE("password"), digest);
    sha2_answer(SLICE("password"), salt, response);
    for (size_t n = 0; n <= SHA2_RESPONSE + 1; n++)
        assert_int_equal(sha2_verify(digest, salt, slice_make(response, n)), n == SHA2_RESPONSE);
    for (size_t bit = 0; bit < 8 * SHA2_RESPONSE; bit++) {
        response[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_false(sha2_verify(digest, salt, slice_make(response, SHA2_RESPONSE)));
        response[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_false(sha2_verify(digest, (const unsigned char *)"abcdefghijABCDEFGHIJ",
                             slice_make(response, SHA2_RESPONSE)));
}

/* ---- the cache ---- */

static void the_cache_knows_user_and_hash_and_nothing_else(void **state)
{
    struct sha2_cache cache = {0};
    unsigned char digest[SHA256_SIZE], found[SHA256_SIZE];

    (void)state;
    sha2_digest(SLICE("secret"), digest);
    assert_false(sha2_cache_find(&cache, SLICE("ana"), SLICE("hash"), found));
    sha2_cache_put(&cache, SLICE("ana"), SLICE("hash"), digest);
    assert_true(sha2_cache_find(&cache, SLICE("ana"), SLICE("hash"), found));
    assert_memory_equal(found, digest, sizeof(digest));
    assert_false(sha2_cache_find(&cache, SLICE("ana"), SLICE("hash2"), found));
    assert_memory_not_equal(found, digest, sizeof(digest));
    assert_false(sha2_cache_find(&cache, SLICE("anah"), SLICE("ash"), found));
    assert_false(sha2_cache_find(&cache, SLICE("bo"), SLICE("hash"), found));
    sha2_cache_fini(&cache);
    assert_false(sha2_cache_find(&cache, SLICE("ana"), SLICE("hash"), found));
}

static void the_cache_is_bounded_and_keeps_what_is_used(void **state)
{
    enum { USERS = 10 * SHA2_CACHE };
    struct sha2_cache cache = {0};
    unsigned char digest[SHA256_SIZE] = {1}, found[SHA256_SIZE];
    size_t left = 0;
    char name[16];

    (void)state;
    for (unsigned i = 0; i < USERS; i++) {
        snprintf(name, sizeof(name), "user%u", i);
        sha2_cache_put(&cache, slice_of(name), SLICE("hash"), digest);
        assert_true(sha2_cache_find(&cache, SLICE("user0"), SLICE("hash"), found));
    }
    for (unsigned i = 0; i < USERS; i++) {
        snprintf(name, sizeof(name), "user%u", i);
        left += sha2_cache_find(&cache, slice_of(name), SLICE("hash"), found);
    }
    assert_true(left > SHA2_CACHE / 2 && left <= SHA2_CACHE);
    sha2_cache_fini(&cache);
}

/* ---- RSA, and the job ---- */

static struct rsa_key *key; /* made once: it takes a while */

static int make_key(void **state)
{
    (void)state;
    key = crypto_default()->rsa_new();
    return 0;
}

static int free_key(void **state)
{
    (void)state;
    crypto_default()->rsa_free(key);
    return 0;
}

static void what_the_public_key_seals_the_key_pair_opens(void **state)
{
    const struct crypto_provider *crypto = crypto_default();
    unsigned char sealed[RSA_SEALED_MAX], plain[RSA_SEALED_MAX];
    char text[RSA_BITS / 8] = "text";
    struct public_key *public = crypto->public_key_new(crypto->rsa_public(key));
    size_t size = 0, back = 0;

    (void)state;
    assert_non_null(public);
    assert_true(crypto->rsa_public(key).size < 512);
    for (size_t n = 0; n <= sizeof(text); n++) {
        bool fits = n <= sizeof(text) - RSA_OVERHEAD;
        assert_int_equal(crypto->rsa_seal(public, slice_make(text, n), sealed, &size), fits);
        if (!fits)
            continue;
        assert_int_equal(size, RSA_BITS / 8);
        assert_true(crypto->rsa_open(key, slice_make(sealed, size), plain, &back));
        assert_int_equal(back, n);
        assert_memory_equal(plain, text, n);
    }
    crypto->public_key_free(public);
}

static void what_is_no_public_key_is_not_read(void **state)
{
    static const char encrypted[] = "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\n"
                                    "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                                    "AAAA\n-----END PUBLIC KEY-----\n";
    /* a key of 512 bits, and one of an elliptic curve */
    static const char small[] = "-----BEGIN PUBLIC KEY-----\n"
                                "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMacgi0jvzE7wDLv8Mryb3OFHgCPtE0n\n"
                                "bK/TJnQcy/hLsMPpxsLOfBzz1Pkj7QLwcO3pnkkWEUaMSvk6zkCjMIsCAwEAAQ==\n"
                                "-----END PUBLIC KEY-----\n";
    static const char curve[] = "-----BEGIN PUBLIC KEY-----\n"
                                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE88alnom1FoX9prK9V3dBtQVCDz1F\n"
                                "jnOHIP5iZg7nMRGc4Xi8qpy8JnXaZdo5fYkGWih9ezrgiddJCluhcSamFA==\n"
                                "-----END PUBLIC KEY-----\n";
    struct slice public = crypto_default()->rsa_public(key);

    (void)state;
    for (size_t n = 0; n < public.size - 1; n++) {
        char *cut = memory_copy(slice_head(public, n));
        assert_null(crypto_default()->public_key_new(slice_make(cut, n)));
        free(cut);
    }
    assert_null(crypto_default()->public_key_new(slice_of(encrypted)));
    assert_null(crypto_default()->public_key_new(slice_of(small)));
    assert_null(crypto_default()->public_key_new(slice_of(curve)));
}

/* A job as a client of this password makes it; `stored` are hashes of "old" and "new". */
static struct verify_job job_of(const char *password, size_t size)
{
    struct verify_job job = {.key = key, .stored_count = 2};
    unsigned char plain[SHA2_PASSWORD_MAX + 2] = {0};
    char text[SHA2_HASH + 1];

    memcpy(job.salt, salt, MYSQL_SALT);
    sha2_hash(SLICE("old"), text);
    memcpy(job.stored[0], text, SHA2_HASH);
    sha2_hash(SLICE("new"), text);
    memcpy(job.stored[1], text, SHA2_HASH);
    memcpy(plain, password, size);
    sha2_mask(plain, size, salt);
    struct public_key *public = crypto_default()->public_key_new(crypto_default()->rsa_public(key));
    assert_true(
        crypto_default()->rsa_seal(public, slice_make(plain, size), job.sent, &job.sent_size));
    crypto_default()->public_key_free(public);
    return job;
}

static void a_job_finds_which_password_it_is(void **state)
{
    static const char *const passwords[] = {"old", "new", "other"};
    unsigned char digest[SHA256_SIZE], zeros[RSA_SEALED_MAX] = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct verify_job job = job_of(passwords[i], strlen(passwords[i]) + 1);
        verify_job_run(&job);
        assert_int_equal(job.proven, i);
        assert_memory_equal(job.sent, zeros, sizeof(zeros));
        sha2_digest(slice_of(passwords[i]), digest);
        if (i < 2)
            assert_memory_equal(job.digest, digest, sizeof(digest));
        else
            assert_memory_equal(job.digest, zeros, sizeof(job.digest));
    }
}

static void a_job_in_clear_needs_no_key(void **state)
{
    struct verify_job job = job_of("old", 4);

    (void)state;
    job.key = NULL;
    memcpy(job.sent, "new", job.sent_size = 4);
    verify_job_run(&job);
    assert_int_equal(job.proven, 1);
}

static void what_no_client_sends_proves_nothing(void **state)
{
    struct verify_job job;

    (void)state;
    job = job_of("old", 3); /* no NUL */
    verify_job_run(&job);
    assert_int_equal(job.proven, 2);
    job = job_of("", 1);
    verify_job_run(&job);
    assert_int_equal(job.proven, 2);
    job = job_of("", 0);
    verify_job_run(&job);
    assert_int_equal(job.proven, 2);
    for (size_t n = 0; n < RSA_BITS / 8; n += 17) {
        job = job_of("old", 4);
        job.sent_size = n;
        verify_job_run(&job);
        assert_int_equal(job.proven, 2);
        job = job_of("old", 4);
        job.sent[n] ^= 1;
        verify_job_run(&job);
        assert_int_equal(job.proven, 2);
    }
    job.key = NULL;
    job.sent_size = RSA_SEALED_MAX;
    memset(job.sent, 'x', sizeof(job.sent));
    verify_job_run(&job);
    assert_int_equal(job.proven, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_crypt_has_known_answers),
        cmocka_unit_test(rounds_are_given_up_when_nobody_waits_any_more),
        cmocka_unit_test(passwords_of_every_length_have_known_answers),
        cmocka_unit_test(mysqls_stored_form_is_understood),
        cmocka_unit_test(what_is_no_stored_form_proves_nothing),
        cmocka_unit_test(the_rounds_are_written_in_hexadecimal_thousands),
        cmocka_unit_test(hashes_of_our_own_prove_and_are_printable_and_differ),
        cmocka_unit_test(the_response_is_the_known_one),
        cmocka_unit_test(the_fast_path_takes_the_right_password_and_no_other),
        cmocka_unit_test(the_cache_knows_user_and_hash_and_nothing_else),
        cmocka_unit_test(the_cache_is_bounded_and_keeps_what_is_used),
        cmocka_unit_test(what_the_public_key_seals_the_key_pair_opens),
        cmocka_unit_test(what_is_no_public_key_is_not_read),
        cmocka_unit_test(a_job_finds_which_password_it_is),
        cmocka_unit_test(a_job_in_clear_needs_no_key),
        cmocka_unit_test(what_no_client_sends_proves_nothing),
    };

    return cmocka_run_group_tests(tests, make_key, free_key);
}
