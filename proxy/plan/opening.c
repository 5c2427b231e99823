/* What drivers ask when they connect, and pools before they lend a connection: SELECT of variables,
 * of functions that tell who and where one is, and of constants. No frontend hears of it when all
 * of it is known here. Of a MySQL or MariaDB only those that ask for what the server lacks: a
 * driver asks by the version of our greeting.
 *
 *   SELECT item, … [FROM DUAL] [LIMIT n]
 *   item: @@[scope.]name | name() | CURRENT_USER | 'x' | n | -n | NULL | TRUE | FALSE, each with an
 * alias or not
 *
 * Values are found when the answer is written. Labels and types are a frontend's
 * (facts/fe-live/transcripts.jsonl, groups var, lit and login). */
#include "proxy/plan/opening.h"

#include "base/arena.h"
#include "base/error.h"

enum { ITEMS_MAX = 64, DIGITS_MAX = 18, WIDTH_LIKE = 20 };

enum item_kind { ITEM_VARIABLE, ITEM_FUNCTION, ITEM_CONSTANT };

struct plan_item {
    enum item_kind kind;
    bool is_global;
    struct slice name;  /* of a variable or function */
    struct slice value; /* of a constant; data NULL: NULL */
};

/* ---- one item ---- */

struct reading {
    struct making *m;
    struct words w;
    struct plan_item item;
    struct plan_column column;
};

/* Behind the first '@'. */
static bool read_variable(struct reading *r)
{
    struct word word;
    const char *scope = "";

    if (!word_is(word_next(&r->w), "@"))
        return false;
    word = word_next(&r->w);
    if (r->w.at < r->w.end && r->w.text.data[r->w.at] == '.') {
        r->item.is_global = word_is(word, "global");
        scope = r->item.is_global          ? "GLOBAL."
                : word_is(word, "session") ? "SESSION."
                : word_is(word, "local")   ? "LOCAL."
                                           : NULL;
        word_next(&r->w);
        word = word_next(&r->w);
    }
    if (!scope || word.kind != WORD_NAME)
        return false;
    r->item.kind = ITEM_VARIABLE;
    r->item.name = word.text;
    r->column.label = arena_print(r->m->arena, "@@%s%.*s", scope, SHOW(word.text));
    return true;
}

static enum plan_type integer_type(long long value)
{
    if (value > -128 && value < 128)
        return PLAN_TINYINT;
    if (value > -32768 && value < 32768)
        return PLAN_SMALLINT;
    return value > -2147483648LL && value < 2147483648LL ? PLAN_INT : PLAN_BIGINT;
}

/* False for those that a frontend would write otherwise, and for the longest. */
static bool read_integer(struct reading *r, struct slice digits, const char *sign)
{
    long long value = 0;

    if (!digits.size || digits.size > DIGITS_MAX || (digits.data[0] == '0' && digits.size > 1))
        return false;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        value = value * 10 + (digits.data[i] - '0');
    }
    if (*sign && !value)
        return false;
    r->column.type = integer_type(value);
    r->item.kind = ITEM_CONSTANT;
    r->item.value = r->column.label = arena_print(r->m->arena, "%s%.*s", sign, SHOW(digits));
    return true;
}

static bool read_plain_string(struct reading *r, struct slice typed)
{
    struct slice inner = slice_make(typed.data + 1, typed.size - 2);

    if (typed.size < 2 || (inner.size && memchr(inner.data, '\\', inner.size))
        || (inner.size
            && (memchr(inner.data, '\'', inner.size) || memchr(inner.data, '"', inner.size))))
        return false;
    r->item.kind = ITEM_CONSTANT;
    r->item.value = inner;
    r->column.type = PLAN_TEXT;
    r->column.label = arena_print(r->m->arena, "'%.*s'", SHOW(inner));
    return true;
}

static bool read_function(struct reading *r, struct slice name)
{
    struct words ahead = r->w;
    bool has_brackets = word_is(word_next(&ahead), "(");

    if (has_brackets ? !word_is(word_next(&ahead), ")") : !identity_is_bare(name))
        return false;
    if (has_brackets)
        r->w = ahead;
    r->item.kind = ITEM_FUNCTION;
    r->item.name = name;
    r->column.label = arena_print(r->m->arena, "%.*s()", SHOW(function_label(name, r->m->arena)));
    return true;
}

