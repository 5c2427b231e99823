/* Names in SQL that a server shows: as printed by it, or as somebody has typed it.
 *
 * A name in front of a dot, and not behind one, is a database when it is known as one, when it
 * stands behind FROM and the like, or in front of two quoted names. In front of one name elsewhere
 * it may be an alias: it stays when no database is known by it; or when the text has it alone as
 * well, so that it tells nothing. */
#include "proxy/virtual/names_private.h"

#include "base/arena.h"
#include "proxy/plan/visible.h"

enum {
    LOOKED_THROUGH_MAX = 4096, /* bytes: of a longer text nothing is known to stand alone */
    COMMENT_MAX = 256          /* of a longer one nobody knows where it ends */
};

struct token { /* a name, with its quotes */
    size_t start, end;
    struct slice name;
    bool is_quoted;
};

/* A backquote may be a character of a string, of which one need not have two: what stands between
 * it and the next one is then no name, and that one may begin a name. */
static bool may_be_name(const struct names *n, struct slice name)
{
    bool is_usual = name.size && !slice_equal(name, SLICE(".")) && name.data[0] != ' '
                    && name.data[name.size - 1] != ' ';

    for (size_t i = 0; is_usual && i < name.size; i++)
        is_usual = !strchr("'\"(),;=<>*/#\r\n", name.data[i]);
    return is_usual || names_is_database(n, name) || names_is_others(n, name);
}

static bool take_name(const struct names *n, struct slice sql, size_t at, struct token *t)
{
    size_t end;

    if (at >= sql.size)
        return false;
    *t = (struct token){.start = at, .is_quoted = sql.data[at] == '`'};
    if (!t->is_quoted) {
        t->end = run_end(sql, at, PART);
        t->name = slice_make(sql.data + at, t->end - at);
        return t->end > at;
    }
    for (end = at + 1; end < sql.size && sql.data[end] != '`';)
        end++;
    t->name = slice_make(sql.data + at + 1, end - at - 1);
    if (end == sql.size || !may_be_name(n, t->name))
        return false;
    t->end = end + 1;
    return true;
}

static bool is_plain(struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!run_has(PART, name.data[i]))
            return false;
    return name.size > 0;
}

/* Behind a comment that begins there; else `at`. */
static size_t pass_comment(struct slice sql, size_t at)
{
    struct slice rest = slice_after(sql, at);
    const char *end;

    if (!slice_starts_with(rest, SLICE("/*")))
        return at;
    rest = slice_head(rest, rest.size < COMMENT_MAX ? rest.size : COMMENT_MAX);
    end = memmem(rest.data + 2, rest.size - 2, "*/", 2);
    return end ? (size_t)(end - sql.data) + 2 : at;
}

/* And comments, as somebody may have typed them between a name and its dot. */
static size_t pass_blanks(struct slice sql, size_t at)
{
    for (size_t from = at;; from = at) {
        while (at < sql.size && strchr(" \t\r\n", sql.data[at]))
            at++;
        at = pass_comment(sql, at);
        if (at == from)
            return at;
    }
}

static bool has_at(struct slice sql, size_t at, char c)
{
    return at < sql.size && sql.data[at] == c;
}

/* Where the text stands. */
struct reading {
    const struct names *n;
    struct copy c;
    struct slice word; /* in front, with nothing between but blanks and `=`; else empty */
    char string;       /* the quote of the string that this is in; 0: none */
    bool may_begin;    /* no dot before it, or default_catalog's */
    bool is_place;     /* of a table: behind FROM and the like */
    bool is_list;      /* in the list of FROM */
    bool is_item;      /* behind a comma of that list */
    bool is_piece;     /* in EXTRACT(YEAR FROM x) and the like, before that FROM */
};

/* FROM a, b WHERE */
static bool ends_list(struct slice word)
{
    static const char *const words[] = {"where", "on",    "using",  "select", "group", "order",
                                        "set",   "limit", "values", "having", NULL};

    return names_has_word(words, word);
}

/* Somewhere it stands without a dot: as a table or its alias. */
static bool stands_alone(const struct names *n, struct slice sql, struct slice name)
{
    struct token t;

    for (size_t at = 0; at < sql.size && sql.size <= LOOKED_THROUGH_MAX;) {
        if (!take_name(n, sql, at, &t)) {
            at++;
            continue;
        }
        if (slice_equal(t.name, name) && !has_at(sql, pass_blanks(sql, t.end), '.'))
            return true;
        at = t.end;
    }
    return false;
}

/* x.y.z; of unknown names in backquotes only: there is much that has dots. */
static bool has_two_behind(const struct reading *r, const struct token *t, size_t dot,
                           bool is_known)
{
    struct slice sql = r->c.text;
    size_t at = pass_blanks(sql, dot + 1);
    struct token next;

    if (!take_name(r->n, sql, at, &next))
        return false;
    size_t end = pass_blanks(sql, next.end);
    return has_at(sql, end, '.')
           && (is_known || (t->is_quoted && next.is_quoted && has_at(sql, end + 1, '`')));
}

