/* Texts read and written down again in one line, so that a test is two strings. */
#ifndef TESTS_UNIT_SQL_CASE_H
#define TESTS_UNIT_SQL_CASE_H

#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "protocol/sql/sql.h"

static struct arena case_arena;
static struct error case_error;

/* The text read with default options, or NULL; everything dies at the next case_read. */
static const struct sql_text *case_read(struct slice text)
{
    static struct sql_text read;
    struct sql_options options = {.every_column = true};

    arena_clear(&case_arena);
    return sql_read(text, &options, &case_arena, &read, &case_error) ? &read : NULL;
}

__attribute__((unused)) static int case_teardown(void **state)
{
    (void)state;
    arena_clear(&case_arena);
    return 0;
}

/* The only statement of a text; fails the test when it is refused. */
__attribute__((unused)) static const struct sql_statement *case_statement(const char *text)
{
    const struct sql_text *read = case_read(slice_of(text));

    if (!read)
        fail_msg("%s: %s", text, case_error.text);
    assert_int_equal(read->count, 1);
    return &read->statements[0];
}

static struct slice case_parts(const struct sql_reference *r)
{
    struct slice made = {"", 0};

    for (uint32_t i = 0; i < r->count; i++) {
        const struct sql_part *p = &r->parts[i];
        made = arena_print(&case_arena, "%.*s%s%s%.*s%s", SHOW(made), i ? "." : "",
                           p->is_macro ? "${" : "", SHOW(p->value), p->is_macro ? "}" : "");
    }
    return made;
}

static struct slice case_reference(const struct sql_reference *r)
{
    return arena_print(&case_arena, "%s %s %.*s%s%s%s", sql_access_name(r->access),
                       sql_kind_name(r->kind), SHOW(case_parts(r)), r->scope ? " " : "",
                       sql_scope_name(r->scope), r->is_new ? " new" : "");
}

/* "read table a.b; read column b.c rel": what the statements of a text refer to; "refused" else. */
__attribute__((unused)) static const char *case_references(const char *text)
{
    const struct sql_text *read = case_read(slice_of(text));
    struct slice made = {"", 0};

    if (!read)
        return "refused";
    for (uint32_t i = 0; i < read->count; i++)
        for (uint32_t k = 0; k < read->statements[i].reference_count; k++)
            made = arena_print(&case_arena, "%.*s%s%.*s", SHOW(made), made.size ? "; " : "",
                               SHOW(case_reference(read->statements[i].references[k])));
    return made.data;
}

#define assert_references(text, expected) assert_string_equal(case_references(text), expected)
#define assert_refused(text)              assert_string_equal(case_references(text), "refused")

#endif
