/* Names in SQL that a server shows. */
#include "proxy/virtual/names_private.h"

#include "base/arena.h"

struct token { /* a name, with its quotes */
    size_t start, end;
    struct slice name;
    bool is_quoted;
};

static bool take_name(struct slice sql, size_t at, struct token *t)
{
    size_t end;

    *t = (struct token){.start = at, .is_quoted = sql.data[at] == '`'};
    if (!t->is_quoted) {
        t->end = run_end(sql, at, PART);
        t->name = slice_make(sql.data + at, t->end - at);
        return t->end > at;
    }
    for (end = at + 1; end < sql.size && sql.data[end] != '`';)
        end++;
    if (end == sql.size)
        return false;
    t->end = end + 1;
    t->name = slice_make(sql.data + at + 1, end - at - 1);
    return true;
}

static bool is_plain(struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!run_has(PART, name.data[i]))
            return false;
    return name.size > 0;
}

struct slice names_in_sql(const struct names *n, struct slice sql)
{
    struct copy c = copy_of(n, sql);
    bool may_begin = true; /* no dot before it, or default_catalog's */
    struct named_side side;
    struct token t;

    for (size_t at = 0; at < sql.size;) {
        if (!take_name(sql, at, &t)) {
            may_begin = sql.data[at] != '.';
            at++;
            continue;
        }
        bool has_dot = t.end < sql.size && sql.data[t.end] == '.';
        bool is_catalog = slice_equal_nocase(t.name, SLICE("default_catalog"));
        if (has_dot && may_begin && names_is_database(n, t.name)) {
            struct slice to = names_database(n, t.name, &side) ? side.name : names_hidden;
            if (t.is_quoted || !is_plain(to))
                to = arena_print(n->arena, "`%.*s`", SHOW(to));
            copy_replace(&c, t.start, t.end, to);
        }
        at = t.end + has_dot;
        may_begin = !has_dot || (is_catalog && may_begin);
    }
    return copy_finish(&c);
}

/* ---- jobs ---- */

static size_t string_end(struct slice sql, size_t at)
{
    size_t end = at + 1;

    while (end < sql.size && sql.data[end] != sql.data[at])
        end += sql.data[end] == '\\' ? 2 : 1;
    return end < sql.size ? end + 1 : sql.size;
}

static bool is_from(struct slice sql, size_t at)
{
    return sql.size - at > 4 && slice_equal_nocase(slice_make(sql.data + at, 4), SLICE("from"))
           && !run_has(PART, sql.data[at + 4]) && (at == 0 || !run_has(PART, sql.data[at - 1]));
}

struct slice names_in_source(const struct names *n, struct slice sql)
{
    struct copy c = copy_of(n, sql);
    bool is_source = false, is_value = false;

    for (size_t at = 0; at < sql.size; at++) {
        char ch = sql.data[at];

        if (ch == '"' || ch == '\'' || ch == '`') {
            size_t end = string_end(sql, at);
            if (is_source && is_value)
                copy_replace(&c, at, end, SLICE("\"***\""));
            at = end - 1;
        } else if (ch == '=' || ch == ',' || ch == '(') {
            is_value = ch == '=';
        } else {
            is_source |= is_from(sql, at);
        }
    }
    return names_in_sql(n, copy_finish(&c));
}
