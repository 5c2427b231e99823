/* Labels of columns. A frontend calls an expression without an alias by its text, so rewriting a
 * name inside it would show in the result:
 *
 *   SELECT max(sales.t.x) FROM sales.t  becomes  SELECT max(`dw`.t.x) AS `max(sales.t.x)` FROM …
 *
 * A bare column keeps its name by itself (sales.t.x is called x); CURRENT_USER is none. Only the
 * list that names the columns of the result is labelled: sql_read says which. Where it is not
 * certain that an item has no alias it is left alone. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"

enum { LABEL_MAX = 1024 }; /* bytes; a longer item keeps the text that it is sent with */

struct item {
    size_t start, end; /* of its words */
    struct word last, before_last;
    size_t count;     /* of words */
    int cases;        /* CASE without its END */
    bool is_fraction; /* the last word stands behind the dot of what may be a number */
    bool is_path;     /* a name with dots, or a star */
    bool has_star;    /* t.* EXCLUDE (…): several columns */
    bool has_braces;  /* map{…}, {fn …}: how a frontend prints them is not known here */
};

/* As word_is, with the length known when this is compiled: lists may be long. */
static inline bool is(const struct word *word, struct slice lower)
{
    return word->text.size == lower.size && word->kind == WORD_NAME
           && ascii_lower(word->text.data[0]) == lower.data[0]
           && slice_equal_nocase(word->text, lower);
}

static inline bool is_mark(const struct word *word, char mark)
{
    return word->kind == WORD_MARK && word->text.data[0] == mark;
}

