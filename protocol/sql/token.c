/* Bytes to tokens, as the frontend's lexer cuts them: the longest candidate wins, and where two are
 * equally long, numbers win over names.
 *
 * The frontend drops what it does not know, closes quotes at the end of the text and reads two
 * foreign letters as I and S in keywords. All of that is refused here: what would be read
 * differently by a reader of the text must not pass. Letters are A-Z, a-z, '_', '$' and every
 * character of U+0080 to U+FFFF; U+3000 is a blank where a longer run of blanks can be read than of
 * letters. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"

/* What a byte is for the lexer. The first four may be inside a word: bits, to be collected. */
enum class {
    LETTER = 0x01,
    DIGIT = 0x02,
    DOLLAR = 0x04,
    FOREIGN = 0x08, /* of a letter beyond ASCII, or of U+3000 */
    IN_WORD = LETTER | DIGIT | DOLLAR | FOREIGN,
    BLANK = 0x10,
    QUOTE = 0x20,
    BACKQUOTE = 0x30,
    SIGN = 0x40,
    WIDE = 0x50, /* the first of a character beyond U+FFFF */
    DROPPED = 0x60,
    END = 0x70
};

/* X dropped by the frontend, L letter, D digit, B blank, M dollar, Q quote, N backquote, S sign, F
 * foreign, W wide. A row is sixteen bytes, the first 00 to 0f. */
/* clang-format off */
enum { X = DROPPED, L = LETTER, D = DIGIT, B = BLANK, M = DOLLAR, Q = QUOTE, N = BACKQUOTE, S = SIGN, F = FOREIGN, W = WIDE };
static const uint8_t classes[256] = {
    X, X, X, X, X, X, X, X, X, B, B, X, X, B, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    B, S, Q, X, M, S, S, Q, S, S, S, S, S, S, S, S,
    D, D, D, D, D, D, D, D, D, D, S, S, S, S, S, S,
    S, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, S, X, S, S, L,
    N, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, S, S, S, S, X,
    F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
    F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
    F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
    F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
    F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
    F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
    F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
};
/* clang-format on */

struct lexer {
    const unsigned char *text;
    uint32_t at, end;
    struct slice whole;
    struct arena *arena;
    struct error *e;
    struct vector *hints;
    struct token *tokens;
    uint32_t count, capacity;
    struct vector dots;
    bool no_attachment; /* no further $$ in the text */
};

static bool lexer_refuse(struct lexer *l, uint32_t at, enum error_code code, const char *why)
{
    return refuse_at(l->e, code, l->whole, at, why);
}

static unsigned char byte_at(const struct lexer *l, uint32_t at)
{
    return at < l->end ? l->text[at] : 0;
}

static enum class class_at(const struct lexer *l, uint32_t at) {
    return at < l->end ? (enum class)classes[l->text[at]] : END;
}

static bool is_wide_blank(const struct lexer *l, uint32_t at)
{
    return l->end - at >= 3 && l->text[at] == 0xe3 && l->text[at + 1] == 0x80
           && l->text[at + 2] == 0x80;
}

/* One more than the limit: the end is a token, too. */
static uint32_t capacity_for(uint32_t wanted)
{
    return wanted < TOKENS_MAX ? wanted : TOKENS_MAX + 1;
}

static bool make_room(struct lexer *l)
{
    if (l->count > TOKENS_MAX)
        return lexer_refuse(l, l->at, ERROR_NOT_SUPPORTED, "it has more tokens than allowed");
    uint32_t capacity = capacity_for(l->capacity + l->capacity / 2);
    l->tokens = arena_grow(l->arena, l->tokens, l->capacity * sizeof(*l->tokens),
                           capacity * sizeof(*l->tokens));
    l->capacity = capacity;
    return true;
}

static bool add_token(struct lexer *l, const struct token *t)
{
    if (l->count == l->capacity && !make_room(l))
        return false;
    l->tokens[l->count++] = *t;
    l->at = t->end;
    return true;
}

static bool add(struct lexer *l, enum token_kind kind, uint32_t end)
{
    const struct token t = {.start = l->at,
                            .end = end,
                            .kind = (uint8_t)kind,
                            .is_name = kind >= T_WORD && kind <= T_ARRAY_ELEMENT};

    return add_token(l, &t);
}

