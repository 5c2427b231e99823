/* What a good configuration becomes: defaults, look-ups, who shares what. */
#include "config_case.h"

#include "base/arena.h"

#define ACCOUNT "\"username\": \"u\", \"password\": \"env:STARBIND_TEST_PASSWORD\""
#define MAIN    "\"clusters\": {\"main\": {\"jdbc_url\": \"jdbc:mysql://fe1:9030,fe2:9031/\"}},\n"
#define SOURCE(name)                                                                               \
    "\"" name "\": {\"cluster\": \"main\", \"database\": \"db_" name "\", " ACCOUNT "}"
#define USER(name, rest)                                                                           \
    "\"" name "\": {\"auth\": {\"mysql_native_password\": \"" A_HASH "\"}" rest "}"

static void an_empty_configuration_has_the_defaults(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c, "{}");
    assert_int_equal(c.config->settings.workers, 0);
    assert_slice(c.config->settings.tls_provider, "openssl");
    assert_int_equal(c.config->settings.login_timeout_ms, 10000);
    assert_int_equal(c.config->settings.max_statement_bytes, 67108864);
    assert_int_equal(c.config->settings.cross_environment, CROSS_READ);
    assert_slice(c.config->path, case_path(&c, "main.json"));
    assert_null(config_find_user(c.config, SLICE("ana")));
    assert_null(config_find_project(c.config, SLICE("sales")));
    case_close(&c);
}

static void generations_grow(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c, "{}");
    uint64_t before = c.config->generation;
    case_good(&c, "{}");
    assert_true(c.config->generation > before);
    case_close(&c);
}

static void a_source_has_the_defaults_of_the_manual(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c, "{" MAIN "\"compute_sources\": {" SOURCE("s") "}}");
    const struct compute_source *s = &c.config->sources[0];
    assert_slice(s->name, "s");
    assert_slice(s->database, "db_s");
    assert_ptr_equal(s->cluster, &c.config->clusters[0]);
    assert_int_equal(s->pool_mode, POOL_TRANSACTION);
    assert_int_equal(s->max_connections, 64);
    assert_int_equal(s->min_idle, 0);
    assert_int_equal(s->max_wait, 10000);
    assert_int_equal(s->connect_timeout, 900000);
    assert_int_equal(s->socket_timeout, 1800000);
    assert_int_equal(s->dial_timeout, 3000);
    assert_slice(secret_bytes(&s->account.password), "from the environment");
    assert_slice(s->account.reference, "env:STARBIND_TEST_PASSWORD");
    assert_int_equal(s->cluster->query_count, 2);
    assert_slice(s->cluster->query[1].host, "fe2");
    assert_int_equal(s->cluster->query[1].port, 9031);
    case_close(&c);
}

static void explicit_timeouts_win_over_the_url(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(
        &c,
        "{\"clusters\": {\"main\": {\"jdbc_url\": "
        "\"jdbc:mysql://h:1/?connectTimeout=7&socketTimeout=8\"}}, \"compute_sources\": {" SOURCE(
            "a") ", \"b\": {\"cluster\": \"main\", \"database\": \"x\", " ACCOUNT
                 ", \"connect_timeout_ms\": 900000}, \"c\": {\"jdbc_url\": "
                 "\"jdbc:mysql://g:1/c%5fd%C3%A9%?socketTimeout=9\", " ACCOUNT "}}}");
    const struct compute_source *s = c.config->sources;
    assert_int_equal(s[0].connect_timeout, 7);
    assert_int_equal(s[0].socket_timeout, 8);
    assert_int_equal(s[1].connect_timeout, 900000);
    assert_int_equal(s[1].socket_timeout, 8);
    assert_int_equal(s[2].connect_timeout, 900000);
    assert_int_equal(s[2].socket_timeout, 9);
    assert_slice(s[2].database, "c_d\xc3\xa9%");
    case_close(&c);
}

