/* What `check` accepts and `run` stops at: nothing of the model is ignored. Apostrophes stand for
 * quotes. */
#include "config_case.h"

#define HASH    "'mysql_native_password': '" A_HASH "'"
#define SHA2    "'$A$005$aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'"
#define ACCOUNT "'username': 'u', 'password': 'env:STARBIND_TEST_PASSWORD'"
#define DOOR    "'listeners': [{'address': 'h:1'}]"
#define MAIN    "'clusters': {'m': {'jdbc_url': 'jdbc:mysql://h:1/', 'admin': {" ACCOUNT "}}}"
#define PLACE   "'cluster': 'm', 'database': 'd', " ACCOUNT

enum severity { WARNS, STOPS };

static const struct gap_case {
    const char *name, *text;
    const char *path;
    enum severity severity;
    const char *part;
} gaps[] = {
    /* clang-format off */
    {"a listener for stream load", "{'listeners': [{'address': 'h:1', 'protocol': 'stream_load'}]}", "listeners[0].protocol", STOPS, "stream_load yet"},
    {"no listener at all", "{}", "", STOPS, "nobody could connect"},
    {"a listener with a certificate that is none", "{'listeners': [{'address': 'h:1', 'tls': {'mode': 'optional', 'certificate': 'pem', 'key': 'file:pem'}}]}", "listeners[0].tls", STOPS, "the certificate cannot be used"},
    {"a listener with a suite that is none", "{'listeners': [{'address': 'h:1', 'tls': {'mode': 'optional', 'certificate': 'pem', 'key': 'file:pem', 'ciphers': ['TLS_RSA_WITH_NOTHING']}}]}", "listeners[0].tls", STOPS, "no cipher suite 'TLS_RSA_WITH_NOTHING'"},
    {"a cluster with authorities that are none", "{'clusters': {'m': {'jdbc_url': 'jdbc:mysql://h:1/', 'tls': {'mode': 'verify-ca', 'ca': 'pem'}}}, " DOOR "}", "clusters.m.tls", STOPS, "TLS cannot be served"},
    {"a user with a certificate that nobody asks for", "{'users': {'a': {'auth': {" HASH ", 'certificate': {'san': 'x'}}}}, " DOOR "}", "users.a", WARNS, "no listener has a \"client_ca\""},
    {"a user who must use TLS that there is not", "{'users': {'a': {'auth': {" HASH "}, 'require_tls': true}}, " DOOR "}", "users.a", WARNS, "no listener has it"},
    /* clang-format on */
};

enum { GAPS = sizeof(gaps) / sizeof(*gaps) };

static void load(struct config_case *c, const char *text)
{
    char *quoted = memory_copy(slice_of(text));

    for (char *at = quoted; (at = strchr(at, '\''));)
        *at = '"';
    case_write(c, "pem", "certificate");
    case_good(c, quoted);
    assert_int_equal(c->findings.count, 0);
    free(quoted);
}

static void is_a_gap(void **state)
{
    const struct gap_case *gap = *state;
    struct config_case c;

    case_open(&c);
    load(&c, gap->text);
    assert_int_equal(config_can_run(c.config, &c.findings), gap->severity == WARNS);
    case_wants(&c, "main.json", 1, gap->path, gap->part);
    assert_int_equal(c.findings.count, 1);
    assert_int_equal(c.findings.errors, gap->severity == STOPS);
    case_close(&c);
}

static void what_is_served_can_run(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    load(&c,
         "{" DOOR ", " MAIN ", 'compute_sources': {'s': {'pool': {'mode': 'session', "
         "'max_connections': 5, 'min_idle': 2, 'max_wait_ms': 7}, 'limits': {'max_queued': 0}, "
         "'resource_groups': {'high': 'h'}, " PLACE "}}, 'projects': {'p': {'prod': 's', "
         "'members': {'a': 'viewer'}, 'cross_environment': 'none'}}, 'users': {'a': {'auth': {" HASH
         ", 'caching_sha2_password': " SHA2 "}, 'from': ['::/0'], 'priority': 'high', "
         "'require_tls': false, 'default_project': 'p'}, 'b': {'auth': {'caching_sha2_password': "
         "[" SHA2 ", " SHA2 "]}}}}");
    assert_true(config_can_run(c.config, &c.findings));
    assert_int_equal(c.findings.count, 0);
    case_close(&c);
}

int main(void)
{
    static struct CMUnitTest tests[GAPS + 1];

    tests[0] = (struct CMUnitTest)cmocka_unit_test(what_is_served_can_run);
    for (size_t i = 0; i < GAPS; i++)
        tests[i + 1] = (struct CMUnitTest){.name = gaps[i].name,
                                           .test_func = is_a_gap,
                                           .initial_state = (void *)(uintptr_t)&gaps[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