/* The end of a macro `${…}` that starts here, or 0. */
static uint32_t macro_end(const struct lexer *l, uint32_t at)
{
    uint32_t i = at + 2;

    while (class_at(l, i) & IN_WORD || byte_at(l, i) == '-')
        i++;
    return i > at + 2 && byte_at(l, i) == '}' ? i + 1 : 0;
}

/* The end of the run of letters and digits from here. *seen collects their classes. */
static uint32_t word_end(const struct lexer *l, uint32_t at, unsigned *seen)
{
    const unsigned char *byte = l->text + at, *end = l->text + l->end;
    unsigned class, all = 0;

    for (; byte < end && (class = classes[*byte]) & IN_WORD; byte++)
        all |= class;
    *seen |= all;
    return (uint32_t)(byte - l->text);
}

/* Does a run of letters and digits go on with a macro? The bracket ends it, so the sign before it
 * is the last of the run. */
static bool begins_macro(const struct lexer *l, uint32_t end)
{
    return l->text[end - 1] == '$' && byte_at(l, end) == '{';
}

static bool read_macro(struct lexer *l, uint32_t start)
{
    uint32_t end = macro_end(l, start);
    unsigned more = 0;

    if (start != l->at)
        return lexer_refuse(l, start, ERROR_SYNTAX,
                            "a macro ${code} must be a whole name, not a part of one");
    if (!end)
        return lexer_refuse(l, start, ERROR_SYNTAX, "a macro is written ${code}");
    if (word_end(l, end, &more) != end)
        return lexer_refuse(l, start, ERROR_SYNTAX,
                            "a macro ${code} must be a whole name, not a part of one");
    return add(l, T_MACRO, end);
}

static bool add_word(struct lexer *l, uint32_t end, unsigned seen)
{
    struct slice word = slice_make(l->text + l->at, end - l->at);
    enum keyword k = keyword_find(word);

    if (seen & FOREIGN && keyword_is_imitated(word))
        return lexer_refuse(l, l->at, ERROR_CHARACTER,
                            "a word imitates a keyword with letters of another alphabet");
    const struct token t = {.start = l->at,
                            .end = end,
                            .word = (uint16_t)k,
                            .kind = T_WORD,
                            .is_name = !keyword_is_reserved(k)};
    return add_token(l, &t);
}

/* x'…' without backslashes and own quotes; 0 when it is something else. */
static uint32_t binary_end(const struct lexer *l)
{
    unsigned char quote = byte_at(l, l->at + 1);

    if (quote != '\'' && quote != '"')
        return 0;
    for (uint32_t i = l->at + 2; i < l->end; i++) {
        if (l->text[i] == quote)
            return i + 1;
        if (l->text[i] == '\\')
            return 0;
    }
    return 0;
}

static bool read_word(struct lexer *l)
{
    unsigned seen = 0;
    uint32_t end = word_end(l, l->at, &seen);

    if (begins_macro(l, end))
        return read_macro(l, end - 1);
    if (end == l->at + 1 && (l->text[l->at] == 'x' || l->text[l->at] == 'X')) {
        uint32_t binary = binary_end(l);
        if (binary)
            return add(l, T_BINARY, binary);
    }
    return add_word(l, end, seen);
}

/* $$ … $$, when longer than the word that could be read here. */
static bool read_dollar(struct lexer *l)
{
    unsigned seen = 0;
    uint32_t end = word_end(l, l->at, &seen);

    if (byte_at(l, l->at + 1) == '$' && !l->no_attachment) {
        uint32_t from = l->at + 2;
        const unsigned char *close =
            from < l->end ? memmem(l->text + from, l->end - from, "$$", 2) : NULL;
        if (!close)
            l->no_attachment = true;
        else if ((uint32_t)(close - l->text) + 2 > end)
            return add(l, T_ATTACHMENT, (uint32_t)(close - l->text) + 2);
    }
    return read_word(l);
}

static uint32_t digits_end(const struct lexer *l, uint32_t at)
{
    while (class_at(l, at) == DIGIT)
        at++;
    return at;
}

/* The end of an exponent that stands here, or `at`. */
static uint32_t exponent_end(const struct lexer *l, uint32_t at)
{
    uint32_t i = at;

    if (ascii_lower((char)byte_at(l, i)) != 'e')
        return at;
    i++;
    if (byte_at(l, i) == '+' || byte_at(l, i) == '-')
        i++;
    uint32_t end = digits_end(l, i);
    return end > i ? end : at;
}

