/* Which names can be seen from where, and what the qualifier of a column means.
 *
 * A scope has the CTEs and the relations of one query level; lambdas have one, and so do places
 * from which CTEs further out are not seen (ON, arguments of table functions, ORDER BY of a set
 * operation). Columns stand before their FROM, so they are resolved when the statement has been
 * read. The frontend compares these names byte by byte. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"

enum { LIST_MAX = 8 }; /* names without a hash table */

/* The entries of one name and its like, in order of arrival. */
struct slots {
    struct slot_ends {
        struct named *first, *last;
    } * at;
    uint32_t mask;
};

struct scope *scope_new(struct parser *p, struct scope *parent, bool barrier)
{
    struct scope *s = arena_alloc(p->arena, sizeof(*s));

    s->parent = parent;
    s->barrier = barrier;
    s->limit = UINT32_MAX;
    return s;
}

static uint32_t name_hash(struct slice name)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ (unsigned char)name.data[i]) * 16777619U;
    return hash ^ (hash >> 15);
}

/* Chains keep the order of arrival: the first match is the first relation. */
static void slot_add(struct slots *slots, struct named *entry)
{
    struct slot_ends *slot = &slots->at[entry->hash & slots->mask];

    entry->chain = NULL;
    if (slot->last)
        slot->last->chain = entry;
    else
        slot->first = entry;
    slot->last = entry;
}

static void slots_make(struct parser *p, struct names *names)
{
    uint32_t size = 64;

    while (size < names->count * 2)
        size *= 2;
    names->slots = arena_alloc(p->arena, sizeof(*names->slots));
    names->slots->at = arena_array(p->arena, size, sizeof(*names->slots->at));
    names->slots->mask = size - 1;
    for (struct named *n = names->first; n; n = n->next)
        slot_add(names->slots, n);
}

void scope_add(struct parser *p, struct names *names, struct slice name,
               const struct sql_reference *reference)
{
    struct named *n = arena_alloc(p->arena, sizeof(*n));

    n->name = name;
    n->hash = name_hash(name);
    n->order = names->count++;
    n->reference = reference;
    if (names->last)
        names->last->next = n;
    else
        names->first = n;
    names->last = n;
    if (names->slots) /* until then nobody has asked */
        slot_add(names->slots, n);
}

void scope_add_to(struct parser *p, struct names **names, struct slice name)
{
    if (!*names)
        *names = arena_alloc(p->arena, sizeof(**names));
    scope_add(p, *names, name, NULL);
}

/* The next entry of that name; NULL starts, and ends. */
static struct named *find_next(struct parser *p, struct names *names, struct slice name,
                               uint32_t hash, struct named *n)
{
    if (names->count > LIST_MAX && (!names->slots || names->count > names->slots->mask * 2))
        slots_make(p, names);
    if (n)
        n = names->slots ? n->chain : n->next;
    else
        n = names->slots ? names->slots->at[hash & names->slots->mask].first : names->first;
    for (; n; n = names->slots ? n->chain : n->next) {
        p->steps++;
        if (n->hash == hash && slice_equal(n->name, name))
            return n;
    }
    return NULL;
}

bool scope_has_cte(struct parser *p, struct slice name)
{
    uint32_t hash = name_hash(name);

    for (struct scope *s = p->scope; s; s = s->parent) {
        p->steps++;
        if (s->ctes && find_next(p, s->ctes, name, hash, NULL))
            return true;
        if (s->barrier)
            return false;
    }
    return false;
}

static bool part_equal(const struct sql_part *a, const struct sql_part *b)
{
    return a->is_macro == b->is_macro && slice_equal(a->value, b->value);
}

/* A database of the same code in other letter case, or with and without macro signs: only who knows
 * the codes can tell whether it is the same. */
static bool part_similar(const struct sql_part *a, const struct sql_part *b)
{
    return slice_equal_nocase(a->value, b->value);
}

/* What a relation must be for a column's qualifier to mean it. */
enum fit { FIT_NAME, FIT_DATABASE, FIT_CATALOG, FIT_BARE, FIT_BARE_CATALOG, FIT_SIMILAR };

static bool fits(const struct sql_reference *column, const struct sql_reference *r, enum fit fit)
{
    const struct sql_part *c = column->parts;

    if (fit == FIT_NAME)
        return true;
    if (!r)
        return false;
    switch (fit) {
    case FIT_DATABASE:
        return r->count >= 2 && part_equal(&r->parts[r->count - 2], &c[0]);
    case FIT_CATALOG:
        return r->count == 3 && part_equal(&r->parts[1], &c[1]) && part_equal(&r->parts[0], &c[0]);
    case FIT_BARE:
        return r->count == 1;
    case FIT_BARE_CATALOG:
        return r->count == 1 || (r->count == 2 && part_equal(&r->parts[0], &c[1]));
    default:
        return r->count >= 2 && part_similar(&r->parts[r->count - 2], &c[0]);
    }
}

