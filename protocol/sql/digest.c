/* A statement without its values: what statements have in common that differ in their values only.
 *
 *   SELECT a FROM t WHERE b IN (1, 2, 3) AND c = 'y'     SELECT a FROM t WHERE b IN (?, ...) AND c
 * = ? INSERT INTO t VALUES (1, NULL), (2, 'x')             INSERT INTO t VALUES (?, ...), ...
 *
 * A literal is '?', more of them in a list are '...', further rows of values are '...'. Comments,
 * hints, blanks and the case of keywords do not count; names are as the text has them, without
 * quotes. One walk gives the pieces, for the number and for the words. */
#include "protocol/sql/sql_private.h"

#include "base/writer.h"

enum piece_kind { PIECE_END, PIECE_WORD, PIECE_NAME, PIECE_SIGN, PIECE_VALUE, PIECE_MORE };

struct piece {
    enum piece_kind kind;
    enum token_kind token;
    uint16_t word;      /* PIECE_WORD */
    struct slice bytes; /* PIECE_NAME, PIECE_SIGN */
};

struct walk {
    const struct sql_text *read;
    uint32_t at;
    uint32_t row_end; /* inside a row of values: its closing parenthesis; else 0 */
    bool owes_more;   /* values or rows were passed over */
    bool after_row;
};

static const struct token *token_at(const struct walk *w, uint32_t at)
{
    return &w->read->tokens[at < w->read->token_count ? at : w->read->token_count - 1];
}

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
 * same place when there is none. */
static uint32_t after_value(const struct walk *w, uint32_t at, bool in_row)
{
    const struct token *t = token_at(w, at);

    if (is_sign(t) && is_literal(token_at(w, at + 1)))
        return at + 2;
    if (is_literal(t))
        return at + 1;
    if (in_row
        && (t->word == K_NULL || t->word == K_TRUE || t->word == K_FALSE || t->word == K_DEFAULT))
        return at + 1;
    return at;
}

/* The closing parenthesis of a row of values that opens here, or 0. */
static uint32_t row_end(const struct walk *w, uint32_t at)
{
    if (token_at(w, at)->kind != T_LEFT_PAREN)
        return 0;
    do {
        uint32_t next = after_value(w, ++at, true);
        if (next == at)
            return 0;
        at = next;
    } while (token_at(w, at)->kind == T_COMMA);
    return token_at(w, at)->kind == T_RIGHT_PAREN ? at : 0;
}

/* Further values of the list, from the comma on. */
static void pass_values(struct walk *w)
{
    while (token_at(w, w->at)->kind == T_COMMA) {
        uint32_t next = after_value(w, w->at + 1, w->row_end != 0);
        if (next == w->at + 1)
            return;
        w->at = next;
        w->owes_more = true;
    }
}

static void pass_rows(struct walk *w)
{
    uint32_t end;

    while (token_at(w, w->at)->kind == T_COMMA && (end = row_end(w, w->at + 1)) != 0) {
        w->at = end + 1;
        w->owes_more = true;
    }
}

static struct slice text_of(const struct walk *w, const struct token *t)
{
    uint32_t quotes = t->kind == T_QUOTED;

    return slice_make(w->read->text.data + t->start + quotes, t->end - t->start - 2 * quotes);
}

/* A keyword that is a part of a dotted name is a name: p.NAME. */
static bool is_keyword(const struct walk *w, uint32_t at)
{
    return token_at(w, at)->word != NO_KEYWORD && token_at(w, at + 1)->kind != T_DOT
           && !(at && token_at(w, at - 1)->kind == T_DOT);
}

static struct piece next(struct walk *w)
{
    if (w->owes_more) {
        w->owes_more = false;
        return (struct piece){.kind = PIECE_MORE};
    }
    const struct token *t = token_at(w, w->at);
    uint32_t value = after_value(w, w->at, w->row_end != 0);