static bool read_number(struct lexer *l)
{
    unsigned seen = 0;
    uint32_t end = digits_end(l, l->at);
    uint32_t name = word_end(l, l->at, &seen);
    enum token_kind kind = T_INTEGER;

    if (byte_at(l, end) == '.') {
        end = digits_end(l, end + 1);
        kind = T_DECIMAL;
    }
    uint32_t exponent = exponent_end(l, end);
    if (exponent > end) {
        end = exponent;
        kind = T_DOUBLE;
    }
    if (name > end) {
        if (begins_macro(l, name))
            return read_macro(l, name - 1);
        return add(l, T_DIGIT_NAME, name);
    }
    return add(l, kind, end);
}

static bool add_dot(struct lexer *l, enum token_kind kind, uint32_t end)
{
    struct dot *dot = vector_push(&l->dots, sizeof(*dot), l->arena);

    *dot = (struct dot){l->count, l->at};
    return add(l, kind, end);
}

static bool read_dot(struct lexer *l)
{
    uint32_t at = l->at;

    if (byte_at(l, at + 1) == '.')
        return byte_at(l, at + 2) == '.' ? add(l, T_ELLIPSIS, at + 3) : add(l, T_DOT_DOT, at + 2);
    if (class_at(l, at + 1) != DIGIT)
        return add_dot(l, T_DOT, at + 1);
    unsigned seen = 0;
    uint32_t digits = digits_end(l, at + 1), name = word_end(l, at + 1, &seen);
    uint32_t number = exponent_end(l, digits);
    if (name <= number)
        return add(l, number > digits ? T_DOUBLE : T_DECIMAL, number);
    if (begins_macro(l, name))
        return lexer_refuse(l, at, ERROR_SYNTAX,
                            "a macro ${code} must be a whole name, not a part of one");
    return add_dot(l, T_DOT_NAME, name);
}

static bool read_string(struct lexer *l)
{
    const unsigned char quote = l->text[l->at];
    uint32_t i = l->at + 1;

    for (; i < l->end; i++) {
        if (l->text[i] == '\\') {
            i++;
        } else if (l->text[i] == quote) {
            if (byte_at(l, i + 1) != quote)
                return add(l, quote == '"' ? T_TEXT : T_STRING, i + 1);
            i++;
        }
    }
    return lexer_refuse(l, l->at, ERROR_SYNTAX, "a string is not closed");
}

static bool read_quoted(struct lexer *l)
{
    uint32_t i = l->at + 1;

    while (i < l->end) {
        const unsigned char *close = memchr(l->text + i, '`', l->end - i);
        if (!close)
            break;
        i = (uint32_t)(close - l->text) + 1;
        if (byte_at(l, i) != '`')
            return add(l, T_QUOTED, i);
        i++;
    }
    return lexer_refuse(l, l->at, ERROR_SYNTAX, "a name in backquotes is not closed");
}

static bool skip_comment(struct lexer *l)
{
    uint32_t start = l->at, from = start + 2;
    bool is_hint = byte_at(l, from) == '+';

    if (is_hint)
        from++;
    const unsigned char *close =
        from < l->end ? memmem(l->text + from, l->end - from, "*/", 2) : NULL;
    if (!close)
        return lexer_refuse(l, start, ERROR_SYNTAX, "a comment is not closed");
    uint32_t end = (uint32_t)(close - l->text);
    if (is_hint) {
        struct sql_hint *hint = vector_push(l->hints, sizeof(*hint), l->arena);
        hint->text = slice_make(l->text + from, end - from);
        hint->start = start;
        hint->end = end + 2;
    }
    l->at = end + 2;
    return true;
}

static void skip_line(struct lexer *l)
{
    while (l->at < l->end && l->text[l->at] != '\n' && l->text[l->at] != '\r')
        l->at++;
}

static bool read_compare(struct lexer *l, unsigned char c, unsigned char next)
{
    uint32_t at = l->at;

    if (c == '=')
        return next == '>' ? add(l, T_FAT_ARROW, at + 2) : add(l, T_EQUAL, at + 1);
    if (c == '>')
        return next == '=' ? add(l, T_GREATER_EQUAL, at + 2) : add(l, T_GREATER, at + 1);
    if (next == '=' && byte_at(l, at + 2) == '>')
        return add(l, T_NULL_EQUAL, at + 3);
    if (next == '=')
        return add(l, T_LESS_EQUAL, at + 2);
    return next == '>' ? add(l, T_NOT_EQUAL, at + 2) : add(l, T_LESS, at + 1);
}

