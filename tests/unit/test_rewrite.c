/* Names written, pieces replaced, and texts that other servers would cut in another way. */
#include "sql_case.h"

static void pieces_are_replaced_and_the_rest_kept(void **state)
{
    const struct sql_replacement list[] = {
        {0, 0, SLICE("<")}, {2, 5, SLICE("X")}, {5, 6, SLICE("")}, {8, 8, SLICE(">")}};

    (void)state;
    assert_slice(sql_replace(SLICE("abcdefgh"), list, 4, &case_arena), "<abXgh>");
    assert_slice(sql_replace(SLICE(""), NULL, 0, &case_arena), "");
    assert_slice(sql_replace(SLICE("a b"), NULL, 0, &case_arena), "a b");
}

static void names_that_cannot_be_quoted_are_told(void **state)
{
    (void)state;
    assert_true(sql_name_can_be_quoted(SLICE("a b.c\xe8\xae\xa2")));
    assert_false(sql_name_can_be_quoted(SLICE("")));
    assert_false(sql_name_can_be_quoted(SLICE("a`b")));
    assert_false(sql_name_can_be_quoted(SLICE("a\nb")));
    assert_false(sql_name_can_be_quoted(SLICE("a\xff")));
    assert_slice(sql_quote_name(SLICE("a.b"), &case_arena), "`a.b`");
}

static void strings_come_back_as_they_were(void **state)
{
    static const char *const values[] = {"", "a", "it's", "\\", "a\\'b", "''", "\\%", "\n\t\"`"};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        struct slice quoted = sql_quote_string(slice_of(values[i]), &case_arena);
        char text[64];
        snprintf(text, sizeof(text), "SET x = %.*s", SHOW(quoted));
        const struct sql_statement *s = case_statement(text);
        assert_slice(s->assignments[0].literal, values[i]);
    }
}

static void reserved_words_are_known_in_any_case(void **state)
{
    (void)state;
    assert_true(sql_word_is_reserved(SLICE("Select")));
    assert_true(sql_word_is_reserved(SLICE("GROUPS")));
    assert_false(sql_word_is_reserved(SLICE("user")));
    assert_false(sql_word_is_reserved(SLICE("sales")));
    assert_false(sql_word_is_reserved(SLICE("")));
}

/* Every database part replaced by another name: the text reads the same. */
static void replaced_names_read_the_same(void **state)
{
    static const char *const texts[] = {
        "SELECT a.t.x, (a.t).y, a/* c */.t.* FROM a.1t JOIN a . t ON a.t.z = 1 WHERE a.f(x)",
        "PREPARE p FROM 'SELECT a.t.x FROM a.t'",
        "INSERT INTO a.t SELECT /*+ SET_USER_VARIABLE(@v = (SELECT 1 FROM a.u)) */ 1 FROM`a`.t",
        "WITH w AS (SELECT 1 FROM a.t) DELETE FROM a.u USING w WHERE a.u.x = w.x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        const struct sql_statement *s = case_statement(texts[i]);
        struct sql_replacement list[16];
        size_t count = 0;
        uint32_t references = s->reference_count;
        for (uint32_t k = 0; k < references; k++) {
            const struct sql_reference *r = s->references[k];
            if (r->count > 1 && !r->has_parentheses && r->scope != SCOPE_REL)
                list[count++] =
                    (struct sql_replacement){r->parts[0].start, r->parts[0].end, SLICE("`select`")};
        }
        assert_true(count > 0);
        struct slice made = sql_replace(slice_of(texts[i]), list, count, &case_arena);
        char text[512];
        snprintf(text, sizeof(text), "%.*s", SHOW(made));
        assert_int_equal(case_statement(text)->reference_count, references);
    }
}

static void assert_alike(const char *text, bool alike)
{
    const struct sql_options options = {0};
    struct sql_text read = {0};

    sql_read(slice_of(text), &options, &case_arena, &read, &case_error);
    if ((read.tokens && sql_reads_alike(&read, &case_error)) != alike)
        fail_msg("%s: %s", text, alike ? case_error.text : "is alike");
}

static void texts_that_other_servers_cut_in_another_way_are_told(void **state)
{
    static const char *const same[] = {
        "SELECT 'a', \"b\", `c`, x'41', 1.5e3, 2db, a.1b FROM d.t -- c\n WHERE x/* c */= 1",
        "SELECT 1 --\tx\r\n, /*+ hint */ 2", "ALTER TABLE d.t ADD COLUMN x INT DEFAULT '1.5'"};
    static const char *const other[] = {"CREATE TABLE x (id INT REFERENCES d.t)",
                                        "ALTER TABLE x ADD FOREIGN KEY (a) REFERENCES d.t",
                                        "SELECT 1 /*! , 2 */",
                                        "SELECT 1 /*M! , 2 */",
                                        "SELECT 5--1",
                                        "SELECT 1 --",
                                        "SELECT 1 -- x\r, 2",
                                        "SELECT `a``b`",
                                        "SELECT 0x41",
                                        "SELECT 0b1",
                                        "SELECT x\"41\"",
                                        "SELECT _utf8'a'",
                                        "SELECT n'a'",
                                        "SELECT 1e5x",
                                        "SELECT a.0x1",
                                        "SELECT $$ a $$",
                                        "SELECT 1 \xe3\x80\x80 , 2",
                                        "SELECT 1 # x"};

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
        assert_alike(same[i], true);
    for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
        assert_alike(other[i], false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_replaced_and_the_rest_kept),
        cmocka_unit_test(names_that_cannot_be_quoted_are_told),
        cmocka_unit_test(strings_come_back_as_they_were),
        cmocka_unit_test(reserved_words_are_known_in_any_case),
        cmocka_unit_test(replaced_names_read_the_same),
        cmocka_unit_test(texts_that_other_servers_cut_in_another_way_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, case_teardown);
}
