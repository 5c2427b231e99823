/* A statement without its values: what statements have in common that differ in their values only.
 *
 *   SELECT a FROM t WHERE b IN (1, 2, 3)            SELECT a FROM t WHERE b IN (?, ...)
 *   INSERT INTO t VALUES (1, NULL), (2, 'x')        INSERT INTO t VALUES (?, ...), ...
 *
 * A literal is '?', more of them in a list are '...', further rows of values are '...'. Comments,
 * hints, blanks and the case of keywords do not count; names are as the text has them, without
 * quotes. One walk over the tokens gives the number and the words. */
#include "protocol/sql/sql_private.h"

#include "base/mix.h"
#include "base/must.h"

enum piece { WORD, NAME, SIGN, VALUE, MORE };

struct digest {
    uint64_t number; /* whoever makes two statements collide fools a statistic of its own */
    char *room;
    size_t size, used;
    enum piece before; /* what was added last, and its token */
    enum token_kind token;
};

/* ---- the words ---- */

/* No blank stands at this side of them. A parenthesis behind a name is one more case. */
static const struct {
    bool before, after;
} tight[T_NULL_EQUAL + 1] = {
    [T_COMMA] = {.before = true},
    [T_RIGHT_PAREN] = {.before = true},
    [T_RIGHT_BRACKET] = {.before = true},
    [T_DOT_NAME] = {.before = true},
    [T_SEMICOLON] = {.before = true},
    [T_LEFT_BRACKET] = {.before = true, .after = true},
    [T_LEFT_PAREN] = {.after = true},
    [T_DOT] = {.before = true, .after = true},
    [T_AT] = {.after = true},
    [T_NOT] = {.after = true},
    [T_TILDE] = {.after = true},
};

static bool is_apart(const struct digest *d, enum token_kind token)
{
    return !tight[d->token].after && !tight[token].before
           && !(token == T_LEFT_PAREN && d->before == NAME);
}

/* Most are short: two moves that may overlap take less than a call. */
static void copy(char *to, struct slice words)
{
    const char *from = words.data;
    size_t n = words.size;

    if (n == 1) {
        *to = *from;
    } else if (n >= 4 && n <= 8) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else {
        memcpy(to, from, n);
    }
}

/* Only whole ones. */
static void write_down(struct digest *d, size_t gap, struct slice words)
{
    if (gap + words.size > d->size - d->used) {
        d->size = d->used; /* nothing more */
        return;
    }
    if (gap)
        d->room[d->used] = ' ';
    copy(d->room + d->used + gap, words);
    d->used += gap + words.size;
}

static void add(struct digest *d, enum piece piece, enum token_kind token, struct slice words)
{
    d->number = mix_bytes(d->number + piece, words);
    write_down(d, is_apart(d, token), words);
    d->before = piece;
    d->token = token;
}

/* ---- the pieces ---- */

static bool is_literal(const struct token *t)
{
    return t->kind >= T_INTEGER && t->kind <= T_ATTACHMENT;
}

static bool is_sign(const struct token *t)
{
    return t->kind == T_MINUS || t->kind == T_PLUS;
}

/* Behind it a sign is an operator: a - 1. */
static bool ends_operand(const struct token *t)
{
    switch (t->kind) {
    case T_WORD:
        return !keyword_is_reserved((enum keyword)t->word) || t->word == K_END;
    case T_RIGHT_PAREN:
    case T_RIGHT_BRACKET:
    case T_RIGHT_BRACE:
    case T_QUESTION:
        return true;
    default:
        return t->is_name || is_literal(t);
    }
}

/* The token behind a literal with its sign; inside a row also NULL, TRUE, FALSE and DEFAULT. The
 * same place when there is none. T_END ends all tokens and is no value. */
static inline const struct token *after_value(const struct token *t, bool in_row)
{
    if (is_sign(t) && is_literal(t + 1))
        return t + 2;
    if (is_literal(t))
        return t + 1;
    if (in_row
        && (t->word == K_NULL || t->word == K_TRUE || t->word == K_FALSE || t->word == K_DEFAULT))
        return t + 1;
    return t;
}

/* The closing parenthesis of a row of values that opens here, or NULL. */
static const struct token *row_end(const struct token *t)
{
    if (t->kind != T_LEFT_PAREN)
        return NULL;
    do {
        const struct token *after = after_value(++t, true);
        if (after == t)
            return NULL;
        t = after;
    } while (t->kind == T_COMMA);
    return t->kind == T_RIGHT_PAREN ? t : NULL;
}

/* Behind further values of the list, from the comma on. */
static const struct token *after_values(const struct token *t, bool in_row)
{
    while (t->kind == T_COMMA) {
        const struct token *after = after_value(t + 1, in_row);
        if (after == t + 1)
            break;
        t = after;
    }
    return t;
}

static const struct token *after_rows(const struct token *t)
{
    const struct token *end;

    while (t->kind == T_COMMA && (end = row_end(t + 1)) != NULL)
        t = end + 1;
    return t;
}

static const struct token *pass(struct digest *d, const struct token *from, const struct token *to)
{
    if (to != from)
        add(d, MORE, T_COMMA, SLICE(", ..."));
    return to;
}

/* A keyword that is a part of a dotted name is a name: p.NAME. */
static bool is_keyword(const struct token *t, bool is_first)
{
    return t->word != NO_KEYWORD && t[1].kind != T_DOT && (is_first || t[-1].kind != T_DOT);
}

static void add_token(struct digest *d, const struct sql_text *read, const struct token *t)
{
    uint32_t quotes = t->kind == T_QUOTED;

    if (is_keyword(t, t == read->tokens)) {
        add(d, WORD, t->kind, keyword_text((enum keyword)t->word));
        return;
    }
    add(d, t->is_name || t->word != NO_KEYWORD ? NAME : SIGN, quotes ? T_WORD : t->kind,
        slice_make(read->text.data + t->start + quotes, t->end - t->start - 2 * quotes));
}

static void walk(struct digest *d, const struct sql_text *read)
{
    const struct token *t = read->tokens, *row = NULL; /* inside a row of values: its end */

    while (t->kind != T_END) {
        const struct token *after = after_value(t, row != NULL);
        if (after != t && !(is_sign(t) && t != read->tokens && ends_operand(t - 1))) {
            add(d, VALUE, T_QUESTION, SLICE("?"));
            t = pass(d, after, after_values(after, row != NULL));
            continue;
        }
        if (t->kind == T_LEFT_PAREN)
            row = row_end(t);
        add_token(d, read, t);
        if (t++ != row)
            continue;
        row = NULL;
        t = pass(d, t, after_rows(t));
    }
}

uint64_t sql_digest_told(const struct sql_text *read, char *room, size_t size, size_t *used)
{
    struct digest d = {.number = MIX_START, .room = room, .size = size};

    d.token = T_LEFT_PAREN; /* no blank before the first piece */
    *used = 0;
    if (!read->token_count)
        return 0;
    must(read->tokens[read->token_count - 1].kind == T_END);
    walk(&d, read);
    *used = d.used;
    return d.number;
}

uint64_t sql_digest(const struct sql_text *read)
{
    char none[1];
    size_t used;

    return sql_digest_told(read, none, 0, &used);
}

size_t sql_digest_text(const struct sql_text *read, char *room, size_t size)
{
    size_t used;

    sql_digest_told(read, room, size, &used);
    return used;
}
