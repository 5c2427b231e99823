/* What a configuration needs of a cluster: who may bring which bindings together. */
#include "config_case.h"

#include "base/arena.h"
#include "proxy/setup/live.h"
#include "proxy/setup/script.h"

static struct config_case c;
static struct arena arena;
static struct want want;

static int open_case(void **state)
{
    (void)state;
    case_open(&c);
    arena_init(&arena, NULL);
    return 0;
}

static int close_case(void **state)
{
    (void)state;
    want_fini(&want);
    arena_clear(&arena);
    case_close(&c);
    return 0;
}

/* Two projects with two sides; `settings`, `projects` and `users` are members of the file. */
static void load(const char *rest)
{
    char text[4096];

    snprintf(text, sizeof(text),
             "{\"listeners\": [{\"address\": \"127.0.0.1:1\", \"protocol\": \"mysql\"}],"
             "\"clusters\": {\"main\": {\"jdbc_url\": \"jdbc:mysql://fe:9030\"}},"
             "\"compute_sources\": {"
             "\"a\": {\"cluster\": \"main\", \"database\": \"A\", \"username\": \"a\", "
             "\"password\": \"\"},"
             "\"a_dev\": {\"cluster\": \"main\", \"database\": \"A_dev\", \"username\": \"a_dev\", "
             "\"password\": \"\"},"
             "\"b\": {\"cluster\": \"main\", \"database\": \"B\", \"username\": \"b\", "
             "\"password\": \"\"},"
             "\"b_dev\": {\"cluster\": \"main\", \"database\": \"B_dev\", \"username\": \"b_dev\", "
             "\"password\": \"\"}},"
             "%s}",
             rest);
    case_write(&c, "starbind.json", text);
    c.config = config_load(case_path(&c, "starbind.json"), &c.findings);
    if (!c.config)
        findings_print(&c.findings, stderr);
    assert_non_null(c.config);
    want_make(&want, c.config, &c.config->clusters[0], &arena);
}

#define USER "{\"auth\": {\"mysql_native_password\": \"" A_HASH "\"}}"

/* The rights of an account on a database, as text. */
static const char *rights_on(const char *username, const char *database)
{
    struct want_account *a = want_find(&want, slice_of(username));

    assert_non_null(a);
    for (size_t i = 0; i < a->count; i++)
        if (slice_equal(a->rights[i].database, slice_of(database)))
            return arena_text(&arena, rights_names(a->rights[i].set, OBJECT_TABLE, &arena));
    return "";
}

static void members_of_one_project_give_no_rights_elsewhere(void **state)
{
    (void)state;
    load("\"projects\": {\"p\": {\"prod\": \"a\", \"members\": {\"u\": \"operator\"}},"
         "\"q\": {\"prod\": \"b\", \"members\": {\"v\": \"viewer\"}}},"
         "\"users\": {\"u\": " USER ", \"v\": " USER "}");
    assert_string_equal(rights_on("a", "A"), "SELECT, INSERT, UPDATE, DELETE");
    assert_string_equal(rights_on("b", "B"), "SELECT");
    assert_string_equal(rights_on("a", "B"), "");
    assert_string_equal(rights_on("b", "A"), "");
}

static void who_reads_two_projects_lets_each_account_read_the_other(void **state)
{
    (void)state;
    load("\"projects\": {\"p\": {\"prod\": \"a\", \"members\": {\"@g\": \"operator\"}},"
         "\"q\": {\"prod\": \"b\", \"members\": {\"u\": \"viewer\"}}},"
         "\"groups\": {\"g\": [\"u\"]}, \"users\": {\"u\": " USER "}");
    assert_string_equal(rights_on("a", "B"), "SELECT");
    assert_string_equal(rights_on("b", "A"), "SELECT");
}

static void who_may_only_write_there_reads_nothing_there(void **state)
{
    (void)state;
    load("\"roles\": {\"loader\": {\"prod\": [\"load\"]}},"
         "\"projects\": {\"p\": {\"prod\": \"a\", \"members\": {\"u\": \"loader\"}},"
         "\"q\": {\"prod\": \"b\", \"members\": {\"u\": \"viewer\"}}},"
         "\"users\": {\"u\": " USER "}");
    assert_string_equal(rights_on("a", "A"), "INSERT");
    assert_string_equal(rights_on("a", "B"), "SELECT"); /* INSERT INTO p.t SELECT … FROM q.t */
    assert_string_equal(rights_on("b", "A"), "");
}

static void environments_meet_where_the_configuration_lets_them(void **state)
{
    (void)state;
    const char *rest = "\"settings\": {\"cross_environment\": \"none\"},"
                       "\"projects\": {\"p\": {\"prod\": \"a\", \"dev\": \"a_dev\", \"members\": "
                       "{\"u\": \"viewer\"}%s}}, \"users\": {\"u\": " USER "}";
    char text[1024];

    snprintf(text, sizeof(text), rest, "");
    load(text);
    assert_string_equal(rights_on("a_dev", "A"), "");
    want_fini(&want);
    config_unref(c.config);
    snprintf(text, sizeof(text), rest, ", \"cross_environment\": \"read\"");
    load(text);
    assert_string_equal(rights_on("a_dev", "A"), "SELECT");
    assert_string_equal(rights_on("a", "A_dev"), "SELECT");
}

static void line_breaks_of_names_do_not_leave_comments(void **state)
{
    (void)state;
    load("\"projects\": {\"p\": {\"prod\": \"a\", \"members\": {\"u\": \"viewer\"}}},"
         "\"users\": {\"u\": " USER "}");
    want.accounts[0].username = SLICE("x\nDROP USER root; -- ");
    struct script script;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    script_make(&script, &want, NULL, &arena);
    script_print(&script, out);
    fclose(out);
    assert_non_null(strstr(text, "\n-- account x?DROP USER root; -- : compute_sources.a\n"));
    free(text);
}

static void versions_are_compared_by_number(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        int verdict;
    } cases[] = {{"3.0.6", 1}, {"3.0.5", 0},    {"3.0.10-abc", 1}, {"2.99.99", 0},
                 {"3.1", 1},   {"10.0.0-x", 1}, {"main", -1},      {"", -1},
                 {"3", -1},    {"3.0", -1},     {"3.0.", -1},      {"-3.0.6", -1}};

    load("\"projects\": {\"p\": {\"prod\": \"a\", \"members\": {}}}, \"users\": {\"u\": " USER "}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(live_version(slice_of(cases[i].version)), cases[i].verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_of_one_project_give_no_rights_elsewhere, open_case,
                                        close_case),
        cmocka_unit_test_setup_teardown(who_reads_two_projects_lets_each_account_read_the_other,
                                        open_case, close_case),
        cmocka_unit_test_setup_teardown(who_may_only_write_there_reads_nothing_there, open_case,
                                        close_case),
        cmocka_unit_test_setup_teardown(environments_meet_where_the_configuration_lets_them,
                                        open_case, close_case),
        cmocka_unit_test_setup_teardown(line_breaks_of_names_do_not_leave_comments, open_case,
                                        close_case),
        cmocka_unit_test_setup_teardown(versions_are_compared_by_number, open_case, close_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