static void sources_with_the_same_frontends_share_a_cluster(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(
        &c,
        "{" MAIN "\"compute_sources\": {\n"
        "\"a\": {\"jdbc_url\": \"jdbc:mysql://FE2:9031,fe1:9030/x\", " ACCOUNT "},\n"
        "\"b\": {\"jdbc_url\": \"jdbc:mysql://h:1,g:2/y\", \"load_url\": \"h:3\", " ACCOUNT "},\n"
        "\"c\": {\"jdbc_url\": \"jdbc:mysql://[::1]:1/z?useSSL=true&sslMode=VERIFY_CA\", " ACCOUNT
        "}},\n"
        "\"data_sources\": {\"d\": {\"prod\": {\"jdbc_url\": "
        "\"jdbc:mysql://g:2,h:1\", \"database\": \"z\", " ACCOUNT "}}}}");
    const struct config *k = c.config;
    assert_int_equal(k->cluster_count, 3);
    assert_int_equal(k->source_count, 4);
    assert_int_equal(k->compute_source_count, 3);
    assert_ptr_equal(k->sources[0].cluster, &k->clusters[0]);
    assert_ptr_equal(k->sources[1].cluster, k->sources[3].cluster);
    assert_slice(k->sources[1].cluster->name, "h:1,g:2");
    assert_int_equal(k->sources[1].cluster->load[0].port, 3);
    assert_slice(k->clusters[2].query[0].host, "::1");
    assert_int_equal(k->clusters[2].tls.mode, TLS_VERIFY_CA);
    assert_slice(k->sources[3].name, "data_sources.d.prod");
    for (size_t i = 0; i < k->cluster_count; i++)
        assert_int_equal(k->clusters[i].index, i);
    for (size_t i = 0; i < k->source_count; i++)
        assert_int_equal(k->sources[i].index, i);
    case_close(&c);
}

static void announced_addresses_are_mapped(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c, "{\"clusters\": {\"m\": {\"jdbc_url\": \"jdbc:mysql://h:1/\", "
                  "\"frontend_addresses\": {\"10.0.0.1\": \"gate\", \"fe2:9030\": \"gate:19030\", "
                  "\"fe80::1\": \"[fe80::2]:9031\", \"[fe80::3]\": \"[fe80::4]\"}}}}");
    const struct cluster *m = &c.config->clusters[0];
    assert_int_equal(m->address_count, 4);
    assert_slice(m->addresses[0].announced.host, "10.0.0.1");
    assert_int_equal(m->addresses[0].announced.port, 0);
    assert_slice(m->addresses[0].reached.host, "gate");
    assert_int_equal(m->addresses[1].announced.port, 9030);
    assert_int_equal(m->addresses[1].reached.port, 19030);
    assert_slice(m->addresses[2].announced.host, "fe80::1");
    assert_int_equal(m->addresses[2].reached.port, 9031);
    assert_slice(m->addresses[3].reached.host, "fe80::4");
    case_close(&c);
}

static void qualifiers_are_found_in_any_ascii_case(void **state)
{
    struct config_case c;
    const struct project_name *found;

    (void)state;
    case_open(&c);
    case_good(
        &c,
        "{" MAIN "\"compute_sources\": {" SOURCE("a") ", " SOURCE("b") ", " SOURCE("c") ", " SOURCE(
            "d") "}, \"projects\": {\"Sales\": {\"prod\": \"a\", \"dev\": \"b\"}, "
                 "\"both\": {\"prod\": \"c\", \"shared\": true}, \"only\": {\"prod\": \"d\"}}, "
                 "\"data_sources\": {\"订单\": {\"code\": \"orders\", \"prod\": {\"cluster\": "
                 "\"main\", \"databases\": \"*\", " ACCOUNT
                 "}}, \"quiet\": {\"prod\": {\"cluster\": "
                 "\"main\", \"database\": \"q\", " ACCOUNT "}}}}");
    found = config_find_project(c.config, SLICE("sALES"));
    assert_slice(found->project->name, "Sales");
    assert_int_equal(found->environment, PROD);
    found = config_find_project(c.config, SLICE("sales_DEV"));
    assert_int_equal(found->environment, DEV);
    assert_slice(found->project->sides[DEV]->name, "b");
    found = config_find_project(c.config, SLICE("both_dev"));
    assert_true(found->project->is_shared);
    assert_ptr_equal(found->project->sides[DEV], found->project->sides[PROD]);
    assert_null(config_find_project(c.config, SLICE("only_dev")));
    assert_null(config_find_project(c.config, SLICE("only"))->project->sides[DEV]);
    found = config_find_project(c.config, SLICE("Orders"));
    assert_true(found->project->is_data_source && found->project->is_shared);
    assert_true(found->project->sides[PROD]->any_database);
    assert_slice(found->project->title, "订单");
    assert_null(config_find_project(c.config, SLICE("quiet")));
    assert_int_equal(c.config->project_count, 4);
    assert_slice(c.config->unlisted[0].title, "quiet");
    case_close(&c);
}

