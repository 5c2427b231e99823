/* Statements with tokens replaced, inserted and left out: whatever is read keeps its promises. The
 * fuzz target tests/fuzz/fuzz_sql.c does more of it; this part is small and always the same. */
#include "sql_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#include "../fuzz/fuzz_sql.c"

static const char *const seeds[] = {
    "WITH w AS ( SELECT a . x FROM d . t a ) SELECT d . t . x , w . * FROM w JOIN d . t ON t . k = "
    "w . k "
    "WHERE ( t . x ) . y IN ( SELECT 1 FROM e . u ) ORDER BY 1 LIMIT 2",
    "SELECT CASE WHEN a THEN CAST ( b AS ARRAY < INT > ) ELSE interval - 1 END , f ( DISTINCT x -> "
    "x . y ) "
    "OVER ( PARTITION BY t . a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW ) FROM ( ( SELECT 1 ) "
    "UNION SELECT 2 ) t",
    "INSERT INTO d . t PARTITION ( p ) ( x , y ) WITH LABEL l VALUES ( 1 , DEFAULT ) , ( 'a' , ? )",
    "WITH w AS ( SELECT 1 ) UPDATE d . t SET x = d . t . y FROM w WHERE t . k = w . k",
    "DELETE FROM d . t USING e . u WHERE t . a = u . a AND b NOT BETWEEN 1 AND INTERVAL 2 DAY",
    "CREATE TABLE d . t ( x INT , y MAP < INT , STRUCT < z INT > > ) PARTITION BY RANGE ( x ) "
    "( PARTITION p VALUES [ ( '1' ) , ( '2' ) ) ) PROPERTIES ( 'a' = 'b' )",
    "CREATE MATERIALIZED VIEW d . m REFRESH MANUAL AS SELECT t . x FROM d . t",
    "SET @x = ( SELECT 1 FROM d . t ) , SESSION y = 'z' , NAMES utf8 , @@ global . v = ON",
    "GRANT SELECT ON TABLE d . t TO USER 'u' @ 'h' WITH GRANT OPTION",
    "LOAD LABEL d . l ( DATA INFILE ( 'x' ) INTO TABLE t SET ( a = b + 1 ) ) WITH BROKER 'k' ( 'a' "
    "= 'b' )",
    "PREPARE p FROM 'SELECT d.t.x FROM d.t WHERE a = ?'",
    "SHOW FULL COLUMNS FROM t FROM d LIKE 'x'",
    "SELECT /*+ SET_USER_VARIABLE(@a=(SELECT 1 FROM d.t)) */ @a FROM ${x} . t PIVOT ( sum ( a ) "
    "FOR b IN ( 1 ) )",
};

static const char *const spices[] = {
    ".",     "(",       ")",         ",",      "[",    "]",   "{",     "}",
    "*",     "=",       "->",        ";",      "'s'",  "`q`", "${m}",  "1",
    ".1a",   "@",       "?",         "SELECT", "FROM", "AS",  "WITH",  "interval",
    "minus", "qualify", "PARTITION", "JOIN",   "ON",   "NOT", "a.b.c",
};

enum { WORDS_MAX = 128, TEXT_MAX = 4096, ROUNDS = 4000 };

/* A generator of its own, so that a failure comes again. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static size_t split(char *text, const char **words)
{
    size_t count = 0;

    for (char *word = strtok_r(text, " ", &text); word && count < WORDS_MAX;
         word = strtok_r(NULL, " ", &text))
        words[count++] = word;
    return count;
}

static void mutate(const char **words, size_t *count, const char *word, uint32_t random)
{
    size_t at = random / 8 % *count;

    switch (random % 4) {
    case 0:
        words[at] = word;
        break;
    case 1:
        if (*count == WORDS_MAX)
            break;
        memmove(&words[at + 1], &words[at], (*count - at) * sizeof(*words));
        words[at] = word;
        ++*count;
        break;
    case 2:
        if (*count == 1)
            break;
        memmove(&words[at], &words[at + 1], (*count - at - 1) * sizeof(*words));
        --*count;
        break;
    default:
        words[at] = words[random / 64 % *count];
        break;
    }
}

static void mutated_statements_keep_their_promises(void **state)
{
    uint32_t random = 2463534242U;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        char copy[TEXT_MAX], text[TEXT_MAX];
        const char *words[WORDS_MAX + 1];
        size_t size = 0;
        snprintf(copy, sizeof(copy), "%s", seeds[round % (sizeof(seeds) / sizeof(*seeds))]);
        size_t count = split(copy, words);
        for (unsigned i = 0; i < 1 + round % 3; i++) {
            uint32_t pick = next_random(&random) % (sizeof(spices) / sizeof(*spices));
            mutate(words, &count, spices[pick], next_random(&random));
        }
        for (size_t i = 0; i < count; i++)
            size += (size_t)snprintf(text + size, sizeof(text) - size, "%s ", words[i]);
        LLVMFuzzerTestOneInput((const uint8_t *)text, size);
    }
}

static void every_cut_of_a_statement_keeps_them_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++)
        for (size_t size = 0; size <= strlen(seeds[i]); size++)
            LLVMFuzzerTestOneInput((const uint8_t *)seeds[i], size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutated_statements_keep_their_promises),
        cmocka_unit_test(every_cut_of_a_statement_keeps_them_too),
    };

    return cmocka_run_group_tests(tests, NULL, case_teardown);
}
