#include "protocol/mysql/mysql.h"

/* The collation ids that drivers put into their login packets. The last row stands for all others.
 */
static const struct charset charsets[] = {
    {8, "latin1", "latin1_swedish_ci"},
    {11, "ascii", "ascii_general_ci"},
    {33, "utf8", "utf8_general_ci"},
    {46, "utf8mb4", "utf8mb4_bin"},
    {47, "latin1", "latin1_bin"},
    {48, "latin1", "latin1_general_ci"},
    {63, "binary", "binary"},
    {65, "ascii", "ascii_bin"},
    {83, "utf8", "utf8_bin"},
    {192, "utf8", "utf8_unicode_ci"},
    {224, "utf8mb4", "utf8mb4_unicode_ci"},
    {246, "utf8mb4", "utf8mb4_unicode_520_ci"},
    {255, "utf8mb4", "utf8mb4_0900_ai_ci"},
    {45, "utf8mb4", "utf8mb4_general_ci"},
};

enum { ROWS = sizeof(charsets) / sizeof(charsets[0]) };

const struct charset *charset_find(unsigned id)
{
    const struct charset *row = charsets;

    while (row < charsets + ROWS - 1 && row->id != id)
        row++;
    return row;
}
