#include "protocol/sql/sql.h"

static bool is_same(char a, char b, bool is_exact)
{
    return is_exact ? a == b : ascii_lower(a) == ascii_lower(b);
}

/* Greedy with one point of return per '%': linear in practice, quadratic at worst, never
 * exponential. */
static bool match(struct slice pattern, struct slice name, bool is_exact)
{
    size_t p = 0, n = 0, star = SIZE_MAX, from = 0;

    while (n < name.size) {
        bool escaped = p + 1 < pattern.size && pattern.data[p] == '\\';
        if (p < pattern.size && !escaped && pattern.data[p] == '%') {
            star = p++;
            from = n;
        } else if (p < pattern.size
                   && ((!escaped && pattern.data[p] == '_')
                       || is_same(pattern.data[p + escaped], name.data[n], is_exact))) {
            p += escaped ? 2 : 1;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.size && pattern.data[p] == '%')
        p++;
    return p == pattern.size;
}

bool sql_like(struct slice pattern, struct slice name)
{
    return match(pattern, name, false);
}

bool sql_like_exact(struct slice pattern, struct slice text)
{
    return match(pattern, text, true);
}