static const struct named *find_fit(struct parser *p, const struct sql_reference *column,
                                    struct scope *s, uint32_t limit, enum fit fit)
{
    uint32_t part = fit == FIT_NAME ? 0 : fit == FIT_CATALOG || fit == FIT_BARE_CATALOG ? 2 : 1;

    if (column->count < part + 2 || column->parts[part].is_macro)
        return NULL;
    struct slice name = column->parts[part].value;
    uint32_t hash = name_hash(name);
    for (struct named *n = NULL; (n = find_next(p, &s->relations, name, hash, n));)
        if (n->order < limit && fits(column, n->reference, fit))
            return n;
    return NULL;
}

static bool column_found(struct sql_reference *r, const struct named *n, enum sql_scope scope)
{
    if (!n)
        return false;
    r->scope = scope;
    if (scope != SCOPE_REL)
        r->relation = n->reference;
    return true;
}

static bool resolve_in(struct parser *p, struct sql_reference *r, struct scope *s, uint32_t limit)
{
    struct slice head = r->parts[0].value;

    if (s->lambda && find_next(p, s->lambda, head, name_hash(head), NULL)) {
        r->scope = SCOPE_LAMBDA;
        return true;
    }
    if (r->count == 2)
        return column_found(r, find_fit(p, r, s, limit, FIT_NAME), SCOPE_REL);
    return column_found(r, find_fit(p, r, s, limit, FIT_CATALOG), SCOPE_CATALOG)
           || column_found(r, find_fit(p, r, s, limit, FIT_DATABASE), SCOPE_DB)
           || column_found(r, find_fit(p, r, s, limit, FIT_NAME), SCOPE_REL);
}

static bool resolve_maybe(struct parser *p, struct sql_reference *r, struct scope *s,
                          uint32_t limit)
{
    return column_found(r, find_fit(p, r, s, limit, FIT_BARE_CATALOG), SCOPE_CATALOG_MAYBE)
           || column_found(r, find_fit(p, r, s, limit, FIT_BARE), SCOPE_DB_MAYBE);
}

static bool resolve_similar(struct parser *p, struct sql_reference *r, struct scope *s,
                            uint32_t limit)
{
    return column_found(r, find_fit(p, r, s, limit, FIT_SIMILAR), SCOPE_FIELD);
}

static bool outwards(struct parser *p, struct scope *s, struct sql_reference *r,
                     bool (*try)(struct parser *, struct sql_reference *, struct scope *, uint32_t))
{
    uint32_t limit = UINT32_MAX;

    for (; s; s = s->parent) {
        p->steps++;
        if (try(p, r, s, limit))
            return true;
        limit = s->limit;
    }
    return false;
}

/* Can its qualifier be no database? Macros are left to who knows the codes. */
static bool is_local(const struct sql_reference *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (r->parts[i].is_macro)
            return false;
    return r->scope == SCOPE_REL || r->scope == SCOPE_LAMBDA
           || (r->scope == SCOPE_FIELD && r->count == 2);
}

static void column_tell(struct parser *p, const struct column *c, const struct sql_reference *found)
{
    uint32_t last = c->has_star ? c->last + 2 : c->last;
    struct sql_reference *r = reference_make(p, c->first, last, KIND_COLUMN, ACCESS_READ);

    r->scope = found->scope;
    r->relation = found->relation;
    r->end = p->tokens[c->last].end;
    r->has_parentheses = p->tokens[c->first].kind == T_LEFT_PAREN;
    reference_push(p, r);
}

bool columns_resolve(struct parser *p, uint32_t first)
{
    const struct column *columns = p->columns.data;
    struct sql_part parts[SQL_PARTS_MAX];

    for (uint32_t i = first; i < p->columns.count; i++) {
        const struct column *c = &columns[i];
        struct sql_reference r = {.scope = SCOPE_FIELD, .parts = parts};

        if (p->steps > p->step_limit)
            return stop(p, "it has too many names at too many levels");
        r.count = parts_fill(p, c->first, c->has_star ? c->last + 2 : c->last, parts);
        if (!outwards(p, c->scope, &r, resolve_in) && r.count >= 3
            && !outwards(p, c->scope, &r, resolve_maybe))
            outwards(p, c->scope, &r, resolve_similar);
        if (p->every_column || !is_local(&r))
            column_tell(p, c, &r);
    }
    return true;
}
