/* Assignments within a SELECT, taken out.
 *
 *   SELECT CASE t WHEN 'int' THEN @v:=4 ELSE @v:=12 END AS a, @v + 1 AS b FROM information_schema.…
 *   SELECT CASE t WHEN 'int' THEN 4 ELSE 12 END AS a, (CASE t WHEN 'int' THEN 4 ELSE 12 END) + 1 AS
 * b
 *
 * StarRocks has no `:=`, and MariaDB's ODBC driver asks for columns in such words. They mean the
 * same without when each variable is assigned in one item only, on every way through it, and read
 * in later items only: then its value is that of the expression whose ways all end in an
 * assignment. What is left is a plain SELECT, and read as if the client had sent it. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"

enum { TEXT_MAX = 65536, VARIABLES_MAX = 8, ITEMS_MAX = 1024 };

struct range {
    uint32_t from, to; /* tokens, the end exclusive */
};

struct variable {
    struct slice name;
    struct range item; /* where it is assigned */
    struct slice value;
    bool is_known; /* the item is done: `value` is its expression, in brackets */
};

struct unassign {
    struct slice text;
    struct arena *arena;
    const struct token *tokens;
    struct variable variables[VARIABLES_MAX];
    size_t variable_count;
    struct sql_replacement *changes;
    size_t change_count;
};

/* ---- tokens ---- */

static bool is_word(const struct unassign *u, uint32_t at, enum keyword word)
{
    return u->tokens[at].word == word && u->tokens[at].kind == T_WORD;
}

static bool is_kind(const struct unassign *u, uint32_t at, enum token_kind kind)
{
    return u->tokens[at].kind == kind;
}

static struct slice token_text(const struct unassign *u, uint32_t at)
{
    return slice_make(u->text.data + u->tokens[at].start, u->tokens[at].end - u->tokens[at].start);
}

static bool is_variable(const struct unassign *u, uint32_t at)
{
    return is_kind(u, at, T_AT) && is_kind(u, at + 1, T_WORD);
}

/* @name := */
static bool is_assignment(const struct unassign *u, uint32_t at)
{
    return is_variable(u, at) && is_kind(u, at + 2, T_COLON) && is_kind(u, at + 3, T_EQUAL)
           && u->tokens[at + 2].end == u->tokens[at + 3].start;
}

static bool assigns(const struct unassign *u, uint32_t at, struct slice name)
{
    return is_assignment(u, at) && slice_equal_nocase(token_text(u, at + 1), name);
}

/* True when a bracket or a CASE begins at a token, -1 when one ends. */
static int depth_of(const struct unassign *u, uint32_t at)
{
    if (is_kind(u, at, T_LEFT_PAREN) || is_kind(u, at, T_LEFT_BRACKET) || is_word(u, at, K_CASE))
        return 1;
    return is_kind(u, at, T_RIGHT_PAREN) || is_kind(u, at, T_RIGHT_BRACKET) || is_word(u, at, K_END)
               ? -1
               : 0;
}

/* The first token of the range, outside of brackets and of CASE, that is a comma or one of the
 * words, or that closes what was opened before the range; else its end. */
static uint32_t find(const struct unassign *u, struct range r, const enum keyword *words)
{
    int depth = 0;

    for (uint32_t at = r.from; at < r.to; at++) {
        int step = depth_of(u, at);

        if (depth == 0 && (step < 0 || is_kind(u, at, T_COMMA)))
            return at;
        for (size_t i = 0; depth == 0 && words[i]; i++)
            if (is_word(u, at, words[i]))
                return at;
        depth += step;
    }
    return r.to;
}

/* ---- is it assigned on every way ---- */

static bool mentions(const struct unassign *u, struct range r, struct slice name)
{
    for (uint32_t at = r.from; at < r.to; at++)
        if (assigns(u, at, name))
            return true;
    return false;
}

static bool ends_assigned(const struct unassign *u, struct range r, struct slice name,
                          unsigned depth);

