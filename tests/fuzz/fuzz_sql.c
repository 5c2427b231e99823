/* SQL texts: whatever is read keeps its promises, and a text whose names were replaced has the same
 * tokens but for these and is read the same way again. */
#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"
#include "protocol/sql/sql_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_replaced(const struct sql_reference *r)
{
    if (r->count < 2 || r->has_parentheses)
        return false;
    switch (r->kind) {
    case KIND_TABLE:
    case KIND_VIEW:
    case KIND_MV:
    case KIND_FUNCTION:
        return true;
    case KIND_COLUMN:
        return r->scope == SCOPE_DB || r->scope == SCOPE_CATALOG;
    default:
        return false;
    }
}

static void reference_check(const struct sql_reference *r, uint32_t from, size_t size)
{
    must(r->start >= from && r->start < r->end && r->end <= size);
    must(r->count >= 1 && r->count <= SQL_PARTS_MAX && r->kind < SQL_KINDS);
    for (uint32_t i = 0; i < r->count; i++) {
        must(r->parts[i].start <= r->parts[i].end && r->parts[i].end <= size);
        must(i == 0 || r->parts[i].is_string || r->parts[i].start >= r->parts[i - 1].end);
    }
}

static size_t count_references(const struct sql_text *read)
{
    size_t count = 0;

    for (uint32_t i = 0; i < read->count; i++)
        count += read->statements[i].reference_count;
    return count;
}

static bool has_backquote(struct slice text, size_t at)
{
    return at < text.size && text.data[at] == '`';
}

/* A name in backquotes would join with one that stands right beside it. */
static struct slice parted(struct slice text, const struct sql_part *p, const char *name,
                           struct arena *arena)
{
    return arena_print(arena, "%s%s%s", p->start && has_backquote(text, p->start - 1) ? " " : "",
                       name, has_backquote(text, p->end) ? " " : "");
}

/* Replaces the first part of every dotted name, by itself or by another name. */
static struct slice replaced(const struct sql_text *read, const char *name, struct arena *arena)
{
    struct sql_replacement *list = arena_array(arena, count_references(read) + 1, sizeof(*list));
    size_t count = 0;

    for (uint32_t i = 0; i < read->count; i++) {
        const struct sql_statement *s = &read->statements[i];
        uint32_t from = 0;
        must(s->start < s->end && s->end <= read->text.size && s->rule < SQL_RULES);
        for (uint32_t k = 0; k < s->reference_count; k++) {
            const struct sql_reference *r = s->references[k];
            reference_check(r, from, read->text.size);
            from = r->start;
            if (!is_replaced(r))
                continue;
            const struct sql_part *p = &r->parts[0];
            list[count++] = (struct sql_replacement){
                p->start, p->end,
                name ? parted(read->text, p, name, arena)
                     : slice_make(read->text.data + p->start, p->end - p->start)};
        }
    }
    return sql_replace(read->text, list, count, arena);
}

static void compare(const struct sql_text *a, const struct sql_text *b)
{
    must(a->count == b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        const struct sql_statement *x = &a->statements[i], *y = &b->statements[i];
        must(x->rule == y->rule && x->reference_count == y->reference_count);
        for (uint32_t k = 0; k < x->reference_count; k++) {
            must(x->references[k]->kind == y->references[k]->kind);
            must(x->references[k]->count == y->references[k]->count);
        }
    }
}

static struct token_run tokens_of(struct slice text, struct arena *arena)
{
    struct vector hints = {0};
    struct token_run run;
    struct error e;

    must(tokens_read(text, 0, (uint32_t)text.size, arena, &hints, &run, &e));
    return run;
}

/* Names that were replaced are `zz`; all else is as it was. */
static void compare_tokens(struct slice before, struct slice after, struct arena *arena)
{
    struct token_run a = tokens_of(before, arena), b = tokens_of(after, arena);

    must(a.count == b.count);
    for (uint32_t i = 0; i < a.count; i++) {
        const struct token *x = &a.tokens[i], *y = &b.tokens[i];
        struct slice old = slice_make(before.data + x->start, x->end - x->start),
                     new = slice_make(after.data + y->start, y->end - y->start);

        must(x->kind == y->kind || slice_equal(new, SLICE("`zz`")));
        must(slice_equal(old, new) || slice_equal(new, SLICE("`zz`"))
             || is_string(x)); /* the text of PREPARE has names, too */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_make(size ? (const char *)data : "", size);
    struct sql_options options = {.max_depth = 100};
    struct sql_text read, again;
    struct arena arena;
    struct error e;

    arena_init(&arena, NULL);
    if (sql_read(text, &options, &arena, &read, &e)) {
        sql_reads_alike(&read, &e);
        must(slice_equal(replaced(&read, NULL, &arena), text));
        struct slice other = replaced(&read, "`zz`", &arena);
        must(sql_read(other, &options, &arena, &again, &e));
        compare(&read, &again);
        compare_tokens(text, other, &arena);
    }
    arena_clear(&arena);
    return 0;
}