static bool read_name(struct reading *r, struct slice name)
{
    static const struct {
        const char *word, *value;
    } constants[] = {{"NULL", NULL}, {"TRUE", "1"}, {"FALSE", "0"}};

    if (name.data[0] >= '0' && name.data[0] <= '9')
        return read_integer(r, name, "");
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (slice_equal_nocase(name, slice_of(constants[i].word))) {
            r->item.kind = ITEM_CONSTANT;
            r->item.value =
                constants[i].value ? slice_of(constants[i].value) : (struct slice){NULL, 0};
            r->column.type = PLAN_BOOLEAN;
            r->column.label = slice_of(constants[i].word);
            return true;
        }
    return read_function(r, name);
}

static bool read_item(struct reading *r)
{
    struct word word = word_next(&r->w);

    if (word.kind == WORD_STRING)
        return read_plain_string(r, word.text);
    if (word_is(word, "@"))
        return read_variable(r);
    if (word_is(word, "-")) {
        word = word_next(&r->w);
        return word.kind == WORD_NAME && read_integer(r, word.text, "-");
    }
    return word.kind == WORD_NAME && read_name(r, word.text);
}

/* [AS] alias, then a comma or the end; *is_last tells which. */
static bool read_alias(struct reading *r, bool *is_last)
{
    struct word word = word_next(&r->w);
    bool is_quoted;

    if (word_is(word, "as"))
        word = word_next(&r->w);
    is_quoted = word.kind == WORD_QUOTED || word.kind == WORD_STRING;
    if (is_quoted || word.kind == WORD_NAME) {
        r->column.label =
            is_quoted ? slice_make(word.text.data + 1, word.text.size - 2) : word.text;
        if (is_quoted
            && (!r->column.label.size || memchr(r->column.label.data, '\\', r->column.label.size)))
            return false;
        word = word_next(&r->w);
    }
    *is_last = word.kind == WORD_END;
    return *is_last || word_is(word, ",");
}

/* ---- values ---- */

static bool item_value(const struct plan_item *item, const struct plan_context *here,
                       const struct slices *pairs, struct arena *arena, struct slice *value,
                       enum plan_type *type)
{
    switch (item->kind) {
    case ITEM_CONSTANT:
        *value = item->value;
        return true;
    case ITEM_FUNCTION:
        if (slice_equal_nocase(item->name, SLICE("version")))
            return variable_value(here, pairs, true, item->name, arena, value, type);
        return identity_value(here, item->name, arena, value, type);
    case ITEM_VARIABLE:
        break;
    }
    return variable_value(here, pairs, item->is_global, item->name, arena, value, type);
}

/* ---- SELECT ---- */

static void keep(struct plan_opening *o, const struct reading *r, const struct slices *pairs)
{
    if (r->item.kind == ITEM_VARIABLE && variable_is_lacking(pairs, r->item.name))
        o->is_lacking = true;
    o->items[o->column_count] = r->item;
    o->columns[o->column_count++] = r->column;
}

static bool read_items(struct making *m, const struct sql_statement *s, struct plan_opening *o,
                       const struct slices *pairs)
{
    struct reading r = {.m = m, .w = words_over(m->text, s->list_start, s->list_end)};
    struct slice value;

    o->items = arena_array(m->arena, ITEMS_MAX, sizeof *o->items);
    o->columns = arena_array(m->arena, ITEMS_MAX, sizeof *o->columns);
    for (bool is_last = false; !is_last;) {
        r.item = (struct plan_item){.is_global = false};
        r.column = (struct plan_column){.width = 0};
        if (o->column_count == ITEMS_MAX || !read_item(&r) || !read_alias(&r, &is_last)
            || !item_value(&r.item, m->here, pairs, m->arena, &value, &r.column.type))
            return false;
        keep(o, &r, pairs);
    }
    return true;
}

/* [FROM DUAL] [LIMIT n] */
static bool read_tail(struct words w, struct plan_opening *o)
{
    struct word word = word_next(&w);

    if (word_is(word, "from")) {
        if (!word_is(word_next(&w), "dual"))
            return false;
        word = word_next(&w);
    }
    if (word_is(word, "limit")) {
        word = word_next(&w);
        if (word.kind != WORD_NAME || word.text.data[0] < '0' || word.text.data[0] > '9')
            return false;
        o->has_no_row = slice_equal(word.text, SLICE("0"));
        word = word_next(&w);
    }
    return word.kind == WORD_END;
}

static bool is_plain_select(struct making *m, const struct sql_statement *s)
{
    struct words head = words_over(m->text, s->start, s->list_start);

    return s->list_end && !s->reference_count && !s->hint_count && !s->is_explain
           && !s->has_parameters && !s->has_user_variable && !s->has_outfile
           && word_is(word_next(&head), "select") && word_next(&head).kind == WORD_END;
}

