/* How text is cut: seen through the names that come out. */
#include "sql_case.h"

#include "protocol/sql/sql_private.h"

static void names_may_begin_with_digits(void **state)
{
    (void)state;
    assert_references("SELECT * FROM 2db.3t", "read table 2db.3t");
    assert_references("SELECT * FROM db.1_a", "read table db.1_a");
    assert_references("SELECT * FROM db . 1a", "read table db.1a");
    assert_references("SELECT * FROM 0x1F.t", "read table 0x1F.t");
}

static void numbers_win_over_names_of_the_same_length(void **state)
{
    (void)state;
    assert_references("SELECT * FROM d.1e5x", "read table d.1e5x");
    assert_refused("SELECT * FROM d.1e5");
    assert_refused("SELECT * FROM d.12");
    assert_references("SELECT 1.t FROM d.u", "read table d.u");
    assert_references("SELECT 1.5e-3, .5, 7. FROM d.u", "read table d.u");
}

static void all_backquotes_of_a_name_go(void **state)
{
    (void)state;
    assert_references("SELECT * FROM `a``b`.`c.d`", "read table ab.c.d");
    assert_references("SELECT * FROM `select`.`\\`", "read table select.\\");
    assert_refused("SELECT * FROM `a");
}

static void blanks_and_comments_may_stand_around_dots(void **state)
{
    const struct sql_statement *s = case_statement("SELECT 1 FROM a /* x */ . -- y\n\t`b` c");

    (void)state;
    assert_int_equal(s->references[0]->start, 14);
    assert_int_equal(s->references[0]->end, 35);
    assert_int_equal(s->references[0]->parts[1].start, 32);
}

static void wide_blanks_are_letters_unless_more_blanks_follow(void **state)
{
    (void)state;
    assert_references("SELECT 1 FROM \xe3\x80\x80 a.b", "read table a.b");
    assert_references("SELECT 1 FROM a\xe3\x80\x80.b", "read table a\xe3\x80\x80.b");
    assert_references("SELECT 1 FROM \xe8\xae\xa2\xe5\x8d\x95.t",
                      "read table \xe8\xae\xa2\xe5\x8d\x95.t");
    assert_references("SELECT 1 FROM a\xc2\xa0.b", "read table a\xc2\xa0.b");
}

static void what_the_frontend_drops_is_refused(void **state)
{
    (void)state;
    assert_refused("SELECT 1 # , 2");
    assert_refused("SELECT 1 \\G");
    assert_refused("SELECT 1 FROM a\x01.b");
    assert_refused("SELECT\x0b 1");
    assert_refused("SELECT 1 FROM a\xf0\x9f\x98\x80.b");
    assert_null(case_read(slice_make("SELECT 1\0", 9)));
    assert_references("SELECT '#\\G\xf0\x9f\x98\x80\x01' FROM a.b /* # */", "read table a.b");
}

static void quotes_must_be_closed(void **state)
{
    (void)state;
    assert_refused("SELECT 1 FROM a.b ' , c.d");
    assert_refused("SELECT 1 FROM a.b \" , c.d");
    assert_refused("SELECT 'a\\'");
    assert_refused("SELECT 1 /* ");
    assert_refused("SELECT 1 /*/");
    assert_references("SELECT 'a''b\\'c', \"d\"\"e'\" FROM a.b", "read table a.b");
}

static void comments_are_cut_as_the_frontend_does(void **state)
{
    (void)state;
    assert_references("SELECT 5--1\n FROM a.b", "read table a.b");
    assert_references("SELECT 1 --x\r FROM a.b", "read table a.b");
    assert_references("SELECT 1 /*! FROM a.b */", "");
    assert_references("SELECT 1 /**/ FROM /***/ a.b", "read table a.b");
    assert_refused("SELECT 1 /* /* */ */");
}

static void foreign_letters_make_no_keywords(void **state)
{
    (void)state;
    assert_refused("\xc5\xbf"
                   "ELECT 1");
    assert_refused("SELECT 1 UN\xc4\xb1ON SELECT 2");
    assert_references("SELECT 1 FROM d\xc4\xb1.t", "read table d\xc4\xb1.t");
    assert_refused("SELECT loo\xe2\x84\xaaup_string('a.b', 1)");
}

static void a_macro_is_a_whole_name(void **state)
{
    const struct sql_statement *s =
        case_statement("SELECT * FROM ${my-db}.t WHERE ${my-db}.t.c = 1");

    (void)state;
    assert_true(s->references[0]->parts[0].is_macro);
    assert_slice(s->references[0]->parts[0].value, "my-db");
    assert_int_equal(s->references[0]->parts[0].start, 14);
    assert_int_equal(s->references[0]->parts[0].end, 22);
    assert_int_equal(s->references[1]->scope, SCOPE_DB);
    assert_refused("SELECT * FROM ${}.t");
    assert_refused("SELECT * FROM ${a.t");
    assert_refused("SELECT * FROM x${a}.t");
    assert_refused("SELECT * FROM ${a}x.t");
    assert_refused("SELECT * FROM #{a}.t");
    assert_references("SELECT '${a}.t' FROM `${b}`.t", "read table ${b}.t");
}

