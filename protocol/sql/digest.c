/* A statement without its values: what statements have in common that differ in their values only.
 *
 *   SELECT a FROM t WHERE b IN (1, 2, 3)            SELECT a FROM t WHERE b IN (?, ...)
 *   INSERT INTO t VALUES (1, NULL), (2, 'x')        INSERT INTO t VALUES (?, ...), ...
 *
 * A literal is '?', more of them in a list are '...', further rows of values are '...'. Comments,
 * hints, blanks and the case of keywords do not count; names are as the text has them, without
 * quotes. One walk over the tokens gives the number and the words. */
#include "protocol/sql/sql_private.h"

#include "base/must.h"

enum piece { NOTHING, WORD, NAME, SIGN, VALUE, MORE };

struct digest {
    uint64_t number;
    char *room;
    size_t size, used;
    bool is_full;
    enum piece before; /* the piece before the next one, and its token */
    enum token_kind token;
};

/* ---- the number ---- */

/* Only tells statements apart; whoever makes two collide fools a statistic of its own. */
static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
    return hash ^ hash >> 29;
}

/* One to eight bytes; other ones give another number when there are as many. */
static uint64_t up_to_eight(const char *bytes, size_t count)
{
    const unsigned char *b = (const unsigned char *)bytes;
    uint32_t first, last;

    if (count < 4)
        return b[0] | (uint64_t)b[count / 2] << 8 | (uint64_t)b[count - 1] << 16;
    memcpy(&first, bytes, 4);
    memcpy(&last, bytes + count - 4, 4);
    return first | (uint64_t)last << 32;
}

static void count_in(struct digest *d, enum piece piece, struct slice words)
{
    uint64_t hash = mix(d->number, words.size << 3 | piece);

    for (; words.size > 8; words = slice_after(words, 8))
        hash = mix(hash, up_to_eight(words.data, 8));
    d->number = words.size ? mix(hash, up_to_eight(words.data, words.size)) : hash;
}

/* ---- the words ---- */

static bool is_tight_after(enum token_kind kind)
{
    return kind == T_LEFT_PAREN || kind == T_LEFT_BRACKET || kind == T_DOT || kind == T_AT
           || kind == T_NOT || kind == T_TILDE;
}

static bool is_tight_before(enum token_kind kind, enum piece before)
{
    switch (kind) {
    case T_COMMA:
    case T_RIGHT_PAREN:
    case T_RIGHT_BRACKET:
    case T_DOT:
    case T_DOT_NAME:
    case T_SEMICOLON:
    case T_LEFT_BRACKET:
        return true;
    case T_LEFT_PAREN:
        return before == NAME;
    default:
        return false;
    }
}

static bool is_apart(const struct digest *d, enum token_kind token)
{
    return d->before != NOTHING && !is_tight_after(d->token) && !is_tight_before(token, d->before);
}

/* Only whole ones. */
static void write_down(struct digest *d, size_t gap, struct slice words)
{
    if (d->is_full || gap + words.size > d->size - d->used) {
        d->is_full = true;
        return;
    }
    if (gap)
        d->room[d->used] = ' ';
    memcpy(d->room + d->used + gap, words.data, words.size);
    d->used += gap + words.size;
}

static void add(struct digest *d, enum piece piece, enum token_kind token, struct slice words)
{
    count_in(d, piece, words);
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
static const struct token *after_value(const struct token *t, bool in_row)
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
    struct digest d = {.number = 0x2545f4914f6cdd1dULL, .room = room, .size = size};

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
    size_t used;

    return sql_digest_told(read, NULL, 0, &used);
}

size_t sql_digest_text(const struct sql_text *read, char *room, size_t size)
{
    size_t used;

    sql_digest_told(read, room, size, &used);
    return used;
}
