#include "check.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include "auth/auth.h"
#include "protocol/tls/crypto.h"

static const unsigned char salt[] = "xfSgtRiC_GVsIU\\AtVap";

static struct hashes one(const char *hash)
{
    return (struct hashes){{slice_of(hash)}, 1};
}

static void digests_have_known_answers(void **state)
{
    const struct slice parts[] = {SLICE("a"), SLICE(""), SLICE("bc")};
    unsigned char out[SHA256_SIZE];

    (void)state;
    crypto_default()->sha1(parts, 3, out);
    assert_memory_equal(out,
                        "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0"
                        "\xd8\x9d",
                        SHA1_SIZE);
    crypto_default()->sha256(parts, 3, out);
    assert_memory_equal(out,
                        "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03"
                        "\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad",
                        SHA256_SIZE);
}

static void a_password_has_the_hash_that_mysql_gives_it(void **state)
{
    char text[NATIVE_HASH + 1];

    (void)state;
    native_hash(SLICE("password"), text);
    assert_string_equal(text, "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
    native_hash(SLICE("root"), text);
    assert_string_equal(text, "*81F5E21E35407D884A6CD4A731AEBFB6AF209E1B");
    native_hash(SLICE(""), text);
    assert_string_equal(text, "");
}

static void the_response_is_the_known_one(void **state)
{
    unsigned char response[NATIVE_RESPONSE];

    (void)state;
    assert_int_equal(native_answer(SLICE("password"), salt, response), NATIVE_RESPONSE);
    assert_memory_equal(response,
                        "\x68\x52\xae\x10\x97\xfb\x49\x71\x3f\xe4"
                        "\xf5\xe9\x48\xa6\xfa\x66\xfe\xb4\x92\x01",
                        NATIVE_RESPONSE);
    assert_int_equal(native_answer(SLICE(""), salt, response), 0);
}

static void the_right_password_is_proved_and_no_other(void **state)
{
    const struct hashes stored = one("*2470c0c06dee42fd1618bb99005adca2ec9d1e19");
    unsigned char response[NATIVE_RESPONSE + 1] = {0};

    (void)state;
    native_answer(SLICE("password"), salt, response);
    assert_true(native_verify(&stored, salt, slice_make(response, 20)));
    for (size_t n = 0; n <= 21; n++)
        assert_int_equal(native_verify(&stored, salt, slice_make(response, n)) != NULL, n == 20);
    for (size_t bit = 0; bit < 160; bit++) {
        response[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_false(native_verify(&stored, salt, slice_make(response, 20)));
        response[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    native_answer(SLICE("Password"), salt, response);
    assert_false(native_verify(&stored, salt, slice_make(response, 20)));
}

static void ten_thousand_wrong_logins_give_no_right_one(void **state)
{
    const struct hashes stored = one("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
    unsigned char response[NATIVE_RESPONSE];

    (void)state;
    for (int i = 0; i < 10000; i++) {
        crypto_default()->random(response, sizeof(response));
        assert_false(native_verify(&stored, salt, slice_make(response, 20)));
    }
}

static void both_hashes_count_during_a_rotation(void **state)
{
    char old[NATIVE_HASH + 1], new[NATIVE_HASH + 1];
    unsigned char response[NATIVE_RESPONSE];

    (void)state;
    native_hash(SLICE("old"), old);
    native_hash(SLICE("new"), new);
    struct hashes stored = {{slice_of(old), slice_of(new)}, 2};
    native_answer(SLICE("old"), salt, response);
    assert_ptr_equal(native_verify(&stored, salt, slice_make(response, 20)), &stored.at[0]);
    native_answer(SLICE("new"), salt, response);
    assert_ptr_equal(native_verify(&stored, salt, slice_make(response, 20)), &stored.at[1]);
    stored.count = 1;
    assert_false(native_verify(&stored, salt, slice_make(response, 20)));
    stored.count = 0;
    assert_false(native_verify(&stored, salt, slice_make(response, 20)));
    assert_false(native_verify(&stored, salt, SLICE("")));
}

static void an_empty_password_is_proved_by_nothing_only(void **state)
{
    const struct hashes empty = one(""), set = one("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
    unsigned char zeros[NATIVE_RESPONSE] = {0};

    (void)state;
    assert_true(native_verify(&empty, salt, SLICE("")));
    assert_false(native_verify(&empty, salt, slice_make(zeros, 20)));
    assert_false(native_verify(&empty, salt, slice_make(zeros, 1)));
    assert_false(native_verify(&set, salt, SLICE("")));
}

static void a_stored_value_that_is_no_hash_proves_nothing(void **state)
{
    static const char *const values[] = {"*", "2470C0C06DEE42FD1618BB99005ADCA2EC9D1E190",
                                         "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E1",
                                         "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E1G",
                                         "*0000000000000000000000000000000000000000"};
    unsigned char response[NATIVE_RESPONSE];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct hashes stored = one(values[i]);
        native_answer(SLICE("password"), salt, response);
        assert_false(native_verify(&stored, salt, slice_make(response, 20)));
        assert_false(native_verify(&stored, salt, SLICE("")));
    }
}

static void salts_hold_no_nul_and_no_dollar_and_differ(void **state)
{
    unsigned char made[MYSQL_SALT], before[MYSQL_SALT] = {0};
    struct salts salts = {.left = 0};
    bool seen[256] = {false};

    (void)state;
    for (int i = 0; i < 2000; i++) {
        salt_make(&salts, made);
        assert_memory_not_equal(made, before, MYSQL_SALT);
        memcpy(before, made, MYSQL_SALT);
        for (size_t k = 0; k < MYSQL_SALT; k++)
            seen[made[k]] = true;
        for (size_t k = salts.left; k < sizeof(salts.drawn); k++)
            assert_int_equal(salts.drawn[k], 0); /* nobody finds it there later */
    }
    for (int byte = 0; byte < 256; byte++)
        assert_int_equal(seen[byte], byte != 0 && byte != '$' && byte < 128);
}

static struct network network_of(const char *address, unsigned bits)
{
    struct network n = {.bits = bits};

    assert_int_equal(inet_pton(AF_INET6, address, n.address), 1);
    return n;
}

static void networks_hold_addresses_bit_by_bit(void **state)
{
    static const struct {
        const char *network;
        unsigned bits;
        const char *address;
        bool holds;
    } cases[] = {
        {"::ffff:10.0.0.0", 104, "::ffff:10.255.0.1", true},
        {"::ffff:10.0.0.0", 104, "::ffff:11.0.0.1", false},
        {"::ffff:10.0.0.0", 104, "10::1", false},
        {"::ffff:192.168.4.0", 118, "::ffff:192.168.7.255", true},
        {"::ffff:192.168.4.0", 118, "::ffff:192.168.8.0", false},
        {"::ffff:127.0.0.1", 128, "::ffff:127.0.0.1", true},
        {"::ffff:127.0.0.1", 128, "::ffff:127.0.0.2", false},
        {"::", 0, "2001:db8::1", true},
        {"2001:db8::", 33, "2001:db8:7fff::1", true},
        {"2001:db8::", 33, "2001:db8:8000::1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct network n = network_of(cases[i].network, cases[i].bits);
        struct network a = network_of(cases[i].address, 128);
        assert_int_equal(network_holds(&n, a.address), cases[i].holds);
    }
}

static void peers_are_written_as_people_write_them(void **state)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr odd = {.sa_family = AF_UNSPEC};
    struct peer p, q;

    (void)state;
    inet_pton(AF_INET, "10.1.2.3", &v4.sin_addr);
    assert_true(peer_set(&p, (const struct sockaddr *)&v4));
    assert_string_equal(p.text, "10.1.2.3");
    inet_pton(AF_INET, "255.0.99.100", &v4.sin_addr);
    assert_true(peer_set(&q, (const struct sockaddr *)&v4));
    assert_string_equal(q.text, "255.0.99.100");
    inet_pton(AF_INET6, "::ffff:10.1.2.3", &v6.sin6_addr);
    assert_true(peer_set(&q, (const struct sockaddr *)&v6));
    assert_string_equal(q.text, "10.1.2.3");
    assert_memory_equal(p.address, q.address, 16);
    inet_pton(AF_INET6, "2001:db8::5", &v6.sin6_addr);
    assert_true(peer_set(&q, (const struct sockaddr *)&v6));
    assert_string_equal(q.text, "2001:db8::5");
    assert_true(peer_set(&q, (const struct sockaddr *)&local));
    assert_string_equal(q.text, "127.0.0.1");
    assert_false(peer_set(&q, &odd));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_have_known_answers),
        cmocka_unit_test(a_password_has_the_hash_that_mysql_gives_it),
        cmocka_unit_test(the_response_is_the_known_one),
        cmocka_unit_test(the_right_password_is_proved_and_no_other),
        cmocka_unit_test(ten_thousand_wrong_logins_give_no_right_one),
        cmocka_unit_test(both_hashes_count_during_a_rotation),
        cmocka_unit_test(an_empty_password_is_proved_by_nothing_only),
        cmocka_unit_test(a_stored_value_that_is_no_hash_proves_nothing),
        cmocka_unit_test(salts_hold_no_nul_and_no_dollar_and_differ),
        cmocka_unit_test(networks_hold_addresses_bit_by_bit),
        cmocka_unit_test(peers_are_written_as_people_write_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