/* CASE … WHEN … THEN x … ELSE y END */
static bool case_ends_assigned(const struct unassign *u, struct range r, struct slice name,
                               unsigned depth)
{
    static const enum keyword then_else[] = {K_THEN, K_ELSE, NO_KEYWORD},
                              when_else[] = {K_WHEN, K_ELSE, NO_KEYWORD};
    bool has_else = false;

    r.from++;
    r.to--;
    while (r.from < r.to) {
        struct range condition = {r.from, find(u, r, then_else)}, way;

        has_else = is_word(u, condition.to, K_ELSE);
        if (condition.to == r.to || mentions(u, condition, name)
            || (!has_else && !is_word(u, condition.to, K_THEN)))
            return false;
        way.from = r.from = condition.to + 1;
        way.to = find(u, r, when_else);
        if (!ends_assigned(u, way, name, depth))
            return false;
        r.from = way.to;
        if (has_else)
            return way.to == r.to;
    }
    return false;
}

/* IF(condition, x, y) */
static bool if_ends_assigned(const struct unassign *u, struct range r, struct slice name,
                             unsigned depth)
{
    static const enum keyword none[] = {NO_KEYWORD};
    struct range condition, one, other;

    r.from += 2;
    r.to--;
    condition = (struct range){r.from, find(u, r, none)};
    if (condition.to == r.to || mentions(u, condition, name))
        return false;
    r.from = condition.to + 1;
    one = (struct range){r.from, find(u, r, none)};
    if (one.to == r.to)
        return false;
    other = (struct range){one.to + 1, r.to};
    return ends_assigned(u, one, name, depth) && ends_assigned(u, other, name, depth);
}

/* Whatever way the expression takes, its value is what was just assigned. */
static bool ends_assigned(const struct unassign *u, struct range r, struct slice name,
                          unsigned depth)
{
    static const enum keyword none[] = {NO_KEYWORD};

    if (r.to < r.from + 2 || depth == 0)
        return false;
    if (assigns(u, r.from, name))
        return r.to > r.from + 4 && find(u, (struct range){r.from + 4, r.to}, none) == r.to
               && !mentions(u, (struct range){r.from + 4, r.to}, name);
    if (is_word(u, r.from, K_CASE) && is_word(u, r.to - 1, K_END))
        return case_ends_assigned(u, r, name, depth - 1);
    return is_word(u, r.from, K_IF) && is_kind(u, r.from + 1, T_LEFT_PAREN)
           && is_kind(u, r.to - 1, T_RIGHT_PAREN) && if_ends_assigned(u, r, name, depth - 1);
}

/* ---- values ---- */

/* The expression at the head of an item, perhaps within CAST( or brackets: it is worked out once
 * for each row. */
static struct range head_of(const struct unassign *u, struct range item)
{
    static const enum keyword as[] = {K_AS, NO_KEYWORD};
    struct range r = item;

    while (r.from + 1 < r.to && (is_kind(u, r.from, T_LEFT_PAREN) || is_word(u, r.from, K_CAST)))
        r.from++;
    if (is_word(u, r.from, K_CASE)) {
        int depth = 0;

        for (uint32_t at = r.from; at < r.to; at++) {
            depth += depth_of(u, at);
            if (depth == 0)
                return (struct range){r.from, at + 1};
        }
    }
    r.to = find(u, r, as);
    return r;
}

/* The text of the range as it is after the changes that were put for it. */
static bool read_value(const struct unassign *u, struct range r, struct slice *value)
{
    uint32_t start = u->tokens[r.from].start, end = u->tokens[r.to - 1].end;
    struct sql_replacement *own = arena_array(u->arena, u->change_count + 1, sizeof *own);
    size_t count = 0, size = end - start;
    struct slice text;

    for (size_t i = 0; i < u->change_count; i++) {
        const struct sql_replacement *c = &u->changes[i];

        if (c->start < start || c->end > end)
            continue;
        own[count++] = (struct sql_replacement){c->start - start, c->end - start, c->text};
        size += c->text.size;
        if (size > TEXT_MAX)
            return false;
    }
    text = sql_replace(slice_make(u->text.data + start, end - start), own, count, u->arena);
    *value = arena_print(u->arena, "(%.*s)", (int)text.size, text.data);
    return true;
}

/* ---- items ---- */

static struct variable *find_variable(struct unassign *u, struct slice name)
{
    for (size_t i = 0; i < u->variable_count; i++)
        if (slice_equal_nocase(u->variables[i].name, name))
            return &u->variables[i];
    return NULL;
}

static bool learn(struct unassign *u, struct slice name, struct range item)
{
    const struct variable *known = find_variable(u, name);

    if (known)
        return known->item.from == item.from;
    if (u->variable_count == VARIABLES_MAX)
        return false;
    u->variables[u->variable_count++] = (struct variable){.name = name, .item = item};
    return true;
}

