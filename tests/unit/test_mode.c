/* sql_mode: what of it changes how a text is read. */
#include "check.h"

#include "protocol/sql/sql.h"

static void pipes_are_found_in_names_and_numbers(void **state)
{
    static const struct {
        const char *mode;
        bool has;
    } cases[] = {
        {"", false},
        {"ONLY_FULL_GROUP_BY", false},
        {"pipes_as_concat", true},
        {"ANSI", true},
        {"A, PIPES_AS_CONCAT ,B", true},
        {"PIPES_AS_CONCATS", false},
        {"32", false},
        {"34", true},
        {"2", true},
        {"2x", false},
        {"ANSI_QUOTES", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(sql_mode_has_pipes(slice_of(cases[i].mode)), cases[i].has);
}

static void modes_that_move_the_ends_of_strings_are_not_alike(void **state)
{
    static const char *const alike[] = {
        "",
        " ",
        "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
        "only_full_group_by, pipes_as_concat ,",
        "TRADITIONAL",
        "0",
        "34",
        "1411383296", /* MariaDB's default */
        "00000000000002",
    };
    static const char *const odd[] = {
        "ANSI_QUOTES",
        "ansi_quotes ",
        "STRICT_TRANS_TABLES,ANSI_QUOTES",
        "NO_BACKSLASH_ESCAPES",
        ",,NO_BACKSLASH_ESCAPES",
        "ANSI",
        "ORACLE",
        "DB2",
        "MSSQL",
        "MAXDB",
        "POSTGRESQL",
        "MYSQL40",
        "EMPTY_STRING_IS_NULL",
        "ANSI_QUOTE",
        "STRICT_TRANS_TABLES;",
        "nonsense",
        "4",
        "256",
        "512",
        "1024",
        "2048",
        "4096",
        "262144",
        "1048576",
        "1048612",
        "2147483648",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "-1",
        "0x4",
        "4.0",
        "1e1",
        "'ANSI_QUOTES'",
        "DEFAULT",
    };

    (void)state;
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        assert_true(sql_mode_reads_alike(slice_of(alike[i])));
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_false(sql_mode_reads_alike(slice_of(odd[i])));
    assert_false(sql_mode_reads_alike(slice_make("STRICT_ALL_TABLES\0", 18)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pipes_are_found_in_names_and_numbers),
        cmocka_unit_test(modes_that_move_the_ends_of_strings_are_not_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
