/* Several files, secrets in files, and where findings are said to stand. */
#include "config_case.h"

#define BASE                                                                                       \
    "\"clusters\": {\"main\": {\"jdbc_url\": \"jdbc:mysql://fe1:9030/\"}},\n"                      \
    "\"users\": {\"ana\": {\"auth\": {\"mysql_native_password\": \"" A_HASH "\"}}}"
#define SOURCE(name, database)                                                                     \
    "\"" name "\": {\"cluster\": \"main\", \"database\": \"" database "\", \"username\": \"u\", "  \
    "\"password\": \"env:STARBIND_TEST_PASSWORD\"}"

static void folder(const struct config_case *c, const char *name)
{
    assert_int_equal(mkdir(case_path(c, name), 0700), 0);
}

static void included_files_are_merged_beside_the_one_that_names_them(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    folder(&c, "conf.d");
    case_write(
        &c, "conf.d/b.json",
        "{\"compute_sources\": {" SOURCE("b", "db_b") "}, "
                                                      "\"projects\": {\"b\": {\"prod\": \"b\"}}}");
    case_write(
        &c, "conf.d/a.json",
        "{\"compute_sources\": {" SOURCE("a", "db_a") "}, "
                                                      "\"projects\": {\"a\": {\"prod\": \"a\"}}, "
                                                      "\"include\": [\"deeper.js\"]}");
    case_write(&c, "conf.d/deeper.js", "{\"settings\": {\"workers\": 7}}");
    case_good(&c, "{\"include\": [\"conf.d/*.json\", \"none.d/*.json\"],\n" BASE "}");
    assert_int_equal(c.config->project_count, 2);
    assert_slice(c.config->projects[0].name, "a");
    assert_int_equal(c.config->settings.workers, 7);
    assert_int_equal(c.config->settings.max_statement_depth, 200);
    assert_int_equal(c.findings.count, 0);
    case_close(&c);
}

static void a_name_in_two_files_is_told_with_both_places(void **state)
{
    struct config_case c;
    const struct finding *f;

    (void)state;
    case_open(&c);
    case_write(&c, "more.json",
               "{\n\n\"users\": {\n\"ana\": {\"auth\": {}}},\n"
               "\"settings\": {\"workers\": 3}}");
    case_try(&c, "{\"include\": [\"more.json\"], \"settings\": {\n\"workers\": 1},\n" BASE "}");
    case_wants(&c, "more.json", 4, "users.ana", "is defined in another file too (");
    f = case_find(&c, "more.json", 4, "users.ana", "main.json:4)");
    assert_non_null(f);
    case_wants(&c, "more.json", 5, "settings.workers", "main.json:2)");
    assert_int_equal(c.findings.errors, 2);
    case_close(&c);
}

static void a_file_that_includes_itself_is_refused(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_write(&c, "b.json", "{\"include\": [\n\"main.json\"]}");
    case_try(&c, "{\"include\": [\"b.json\"], " BASE "}");
    case_wants(&c, "b.json", 2, "include[0]", "is included by itself");
    case_close(&c);
}

static void a_file_that_is_included_twice_is_refused(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_write(&c, "b.json", "{}");
    case_try(&c, "{\"include\": [\"b.json\", \"./b.json\"], " BASE "}");
    case_wants(&c, "main.json", 1, "include[1]", "is included twice");
    case_close(&c);
}

static void files_nest_up_to_a_depth(void **state)
{
    struct config_case c;
    char name[32], text[64];

    (void)state;
    case_open(&c);
    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof(name), "%d.json", i);
        snprintf(text, sizeof(text), "{\"include\": [\"%d.json\"]}", i + 1);
        case_write(&c, name, i < 11 ? text : "{}");
    }
    case_try(&c, "{\"include\": [\"0.json\"], " BASE "}");
    case_wants(&c, "7.json", 1, "include[0]", "nest deeper than 8");
    case_close(&c);
}

