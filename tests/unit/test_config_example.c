/* The examples that people start from: that of the design, and those that are installed. Read from
 * the folder where the tests are started, the top of the tree. */
#include "config_case.h"

static char *text_of(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = memory_new(64 * 1024, 1);

    if (!file)
        fail_msg("%s cannot be read; start the test at the top of the tree", path);
    text[fread(text, 1, 64 * 1024 - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void set(const char *const *names)
{
    for (; *names; names++)
        assert_int_equal(setenv(*names, "secret", 1), 0);
}

static void the_design_loads_once_its_secrets_are_there(void **state)
{
    struct config_case c;
    char *text = text_of("tests/config/design-example.json");

    (void)state;
    case_open(&c);
    set((const char *const[]){"MONITOR_PASSWORD", "METADATA_PASSWORD", "SALES_DEV", "O", "O_DEV",
                              NULL});
    assert_int_equal(mkdir(case_path(&c, "tls"), 0700), 0);
    assert_int_equal(mkdir(case_path(&c, "secrets"), 0700), 0);
    case_try(&c, text);
    case_wants(&c, "main.json", 6, "listeners[0].tls.certificate", "No such file");
    case_wants(&c, "main.json", 6, "listeners[0].tls.key", "No such file");
    case_wants(&c, "main.json", 25, "compute_sources.sales.password", "No such file");
    assert_int_equal(c.findings.errors, 3);
    case_write(&c, "tls/cert.pem", "certificate");
    case_write(&c, "tls/key.pem", "key");
    case_write(&c, "secrets/sales", "secret\n");
    case_good(&c, text);
    assert_int_equal(c.findings.count, 0);
    assert_int_equal(c.config->listener_count, 5);
    assert_slice(c.config->listeners[0].tls.certificate, case_path(&c, "tls/cert.pem"));
    assert_int_equal(c.config->cluster_count, 3);
    assert_int_equal(c.config->source_count, 5); /* with the metadata account of the cluster */
    assert_int_equal(c.config->project_count, 2);
    assert_int_equal(c.config->user_count, 4);
    assert_true(config_find_user(c.config, SLICE("root"))->is_admin);
    case_close(&c);
    free(text);
}

static void the_design_stops_run_where_this_build_falls_short(void **state)
{
    struct config_case c;
    char *text = text_of("tests/config/design-example.json");

    (void)state;
    case_open(&c);
    assert_int_equal(mkdir(case_path(&c, "tls"), 0700), 0);
    assert_int_equal(mkdir(case_path(&c, "secrets"), 0700), 0);
    case_write(&c, "tls/cert.pem", "certificate");
    case_write(&c, "tls/key.pem", "key");
    case_write(&c, "secrets/sales", "secret\n");
    case_good(&c, text);
    assert_false(config_can_run(c.config, &c.findings));
    case_wants(&c, "main.json", 6, "listeners[0].tls", "TLS cannot be served");
    case_wants(&c, "main.json", 8, "listeners[2].protocol", "stream_load yet");
    case_close(&c);
    free(text);
}

static void installed_example_runs(const char *path)
{
    struct findings findings;

    set((const char *const[]){"MONITOR_PASSWORD", "SALES_PASSWORD", "SALES_DEV_PASSWORD",
                              "ORDERS_PASSWORD", "STARROCKS_PASSWORD", NULL});
    findings_init(&findings);
    struct config *c = config_load(path, &findings);
    if (c)
        config_can_run(c, &findings);
    findings_print(&findings, stderr);
    assert_non_null(c);
    assert_int_equal(findings.count, 0);
    config_unref(c);
    findings_fini(&findings);
}

static void the_installed_examples_run(void **state)
{
    (void)state;
    installed_example_runs("etc/minimal.json");
    installed_example_runs("etc/starbind.json.example");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_design_loads_once_its_secrets_are_there),
        cmocka_unit_test(the_design_stops_run_where_this_build_falls_short),
        cmocka_unit_test(the_installed_examples_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
