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

    if (t->kind == T_WORD) /* mostly */
        return word;
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

/* name.name, as nearly all are. */
static bool is_pair(const struct token *t, uint32_t count)
{
    return count == 3 && t[0].is_name && t[1].kind == T_DOT && t[2].is_name;
}

/* The parts of a name; gives their number. What lies beyond the last is left out. */
uint32_t parts_fill(const struct parser *p, uint32_t first, uint32_t last,
                    struct sql_part parts[SQL_PARTS_MAX])
{
    const struct token *t = &p->tokens[first], *end = &p->tokens[last];
    uint32_t count = 0;

    if (is_pair(t, last - first + 1)) {
        part_fill(p, &t[0], &parts[0]);
        part_fill(p, &t[2], &parts[1]);
        return 2;
    }
    for (; t <= end && count < SQL_PARTS_MAX; t++)
        if (is_part(t))
            part_fill(p, t, &parts[count++]);
    return count;
}

struct sql_reference *reference_make(struct parser *p, uint32_t first, uint32_t last,
                                     enum sql_kind kind, enum sql_access access)
{
    struct sql_reference *r = arena_alloc(p->arena, sizeof(*r));
    struct sql_part parts[SQL_PARTS_MAX], *kept;

    r->count = parts_fill(p, first, last, parts);
    r->parts = kept = arena_array(p->arena, r->count, sizeof(*kept));
    memcpy(kept, parts, r->count * sizeof(*kept));
    r->kind = kind;
    r->access = access;
    r->start = p->tokens[first].start;
    r->end = p->tokens[last].end;
    r->is_in_hint = p->in_hint;
    return r;
}

void reference_push(struct parser *p, struct sql_reference *r)
{
    struct mention *place = vector_push(&p->references, sizeof(*place), p->arena);

    *place = (struct mention){r->start, r->end, r};
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

/* It becomes a reference when the statement has been read: columns_resolve. */
void column_push(struct parser *p, uint32_t first, uint32_t last, bool star)
{
    struct column *column = vector_push(&p->columns, sizeof(*column), p->arena);

    *column = (struct column){first, last, p->scope, star};
    if (star)
        exempt_dot(p, last + 1);
}

/* Java folds these to ASCII letters: K (Kelvin), long s, dotless i, dotted I. */
static bool has_imitation(struct slice name)
{
    static const char *const imitations[] = {"\xe2\x84\xaa", "\xc5\xbf", "\xc4\xb1", "\xc4\xb0"};

    if (slice_is_ascii(name))
        return false;
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
    const struct mention *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static int by_first(const void *a, const void *b)
{
    const struct column *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

/* Nearly always they came in order. */
static void sort(void *list, uint32_t count, size_t size, int (*order)(const void *, const void *))
{
    for (uint32_t i = 1; i < count; i++)
        if (order((char *)list + (i - 1) * size, (char *)list + i * size) > 0) {
            qsort(list, count, size, order);
            return;
        }
}

/* The members of a list since a mark, in order. */
struct claims {
    const void *list;
    uint32_t count, at;
};

static struct claims claims_since(struct vector *v, uint32_t since, size_t size,
                                  int (*order)(const void *, const void *))
{
    struct claims c = {NULL, v->count - since, 0};

    if (c.count) {
        c.list = (char *)v->data + since * size;
        sort((char *)v->data + since * size, c.count, size, order);
    }
    return c;
}

static bool is_exempt(struct claims *c, uint32_t dot)
{
    const uint32_t *exempt = c->list;

    while (c->at < c->count && exempt[c->at] < dot)
        c->at++;
    return c->at < c->count && exempt[c->at] == dot;
}

static bool is_in_column(struct claims *c, uint32_t dot)
{
    const struct column *columns = c->list;

    while (c->at < c->count && columns[c->at].last < dot)
        c->at++;
    return c->at < c->count && columns[c->at].first < dot;
}

static bool is_in_reference(struct claims *c, uint32_t start)
{
    const struct mention *list = c->list;

    while (c->at < c->count && list[c->at].end <= start)
        c->at++;
    return c->at < c->count && list[c->at].start < start;
}

/* The first dot that is not in front of a token. */
static uint32_t dot_find(const struct parser *p, uint32_t token)
{
    const struct dot *dots = p->dots.data;
    uint32_t low = 0, high = p->dots.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (dots[middle].token < token)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool references_finish(struct parser *p, uint32_t first_token, uint32_t last_token,
                       const struct mark *since)
{
    struct claims references = claims_since(&p->references, since->references,
                                            sizeof(struct mention), by_start),
                  columns =
                      claims_since(&p->columns, since->columns, sizeof(struct column), by_first),
                  exempt = claims_since(&p->exempt, since->exempt, sizeof(uint32_t), by_number);
    const struct dot *dots = p->dots.data;
    uint32_t count = p->dots.count;

    for (uint32_t i = dot_find(p, first_token); i < count && dots[i].token <= last_token; i++) {
        if (is_in_column(&columns, dots[i].token) || is_exempt(&exempt, dots[i].start)
            || is_in_reference(&references, dots[i].start))
            continue;
        p->at = dots[i].token;
        return stop(p, "this dotted name is not understood");
    }
    return true;
}