static unsigned privileges(const struct project *p, const char *member, enum environment e)
{
    const struct membership *m = map_find(&p->members, slice_of(member));

    assert_non_null(m);
    assert_int_equal(m->role_count, 1);
    assert_int_equal(m->roles[0]->grant_count[e], 1);
    return m->roles[0]->grants[e][0].privileges;
}

static void four_roles_are_built_in(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(
        &c,
        "{" MAIN "\"compute_sources\": {" SOURCE("a") "}, \"users\": {" USER("v", "") ", " USER(
            "d", "") ", " USER("o", "") ", " USER("w",
                                                  "") "}, \"projects\": {\"a\": {"
                                                      "\"prod\": \"a\", \"members\": {\"v\": "
                                                      "\"viewer\", \"d\": \"developer\", "
                                                      "\"o\": \"operator\", \"w\": \"owner\"}}}}");
    const struct project *p = &c.config->projects[0];
    assert_int_equal(privileges(p, "v", PROD), READ);
    assert_int_equal(privileges(p, "v", DEV), READ);
    assert_int_equal(privileges(p, "d", PROD), READ);
    assert_int_equal(privileges(p, "d", DEV), READ | WRITE | DDL | LOAD);
    assert_int_equal(privileges(p, "o", PROD), READ | WRITE | LOAD);
    assert_int_equal(privileges(p, "o", DEV), READ | WRITE | DDL | LOAD);
    assert_int_equal(privileges(p, "w", PROD), READ | WRITE | DDL | LOAD | SHARE);
    assert_int_equal(privileges(p, "w", DEV), READ | WRITE | DDL | LOAD | SHARE);
    case_close(&c);
}

static void a_built_in_role_may_be_redefined(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(
        &c,
        "{" MAIN "\"compute_sources\": {" SOURCE("a") "}, \"users\": {" USER(
            "v", "") "}, "
                     "\"roles\": {\"viewer\": {\"prod\": [\"read\", {\"privileges\": [\"write\", "
                     "\"load\"], \"tables\": [\"t\", \"u_*\"]}, \"ddl\"]}}, \"projects\": {\"a\": {"
                     "\"prod\": \"a\", \"members\": {\"v\": [\"viewer\", \"owner\"]}}}}");
    const struct membership *m = map_find(&c.config->projects[0].members, SLICE("v"));
    assert_int_equal(m->role_count, 2);
    const struct role *viewer = m->roles[0];
    assert_int_equal(viewer->grant_count[PROD], 2);
    assert_int_equal(viewer->grant_count[DEV], 0);
    assert_int_equal(viewer->grants[PROD][0].privileges, READ | DDL);
    assert_int_equal(viewer->grants[PROD][0].tables.count, 0);
    assert_int_equal(viewer->grants[PROD][1].privileges, WRITE | LOAD);
    assert_slice(viewer->grants[PROD][1].tables.at[1], "u_*");
    assert_slice(m->roles[1]->name, "owner");
    case_close(&c);
}

static void a_grant_on_tables_alone_gives_nothing_on_the_others(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(
        &c,
        "{" MAIN "\"compute_sources\": {" SOURCE("a") "}, \"users\": {" USER(
            "v", "") "}, "
                     "\"roles\": {\"some\": {\"prod\": [{\"privileges\": [\"read\"], \"tables\": "
                     "[\"t\"]}]}}, \"projects\": {\"a\": {\"prod\": \"a\", \"members\": {\"v\": "
                     "\"some\"}}}}");
    const struct membership *m = map_find(&c.config->projects[0].members, SLICE("v"));
    assert_int_equal(m->roles[0]->grant_count[PROD], 1);
    assert_int_equal(m->roles[0]->grants[PROD][0].tables.count, 1);
    case_close(&c);
}

