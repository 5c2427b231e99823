#include "protocol/sql/sql.h"

/* Greedy with one point of return per '%': linear in practice, quadratic at worst, never
 * exponential. */
bool sql_like(struct slice pattern, struct slice name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, from = 0;

    while (n < name.size) {
        bool escaped = p + 1 < pattern.size && pattern.data[p] == '\\';
        if (p < pattern.size && !escaped && pattern.data[p] == '%') {
            star = p++;
            from = n;
        } else if (p < pattern.size
                   && ((!escaped && pattern.data[p] == '_')
                       || ascii_lower(pattern.data[p + escaped]) == ascii_lower(name.data[n]))) {
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