/* May the word go on with name.name.*, macros included? */
static bool goes_on(const struct item *item, const struct word *word)
{
    bool is_begun = item->count == 0 || is_mark(&item->last, '.');

    switch (word->kind) {
    case WORD_NAME:
    case WORD_QUOTED:
        return is_begun || is_mark(&item->last, '{');
    case WORD_MARK:
        return is_mark(word, '*') ? is_begun : strchr(".{}", word->text.data[0]) != NULL;
    default:
        return false;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 5 and 5e3 of 1.5e3, but not 5s: that is 5 and an alias. */
static bool is_digits(struct slice text)
{
    size_t i = 0;

    while (i < text.size && is_digit(text.data[i]))
        i++;
    if (i && i + 1 < text.size && ascii_lower(text.data[i]) == 'e')
        i++;
    while (i < text.size && is_digit(text.data[i]))
        i++;
    return i == text.size;
}

static void item_add(struct item *item, const struct word *word)
{
    item->is_fraction = item->count && is_mark(&item->last, '.')
                        && (is_digit(word->text.data[0])
                            || (item->count > 1 && is_digit(item->before_last.text.data[0])));
    if (item->count == 0)
        item->start = word->end - word->text.size;
    item->end = word->end;
    item->is_path =
        (item->count ? item->is_path : !identity_is_bare(word->text)) && goes_on(item, word);
    item->has_star |=
        is_mark(word, '*')
        && (item->count == 0 || is_mark(&item->last, '.') || is_mark(&item->last, '['));
    item->has_braces |= is_mark(word, '{') && !word_is(item->last, "$");
    item->cases += is(word, SLICE("case")) - is(word, SLICE("end"));
    item->before_last = item->last;
    item->last = *word;
    item->count++;
}

/* The next item of a list, up to its comma; false at the end of the list. */
static bool item_next(struct words *w, struct item *item, bool *is_last)
{
    unsigned depth = 0;

    *item = (struct item){.count = 0};
    for (;;) {
        struct word word = word_next(w);

        *is_last = word.kind == WORD_END;
        if (*is_last || (depth == 0 && is_mark(&word, ',')))
            return item->count > 0;
        if (is_mark(&word, '(') || is_mark(&word, '[') || is_mark(&word, '{'))
            depth++;
        else if (depth && (is_mark(&word, ')') || is_mark(&word, ']') || is_mark(&word, '}')))
            depth--;
        item_add(item, &word);
    }
}

/* Certain only where the last word cannot be an alias. */
static bool has_no_alias(const struct item *item)
{
    if (item->has_star || item->has_braces || word_is(item->before_last, "as")
        || word_is(item->last, "distinct"))
        return false;
    if (item->is_fraction)
        return is_digits(item->last.text); /* 1.5 */
    if (item->last.kind == WORD_MARK)
        return true; /* max(x), a[1] */
    if (item->last.kind == WORD_NAME && sql_word_is_reserved(item->last.text))
        return true; /* x IS NULL */
    if (word_is(item->last, "end") && item->cases == 0)
        return true; /* CASE … END */
    if (item->last.kind == WORD_NAME && is_digit(item->last.text.data[0])
        && !is_digits(item->last.text))
        return false; /* 5E-1E is 5E-1 and an alias */
    return item->before_last.kind == WORD_MARK && !word_is(item->before_last, ")")
           && !word_is(item->before_last, "]") && !word_is(item->before_last, "}")
           && !word_is(item->before_last, "?");
}

/* ---- the label, as a frontend prints an expression ---- */

struct print {
    char *at;
    size_t size, room;
};

static void put(struct print *p, struct slice text)
{
    for (size_t i = 0; i < text.size && p->size < p->room; i++)
        p->at[p->size++] = text.data[i];
}

/* A word of the language: in capitals. */
static void put_keyword(struct print *p, struct slice word)
{
    for (size_t i = 0; i < word.size && p->size < p->room; i++)
        p->at[p->size++] = ascii_upper(word.data[i]);
}

/* In small letters, but for those that tell who and where one is. */
struct slice function_label(struct slice name, struct arena *arena)
{
    static const char *const upper[] = {"DATABASE",     "SCHEMA",        "CATALOG",
                                        "USER",         "CURRENT_USER",  "SESSION_USER",
                                        "CURRENT_ROLE", "CURRENT_GROUP", "CONNECTION_ID"};
    char *small = arena_alloc(arena, name.size + 1);

    for (size_t i = 0; i < sizeof upper / sizeof *upper; i++)
        if (slice_equal_nocase(name, slice_of(upper[i])))
            return slice_of(upper[i]);
    for (size_t i = 0; i < name.size; i++)
        small[i] = ascii_lower(name.data[i]);
    return slice_make(small, name.size);
}

static bool is_operator(struct word word)
{
    return word.kind == WORD_MARK && strchr("=<>+-*/%|&^!~", word.text.data[0]);
}

/* Words that a bracket may follow without making a call. */
static bool is_operator_word(struct word word)
{
    return word_is(word, "in") || word_is(word, "and") || word_is(word, "or")
           || word_is(word, "not") || word_is(word, "over") || word_is(word, "then")
           || word_is(word, "when") || word_is(word, "else") || word_is(word, "exists");
}

/* What parts two words: nothing beside dots and brackets, one blank elsewhere, `, ` after commas.
 */
static bool is_parted(struct word before, struct word word)
{
    if (before.kind == WORD_END || word_is(before, ".") || word_is(word, "."))
        return false;
    if (word_is(before, "(") || word_is(before, "[") || word_is(word, ")") || word_is(word, "]")
        || word_is(word, ",") || word_is(word, "["))
        return false;
    if (word_is(word, "("))
        return is_operator_word(before) || is_operator(before) || word_is(before, ",");
    if (is_operator(before) && is_operator(word))
        return false;
    return !word_is(before, "@") && !word_is(word, "@");
}

static void put_word(struct print *p, struct word before, struct word word, struct word after,
                     struct arena *arena)
{
    bool is_member = word_is(before, ".");

    if (word.kind == WORD_QUOTED)
        put(p, slice_make(word.text.data + 1, word.text.size - 2));
    else if (word.kind != WORD_NAME)
        put(p, word.text);
    else if (!is_member && is_operator_word(word))
        put_keyword(p, word.text);
    else if (word_is(after, "("))
        put(p, function_label(word.text, arena));
    else if (!is_member && identity_is_bare(word.text))
        put(p, arena_print(arena, "%.*s()", SHOW(function_label(word.text, arena))));
    else if (!is_member && sql_word_is_reserved(word.text))
        put_keyword(p, word.text);
    else
        put(p, word.text);
}

static struct slice label_of(const struct making *m, const struct item *item)
{
    struct words w = words_over(m->text, item->start, item->end), ahead;
    size_t room = 2 * (item->end - item->start) + 2; /* a blank behind every byte at most */
    struct print p = {.room = room < LABEL_MAX ? room : LABEL_MAX};
    struct word before = {.kind = WORD_END}, word;

    p.at = arena_alloc(m->arena, p.room);
    while ((word = word_next(&w)).kind != WORD_END) {
        bool is_brace = word_is(word, "$") || word_is(word, "{") || word_is(word, "}");

        ahead = w;
        if (is_brace) /* of ${code} */
            continue;
        if (is_parted(before, word))
            put(&p, SLICE(" "));
        put_word(&p, before, word, word_next(&ahead), m->arena);
        before = word;
    }
    return slice_make(p.at, p.size);
}

/* ---- which items ---- */

static bool is_labelled(const struct sql_statement *s)
{
    if (s->is_explain)
        return false;
    return s->rule == RULE_queryStatement || s->rule == RULE_createTableAsSelectStatement
           || s->rule == RULE_createViewStatement || s->rule == RULE_alterViewStatement
           || s->rule == RULE_createMaterializedViewStatement;
}

/* Changes are sorted; *next moves over those in front of the item. */
static bool is_changed(const struct making *m, size_t *next, size_t count, const struct item *item)
{
    while (*next < count && m->changes[*next].start < item->start)
        ++*next;
    return *next < count && m->changes[*next].start < item->end;
}

/* U+3000 is a word where it stands alone; with a blank behind it, it is a blank. */
static bool may_blank_follow(const struct making *m, const struct item *item)
{
    return !slice_ends_with(slice_head(m->text, item->end), SLICE("\xe3\x80\x80"));
}

static void label_put(struct making *m, const struct item *item)
{
    struct slice label = label_of(m, item);

    if (label.size == LABEL_MAX || !can_be_written(label) || !may_blank_follow(m, item))
        return;
    change_put(m, (uint32_t)item->end, (uint32_t)item->end,
               arena_print(m->arena, " AS %.*s", SHOW(sql_quote_name(label, m->arena))));
}

static bool has_change(const struct making *m, const struct sql_statement *s, size_t first)
{
    for (size_t i = first; i < m->change_count; i++)
        if (m->changes[i].start >= s->list_start && m->changes[i].start < s->list_end)
            return true;
    return false;
}

void render_labels(struct making *m, const struct sql_statement *s, size_t first)
{
    struct words w = words_over(m->text, s->list_start, s->list_end);
    size_t next = first, count = m->change_count;
    struct item item;
    bool is_last = false;

    if (!is_labelled(s) || !has_change(m, s, first))
        return;
    changes_sort(m, first);
    while (!is_last && item_next(&w, &item, &is_last))
        if (!item.is_path && has_no_alias(&item) && is_changed(m, &next, count, &item))
            label_put(m, &item);
}