    if (value != w->at && !(is_sign(t) && w->at && ends_operand(token_at(w, w->at - 1)))) {
        w->at = value;
        pass_values(w);
        return (struct piece){.kind = PIECE_VALUE};
    }
    if (t->kind == T_END)
        return (struct piece){.kind = PIECE_END};
    if (t->kind == T_LEFT_PAREN)
        w->row_end = row_end(w, w->at);
    bool is_word = is_keyword(w, w->at);
    w->at++;
    if (w->row_end && w->at == w->row_end + 1) {
        w->row_end = 0;
        pass_rows(w);
    }
    if (is_word)
        return (struct piece){.kind = PIECE_WORD, .token = t->kind, .word = t->word};
    enum token_kind token = t->kind == T_QUOTED ? T_WORD : t->kind;
    return (struct piece){.kind = t->is_name || t->word != NO_KEYWORD ? PIECE_NAME : PIECE_SIGN,
                          .token = token,
                          .bytes = text_of(w, t)};
}

/* ---- the number ---- */

/* Only tells statements apart; whoever makes two collide fools a statistic of its own. */
static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
    return hash ^ hash >> 29;
}

static uint64_t mix_bytes(uint64_t hash, struct slice bytes)
{
    uint64_t eight;

    hash = mix(hash, bytes.size);
    for (; bytes.size >= sizeof(eight); bytes = slice_after(bytes, sizeof(eight))) {
        memcpy(&eight, bytes.data, sizeof(eight));
        hash = mix(hash, eight);
    }
    eight = 0;
    if (bytes.size)
        memcpy(&eight, bytes.data, bytes.size);
    return mix(hash, eight);
}

uint64_t sql_digest(const struct sql_text *read)
{
    struct walk w = {.read = read};
    uint64_t hash = 0x2545f4914f6cdd1dULL;
    struct piece p;

    if (!read->token_count)
        return 0;
    while ((p = next(&w)).kind != PIECE_END) {
        hash = mix(hash, (uint64_t)p.kind << 32 | (uint64_t)p.token << 16 | p.word);
        if (p.bytes.size > 1)
            hash = mix_bytes(hash, p.bytes);
        else if (p.bytes.size)
            hash = mix(hash, (unsigned char)p.bytes.data[0]);
    }
    return hash;
}

/* ---- the words ---- */

static bool is_tight_after(enum token_kind kind)
{
    return kind == T_LEFT_PAREN || kind == T_LEFT_BRACKET || kind == T_DOT || kind == T_AT
           || kind == T_NOT || kind == T_TILDE;
}

static bool is_tight_before(const struct piece *p, const struct piece *before)
{
    switch (p->token) {
    case T_COMMA:
    case T_RIGHT_PAREN:
    case T_RIGHT_BRACKET:
    case T_DOT:
    case T_DOT_NAME:
    case T_SEMICOLON:
    case T_LEFT_BRACKET:
        return true;
    case T_LEFT_PAREN:
        return before->kind == PIECE_NAME;
    default:
        return false;
    }
}

static struct slice words_of(const struct piece *p)
{
    switch (p->kind) {
    case PIECE_VALUE:
        return SLICE("?");
    case PIECE_MORE:
        return SLICE("...");
    case PIECE_WORD:
        return keyword_text((enum keyword)p->word);
    default:
        return p->bytes;
    }
}

size_t sql_digest_text(const struct sql_text *read, char *room, size_t size)
{
    struct walk w = {.read = read};
    struct piece before = {.token = T_LEFT_PAREN}, p;
    size_t used = 0;

    while (read->token_count && (p = next(&w)).kind != PIECE_END) {
        struct slice words = words_of(&p);
        const char *gap = p.kind == PIECE_MORE                                           ? ", "
                          : is_tight_after(before.token) || is_tight_before(&p, &before) ? ""
                                                                                         : " ";
        if (used + strlen(gap) + words.size > size)
            break;
        memcpy(room + used, gap, strlen(gap));
        used += strlen(gap);
        memcpy(room + used, words.data, words.size);
        used += words.size;
        before = p;
    }
    return used;
}
