/* What config prints: its canonical form, its schema, its keys; and that schema, page and manual of
 * the tree are up to date. With STARBIND_UPDATE set, schema and page are written anew. */
#include "config_case.h"

static char *printed(const struct config *c)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    config_print(c, out);
    fclose(out);
    return text;
}

#define ACCOUNT "\"username\": \"u\", \"password\": \"env:STARBIND_TEST_PASSWORD\""

static const char *const rich =
    "{\"settings\": {\"trusted_proxies\": [\"10.0.0.0/8\", \"::1\"]},\n"
    "\"listeners\": [{\"address\": \"[::]:1\", \"tls\": \"off\"}],\n"
    "\"clusters\": {\"m\": {\"jdbc_url\": \"jdbc:mysql://h:1,[::1]:2/\", \"load_url\": \"h:3\", "
    "\"frontend_addresses\": {\"10.0.0.1\": \"gate\", \"[::1]:2\": \"gate:3\", \"fe80::2\": "
    "\"[fe80::3]\"},\n"
    "\"monitor\": {" ACCOUNT "}, \"tls\": \"preferred\", \"limits\": {\"max_queued\": 4}}},\n"
    "\"compute_sources\": {\"a\": {\"cluster\": \"m\", \"database\": \"x\", " ACCOUNT
    ", \"resource_groups\": {\"high\": \"h\"}, \"allowed_resource_groups\": [\"g\"]}, "
    "\"b\": {\"jdbc_url\": \"jdbc:mysql://z:1/y?sslMode=REQUIRED\", " ACCOUNT "}},\n"
    "\"projects\": {\"p\": {\"prod\": \"a\", \"dev\": \"b\", \"tags\": [\"t\"], \"members\": "
    "{\"u\": [\"owner\", \"r\"], \"@g\": \"viewer\"}, \"cross_environment\": \"none\"}},\n"
    "\"data_sources\": {\"订\": {\"code\": \"o\", \"scenarios\": [\"s\"], \"prod\": {\"cluster\": "
    "\"m\", \"databases\": [\"a\", \"b\"], " ACCOUNT "}, \"dev\": {\"cluster\": \"m\", "
    "\"databases\": \"*\", " ACCOUNT "}}, \"quiet\": {\"prod\": {\"cluster\": \"m\", "
    "\"database\": \"q\", " ACCOUNT "}}},\n"
    "\"roles\": {\"r\": {\"dev\": [\"read\", {\"privileges\": [\"ddl\"], \"tables\": "
    "[\"t*\"]}]}},\n"
    "\"groups\": {\"g\": [\"u\"], \"empty\": []},\n"
    "\"users\": {\"u\": {\"auth\": {\"mysql_native_password\": \"\"}, \"from\": [\"10.1.0.0/16\"], "
    "\"admin\": true, \"metadata\": \"all\", \"default_project\": \"p_dev\"}},\n"
    "\"allow_statements\": [\"showProcStatement\"]}";

static void the_canonical_form_means_the_same(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c, rich);
    char *first = printed(c.config);
    case_good(&c, first);
    char *second = printed(c.config);
    assert_string_equal(first, second);
    assert_non_null(strstr(first, "\"env:STARBIND_TEST_PASSWORD\""));
    assert_non_null(strstr(first, "\"jdbc:mysql://z:1/?sslMode=REQUIRED\""));
    assert_non_null(strstr(first, "\"quiet\""));
    free(first);
    free(second);
    case_close(&c);
}

static void secrets_and_hashes_are_not_printed(void **state)
{
    struct config_case c;

    (void)state;
    case_open(&c);
    case_good(&c, "{\"compute_sources\": {\"s\": {\"jdbc_url\": \"jdbc:mysql://h:1/d\", "
                  "\"username\": \"u\", \"password\": \"hunter2\"}, \"t\": {\"jdbc_url\": "
                  "\"jdbc:mysql://h:1/e\", " ACCOUNT "}}, \"users\": {\"u\": {\"auth\": "
                  "{\"mysql_native_password\": \"" A_HASH "\"}}}}");
    char *text = printed(c.config);
    assert_null(strstr(text, "hunter2"));
    assert_null(strstr(text, "from the environment"));
    assert_null(strstr(text, A_HASH));
    assert_non_null(strstr(text, "\"password\": \"***\""));
    assert_non_null(strstr(text, "\"mysql_native_password\": \"***\""));
    free(text);
    case_close(&c);
}

static char *text_of(const char *path)
{
    enum { ROOM = 256 * 1024 };
    FILE *file = fopen(path, "r");
    char *text = memory_new(ROOM, 1);

    if (!file)
        fail_msg("%s cannot be read; start the test at the top of the tree", path);
    text[fread(text, 1, ROOM - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void save(const char *path, struct slice head, const char *text, const char *tail)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fprintf(file, "%.*s%s%s", SHOW(head), text, tail);
    assert_int_equal(fclose(file), 0);
}

/* The text between two marks of a file is what a function prints. */
static void is_up_to_date(const char *path, const char *from, const char *to, void (*print)(FILE *))
{
    char *file = text_of(path), *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    print(out);
    fclose(out);
    char *start = strstr(file, from);
    assert_non_null(start);
    start += strlen(from);
    char *end = *to ? strstr(start, to) : start + strlen(start);
    assert_non_null(end);
    bool is_same = slice_equal(slice_make(start, (size_t)(end - start)), slice_make(text, size));
    if (!is_same && getenv("STARBIND_UPDATE"))
        save(path, slice_make(file, (size_t)(start - file)), text, end);
    else if (!is_same)
        fail_msg("%s is older than the field tables: STARBIND_UPDATE=1 renews it", path);
    free(file);
    free(text);
}

static void the_schema_is_up_to_date(void **state)
{
    (void)state;
    is_up_to_date("config/starbind.schema.json", "", "", config_print_schema);
}

static void the_page_of_the_keys_is_up_to_date(void **state)
{
    (void)state;
    is_up_to_date("docs/configuration.md", "<!-- keys: made from the field tables -->\n",
                  "<!-- end of keys -->", config_print_keys);
}

/* Every row "| `key` | …" of the keys has its ".It Cm key". */
static void the_manual_knows_every_key(void **state)
{
    char *manual = text_of("man/starbind.json.5"), *keys = NULL, *item;
    size_t size = 0, count = 0;
    FILE *out = open_memstream(&keys, &size);

    (void)state;
    config_print_keys(out);
    fclose(out);
    for (char *at = keys; (at = strstr(at, "\n| `"));) {
        at += strlen("\n| `");
        item = memory_print("\n.It Cm %.*s\n", (int)strcspn(at, "`"), at);
        if (!strstr(manual, item))
            fail_msg("man/starbind.json.5 lacks: %s", item);
        free(item);
        count++;
    }
    assert_true(count > 80);
    free(keys);
    free(manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_canonical_form_means_the_same),
        cmocka_unit_test(secrets_and_hashes_are_not_printed),
        cmocka_unit_test(the_schema_is_up_to_date),
        cmocka_unit_test(the_page_of_the_keys_is_up_to_date),
        cmocka_unit_test(the_manual_knows_every_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