/* What the name in front of that dot becomes; false: it stays. */
static bool translate(const struct reading *r, const struct token *t, size_t dot, struct slice *to)
{
    bool is_known = names_is_database(r->n, t->name) || names_is_others(r->n, t->name);
    bool has_two = has_two_behind(r, t, dot, is_known);
    struct named_side side;

    if (is_system_schema(t->name))
        return false;
    *to = names_hidden;
    if (!is_known)
        return r->is_place || has_two;
    if (!r->is_place && !r->is_item && !has_two && stands_alone(r->n, r->c.text, t->name))
        return false;
    if (names_database(r->n, t->name, &side))
        *to = side.name;
    return true;
}

static void put_database(struct reading *r, const struct token *t, struct slice to)
{
    if (t->is_quoted || (!r->string && !is_plain(to)))
        to = arena_print(r->n->arena, "`%.*s`", SHOW(to));
    copy_replace(&r->c, t->start, t->end, to);
}

/* A name with a dot behind it. */
static size_t pass_qualifier(struct reading *r, const struct token *t, size_t dot)
{
    bool is_catalog = slice_equal_nocase(t->name, SLICE("default_catalog"));
    struct slice to;

    if (r->may_begin && !is_catalog && translate(r, t, dot, &to))
        put_database(r, t, to);
    r->may_begin &= is_catalog;
    if (!is_catalog)
        r->is_place = false;
    r->word = SLICE("");
    return dot + 1;
}

/* DEFINER=`account`@`host`, or a role: the user, if it is the gateway's account. The end of it, or
 * t->end when it is none. */
static size_t pass_definer(struct reading *r, const struct token *t)
{
    bool has_host = has_at(r->c.text, t->end, '@');
    struct token host;
    struct slice user = names_is_account(r->n, t->name) ? r->n->user->name : names_hidden;

    if (!has_host && !t->is_quoted)
        return t->end; /* CURRENT_USER */
    if (!has_host || !take_name(r->n, r->c.text, t->end + 1, &host))
        host.end = t->end;
    copy_replace(&r->c, t->start, host.end,
                 arena_print(r->n->arena, has_host ? "`%.*s`@`%%`" : "`%.*s`", SHOW(user)));
    return host.end;
}

/* A name without a dot behind it; in quotes, or behind a dot, it is empty. */
static void pass_word(struct reading *r, struct slice word, bool is_call)
{
    static const char *const pieces[] = {"extract", "trim", "substring", "substr", NULL},
                             *const ends_piece[] = {"from", "select", NULL};
    bool is_front = names_come_after(word) && !r->is_piece;

    r->word = word;
    r->is_place = is_front;
    r->is_item = false;
    r->is_list = is_front || (r->is_list && !ends_list(word));
    r->is_piece = (is_call && names_has_word(pieces, word))
                  || (r->is_piece && !names_has_word(ends_piece, word));
    r->may_begin = true;
}

static size_t pass_name(struct reading *r, const struct token *t)
{
    static const char *const definer[] = {"definer", NULL};
    size_t dot = pass_blanks(r->c.text, t->end);

    if (has_at(r->c.text, dot, '.'))
        return pass_qualifier(r, t, dot);
    size_t end =
        names_has_word(definer, r->word) && t->start > 0 && r->c.text.data[t->start - 1] == '='
            ? pass_definer(r, t)
            : t->end;
    pass_word(r, t->is_quoted || !r->may_begin ? SLICE("") : t->name, has_at(r->c.text, dot, '('));
    return end;
}

/* False: the string that begins there has no end. */
static bool find_string_end(struct slice sql, size_t at, size_t *end)
{
    size_t i = at + 1;

    while (i < sql.size && sql.data[i] != sql.data[at])
        i += sql.data[i] == '\\' ? 2 : 1;
    *end = i < sql.size ? i + 1 : sql.size;
    return i < sql.size;
}

/* A comment of a table or a column is passed over. */
static size_t pass_quote(struct reading *r, size_t at)
{
    static const char *const comment[] = {"comment", NULL};
    char quote = r->c.text.data[at];

    if (r->string && r->string != quote)
        return at + 1;
    if (!r->string && names_has_word(comment, r->word)) {
        size_t end;
        r->word = SLICE("");
        if (find_string_end(r->c.text, at, &end))
            return end;
    }
    r->string = r->string ? 0 : quote;
    return at + 1;
}

static size_t pass_sign(struct reading *r, size_t at)
{
    char c = r->c.text.data[at];

    if (strchr(" \t\r\n", c))
        return at + 1;
    if (c != '(')
        r->is_place = false;
    if (c == ')')
        r->is_piece = false;
    r->is_item = c == ',' && r->is_list;
    r->may_begin = c != '.';
    if (c == '\'' || c == '"')
        return pass_quote(r, at);
    if (c != '=')
        r->word = SLICE("");
    return at + (c == '\\' && r->string ? 2 : 1);
}

struct slice names_in_sql(const struct names *n, struct slice sql)
{
    struct reading r = {.n = n, .c = copy_of(n, sql), .may_begin = true};
    struct token t;

    for (size_t at = 0; at < sql.size;)
        at = take_name(n, sql, at, &t) ? pass_name(&r, &t) : pass_sign(&r, at);
    return copy_finish(&r.c);
}

/* ---- jobs ---- */

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
            size_t end;
            (void)find_string_end(sql, at, &end);
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