static void users_know_their_groups_networks_and_hashes(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c, "{\"users\": {\"ana\": {\"auth\": {\"mysql_native_password\": [\"" A_HASH
                  "\", \"\"]}, \"from\": [\"10.0.0.0/8\", \"::1\"], \"admin\": true, "
                  "\"metadata\": \"all\", \"priority\": \"low\"}, " USER(
                      "bo", "") "}, "
                                "\"groups\": {\"x\": [\"ana\"], \"y\": [\"bo\", \"ana\"]}}");
    const struct user *ana = config_find_user(c.config, SLICE("ana"));
    assert_int_equal(ana->groups.count, 2);
    assert_slice(ana->groups.at[0], "@x");
    assert_slice(ana->groups.at[1], "@y");
    assert_int_equal(ana->native.count, 2);
    assert_slice(ana->native.at[0], A_HASH);
    assert_slice(ana->native.at[1], "");
    assert_int_equal(ana->from_count, 2);
    assert_int_equal(ana->from[0].bits, 104);
    assert_memory_equal(ana->from[0].address, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\0", 16);
    assert_int_equal(ana->from[1].bits, 128);
    assert_int_equal(ana->from[1].address[15], 1);
    assert_true(ana->is_admin && ana->sees_all_metadata && !ana->require_tls);
    assert_int_equal(config_find_user(c.config, SLICE("bo"))->groups.count, 1);
    assert_null(config_find_user(c.config, SLICE("ANA")));
    case_close(&c);
}

static void a_priority_finds_its_resource_group(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c,
              "{" MAIN
              "\"compute_sources\": {\"s\": {\"cluster\": \"main\", \"database\": \"d\", " ACCOUNT
              ", \"resource_groups\": {\"default\": \"rg_d\", \"high\": \"rg_h\"}, "
              "\"allowed_resource_groups\": [\"rg_e\"]}, " SOURCE("t") "}}");
    const struct compute_source *s = c.config->sources;
    assert_slice(source_group(&s[0], SLICE("high")), "rg_h");
    assert_slice(source_group(&s[0], SLICE("low")), "rg_d");
    assert_slice(source_group(&s[0], (struct slice){0}), "rg_d");
    assert_slice(source_group(&s[1], SLICE("high")), "");
    assert_true(source_allows_group(&s[0], SLICE("rg_h")));
    assert_true(source_allows_group(&s[0], SLICE("rg_e")));
    assert_false(source_allows_group(&s[0], SLICE("rg_x")));
    assert_false(source_allows_group(&s[1], SLICE("rg_h")));
    case_close(&c);
}

static void a_data_source_may_share_a_database_with_a_project(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(
        &c, "{" MAIN "\"compute_sources\": {" SOURCE(
                "a") "}, \"projects\": {\"a\": {\"prod\": "
                     "\"a\"}}, \"data_sources\": {\"d\": {\"code\": \"d\", \"prod\": {\"cluster\": "
                     "\"main\", \"database\": \"db_a\", " ACCOUNT "}}}}");
    assert_int_equal(c.config->project_count, 2);
    assert_int_equal(c.config->projects[1].index, 1);
    case_close(&c);
}

static void names_in_other_scripts_are_names(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c, "{" MAIN "\"compute_sources\": {" SOURCE(
                      "a") "}, "
                           "\"projects\": {\"销售_1\": {\"prod\": \"a\"}}}");
    assert_non_null(config_find_project(c.config, SLICE("销售_1")));
    case_close(&c);
}

static void a_snapshot_lives_as_long_as_somebody_holds_it(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c, "{\"users\": {" USER("ana", "") "}}");
    struct config *held = config_ref(c.config);
    config_unref(c.config);
    c.config = NULL;
    assert_slice(config_find_user(held, SLICE("ana"))->name, "ana");
    config_unref(held);
    config_unref(NULL);
    case_close(&c);
}

static void words_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(environment_name(DEV), "dev");
    assert_string_equal(privilege_name(SHARE), "share");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_has_the_defaults),
        cmocka_unit_test(generations_grow),
        cmocka_unit_test(a_source_has_the_defaults_of_the_manual),
        cmocka_unit_test(explicit_timeouts_win_over_the_url),
        cmocka_unit_test(sources_with_the_same_frontends_share_a_cluster),
        cmocka_unit_test(announced_addresses_are_mapped),
        cmocka_unit_test(qualifiers_are_found_in_any_ascii_case),
        cmocka_unit_test(four_roles_are_built_in),
        cmocka_unit_test(a_built_in_role_may_be_redefined),
        cmocka_unit_test(a_grant_on_tables_alone_gives_nothing_on_the_others),
        cmocka_unit_test(users_know_their_groups_networks_and_hashes),
        cmocka_unit_test(a_priority_finds_its_resource_group),
        cmocka_unit_test(a_data_source_may_share_a_database_with_a_project),
        cmocka_unit_test(names_in_other_scripts_are_names),
        cmocka_unit_test(a_snapshot_lives_as_long_as_somebody_holds_it),
        cmocka_unit_test(words_have_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