/* Signs of one character that begin no longer token. */
static const uint8_t plain[128] = {
    ['%'] = T_PERCENT,       ['('] = T_LEFT_PAREN, [')'] = T_RIGHT_PAREN, ['*'] = T_STAR,
    ['+'] = T_PLUS,          [','] = T_COMMA,      ['/'] = T_SLASH,       [':'] = T_COLON,
    [';'] = T_SEMICOLON,     ['?'] = T_QUESTION,   ['@'] = T_AT,          ['^'] = T_CARET,
    [']'] = T_RIGHT_BRACKET, ['{'] = T_LEFT_BRACE, ['}'] = T_RIGHT_BRACE, ['~'] = T_TILDE,
};

static bool read_sign(struct lexer *l)
{
    uint32_t at = l->at;
    unsigned char c = l->text[at], next = byte_at(l, at + 1);

    switch (c) {
    case '.':
        return read_dot(l);
    case '-':
        if (next == '-') {
            skip_line(l);
            return true;
        }
        return next == '>' ? add(l, T_ARROW, at + 2) : add(l, T_MINUS, at + 1);
    case '/':
        return next == '*' ? skip_comment(l) : add(l, T_SLASH, at + 1);
    case '<':
    case '=':
    case '>':
        return read_compare(l, c, next);
    case '!':
        return next == '=' ? add(l, T_NOT_EQUAL, at + 2) : add(l, T_NOT, at + 1);
    case '&':
        return next == '&' ? add(l, T_AND, at + 2) : add(l, T_AMPERSAND, at + 1);
    case '|':
        return next == '|' ? add(l, T_OR, at + 2) : add(l, T_PIPE, at + 1);
    case '[':
        if (next == '*' && byte_at(l, at + 2) == ']')
            return add(l, T_ARRAY_ELEMENT, at + 3);
        return add(l, T_LEFT_BRACKET, at + 1);
    default:
        return add(l, (enum token_kind)plain[c & 0x7f], at + 1);
    }
}

/* Behind the first blank of a run. */
static inline void skip_blanks(struct lexer *l)
{
    enum class class;

    while ((class = class_at(l, l->at)) == BLANK || (class == FOREIGN && is_wide_blank(l, l->at)))
        l->at += class == BLANK ? 1 : 3;
}

/* U+3000 begins a word, unless an ASCII blank makes a run of blanks the longer candidate. */
static bool begins_blanks(const struct lexer *l)
{
    uint32_t at = l->at;

    while (at < l->end && is_wide_blank(l, at))
        at += 3;
    return class_at(l, at) == BLANK;
}

static bool read_token(struct lexer *l)
{
    switch ((enum class)classes[l->text[l->at]]) {
    case BLANK:
        l->at++;
        skip_blanks(l);
        return true;
    case FOREIGN:
        if (is_wide_blank(l, l->at) && begins_blanks(l)) {
            skip_blanks(l);
            return true;
        }
        return read_word(l);
    case LETTER:
        return read_word(l);
    case DIGIT:
        return read_number(l);
    case DOLLAR:
        return read_dollar(l);
    case QUOTE:
        return read_string(l);
    case BACKQUOTE:
        return read_quoted(l);
    case SIGN:
        return read_sign(l);
    default:
        return lexer_refuse(l, l->at, ERROR_SYNTAX,
                            "StarRocks drops this character in silence; quote it or leave it out");
    }
}

bool tokens_read(struct slice text, uint32_t from, uint32_t to, struct arena *arena,
                 struct vector *hints, struct token_run *run, struct error *e)
{
    must(from <= to && to <= text.size);
    struct lexer l = {.text = (const unsigned char *)text.data,
                      .at = from,
                      .end = to,
                      .whole = text,
                      .arena = arena,
                      .e = e,
                      .hints = hints,
                      .capacity = capacity_for((to - from) / 5 + 16)};

    keywords_prepare();
    l.tokens = (void *)arena_room(arena, l.capacity * sizeof(*l.tokens));
    while (l.at < l.end)
        if (!read_token(&l))
            return false;
    if (!add(&l, T_END, l.end))
        return false;
    *run = (struct token_run){l.tokens, l.count, l.dots};
    return true;
}
