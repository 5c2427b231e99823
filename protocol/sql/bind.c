/* Values in the places of `?`. The text with its values is cut into tokens again and compared with
 * the one before, so that no value can become a part of another token or end a string or comment
 * that the text has left open. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"
#include "base/error.h"

static bool read_tokens(struct slice text, struct arena *arena, struct token_run *run,
                        struct error *e)
{
    struct vector hints = {0};

    if (text.size >= UINT32_MAX)
        return refuse(e, ERROR_NOT_SUPPORTED, "A statement of 4 GiB or more cannot be read");
    return tokens_read(text, 0, (uint32_t)text.size, arena, &hints, run, e);
}

/* LIMIT ?, OFFSET ?, LIMIT n, ? */
static bool is_in_limit(const struct token *tokens, uint32_t at)
{
    if (at && (tokens[at - 1].word == K_LIMIT || tokens[at - 1].word == K_OFFSET))
        return true;
    return at >= 3 && tokens[at - 1].kind == T_COMMA && tokens[at - 3].word == K_LIMIT;
}

bool sql_parameters_find(struct slice text, struct sql_parameters *found, struct arena *arena,
                         struct error *e)
{
    struct sql_parameters got = {0};
    struct token_run run;

    if (!read_tokens(text, arena, &run, e))
        return false;
    for (uint32_t i = 0; i < run.count; i++) {
        if (run.tokens[i].kind != T_QUESTION)
            continue;
        got.count++;
        got.in_limit |= is_in_limit(run.tokens, i);
    }
    *found = got;
    return true;
}

/* Blanks go where the neighbour could grow together with the value. */
static bool is_apart(struct slice text, size_t at, const char *apart)
{
    return at < text.size && text.data[at] && strchr(apart, text.data[at]);
}

static struct slice spaced(struct slice text, const struct token *mark, struct slice literal,
                           struct arena *arena)
{
    bool left = mark->start && is_apart(text, mark->start - 1, " \t\r\n(,");
    bool right = mark->end == text.size || is_apart(text, mark->end, " \t\r\n),;");

    char *made = arena_alloc(arena, literal.size + 2), *at = made;

    if (!left && mark->start)
        *at++ = ' ';
    memcpy(at, literal.data, literal.size);
    at += literal.size;
    if (!right)
        *at++ = ' ';
    return slice_make(made, (size_t)(at - made));
}

static bool is_same(struct slice a, const struct token *at, struct slice b, const struct token *bt)
{
    return at->kind == bt->kind
           && slice_equal(slice_make(a.data + at->start, at->end - at->start),
                          slice_make(b.data + bt->start, bt->end - bt->start));
}

/* Tokens of a value: a sign and a number, a string, a word, a user variable. */
static const struct token *skip_value(const struct token *t, struct slice literal)
{
    const struct token *last = t;

    if (t->kind == T_END)
        return NULL;
    if (slice_starts_with(literal, SLICE("-")) || slice_starts_with(literal, SLICE("@")))
        last++;
    return last->end - t->start == literal.size ? last + 1 : NULL;
}

static bool is_intact(struct slice text, const struct token *t, struct slice bound,
                      const struct token *b, const struct slice *literals)
{
    for (;; t++) {
        if (t->kind == T_QUESTION) {
            b = skip_value(b, *literals++);
            if (!b)
                return false;
            continue;
        }
        if (!is_same(text, t, bound, b++))
            return false;
        if (t->kind == T_END)
            return true;
    }
}

bool sql_bind(struct slice text, const struct slice *literals, size_t count, struct slice *bound,
              struct arena *arena, struct error *e)
{
    struct token_run run, after;
    size_t next = 0;

    if (!read_tokens(text, arena, &run, e))
        return false;
    struct sql_replacement *changes = arena_array(arena, count + 1, sizeof(*changes));
    for (uint32_t i = 0; i < run.count; i++) {
        const struct token *t = &run.tokens[i];
        if (t->kind != T_QUESTION)
            continue;
        if (next == count)
            return refuse(e, ERROR_ARGUMENTS, "There are more parameters than values");
        changes[next] = (struct sql_replacement){
            .start = t->start, .end = t->end, .text = spaced(text, t, literals[next], arena)};
        next++;
    }
    if (next != count)
        return refuse(e, ERROR_ARGUMENTS, "There are more values than parameters");
    struct slice made = sql_replace(text, changes, count, arena);
    if (!read_tokens(made, arena, &after, e))
        return false;
    if (!is_intact(text, run.tokens, made, after.tokens, literals))
        return refuse(e, ERROR_NOT_SUPPORTED,
                      "starbind: a value would change the meaning of the statement around it");
    *bound = made;
    return true;
}
