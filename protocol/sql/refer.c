/* Names become references, and the last check: every dot of a statement belongs to one. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"
#include "base/error.h"

/* The frontend removes every backquote of a quoted name, the doubled ones inside too. */
static struct slice without_backquotes(struct slice quoted, struct arena *arena)
{
    struct slice inner = slice_make(quoted.data + 1, quoted.size - 2);

    if (!memchr(quoted.data + 1, '`', inner.size))
        return inner;
    char *made = arena_alloc(arena, inner.size);
    size_t size = 0;
    for (size_t i = 0; i < inner.size; i++)
        if (inner.data[i] != '`')
            made[size++] = inner.data[i];
    return slice_make(made, size);
}

struct slice token_name(const struct parser *p, const struct token *t)
{
    struct slice word = slice_make(p->text.data + t->start, t->end - t->start);

    switch (t->kind) {
    case T_QUOTED:
        return without_backquotes(word, p->arena);
    case T_MACRO:
        return slice_make(word.data + 2, word.size - 3);
    case T_DOT_NAME:
        return slice_after(word, 1);
    case T_STRING:
    case T_TEXT:
        return string_value(word, p->arena);
    default:
        return word;
    }
}

static void part_fill(const struct parser *p, const struct token *t, struct sql_part *part)
{
    part->value = token_name(p, t);
    part->start = t->kind == T_DOT_NAME ? t->start + 1 : t->start;
    part->end = t->end;
    part->is_macro = t->kind == T_MACRO;
    part->is_quoted = t->kind == T_QUOTED;
    part->is_string = is_string(t);
}

static bool is_part(const struct token *t)
{
    return t->is_name || t->kind == T_DOT_NAME || t->kind == T_STAR || is_string(t);
}

struct sql_reference *reference_make(struct parser *p, uint32_t first, uint32_t last,
                                     enum sql_kind kind, enum sql_access access)
{
    struct sql_reference *r = arena_alloc(p->arena, sizeof(*r));
    uint32_t count = 0;

    for (uint32_t i = first; i <= last; i++)
        count += is_part(&p->tokens[i]);
    if (count > SQL_PARTS_MAX)
        count = SQL_PARTS_MAX;
    struct sql_part *parts = arena_array(p->arena, count, sizeof(*parts));
    for (uint32_t i = first; i <= last && r->count < count; i++) {
        const struct token *t = &p->tokens[i];
        if (is_part(t))
            part_fill(p, t, &parts[r->count++]);
        else if (t->kind == T_LEFT_PAREN)
            r->has_parentheses = true;
    }
    r->kind = kind;
    r->access = access;
    r->start = p->tokens[first].start;
    r->end = p->tokens[last].end;
    r->parts = parts;
    r->is_in_hint = p->in_hint;
    return r;
}

void reference_push(struct parser *p, struct sql_reference *r)
{
    struct sql_reference **place = vector_push(&p->references, sizeof(*place), p->arena);

    *place = r;
}

bool dotted_name(struct parser *p, uint32_t *first, uint32_t *last)
{
    *first = p->at;
    if (!need_name(p))
        return false;
    for (;;) {
        if (at_kind(p, T_DOT_NAME))
            p->at++;
        else if (at_kind(p, T_DOT) && p->tokens[p->at + 1].is_name
                 && p->tokens[p->at + 1].kind != T_MACRO)
            p->at += 2;
        else
            break;
    }
    *last = p->at - 1;
    return true;
}

/* More parts than these are refused by the frontend after parsing. */
static uint32_t parts_allowed(enum sql_kind kind)
{
    switch (kind) {
    case KIND_TABLE:
    case KIND_VIEW:
    case KIND_MV:
    case KIND_FUNCTION:
    case KIND_PROCEDURE:
        return 3;
    case KIND_CATALOG:
        return 1;
    default:
        return 2;
    }
}

struct sql_reference *take_reference(struct parser *p, enum sql_kind kind, enum sql_access access)
{
    uint32_t first, last;

    if (!dotted_name(p, &first, &last))
        return NULL;
    struct sql_reference *r = reference_make(p, first, last, kind, access);
    if (r->count > parts_allowed(kind)) {
        p->at = first;
        stop(p, "a name has more parts than StarRocks allows here");
        return NULL;
    }
    reference_push(p, r);
    return r;
}

void exempt_dot(struct parser *p, uint32_t token)
{
    uint32_t *place = vector_push(&p->exempt, sizeof(*place), p->arena);

    *place = p->tokens[token].start;
}

void column_push(struct parser *p, uint32_t first, uint32_t last, bool star)
{
    uint32_t end = star ? last + 2 : last;
    struct sql_reference *r = reference_make(p, first, end, KIND_COLUMN, ACCESS_READ);
    struct column *column = vector_push(&p->columns, sizeof(*column), p->arena);

    if (star) {
        r->end = p->tokens[last].end;
        exempt_dot(p, last + 1);
    }
    r->scope = SCOPE_FIELD;
    *column = (struct column){r, p->scope};
    reference_push(p, r);
}