static bool read_select(struct making *m, const struct sql_statement *s, struct plan_opening *o,
                        const struct slices *pairs)
{
    return is_plain_select(m, s) && read_items(m, s, o, pairs)
           && read_tail(words_over(m->text, s->list_end, s->end), o);
}

/* ---- SHOW VARIABLES ---- */

static const struct slice variable_columns[] = {{"Variable_name", 13}, {"Value", 5}};

/* The listing of all is a frontend's. */
static bool read_show(struct making *m, struct plan_step *step, struct plan_opening *o)
{
    const struct sql_statement *s = step->statement;
    struct words w = words_over(m->text, s->start, s->end);
    struct word word;

    word_next(&w); /* SHOW */
    word = word_next(&w);
    o->is_global = word_is(word, "global");
    if (!word_is(word, "variables") && !word_is(word_next(&w), "variables"))
        return false; /* VERBOSE */
    if (!s->has_like
        && (!where_find(m, s, &step->where) || !where_is_read(m, step, variable_columns, 2)))
        return false;
    o->column_count = 2;
    o->columns = arena_array(m->arena, 2, sizeof *o->columns);
    for (size_t i = 0; i < 2; i++)
        o->columns[i] = (struct plan_column){.label = variable_columns[i],
                                             .width = s->has_like ? WIDTH_LIKE
                                                      : i         ? 1024
                                                                  : 64};
    return true;
}

static bool is_shown(const struct plan_step *step, struct slice text, const struct slice *cells,
                     struct arena *arena)
{
    const struct sql_statement *s = step->statement;

    return s->has_like ? sql_like(s->like, cells[0])
                       : plan_where_keeps(step, text, variable_columns, cells, 2, arena);
}

static bool show_rows(const struct plan_step *step, const struct plan_context *here,
                      const struct slices *pairs, struct slice text, struct arena *arena,
                      struct plan_rows *rows)
{
    rows->count = 0;
    rows->cells = arena_array(arena, pairs->count + 2, sizeof *rows->cells);
    for (size_t i = 0; i + 1 < pairs->count; i += 2) {
        struct slice *cells = rows->cells + 2 * rows->count, told = pairs->at[i + 1];
        bool is_known;

        cells[0] = pairs->at[i];
        is_known =
            variable_shown(here, pairs, step->opening->is_global, cells[0], told, arena, &cells[1]);
        if (!is_shown(step, text, cells, arena))
            continue;
        if (!is_known)
            return false;
        rows->count++;
    }
    return true;
}

/* ---- both ---- */

void opening_find(struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;
    struct plan_opening *o;
    struct plan_rows rows;
    struct slices pairs = {0};
    bool is_starrocks = false, is_query = s->rule == RULE_queryStatement, is_known;

    if (!m->here->presets || (!is_query && s->rule != RULE_showVariablesStatement))
        return;
    is_known = variables_known(m->here, &pairs, &is_starrocks);
    if (!is_query && !is_known)
        return;
    o = arena_array(m->arena, 1, sizeof *o);
    if (is_query ? !read_select(m, s, o, &pairs) : !read_show(m, step, o))
        return;
    if (!is_starrocks && !o->is_lacking)
        return;
    step->opening = o;
    if (!o->items && !show_rows(step, m->here, &pairs, m->text, m->arena, &rows))
        step->opening = NULL;
}

bool plan_rows(const struct plan_step *step, const struct plan_context *here, struct slice text,
               struct arena *arena, struct plan_rows *rows, struct error *e)
{
    const struct plan_opening *o = step->opening;
    struct slices pairs = {0};
    bool is_starrocks, is_known = variables_known(here, &pairs, &is_starrocks) || o->items;

    if (is_known && !o->items) {
        is_known = show_rows(step, here, &pairs, text, arena, rows);
    } else if (is_known) {
        rows->cells = arena_array(arena, o->column_count, sizeof *rows->cells);
        rows->count = !o->has_no_row;
        for (size_t i = 0; is_known && i < o->column_count; i++)
            is_known =
                item_value(&o->items[i], here, &pairs, arena, &rows->cells[i], &o->columns[i].type);
    }
    return is_known
           || refuse(e, ERROR_NOT_SUPPORTED,
                     "starbind: only a frontend knows the value, since the text changes it; send "
                     "the statements one by one");
}
