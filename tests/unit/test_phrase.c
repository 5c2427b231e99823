/* What the console makes of statements that are no SELECT. */
#include "check.h"

#include "base/arena.h"
#include "proxy/admin/phrase.h"

static void words_are_taken_out_of_their_quotes(void **state)
{
    struct slice name = {"", 0};
    struct phrase p;

    (void)state;
    assert_true(phrase_read(&p, SLICE("  Drain  FE 'h-1.x:9030' ; \n")));
    assert_int_equal(p.count, 3);
    assert_true(phrase_is(&p, "drain fe ?", &name));
    assert_slice(name, "h-1.x:9030");
    assert_false(phrase_is(&p, "drain fe", &name));
    assert_false(phrase_is(&p, "drain fe ? ?", &name));
    assert_false(phrase_is(&p, "resume fe ?", &name));
    assert_true(phrase_read(&p, SLICE("pause project `订单`")));
    assert_true(phrase_is(&p, "pause project ?", &name));
    assert_slice(name, "订单");
}

static void more_than_words_is_no_phrase(void **state)
{
    static const char *const texts[] = {"",
                                        "  ",
                                        ";",
                                        "kill 1 + 1",
                                        "kill 'x",
                                        "select * from t",
                                        "a b c d e f g h i",
                                        "reload; reload",
                                        "kill (1)"};
    struct phrase p;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (phrase_read(&p, slice_of(texts[i])))
            fail_msg("taken for words: %s", texts[i]);
}

static void the_rest_becomes_a_select(void **state)
{
    static const struct {
        const char *text, *sql;
    } cases[] = {
        {"SHOW TABLES;", "SELECT name AS Tables_in_starbind FROM tables"},
        {"show pools", "SELECT * FROM \"pools\""},
        {"desc `pools`",
         "SELECT name AS Field, type AS Type, meaning AS Comment FROM columns WHERE table_name = "
         "lower('pools')"},
        {"show 'po\"ols'", "show 'po\"ols'"},
        {"select @@version_comment limit 1", "select variable('version_comment') limit 1"},
        {"select '@@a', @@session.b -- @@c\n, @@d", "select '@@a', variable('session.b') -- @@c\n, "
                                                    "variable('d')"},
        {"select /* @@a */ \"@@b\", `@@c`", "select /* @@a */ \"@@b\", `@@c`"},
        {"select @@", "select variable('')"},
        {"select '@@", "select '@@"},
        {"select 1", "select 1"},
    };
    struct arena a;

    (void)state;
    arena_init(&a, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_slice(phrase_as_sql(slice_of(cases[i].text), &a), cases[i].sql);
    arena_clear(&a);
}

static void what_drivers_say_of_their_session_is_idle(void **state)
{
    (void)state;
    assert_true(phrase_is_idle(SLICE("SET NAMES utf8mb4")));
    assert_true(phrase_is_idle(SLICE("set autocommit=1")));
    assert_false(phrase_is_idle(SLICE("SELECT 1")));
    assert_false(phrase_is_idle(SLICE("settings")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_taken_out_of_their_quotes),
        cmocka_unit_test(more_than_words_is_no_phrase),
        cmocka_unit_test(the_rest_becomes_a_select),
        cmocka_unit_test(what_drivers_say_of_their_session_is_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