/* Which variables are assigned, and where. */
static bool learn_item(struct unassign *u, struct range item)
{
    for (uint32_t at = item.from; at < item.to; at++)
        if (is_assignment(u, at) && !learn(u, token_text(u, at + 1), item))
            return false;
    return true;
}

static void change(struct unassign *u, uint32_t first, uint32_t last, struct slice text)
{
    u->changes[u->change_count++] =
        (struct sql_replacement){u->tokens[first].start, u->tokens[last].end, text};
}

static bool change_item(struct unassign *u, struct range item)
{
    for (uint32_t at = item.from; at < item.to; at++) {
        const struct variable *v;

        if (is_kind(u, at, T_AT) && is_kind(u, at + 1, T_AT)) {
            at += 2; /* of the system */
            continue;
        }
        v = is_variable(u, at) ? find_variable(u, token_text(u, at + 1)) : NULL;
        if (v && is_assignment(u, at))
            change(u, at, at + 3, SLICE(""));
        else if (v && !v->is_known)
            return false; /* the value of the row before */
        else if (v)
            change(u, at, at + 1, v->value);
    }
    for (size_t i = 0; i < u->variable_count; i++) {
        struct variable *v = &u->variables[i];
        struct range head = head_of(u, item);

        if (v->item.from != item.from)
            continue;
        if (!ends_assigned(u, head, v->name, 32)
            || mentions(u, (struct range){head.to, item.to}, v->name)
            || !read_value(u, head, &v->value))
            return false;
        v->is_known = true;
    }
    return true;
}

/* Cuts the list into its items; `end` is where FROM stands. */
static bool find_items(const struct unassign *u, uint32_t count, struct range *items, size_t *found,
                       uint32_t *end)
{
    static const enum keyword from[] = {K_FROM, NO_KEYWORD};

    *end = 0;
    for (*found = 0; *found < ITEMS_MAX; ++*found) {
        struct range rest = {*end + 1, count - 1};

        *end = find(u, rest, from);
        if (*end == rest.to || *end == rest.from)
            return false;
        items[*found] = (struct range){rest.from, *end};
        if (is_kind(u, *end, T_COMMA))
            continue;
        ++*found;
        return is_word(u, *end, K_FROM);
    }
    return false;
}

static bool reads_information(const struct unassign *u, uint32_t from, uint32_t count)
{
    return from + 3 < count
           && slice_equal_nocase(token_text(u, from + 1), SLICE("information_schema"))
           && is_kind(u, from + 2, T_DOT);
}

/* Behind the items nothing has to do with the variables. */
static bool is_free(struct unassign *u, uint32_t from, uint32_t count)
{
    for (uint32_t at = from; at + 1 < count; at++)
        if (is_assignment(u, at) || (is_variable(u, at) && find_variable(u, token_text(u, at + 1))))
            return false;
    return true;
}

static bool has_parameter(const struct unassign *u, uint32_t count)
{
    for (uint32_t at = 0; at < count; at++)
        if (is_kind(u, at, T_QUESTION))
            return true;
    return false;
}

bool sql_unassign(struct slice text, struct arena *arena, struct slice *plain)
{
    struct unassign u = {.text = text, .arena = arena};
    struct vector hints = {0};
    struct token_run run;
    struct range *items;
    struct error ignored;
    size_t count, size = text.size;
    uint32_t end;

    if (text.size > TEXT_MAX || !memmem(text.data, text.size, ":=", 2)
        || !tokens_read(text, 0, (uint32_t)text.size, arena, &hints, &run, &ignored))
        return false;
    u.tokens = run.tokens;
    u.changes = arena_array(arena, run.count, sizeof *u.changes);
    items = arena_array(arena, ITEMS_MAX, sizeof *items);
    if (hints.count || !is_word(&u, 0, K_SELECT) || has_parameter(&u, run.count)
        || !find_items(&u, run.count, items, &count, &end)
        || !reads_information(&u, end, run.count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!learn_item(&u, items[i]))
            return false;
    for (size_t i = 0; i < count; i++)
        if (!change_item(&u, items[i]))
            return false;
    for (size_t i = 0; i < u.change_count; i++)
        size += u.changes[i].text.size;
    if (!u.variable_count || size > 4 * TEXT_MAX || !is_free(&u, end, run.count))
        return false;
    *plain = sql_replace(text, u.changes, u.change_count, arena);
    return true;
}
