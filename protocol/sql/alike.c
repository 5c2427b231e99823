/* Whether MySQL and MariaDB cut a text into the same tokens as StarRocks. Compared are the tokens
 * of StarRocks and the blanks and comments between them; what differs is refused. */
#include "protocol/sql/sql_private.h"

#include "base/error.h"

static bool differs(struct error *e, struct slice text, uint32_t at, const char *why)
{
    return refuse_at(e, ERROR_NOT_SUPPORTED, text, at, why);
}

/* -- … : MySQL wants a blank behind the signs, and goes on to the line feed. */
static uint32_t line_comment(struct slice text, uint32_t at, uint32_t end, struct error *e)
{
    if (at + 2 < end && (unsigned char)text.data[at + 2] > ' ')
        return differs(e, text, at, "'--' without a blank is no comment for this backend"), 0;
    if (at + 2 >= text.size)
        return differs(e, text, at, "'--' without a blank is no comment for this backend"), 0;
    uint32_t i = at + 2;
    while (i < end && text.data[i] != '\n' && text.data[i] != '\r')
        i++;
    if (i < end && text.data[i] == '\r' && (i + 1 >= text.size || text.data[i + 1] != '\n'))
        return differs(e, text, i, "a carriage return does not end a comment for this backend"), 0;
    return i;
}

static uint32_t block_comment(struct slice text, uint32_t at, uint32_t end, struct error *e)
{
    struct slice inner = slice_make(text.data + at + 2, end - at - 2);

    if (slice_starts_with(inner, SLICE("!")) || slice_starts_with(inner, SLICE("M!")))
        return differs(e, text, at, "this backend runs what stands in such a comment"), 0;
    const char *close = memmem(inner.data, inner.size, "*/", 2);
    return close ? (uint32_t)(close - text.data) + 2 : end;
}

static bool gap_alike(struct slice text, uint32_t at, uint32_t end, struct error *e)
{
    while (at < end) {
        unsigned char c = (unsigned char)text.data[at];
        if (c == '-')
            at = line_comment(text, at, end, e);
        else if (c == '/')
            at = block_comment(text, at, end, e);
        else if (c >= 0x80)
            return differs(e, text, at, "U+3000 is no blank for this backend");
        else
            at++;
        if (at == 0)
            return false;
    }
    return true;
}

/* 0x1f and 0b1 are numbers there, 1e5x is cut in another way. */
static bool digit_name_alike(struct slice word)
{
    size_t i = 0;
    char second = ascii_lower(word.data[1]);

    if (word.data[0] == '0' && (second == 'x' || second == 'b'))
        return false;
    while (i < word.size && word.data[i] >= '0' && word.data[i] <= '9')
        i++;
    return !(i + 1 < word.size && ascii_lower(word.data[i]) == 'e' && word.data[i + 1] >= '0'
             && word.data[i + 1] <= '9');
}

static bool token_alike(struct slice text, const struct token *t, struct error *e)
{
    struct slice word = slice_make(text.data + t->start, t->end - t->start);

    switch (t->kind) {
    case T_QUOTED:
        if (memchr(word.data + 1, '`', word.size - 2))
            return differs(e, text, t->start,
                           "a doubled backquote is another name for this backend");
        return true;
    case T_DIGIT_NAME:
        return digit_name_alike(word)
               || differs(e, text, t->start, "this backend reads a number here");
    case T_DOT_NAME:
        return digit_name_alike(slice_after(word, 1))
               || differs(e, text, t->start, "this backend reads a number here");
    case T_ATTACHMENT:
        return differs(e, text, t->start, "this backend knows no text between $$");
    case T_BINARY:
        return word.data[1] == '\'' || differs(e, text, t->start, "write x'…' with single quotes");
    case T_WORD:
        if (is_string(t + 1) && t[1].start == t->end)
            return differs(e, text, t->start, "a word directly before a string is special there");
        return true;
    default:
        return true;
    }
}

static bool is_word_byte(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* This byte behind that one can begin, or be inside, something that is read in another way there.
 * Errs on the side of yes. */
static bool is_suspect(unsigned char before, unsigned char c)
{
    switch (c) {
    case '-': /* -- */
    case '$': /* $$ */
    case '`':
        return before == c;
    case '*': /* comment */
        return before == '/';
    case '#': /* a comment there, nothing here */
    case '\\':
        return true;
    case '\'': /* a word before a string: X'1', _utf8'a' */
    case '"':
        return c == '"' || is_word_byte(before);
    default: /* 1e5, 0x1f */
        return c >= 0x80 || (before >= '0' && before <= '9' && is_word_byte(c) && c > '9');
    }
}

/* Most texts, without cutting them into tokens. */
static bool is_plain(struct slice text)
{
    unsigned char before = ' ';

    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (is_suspect(before, c))
            return false;
        before = c;
    }
    return true;
}

bool sql_reads_alike(struct slice text, struct arena *arena, struct error *e)
{
    struct vector hints = {0};
    struct token_run run;
    uint32_t at = 0;

    if (text.size >= UINT32_MAX)
        return refuse(e, ERROR_NOT_SUPPORTED, "A statement of 4 GiB or more cannot be read");
    if (is_plain(text))
        return true;
    if (!tokens_read(text, 0, (uint32_t)text.size, arena, &hints, &run, e))
        return false;
    for (uint32_t i = 0; i < run.count; i++) {
        const struct token *t = &run.tokens[i];
        if (!gap_alike(text, at, t->start, e))
            return false;
        if (t->kind != T_END && !token_alike(text, t, e))
            return false;
        at = t->end;
    }
    return true;
}