static void files_that_cannot_be_read_are_told_where_they_are_named(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    folder(&c, "folder");
    case_try(&c, "{\"include\": [\"none.json\",\n\"folder\", \"\", 3]}");
    case_wants(&c, "main.json", 1, "include[0]", "'none.json': no such file");
    case_wants(&c, "main.json", 2, "include[1]", "not a regular file");
    case_wants(&c, "main.json", 2, "include[2]", "must not be empty");
    case_wants(&c, "main.json", 2, "include[3]", "expected a path");
    case_load(&c, "nowhere.json");
    assert_null(c.config);
    case_wants(&c, "nowhere.json", 0, "", "No such file");
    case_close(&c);
}

static void every_finding_of_a_run_is_told_in_order(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_write(&c, "more.json", "{\"projects\": {\"9\": {}},\n\"x\": 1}");
    case_try(&c, "{\"include\": [\"more.json\"],\n\"y\": 1,\n\"z\": {\"y\": 2},\n"
                 "\"users\": {\"ana\": {}, \"ana\": {}},\n\"groups\": {\"g\": [\"bo\"]}}");
    assert_int_equal(c.findings.errors, c.findings.count);
    case_wants(&c, "main.json", 2, "y", "unknown key");
    case_wants(&c, "main.json", 3, "z", "unknown key");
    case_wants(&c, "main.json", 4, "users.ana", "stands twice");
    case_wants(&c, "main.json", 4, "users.ana", "\"auth\" is missing");
    case_wants(&c, "main.json", 5, "groups.g[0]", "no user 'bo'");
    case_wants(&c, "more.json", 1, "projects.9", "\"prod\" is missing");
    case_wants(&c, "more.json", 1, "projects.9", "digit");
    case_wants(&c, "more.json", 2, "x", "unknown key");
    for (size_t i = 1; i < c.findings.count; i++) {
        const struct finding *a = &c.findings.at[i - 1], *b = &c.findings.at[i];
        assert_true(!slice_equal(a->file, b->file) || a->line <= b->line);
    }
    case_close(&c);
}

static void findings_are_printed_as_lines(void **state)
{
    struct config_case c;
    char *text = NULL, *wanted;
    size_t size = 0;

    (void)state;
    case_open(&c);
    case_try(&c, "{\n\"setings\": {}}");
    FILE *out = open_memstream(&text, &size);
    findings_print(&c.findings, out);
    fclose(out);
    wanted = memory_print("%s/main.json:2: setings: error: unknown key of the configuration; "
                          "did you mean 'settings'?\n",
                          c.folder);
    assert_string_equal(text, wanted);
    free(wanted);
    free(text);
    case_close(&c);
}

static const char *const with_file =
    "{" BASE ", \"compute_sources\": {\n\"s\": {\"cluster\": \"main\", \"database\": \"d\", "
    "\"username\": \"u\",\n\"password\": \"file:secrets/s\"}}}";

static void secret_wants(struct config_case *c, const char *wanted)
{
    case_good(c, with_file);
    assert_slice(secret_bytes(&c->config->sources[0].account.password), wanted);
}

static void a_secret_is_read_from_a_file_without_its_last_newline(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    folder(&c, "secrets");
    case_write(&c, "secrets/s", "p w\n");
    secret_wants(&c, "p w");
    assert_int_equal(c.findings.count, 0);
    case_write(&c, "secrets/s", "p\n\n");
    secret_wants(&c, "p\n");
    case_write(&c, "secrets/s", "p\r\n");
    secret_wants(&c, "p");
    case_write(&c, "secrets/s", "");
    secret_wants(&c, "");
    case_close(&c);
}

static void a_secret_file_that_all_can_read_is_a_warning(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    folder(&c, "secrets");
    case_write(&c, "secrets/s", "p");
    assert_int_equal(chmod(case_path(&c, "secrets/s"), 0644), 0);
    secret_wants(&c, "p");
    case_wants(&c, "main.json", 4, "compute_sources.s.password", "every user of this machine");
    case_close(&c);
}

