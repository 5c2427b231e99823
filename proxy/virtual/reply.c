#include "proxy/virtual/reply.h"

#include "auth/grant.h"
#include "base/arena.h"
#include "base/reader.h"
#include "base/writer.h"
#include "protocol/mysql/mysql.h"
#include "proxy/plan/places.h"
#include "proxy/plan/plan.h"
#include "proxy/plan/shows.h"
#include "proxy/plan/visible.h"

enum {
    NAMES_OF_DEFINITION = 6,
    SCHEMA = 1,
    NAME = 4,
    ORIGINAL_NAME = 5,
    LENENC_MAX = 9,
    NULL_CELL = 0xfb,
    SCHEMA_GROWTH = 3 * SCHEMA_MAX /* project, dot, schema; and what tells its size */
};

static const char *columns_of_statement(const struct sql_statement *s)
{
    return s->is_explain ? "~*" : shows_columns(s->rule);
}

bool reply_is_mapped(const struct sql_statement *s)
{
    return columns_of_statement(s) != NULL;
}

/* A frontend answers empty statements, too, which have no step. */
static const struct plan_step *step_of(const struct plan *plan, uint32_t result)
{
    for (size_t i = 0; i < plan->step_count && result < plan->read.count; i++)
        if (plan->steps[i].statement == &plan->read.statements[result])
            return &plan->steps[i];
    return NULL;
}

void reply_begin(struct reply *r, const struct plan *plan, uint32_t result)
{
    *r = (struct reply){.plan = plan, .result = result, .step = step_of(plan, result)};
    if (!r->step)
        return;
    r->columns = columns_of_statement(r->step->statement);
    r->references = plan->references;
    for (uint32_t i = 0; i < result; i++)
        r->references += plan->read.statements[i].reference_count;
}

bool reply_looks_at_rows(const struct reply *r)
{
    return r->columns || !r->step;
}

/* ---- definitions ---- */

/* Tables_in_dw_sales (o%) */
static struct slice header_of(const struct names *n, struct slice header)
{
    const struct slice head = SLICE("Tables_in_");

    if (!slice_starts_with(header, head))
        return header;
    return arena_print(n->arena, "%.*s%.*s", SHOW(head),
                       SHOW(names_in_text(n, slice_after(header, head.size))));
}

static struct slice schema_of(const struct names *n, struct slice schema)
{
    struct named_side side;

    if (names_database(n, schema, &side))
        return side.name;
    return names_is_database(n, schema) ? SLICE("") : schema;
}

static void remember_head(struct reply *r, struct slice was, struct slice is)
{
    if (was.size > REPLY_HEAD_MAX || is.size > REPLY_HEAD_MAX)
        return;
    memcpy(r->was, was.data, was.size);
    memcpy(r->is, is.data, is.size);
    r->was_size = (unsigned char)was.size;
    r->is_size = (unsigned char)is.size;
}

/* A definition that begins as the last one did. */
static size_t put_again(const struct reply *r, struct slice payload, char *to, size_t room)
{
    size_t rest = payload.size - r->was_size;

    if (!rest || room < r->is_size + rest)
        return 0;
    memcpy(to, r->is, r->is_size);
    memcpy(to + r->is_size, payload.data + r->was_size, rest);
    return r->is_size + rest;
}

size_t reply_definition_put(struct reply *r, const struct names *n, struct slice payload, char *to,
                            size_t room)
{
    if (r->was_size && slice_starts_with(payload, slice_make(r->was, r->was_size)))
        return put_again(r, payload, to, room);
    struct reader in = reader_over(payload);
    struct writer w = writer_over(to, room);
    put_lenenc_bytes(&w, take_lenenc_bytes(&in));
    put_lenenc_bytes(&w, schema_of(n, take_lenenc_bytes(&in)));
    struct slice rest = take_rest(&in);
    if (reader_done(&in) && writer_done(&w))
        remember_head(r, slice_head(payload, payload.size - rest.size), writer_bytes(&w));
    put_bytes(&w, rest);
    return reader_done(&in) && rest.size && writer_done(&w) ? writer_bytes(&w).size : 0;
}

static bool definition_of_query(struct reply *r, const struct names *n, struct slice payload,
                                struct slice *to)
{
    size_t room = payload.size + SCHEMA_GROWTH;
    char *text = arena_alloc(n->arena, room);

    *to = slice_make(text, reply_definition_put(r, n, payload, text, room));
    return to->size > 0;
}

bool reply_definition(struct reply *r, const struct names *n, struct slice payload,
                      struct slice *to)
{
    struct slice texts[NAMES_OF_DEFINITION];
    struct reader in = reader_over(payload);
    size_t size = 0;

    if (!r->columns)
        return definition_of_query(r, n, payload, to);
    for (unsigned i = 0; i < NAMES_OF_DEFINITION; i++)
        texts[i] = take_lenenc_bytes(&in);
    struct slice rest = take_rest(&in);
    if (!reader_done(&in) || !rest.size)
        return false;
    if (r->count < REPLY_COLUMNS_MAX)
        r->signs[r->count] = shows_sign(r->columns, texts[NAME]);
    r->count++;
    texts[NAME] = header_of(n, texts[NAME]);
    texts[ORIGINAL_NAME] = header_of(n, texts[ORIGINAL_NAME]);
    texts[SCHEMA] = schema_of(n, texts[SCHEMA]);
    for (unsigned i = 0; i < NAMES_OF_DEFINITION; i++)
        size += texts[i].size + LENENC_MAX;
    struct writer w = writer_over(arena_alloc(n->arena, size + rest.size), size + rest.size);
    for (unsigned i = 0; i < NAMES_OF_DEFINITION; i++)
        put_lenenc_bytes(&w, texts[i]);
    put_bytes(&w, rest);
    *to = writer_bytes(&w);
    return writer_done(&w);
}

