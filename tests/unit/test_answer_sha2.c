/* caching_sha2_password as a client: we log in to a server that wants it. */
#include "check.h"

#include "auth/auth.h"
#include "base/error.h"
#include "base/writer.h"

static struct rsa_key *key; /* the server's; made once */
static struct public_key *public;

struct caller {
    struct answer a;
    struct error e;
    unsigned char sent[1024];
    struct slice reply;
};

static enum answer_state hear(struct caller *c, struct slice payload)
{
    struct writer w = writer_over(c->sent, sizeof(c->sent));
    enum answer_state state = answer_feed(&c->a, payload, &w, &c->e);

    c->reply = writer_bytes(&w);
    return state;
}

/* Up to our response to the switch. */
static void call(struct caller *c, struct slice password, enum answer_wire wire,
                 struct public_key *known)
{
    static const char ask[] = "\xfe"
                              "caching_sha2_password\0ABCDEFGHIJabcdefghij";
    const struct answer_as as = {.user = SLICE("ana"), .password = password, .public_key = known};
    struct greeting g = {.protocol = 10, .capabilities = 0x0038820c, .plugin = SHA2_PLUGIN};
    unsigned char room[128];
    struct writer w = writer_over(room, sizeof(room)), to = writer_over(c->sent, sizeof(c->sent));

    assert_true(greeting_put(&w, &g));
    assert_int_equal(answer_start(&c->a, &as, writer_bytes(&w), wire, &to, &c->e), LOGIN_MORE);
    assert_int_equal(hear(c, slice_make(ask, sizeof(ask))), LOGIN_MORE);
}

#define OK_PACKET SLICE("\0\0\0\x02\0\0\0")
#define SECRET    SLICE("secret")

static void a_server_that_remembers_lets_us_in_by_the_response(void **state)
{
    unsigned char digest[SHA256_SIZE];
    struct caller c;

    (void)state;
    sha2_digest(SECRET, digest);
    call(&c, SECRET, WIRE_CLEAR, NULL);
    assert_true(sha2_verify(digest, (const unsigned char *)"ABCDEFGHIJabcdefghij", c.reply));
    assert_int_equal(hear(&c, SLICE("\x01\x03")), LOGIN_WAIT);
    assert_int_equal(c.reply.size, 0);
    assert_int_equal(hear(&c, OK_PACKET), LOGIN_OK);
}

static void a_server_that_does_not_gets_the_password_under_its_known_key(void **state)
{
    unsigned char plain[RSA_SEALED_MAX];
    size_t size;
    struct caller c;

    (void)state;
    for (enum answer_wire wire = WIRE_CLEAR; wire <= WIRE_ENCRYPTED; wire++) {
        call(&c, SECRET, wire, public);
        assert_int_equal(hear(&c, SLICE("\x01\x04")), LOGIN_MORE);
        assert_true(crypto_default()->rsa_open(key, c.reply, plain, &size));
        sha2_mask(plain, size, (const unsigned char *)"ABCDEFGHIJabcdefghij");
        assert_int_equal(size, sizeof("secret"));
        assert_memory_equal(plain, "secret", size);
        assert_int_equal(hear(&c, OK_PACKET), LOGIN_OK);
    }
}

static void a_server_that_has_proven_itself_is_told_the_password(void **state)
{
    struct caller c;

    (void)state;
    call(&c, SECRET, WIRE_PROVEN, NULL);
    assert_int_equal(hear(&c, SLICE("\x01\x04")), LOGIN_MORE);
    assert_int_equal(c.reply.size, sizeof("secret"));
    assert_memory_equal(c.reply.data, "secret", sizeof("secret"));
    assert_int_equal(hear(&c, OK_PACKET), LOGIN_OK);
}

static void nobody_else_is(void **state)
{
    char too_long[RSA_BITS / 8]; /* for that key */
    struct caller c;

    (void)state;
    memset(too_long, 'x', sizeof(too_long));
    for (enum answer_wire wire = WIRE_CLEAR; wire <= WIRE_ENCRYPTED; wire++) {
        call(&c, SECRET, wire, NULL);
        assert_int_equal(hear(&c, SLICE("\x01\x04")), LOGIN_REFUSED);
        assert_int_equal(c.reply.size, 0);
        assert_non_null(strstr(c.e.text, "public_key"));
        call(&c, slice_make(too_long, sizeof(too_long)), wire, public);
        assert_int_equal(hear(&c, SLICE("\x01\x04")), LOGIN_REFUSED);
        assert_int_equal(c.reply.size, 0);
    }
}

static void no_password_is_said_with_one_byte(void **state)
{
    struct caller c;

    (void)state;
    call(&c, SLICE(""), WIRE_CLEAR, NULL);
    assert_int_equal(c.reply.size, 1);
    assert_int_equal(c.reply.data[0], 0);
    assert_int_equal(hear(&c, OK_PACKET), LOGIN_OK);
    call(&c, SLICE(""), WIRE_CLEAR, NULL);
    assert_int_equal(hear(&c, SLICE("\x01\x04")), LOGIN_REFUSED);
}

static void steps_out_of_order_are_refused(void **state)
{
    static const struct {
        struct slice first, second;
    } cases[] = {
        {{"\0\0\0\2\0\0\0", 7}, {0}},
        {{"\1", 1}, {0}},
        {{"\1\5", 2}, {0}},
        {{"\1\3\3", 3}, {0}},
        {{"\1\4", 2}, {"\1\4", 2}},
        {{"\1\4", 2}, {"\1\3", 2}},
        {{"\1\4", 2}, {"\1", 1}},
        {{"\1\4", 2}, {"\1-----BEGIN", 11}},
        {{"\1\3", 2}, {"\1\3", 2}},
        {{"\1\3", 2}, {"\1\4", 2}},
        {{"\1\3", 2}, {"\xfexxxxxxxxx\0xx", 13}},
    };
    struct caller c;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        call(&c, SECRET, WIRE_CLEAR, public);
        enum answer_state got = hear(&c, cases[i].first);
        if (cases[i].second.size) {
            assert_int_not_equal(got, LOGIN_REFUSED);
            got = hear(&c, cases[i].second);
        }
        assert_int_equal(got, LOGIN_REFUSED);
        assert_int_equal(c.reply.size, 0);
    }
}

static int prepare(void **state)
{
    (void)state;
    key = crypto_default()->rsa_new();
    public = crypto_default()->public_key_new(crypto_default()->rsa_public(key));
    assert_non_null(public);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    crypto_default()->public_key_free(public);
    crypto_default()->rsa_free(key);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_remembers_lets_us_in_by_the_response),
        cmocka_unit_test(a_server_that_does_not_gets_the_password_under_its_known_key),
        cmocka_unit_test(a_server_that_has_proven_itself_is_told_the_password),
        cmocka_unit_test(nobody_else_is),
        cmocka_unit_test(no_password_is_said_with_one_byte),
        cmocka_unit_test(steps_out_of_order_are_refused),
    };

    return cmocka_run_group_tests(tests, prepare, finish);
}