static void a_private_key_that_all_can_read_is_a_warning(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_write(&c, "cert", "c");
    case_write(&c, "key", "k");
    assert_int_equal(chmod(case_path(&c, "cert"), 0644), 0);
    assert_int_equal(chmod(case_path(&c, "key"), 0644), 0);
    case_good(&c, "{\"listeners\": [{\"address\": \"h:1\", \"tls\": {\"mode\": \"required\",\n"
                  "\"certificate\": \"cert\",\n\"key\": \"key\"}}]}");
    case_wants(&c, "main.json", 3, "listeners[0].tls.key", "every user of this machine");
    assert_int_equal(c.findings.count, 1);
    case_close(&c);
}

static void a_secret_file_is_bounded_and_a_file(void **state)
{
    struct config_case c;
    char *large = memory_new(5001, 1);

    (void)state;
    case_open(&c);
    folder(&c, "secrets");
    memset(large, 'x', 5000);
    case_write(&c, "secrets/s", large);
    case_try(&c, with_file);
    case_wants(&c, "main.json", 4, "compute_sources.s.password", "too long");
    assert_int_equal(remove(case_path(&c, "secrets/s")), 0);
    folder(&c, "secrets/s");
    case_try(&c, with_file);
    case_wants(&c, "main.json", 4, "compute_sources.s.password", "not a regular file");
    case_close(&c);
    free(large);
}

static void no_message_holds_a_password(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_try(&c, "{\"compute_sources\": {\"s\": {\"username\": \"u\", \"password\": \"hunter2\", "
                 "\"jdbc_url\": \"jdbc:mysql://u:hunter2@h:1/d?password=hunter2\"}}, \"users\": "
                 "{\"u\": {\"auth\": {\"mysql_native_password\": \"hunter2\"}}}}");
    assert_int_equal(c.findings.errors, 2);
    for (size_t i = 0; i < c.findings.count; i++)
        assert_false(case_contains(c.findings.at[i].text, "hunter2"));
    case_try(&c, "{\"compute_sources\": {\"s\": {\"password\": \"hunter2\" x");
    assert_int_equal(c.findings.errors, 1);
    assert_false(case_contains(c.findings.at[0].text, "hunter2"));
    case_close(&c);
}

static void hostile_bytes_in_names_are_shown_escaped(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_try(&c, "{\"projects\": {\"a\\u001b[31m\\\"\": {\"prod\": \"\\u000a\\u007f\"}}}");
    case_wants(&c, "main.json", 1, "projects[\"a\\u001b[31m\\\"\"]", "'a\\x1b[31m\"'");
    case_wants(&c, "main.json", 1, "projects[\"a\\u001b[31m\\\"\"].prod", "'\\x0a\\x7f'");
    case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(included_files_are_merged_beside_the_one_that_names_them),
        cmocka_unit_test(a_name_in_two_files_is_told_with_both_places),
        cmocka_unit_test(a_file_that_includes_itself_is_refused),
        cmocka_unit_test(a_file_that_is_included_twice_is_refused),
        cmocka_unit_test(files_nest_up_to_a_depth),
        cmocka_unit_test(files_that_cannot_be_read_are_told_where_they_are_named),
        cmocka_unit_test(every_finding_of_a_run_is_told_in_order),
        cmocka_unit_test(findings_are_printed_as_lines),
        cmocka_unit_test(a_secret_is_read_from_a_file_without_its_last_newline),
        cmocka_unit_test(a_secret_file_that_all_can_read_is_a_warning),
        cmocka_unit_test(a_private_key_that_all_can_read_is_a_warning),
        cmocka_unit_test(a_secret_file_is_bounded_and_a_file),
        cmocka_unit_test(no_message_holds_a_password),
        cmocka_unit_test(hostile_bytes_in_names_are_shown_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