static void text_that_is_no_utf8_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_null(case_read(slice_of("SELECT 1,\n '\xc0\xae'")));
    assert_int_equal(case_error.code, ERROR_CHARACTER);
    assert_non_null(strstr(case_error.text, "line 2, column 3"));
}

static void text_without_a_statement_is_a_syntax_error(void **state)
{
    (void)state;
    assert_null(case_read(slice_of("  -- nothing\n")));
    assert_int_equal(case_error.code, ERROR_SYNTAX);
    assert_null(case_read(slice_of("")));
    assert_int_equal(case_read(slice_of("/* c */ ;"))->count, 1);
    assert_int_equal(case_read(slice_of("SELECT 1;;"))->count, 2);
    assert_int_equal(case_read(slice_of("SELECT 1;"))->count, 1);
    assert_refused("SELECT 1 SELECT 2");
}

static void a_refusal_says_where_but_repeats_no_literal(void **state)
{
    (void)state;
    assert_null(case_read(slice_of("SELECT a b c FROM t")));
    assert_non_null(strstr(case_error.text, "line 1, column 12: near 'c'"));
    assert_null(case_read(slice_of("CREATE USER u IDENTIFIED 'secret'")));
    assert_null(strstr(case_error.text, "secret"));
}

static void attachments_are_one_token(void **state)
{
    (void)state;
    assert_references("CREATE FUNCTION d.f(int) RETURNS int AS $$ a.b ' # $$", "ddl function d.f");
    assert_references("SELECT $$a$$.b FROM x.$$a$$", "read column $$a$$.b rel; read table x.$$a$$");
}

static void too_many_tokens_are_refused(void **state)
{
    enum { SIZE = 3500001 * 2 };
    char *text = test_malloc(SIZE);

    (void)state;
    memset(text, ',', SIZE);
    assert_null(case_read(slice_make(text, SIZE)));
    assert_int_equal(case_error.code, ERROR_NOT_SUPPORTED);
    test_free(text);
}

static enum keyword keyword_by_list(struct slice word)
{
    for (unsigned k = NO_KEYWORD + 1; k < KEYWORDS; k++)
        if (slice_equal_nocase(word, keyword_text((enum keyword)k)))
            return (enum keyword)k;
    return NO_KEYWORD;
}

static void assert_looked_up(const char *text, size_t size)
{
    struct slice word = slice_make(text, size);

    if (keyword_find(word) != keyword_by_list(word))
        fail_msg("%.*s", SHOW(word));
}

/* And what differs from one in a byte, or by one more or less, is what a list says it is. */
static void keywords_are_found_in_any_case(void **state)
{
    static const char others[] = "aZ_1$\xe4";

    (void)state;
    keywords_prepare();
    for (unsigned k = NO_KEYWORD + 1; k < KEYWORDS; k++) {
        struct slice word = keyword_text((enum keyword)k);
        char text[64] = {0};

        assert_int_equal(keyword_find(word), k);
        for (size_t i = 0; i < word.size; i++)
            text[i] = i % 2 ? ascii_lower(word.data[i]) : word.data[i];
        assert_int_equal(keyword_find(slice_make(text, word.size)), k);
        for (size_t i = 0; i <= word.size; i++) {
            char before = text[i];

            assert_looked_up(text, i);
            for (size_t other = 0; other + 1 < sizeof(others); other++) {
                text[i] = others[other];
                assert_looked_up(text, word.size);
                assert_looked_up(text, i + 1);
            }
            text[i] = before;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_may_begin_with_digits),
        cmocka_unit_test(numbers_win_over_names_of_the_same_length),
        cmocka_unit_test(all_backquotes_of_a_name_go),
        cmocka_unit_test(blanks_and_comments_may_stand_around_dots),
        cmocka_unit_test(wide_blanks_are_letters_unless_more_blanks_follow),
        cmocka_unit_test(what_the_frontend_drops_is_refused),
        cmocka_unit_test(quotes_must_be_closed),
        cmocka_unit_test(comments_are_cut_as_the_frontend_does),
        cmocka_unit_test(foreign_letters_make_no_keywords),
        cmocka_unit_test(keywords_are_found_in_any_case),
        cmocka_unit_test(a_macro_is_a_whole_name),
        cmocka_unit_test(text_that_is_no_utf8_is_refused_with_its_place),
        cmocka_unit_test(text_without_a_statement_is_a_syntax_error),
        cmocka_unit_test(a_refusal_says_where_but_repeats_no_literal),
        cmocka_unit_test(attachments_are_one_token),
        cmocka_unit_test(too_many_tokens_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, case_teardown);
}
