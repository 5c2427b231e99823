/* SET x = expression: worked out here where all of it is known here, since what is replayed on the
 * next connection must be a plain value.
 *
 *   value: 'text' | number | @@variable | @variable | CONCAT(value, …) | (value) | (SELECT value)
 *
 * CONCAT is the only operator, so the text of the value is what the parts append, in order. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

enum { VALUE_MAX = 16 * 1024 }; /* bytes of a value that was worked out */

struct evaluation {
    const struct making *m;
    struct words w;
    char *out; /* VALUE_MAX bytes */
    size_t size;
    bool is_number; /* of the last part, as it was written */
};

static bool evaluate_value(struct evaluation *v);

static bool refuse_expression(const struct evaluation *v)
{
    return refuse(v->m->e, ERROR_NOT_SUPPORTED,
                  "starbind: SET takes a literal, a variable or CONCAT of these; other expressions "
                  "and subqueries are not served");
}

static bool append(struct evaluation *v, struct slice text, bool is_number)
{
    if (text.size > VALUE_MAX - v->size)
        return refuse_expression(v);
    if (text.size)
        memcpy(v->out + v->size, text.data, text.size);
    v->size += text.size;
    v->is_number = is_number;
    return true;
}

static bool is_number(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.size > 0;
}

/* What is between the quotes, when nothing there is escaped. */
static bool plain_string(struct word word, struct slice *value)
{
    if (word.kind != WORD_STRING || word.text.size < 2)
        return false;
    *value = slice_make(word.text.data + 1, word.text.size - 2);
    return !value->size
           || (!memchr(value->data, '\\', value->size)
               && !memchr(value->data, word.text.data[0], value->size));
}

static bool literal(struct word word, struct slice *value, bool *number)
{
    *number = word.kind == WORD_NAME && is_number(word.text);
    if (*number)
        *value = word.text;
    return *number || plain_string(word, value);
}

/* What StarRocks starts a session with; what a session has SET comes first. */
static bool preset(struct slice name, struct slice *value)
{
    static const char *const presets[][2] = {{"sql_mode", "ONLY_FULL_GROUP_BY"}};

    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (slice_equal(name, slice_of(presets[i][0]))) {
            *value = slice_of(presets[i][1]);
            return true;
        }
    return false;
}

/* A value that was kept for replay. */
static bool kept_value(struct slice kept, struct slice *value, bool *number)
{
    struct words w = words_over(kept, 0, kept.size);
    struct word word = word_next(&w);

    if (word.kind == WORD_NAME && !is_number(word.text) && !word_is(word, "default")) {
        *value = word.text; /* SET sql_mode = ANSI */
        *number = false;
        return word_next(&w).kind == WORD_END;
    }
    return literal(word, value, number) && word_next(&w).kind == WORD_END;
}

static bool known(const struct making *m, bool is_user, bool is_global, struct slice name,
                  struct slice *value, bool *number)
{
    const struct plan_context *here = m->here;
    struct slice kept;

    if (!is_global && here->variable && here->variable(here->variables, is_user, name, &kept))
        return kept_value(kept, value, number);
    *number = false;
    return !is_user && preset(name, value);
}

/* Behind the first '@': @name, @@name, @@session.name, @@global.name */
static bool evaluate_variable(struct evaluation *v)
{
    struct word word = word_next(&v->w);
    bool is_user = !word_is(word, "@"), is_global = false, number;
    struct slice name, value;

    if (!is_user)
        word = word_next(&v->w);
    if (!is_user && v->w.at < v->w.end && v->w.text.data[v->w.at] == '.') {
        is_global = word_is(word, "global");
        if (!is_global && !word_is(word, "session") && !word_is(word, "local"))
            return refuse_expression(v);
        word_next(&v->w);
        word = word_next(&v->w);
    }
    if (word.kind != WORD_NAME)
        return refuse_expression(v);
    name = is_user ? word.text : variable_name(word.text, v->m->arena);
    if (known(v->m, is_user, is_global, name, &value, &number))
        return append(v, value, number);
    return refuse(v->m->e, ERROR_NOT_SUPPORTED,
                  "starbind: the value of %s%.*s is not known here; write it out",
                  is_user ? "@" : "@@", SHOW(name));
}

/* Behind CONCAT and its bracket. */
static bool evaluate_concat(struct evaluation *v)
{
    struct word word;

    do {
        if (!evaluate_value(v))
            return false;
        word = word_next(&v->w);
    } while (word_is(word, ","));
    v->is_number = false;
    return word_is(word, ")") || refuse_expression(v);
}

/* Behind a bracket. Nesting is bounded by sql_read. */
static bool evaluate_inner(struct evaluation *v)
{
    struct words ahead = v->w;

    if (word_is(word_next(&ahead), "select"))
        v->w = ahead;
    return evaluate_value(v) && (word_is(word_next(&v->w), ")") || refuse_expression(v));
}

static bool evaluate_value(struct evaluation *v)
{
    struct word word = word_next(&v->w);
    struct slice value;
    bool number;

    if (word_is(word, "("))
        return evaluate_inner(v);
    if (word_is(word, "@"))
        return evaluate_variable(v);
    if (word_is(word, "concat") && word_is(word_next(&v->w), "("))
        return evaluate_concat(v);
    if (literal(word, &value, &number))
        return append(v, value, number);
    return refuse_expression(v);
}

/* @name, which the session has not SET: a user variable takes that for NULL. */
static bool is_null(const struct making *m, const struct sql_assignment *a)
{
    struct words w = words_over(a->value, 0, a->value.size);
    struct slice kept;

    if (a->scope != SET_USER_VARIABLE || !m->here->variable || !word_is(word_next(&w), "@"))
        return false;
    struct word name = word_next(&w);
    return name.kind == WORD_NAME && word_next(&w).kind == WORD_END
           && !m->here->variable(m->here->variables, true, name.text, &kept);
}

bool evaluate(const struct making *m, const struct sql_assignment *a, struct plan_set *set)
{
    size_t start = (size_t)(a->value.data - m->text.data);
    struct slice head = slice_make(m->text.data + a->start, start - a->start);
    struct evaluation v = {.m = m, .w = words_over(m->text, start, start + a->value.size)};

    if (is_null(m, a)) {
        set->value = set->literal = SLICE("NULL");
        set->text = arena_print(m->arena, "%.*sNULL", SHOW(head));
        return true;
    }
    v.out = arena_alloc(m->arena, VALUE_MAX);
    if (!evaluate_value(&v))
        return false;
    if (word_next(&v.w).kind != WORD_END)
        return refuse_expression(&v);
    set->value = slice_make(v.out, v.size);
    set->literal = v.is_number ? set->value : sql_quote_string(set->value, m->arena);
    set->text = arena_print(m->arena, "%.*s%.*s", SHOW(head), SHOW(set->literal));
    return true;
}