/* Java folds these to ASCII letters: K (Kelvin), long s, dotless i, dotted I. */
static bool has_imitation(struct slice name)
{
    static const char *const imitations[] = {"\xe2\x84\xaa", "\xc5\xbf", "\xc4\xb1", "\xc4\xb0"};

    for (size_t i = 0; i < sizeof(imitations) / sizeof(*imitations); i++)
        if (memmem(name.data, name.size, imitations[i], strlen(imitations[i])))
            return true;
    return false;
}

bool call_push(struct parser *p, uint32_t first, uint32_t last, bool table_function)
{
    struct sql_call *call = vector_push(&p->calls, sizeof(*call), p->arena);

    call->name = token_name(p, &p->tokens[last]);
    call->start = p->tokens[first].start;
    call->end = p->tokens[last].end;
    call->is_table_function = table_function;
    call->is_qualified = last > first;
    if (has_imitation(call->name))
        return stop(p, "a function's name imitates Latin letters");
    return true;
}

/* Functions whose first argument, a string, names a table. */
static bool names_table_in_string(struct slice function)
{
    static const char *const functions[] = {
        "dict_mapping",       "inspect_mv_meta",        "inspect_mv_refresh_info",
        "inspect_related_mv", "inspect_mv_plan",        "inspect_table_partition_info",
        "lookup_string",      "inspect_hive_part_info", "inspect_global_dict"};

    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
        if (slice_equal_nocase(function, slice_of(functions[i])))
            return true;
    return false;
}

/* The parts of a dotted string; positions within the literal where nothing in it is escaped. */
static void string_parts(struct parser *p, const struct token *t, struct sql_reference *r)
{
    struct slice value = r->parts[0].value, rest = value;
    bool as_typed = value.size + 2 == t->end - t->start;
    struct sql_part *parts = arena_array(p->arena, SQL_PARTS_MAX, sizeof(*parts));
    uint32_t count = 0, offset = t->start + 1;

    while (count < SQL_PARTS_MAX) {
        const char *dot = rest.size ? memchr(rest.data, '.', rest.size) : NULL;
        size_t size = dot && count + 1 < SQL_PARTS_MAX ? (size_t)(dot - rest.data) : rest.size;
        parts[count] = (struct sql_part){.value = slice_head(rest, size),
                                         .start = as_typed ? offset : t->start,
                                         .end = as_typed ? offset + (uint32_t)size : t->end,
                                         .is_string = true};
        count++;
        if (size == rest.size)
            break;
        rest = slice_after(rest, size + 1);
        offset += (uint32_t)size + 1;
    }
    r->parts = parts;
    r->count = count;
}

bool string_tables(struct parser *p, uint32_t name, uint32_t argument)
{
    const struct token *t = &p->tokens[argument];
    enum token_kind after = t->kind == T_END ? T_END : (enum token_kind)t[1].kind;

    if (!is_string(t) || (after != T_COMMA && after != T_RIGHT_PAREN))
        return true;
    if (!names_table_in_string(token_name(p, &p->tokens[name])))
        return true;
    struct sql_reference *r =
        reference_make(p, argument, argument, KIND_TABLE_IN_STRING, ACCESS_READ);
    string_parts(p, t, r);
    reference_push(p, r);
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct sql_reference *x = *(const struct sql_reference *const *)a;
    const struct sql_reference *y = *(const struct sql_reference *const *)b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* Nearly always they came in order. */
static void references_sort(struct sql_reference **list, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (by_start(&list[i - 1], &list[i]) > 0) {
            qsort(list, count, sizeof(struct sql_reference *), by_start);
            return;
        }
}

bool references_finish(struct parser *p, uint32_t first_token, uint32_t last_token,
                       const struct mark *since)
{
    uint32_t count = p->references.count - since->references;
    uint32_t exempt_count = p->exempt.count - since->exempt;
    struct sql_reference **list = p->references.data;
    uint32_t *exempt = p->exempt.data;
    uint32_t r = 0, x = 0;

    if (count) {
        list += since->references;
        references_sort(list, count);
    }
    if (exempt_count) {
        exempt += since->exempt;
        qsort(exempt, exempt_count, sizeof(*exempt), by_number);
    }
    for (uint32_t i = first_token; i <= last_token; i++) {
        const struct token *t = &p->tokens[i];
        if (t->kind != T_DOT && t->kind != T_DOT_NAME)
            continue;
        while (x < exempt_count && exempt[x] < t->start)
            x++;
        if (x < exempt_count && exempt[x] == t->start)
            continue;
        while (r < count && list[r]->end <= t->start)
            r++;
        if (r < count && list[r]->start < t->start)
            continue;
        p->at = i;
        return stop(p, "this dotted name is not understood");
    }
    return true;
}
