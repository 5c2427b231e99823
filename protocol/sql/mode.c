/* sql_mode: what of it changes how a text is read. */
#include "protocol/sql/sql.h"

/* MySQL's and MariaDB's bits of a mode that is given as a number. */
enum { BIT_PIPES_AS_CONCAT = 1, BITS_KNOWN = 31 };
static const uint64_t odd_bits = 1U << 2      /* ANSI_QUOTES */
                                 | 0x1fU << 8 /* POSTGRESQL, ORACLE, MSSQL, DB2, MAXDB */
                                 | 1U << 18   /* ANSI */
                                 | 1U << 20 /* NO_BACKSLASH_ESCAPES */;

/* The next word of a list, without the blanks around it; false: there is none. */
static bool next_word(struct slice *list, struct slice *word)
{
    size_t size = 0;

    if (!list->data)
        return false;
    while (size < list->size && list->data[size] != ',')
        size++;
    *word = slice_head(*list, size);
    *list = size < list->size ? slice_after(*list, size + 1) : (struct slice){0};
    while (word->size && word->data[0] == ' ')
        *word = slice_after(*word, 1);
    while (word->size && word->data[word->size - 1] == ' ')
        word->size--;
    return true;
}

static bool is_number(struct slice text, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || *number >> 48)
            return false;
        *number = *number * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.size > 0;
}

bool sql_mode_has_pipes(struct slice sql_mode)
{
    struct slice rest = sql_mode, word;
    uint64_t bits;

    if (is_number(sql_mode, &bits))
        return bits >> BIT_PIPES_AS_CONCAT & 1;
    while (next_word(&rest, &word))
        if (slice_equal_nocase(word, SLICE("PIPES_AS_CONCAT"))
            || slice_equal_nocase(word, SLICE("ANSI")))
            return true;
    return false;
}

static bool is_plain(struct slice word)
{
    static const char *const words[] = {
        "ALLOW_INVALID_DATES",
        "ERROR_FOR_DIVISION_BY_ZERO",
        "HIGH_NOT_PRECEDENCE",
        "IGNORE_BAD_TABLE_OPTIONS",
        "IGNORE_SPACE",
        "NO_AUTO_CREATE_USER",
        "NO_AUTO_VALUE_ON_ZERO",
        "NO_DIR_IN_CREATE",
        "NO_ENGINE_SUBSTITUTION",
        "NO_FIELD_OPTIONS",
        "NO_KEY_OPTIONS",
        "NO_TABLE_OPTIONS",
        "NO_UNSIGNED_SUBTRACTION",
        "NO_ZERO_DATE",
        "NO_ZERO_IN_DATE",
        "ONLY_FULL_GROUP_BY",
        "PAD_CHAR_TO_FULL_LENGTH",
        "PIPES_AS_CONCAT",
        "REAL_AS_FLOAT",
        "SIMULTANEOUS_ASSIGNMENT",
        "STRICT_ALL_TABLES",
        "STRICT_TRANS_TABLES",
        "TIME_ROUND_FRACTIONAL",
        "TIME_TRUNCATE_FRACTIONAL",
        "TRADITIONAL",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal_nocase(word, slice_of(words[i])))
            return true;
    return word.size == 0;
}

bool sql_mode_reads_alike(struct slice sql_mode)
{
    struct slice rest = sql_mode, word;
    uint64_t bits;

    if (is_number(sql_mode, &bits))
        return !(bits & odd_bits) && bits >> BITS_KNOWN == 0;
    while (next_word(&rest, &word))
        if (!is_plain(word))
            return false;
    return true;
}
