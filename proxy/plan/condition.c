/* WHERE of a SHOW: a row is judged while the condition is read, so nothing is kept of it.
 *
 *   or:    and { OR and }          and:   not { AND not }          not: NOT not | plain
 *   plain: ( or ) | value [NOT] LIKE 'x' | value [NOT] IN ('x', …) | value IS [NOT] NULL
 *          | value = value, and <>, !=, <=>
 *   value: column | 'x'
 *
 * Three values of truth, as SQL has them. Depth is bounded by sql_read. */
#include "proxy/plan/opening.h"

#include "base/arena.h"

enum truth { FALSE, UNKNOWN, TRUE };

struct judge {
    struct words w;
    const struct slice *names, *cells;
    size_t count;
    struct arena *arena; /* of strings whose escapes are undone */
    bool is_unread;
};

static enum truth read_or(struct judge *j);

static enum truth unread(struct judge *j)
{
    j->is_unread = true;
    return UNKNOWN;
}

static bool take(struct judge *j, const char *word)
{
    struct words ahead = j->w;

    if (!word_is(word_next(&ahead), word))
        return false;
    j->w = ahead;
    return true;
}

static enum truth negated(enum truth t)
{
    return (enum truth)(TRUE - t);
}

/* ---- values ---- */

/* A string as the frontend reads it: a backslash before % and _ stays, for LIKE; letters that stand
 * for bytes are left to it. */
static bool read_string(struct judge *j, struct slice typed, struct slice *value)
{
    char quote = typed.data[0], *out = arena_alloc(j->arena, typed.size);
    size_t n = 0;

    for (size_t i = 1; i + 1 < typed.size; i++) {
        char c = typed.data[i];

        if (c == quote) {
            i++; /* doubled */
        } else if (c == '\\') {
            c = typed.data[++i];
            if (c == '%' || c == '_')
                out[n++] = '\\';
            else if (c != '\\' && c != '\'' && c != '"')
                return false;
        }
        out[n++] = c;
    }
    *value = slice_make(out, n);
    return true;
}

static bool read_value(struct judge *j, struct slice *value)
{
    struct word word = word_next(&j->w);
    struct slice name = word_name(word);

    if (word.kind == WORD_STRING && word.text.size >= 2)
        return read_string(j, word.text, value);
    for (size_t i = 0; i < j->count; i++)
        if (slice_equal_nocase(name, j->names[i])) {
            *value = j->cells[i];
            return true;
        }
    return false;
}

/* ---- comparisons ---- */

static enum truth equal(struct slice a, struct slice b)
{
    if (!a.data || !b.data)
        return UNKNOWN;
    return slice_equal(a, b) ? TRUE : FALSE;
}

/* ('a', 'b'): behind the bracket */
static enum truth read_list(struct judge *j, struct slice value)
{
    enum truth found = FALSE;
    struct slice item;

    do {
        if (!read_value(j, &item))
            return unread(j);
        enum truth same = equal(value, item);
        found = same > found ? same : found;
    } while (take(j, ","));
    return take(j, ")") ? found : unread(j);
}

static enum truth read_like(struct judge *j, struct slice value)
{
    struct slice pattern;

    if (!read_value(j, &pattern))
        return unread(j);
    if (!value.data || !pattern.data)
        return UNKNOWN;
    return sql_like_exact(pattern, value) ? TRUE : FALSE;
}

static enum truth read_null(struct judge *j, struct slice value)
{
    bool is_not = take(j, "not");

    if (!take(j, "null"))
        return unread(j);
    return (value.data == NULL) != is_not ? TRUE : FALSE;
}

/* = <> != <=> */
static enum truth read_equal(struct judge *j, struct slice value)
{
    bool is_less = take(j, "<"), is_not = !is_less && take(j, "!"), is_equal = take(j, "=");
    bool is_more = (!is_equal || is_less) && take(j, ">");
    bool is_safe = is_less && is_equal && is_more;
    bool is_other = (is_less && is_more && !is_equal) || (is_not && is_equal);
    struct slice other;

    if (!is_safe && !is_other && !(is_equal && !is_less && !is_more))
        return unread(j);
    if (!read_value(j, &other))
        return unread(j);
    if (is_safe && (!value.data || !other.data))
        return !value.data && !other.data ? TRUE : FALSE;
    return is_other ? negated(equal(value, other)) : equal(value, other);
}

static enum truth read_comparison(struct judge *j)
{
    struct slice value;

    if (!read_value(j, &value))
        return unread(j);
    if (take(j, "is"))
        return read_null(j, value);
    bool is_not = take(j, "not");
    enum truth truth;
    if (take(j, "like"))
        truth = read_like(j, value);
    else if (take(j, "in"))
        truth = take(j, "(") ? read_list(j, value) : unread(j);
    else
        return is_not ? unread(j) : read_equal(j, value);
    return is_not ? negated(truth) : truth;
}

/* ---- what joins them ---- */

static enum truth read_plain(struct judge *j)
{
    if (!take(j, "("))
        return read_comparison(j);
    enum truth truth = read_or(j);
    return take(j, ")") ? truth : unread(j);
}

static enum truth read_not(struct judge *j)
{
    bool is_not = false;

    while (take(j, "not"))
        is_not = !is_not;
    enum truth truth = read_plain(j);
    return is_not ? negated(truth) : truth;
}

static enum truth read_and(struct judge *j)
{
    enum truth truth = read_not(j);

    while (!j->is_unread && take(j, "and")) {
        enum truth next = read_not(j);
        truth = next < truth ? next : truth;
    }
    return truth;
}

static enum truth read_or(struct judge *j)
{
    enum truth truth = read_and(j);

    while (!j->is_unread && take(j, "or")) {
        enum truth next = read_and(j);
        truth = next > truth ? next : truth;
    }
    return truth;
}

enum condition condition_judge(struct words condition, const struct slice *names,
                               const struct slice *cells, size_t count, struct arena *arena)
{
    struct judge j = {
        .w = condition, .names = names, .cells = cells, .count = count, .arena = arena};
    enum truth truth = read_or(&j);

    if (j.is_unread || word_next(&j.w).kind != WORD_END)
        return CONDITION_UNREAD;
    return truth == TRUE ? CONDITION_KEEPS : CONDITION_DROPS;
}
