/* Whether MySQL and MariaDB cut a text into the same tokens as StarRocks. Looked at are the tokens
 * that the text was cut into and the blanks and comments between them; what would differ is
 * refused. */
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

/* (LIKE x.y), REFERENCES x.y, UNION = (x.y): what StarRocks does not have was read as fields. */
static bool paths_alike(const struct sql_text *read, struct error *e)
{
    for (uint32_t i = 0; i < read->count; i++)
        if (read->statements[i].has_opaque_path)
            return differs(e, read->text, read->statements[i].start,
                           "in a definition this backend may take a name with a dot for a table");
    return true;
}

bool sql_reads_alike(const struct sql_text *read, struct error *e)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < read->token_count; i++) {
        const struct token *t = &read->tokens[i];

        if (!gap_alike(read->text, at, t->start, e) || !token_alike(read->text, t, e))
            return false;
        at = t->end;
    }
    return paths_alike(read, e);
}