/* ---- rows ---- */

/* Whose tables a reply without a column for the database is about: the first name of the statement,
 * else the selected project. Of a schema of the system, whether it is one is in *is_system. */
static struct named_side side_of_statement(const struct reply *r, bool *is_system)
{
    const struct plan *p = r->plan;

    for (size_t i = 0; i < r->step->statement->reference_count; i++) {
        const struct binding *b = r->references[i].binding;

        *is_system = r->references[i].is_of_system;
        if (b)
            return (struct named_side){b->project, b->environment, {NULL, 0}};
        if (*is_system)
            return (struct named_side){0};
    }
    *is_system = !p->project || r->step->information;
    return (struct named_side){p->project, p->environment, {NULL, 0}};
}

static bool sees_table(const struct names *n, const struct named_side *side, struct slice table)
{
    return side->project && grant_privileges(n->user, side->project, side->environment, table);
}

static bool sees_group(const struct names *n, struct slice group)
{
    for (size_t i = 0; i < n->config->project_count; i++)
        for (unsigned e = 0; e < ENVIRONMENTS; e++) {
            const struct project *project = &n->config->projects[i];
            const struct compute_source *source = project->sides[e];
            if (source && source->cluster == n->plan->source->cluster
                && grant_sees(n->user, project, (enum environment)e)
                && source_allows_group(source, group))
                return true;
        }
    return false;
}

/* Adminer browses no table on which SHOW FULL COLUMNS names no right; a frontend names none. */
static struct slice rights_on(const struct names *n, const struct named_side *side)
{
    unsigned held =
        side->project ? grant_privileges(n->user, side->project, side->environment, SLICE("")) : 0;

    return held & WRITE ? SLICE("select,insert,update") : SLICE("select");
}

/* One cell; false: the row is not for this user. */
static bool map_cell(const struct names *n, char sign, struct named_side *side, bool is_system,
                     struct slice *cell)
{
    switch (sign) {
    case '@':
        if (!cell->data || !names_database(n, *cell, side))
            return false;
        *cell = side->name;
        return true;
    case '#':
        if (!cell->data)
            return true;
        return is_system ? information_is_listed(n->user, *cell) : sees_table(n, side, *cell);
    case '!':
        return cell->data && sees_group(n, *cell);
    case '?':
        return !place_is_told(*cell);
    case '%':
        *cell = names_in_sql(n, *cell);
        return true;
    case '+':
        *cell = rights_on(n, side);
        return true;
    case '&':
        *cell = names_in_source(n, *cell);
        return true;
    case '~':
        *cell = names_in_text(n, *cell);
        return true;
    case ':':
        *cell = names_in_comment(n, *cell);
        return true;
    case '-':
        *cell = cell->data ? SLICE("") : *cell;
        return true;
    default:
        return true;
    }
}

static bool read_cells(struct slice payload, unsigned count, struct slice *cells)
{
    for (unsigned i = 0; i < count; i++) {
        if (payload.size && (unsigned char)payload.data[0] == NULL_CELL) {
            cells[i] = (struct slice){NULL, 0};
            payload = slice_after(payload, 1);
            continue;
        }
        struct reader in = reader_over(payload);
        cells[i] = take_lenenc_bytes(&in);
        payload = take_rest(&in);
        if (!reader_done(&in))
            return false;
        if (!cells[i].data)
            cells[i] = SLICE("");
    }
    return payload.size == 0;
}

static struct slice write_cells(const struct slice *cells, unsigned count, struct arena *arena)
{
    size_t size = 0;

    for (unsigned i = 0; i < count; i++)
        size += cells[i].size + LENENC_MAX;
    struct writer w = writer_over(arena_alloc(arena, size), size);
    for (unsigned i = 0; i < count; i++)
        if (cells[i].data)
            put_lenenc_bytes(&w, cells[i]);
        else
            put_uint(&w, NULL_CELL, 1);
    return writer_bytes(&w);
}

/* The map has such a column, and this reply does not: another release's, of which nothing is known.
 */
static bool lacks(const struct reply *r, char sign)
{
    unsigned seen = r->count < REPLY_COLUMNS_MAX ? r->count : REPLY_COLUMNS_MAX;

    return strchr(r->columns, sign) && !memchr(r->signs, sign, seen);
}

/* Nothing tells whose the rows are. */
static bool is_nobodys(const struct reply *r, const struct names *n, const struct named_side *side)
{
    return lacks(r, '@') || lacks(r, '!') || (lacks(r, '#') && !sees_table(n, side, SLICE("")));
}

/* A row of a SHOW, or of EXPLAIN. */
static bool map_row(const struct reply *r, const struct names *n, struct slice payload,
                    struct slice *to)
{
    struct slice *cells = arena_array(n->arena, r->count + 1, sizeof(*cells));
    bool is_system = false;
    struct named_side side = side_of_statement(r, &is_system);

    *to = (struct slice){NULL, 0};
    if (!read_cells(payload, r->count, cells))
        return false;
    if (is_nobodys(r, n, &side))
        return true;
    for (int round = 0; round < 2; round++) /* the row's database decides about its table */
        for (unsigned i = 0; i < r->count && i < REPLY_COLUMNS_MAX; i++)
            if ((r->signs[i] == '@') == (round == 0)
                && !map_cell(n, r->signs[i], &side, is_system, &cells[i]))
                return true;
    *to = write_cells(cells, r->count, n->arena);
    return true;
}

bool reply_row(const struct reply *r, const struct names *n, struct slice payload, struct slice *to)
{
    if (r->columns)
        return map_row(r, n, payload, to);
    *to = payload;
    return r->step != NULL;
}
