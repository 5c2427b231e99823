/* The crypto providers: each against known values, and each with what another has made. */
#include "check.h"

#include <stdio.h>

#include "protocol/tls/crypto.h"

static const struct crypto_provider *const providers[] = {
#ifdef WITH_OPENSSL
    &crypto_openssl,
#endif
#ifdef WITH_MBEDTLS
    &crypto_mbedtls,
#endif
};

enum { COUNT = sizeof(providers) / sizeof(*providers) };

static void assert_hex(const unsigned char *bytes, size_t n, const char *hex)
{
    char text[2 * SHA256_SIZE + 1] = "";

    for (size_t i = 0; i < n; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    assert_string_equal(text, hex);
}

/* FIPS 180: "abc". */
static void digests_are_those_of_the_standard_however_the_text_is_cut(void **state)
{
    const struct slice whole[] = {SLICE("abc")};
    const struct slice cut[] = {SLICE("a"), SLICE(""), {0}, SLICE("bc")};
    unsigned char digest[SHA256_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        providers[i]->sha1(whole, 1, digest);
        assert_hex(digest, SHA1_SIZE, "a9993e364706816aba3e25717850c26c9cd0d89d");
        providers[i]->sha1(cut, 4, digest);
        assert_hex(digest, SHA1_SIZE, "a9993e364706816aba3e25717850c26c9cd0d89d");
        providers[i]->sha256(whole, 1, digest);
        assert_hex(digest, SHA256_SIZE,
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        providers[i]->sha256(cut, 4, digest);
        assert_hex(digest, SHA256_SIZE,
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}

/* "abc" with its padding; and 119 bytes, the most that two blocks hold. */
static void whole_blocks_have_the_digest_of_the_text_before_their_padding(void **state)
{
    unsigned char text[2 * SHA256_BLOCK] = "abc\x80", digest[SHA256_SIZE], expected[SHA256_SIZE];

    (void)state;
    text[SHA256_BLOCK - 1] = 24;
    for (size_t i = 0; i < COUNT; i++) {
        providers[i]->sha256_blocks(text, 1, digest);
        assert_hex(digest, SHA256_SIZE,
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    memset(text, 'x', sizeof(text));
    memset(text + 119, 0, 9);
    text[119] = 0x80;
    text[126] = 119 * 8 >> 8;
    text[127] = 119 * 8 & 0xff;
    const struct slice before_padding = slice_make(text, 119);
    for (size_t i = 0; i < COUNT; i++) {
        providers[i]->sha256(&before_padding, 1, expected);
        providers[i]->sha256_blocks(text, 2, digest);
        assert_memory_equal(digest, expected, SHA256_SIZE);
    }
}

static void random_bytes_are_not_the_same_twice(void **state)
{
    unsigned char a[64], b[64];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        providers[i]->random(a, sizeof(a));
        providers[i]->random(b, sizeof(b));
        assert_memory_not_equal(a, b, sizeof(a));
    }
}

static void open_well(const struct crypto_provider *p, const struct rsa_key *key,
                      const struct crypto_provider *sealer)
{
    unsigned char sealed[RSA_SEALED_MAX], plain[RSA_SEALED_MAX], text[RSA_SEALED_MAX] = "password";
    struct public_key *public = sealer->public_key_new(p->rsa_public(key));
    size_t size, n;

    assert_non_null(public);
    for (size_t wanted = 0; wanted <= RSA_BITS / 8 - RSA_OVERHEAD; wanted += 107) {
        assert_true(sealer->rsa_seal(public, slice_make(text, wanted), sealed, &n));
        assert_int_equal(n, RSA_BITS / 8);
        assert_true(p->rsa_open(key, slice_make(sealed, n), plain, &size));
        assert_int_equal(size, wanted);
        assert_memory_equal(plain, text, wanted);
        sealed[n / 2] ^= 1;
        assert_false(p->rsa_open(key, slice_make(sealed, n), plain, &size));
        assert_false(p->rsa_open(key, slice_make(sealed, n - 1), plain, &size));
        assert_false(p->rsa_open(key, slice_make(sealed, 0), plain, &size));
    }
    assert_false(
        sealer->rsa_seal(public, slice_make(text, RSA_BITS / 8 - RSA_OVERHEAD + 1), sealed, &n));
    sealer->public_key_free(public);
    sealer->public_key_free(NULL);
}

static void what_one_seals_the_other_opens(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct rsa_key *key = providers[i]->rsa_new();
        assert_in_range(providers[i]->rsa_public(key).size, 400, RSA_PUBLIC_MAX);
        for (size_t k = 0; k < COUNT; k++)
            open_well(providers[i], key, providers[k]);
        providers[i]->rsa_free(key);
        providers[i]->rsa_free(NULL);
    }
}

static void a_key_that_is_none_is_refused(void **state)
{
    /* an RSA key of 1024 bits, a key of another kind, a private key that wants a password */
    static const char *const bad[] = {
        "",
        "x",
        "-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7vbqajDw4o6gJy8UtmIbk"
        "pnkO\n3Kwc4qsEnSZp/TR+fQi62F79RHWmwKOtFmwteURgLbj7D/WGuNLGOfa/2vse3G2e\nHnHl5CB8ruRX9fBl/"
        "KgwCVr2JaEuUm66bBQeP5XeBotdR4cvX38uPYivCDdPjJ1Q\nWPdspTBKcxeFbccDwQIDAQAB\n-----END "
        "PUBLIC "
        "KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
        "-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++)
            assert_null(providers[i]->public_key_new(slice_of(bad[k])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standard_however_the_text_is_cut),
        cmocka_unit_test(whole_blocks_have_the_digest_of_the_text_before_their_padding),
        cmocka_unit_test(random_bytes_are_not_the_same_twice),
        cmocka_unit_test(what_one_seals_the_other_opens),
        cmocka_unit_test(a_key_that_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
