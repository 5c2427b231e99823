/* Text, a NUL, then values one by one, a NUL behind each: strings by an even first byte, else as
 * they stand, which is refused unless they are one word, number or string. What is bound has the
 * tokens of the text but for the values, and every value stands there whole. */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"
#include "protocol/sql/sql_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VALUES_MOST = 16 };

static struct slice piece(struct slice *from)
{
    const char *end = from->size ? memchr(from->data, 0, from->size) : NULL;
    size_t n = end ? (size_t)(end - from->data) : from->size;
    struct slice got = slice_head(*from, n);

    *from = slice_after(*from, end ? n + 1 : n);
    return got;
}

static struct token_run tokens(struct slice text, struct arena *a)
{
    struct vector hints = {0};
    struct token_run run;
    struct error e;

    must(tokens_read(text, 0, (uint32_t)text.size, a, &hints, &run, &e));
    return run;
}

static struct slice token_text(struct slice text, const struct token *t)
{
    return slice_make(text.data + t->start, t->end - t->start);
}

static void check(struct slice text, struct slice bound, const struct slice *values,
                  struct arena *a)
{
    const struct token *t = tokens(text, a).tokens, *b = tokens(bound, a).tokens;

    for (; t->kind != T_END; t++) {
        if (t->kind != T_QUESTION) {
            must(t->kind == b->kind && slice_equal(token_text(text, t), token_text(bound, b)));
            b++;
            continue;
        }
        must(values->size && bound.size - b->start >= values->size);
        must(slice_equal(slice_make(bound.data + b->start, values->size), *values));
        size_t end = b->start + values->size;
        while (b->kind != T_END && b->end <= end)
            b++;
        must(b->kind == T_END || b->start >= end);
        values++;
    }
    must(b->kind == T_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_make((const char *)data, size), values[VALUES_MOST], bound;
    struct slice text = piece(&rest);
    struct arena arena;
    struct error e;
    size_t count = 0;

    arena_init(&arena, NULL);
    for (; count < VALUES_MOST && rest.size; count++) {
        struct slice value = piece(&rest);
        bool is_string = value.size == 0 || (unsigned char)value.data[0] % 2 == 0;
        values[count] = is_string ? sql_quote_string(value, &arena) : value;
    }
    if (sql_bind(text, values, count, &bound, &arena, &e))
        check(text, bound, values, &arena);
    arena_clear(&arena);
    return 0;
}
