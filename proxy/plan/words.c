/* Cuts accepted text into words, for questions that the structures of sql.h do not answer: property
 * keys, ENGINE, where SHOW TABLES ends. sql_read has refused broken quotes and stray bytes before,
 * so nothing here can fail. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"

struct words words_over(struct slice text, size_t start, size_t end)
{
    return (struct words){text, start, end};
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '$' || (unsigned char)c >= 0x80;
}

static bool starts(const struct words *w, const char *head)
{
    return slice_starts_with(slice_make(w->text.data + w->at, w->end - w->at), slice_of(head));
}

static size_t find(const struct words *w, size_t at, const char *tail)
{
    size_t n = strlen(tail);

    for (; at + n <= w->end; at++)
        if (memcmp(w->text.data + at, tail, n) == 0)
            return at + n;
    return w->end;
}

static bool is_blank(const struct words *w)
{
    return w->at < w->end && strchr(" \t\r\n", w->text.data[w->at]) && w->text.data[w->at];
}

static bool is_wide_blank(const struct words *w)
{
    return starts(w, "\xe3\x80\x80"); /* U+3000 */
}

/* A run of blanks. U+3000 is one of them beside an ASCII blank only; alone it is a letter. */
static bool skip_blanks(struct words *w)
{
    struct words ahead = *w;

    while (is_wide_blank(&ahead))
        ahead.at += 3;
    if (!is_blank(&ahead))
        return false;
    while (is_blank(w) || is_wide_blank(w))
        w->at += is_blank(w) ? 1 : 3;
    return true;
}

/* True when a blank or comment was skipped. */
static bool skip_one(struct words *w)
{
    if (skip_blanks(w))
        return true;
    if (starts(w, "/*")) {
        w->at = find(w, w->at + 2, "*/");
    } else if (starts(w, "--")) {
        while (w->at < w->end && w->text.data[w->at] != '\n' && w->text.data[w->at] != '\r')
            w->at++;
    } else {
        return false;
    }
    return true;
}

/* The offset behind a quoted word that starts at w->at. */
static size_t quoted_end(const struct words *w)
{
    char quote = w->text.data[w->at];
    size_t at = w->at + 1;

    for (; at < w->end; at++) {
        if (w->text.data[at] == '\\' && quote != '`')
            at++;
        else if (w->text.data[at] == quote && at + 1 < w->end && w->text.data[at + 1] == quote)
            at++;
        else if (w->text.data[at] == quote)
            return at + 1;
    }
    return w->end;
}

struct word word_next(struct words *w)
{
    struct word word = {.kind = WORD_END};
    size_t start;

    while (w->at < w->end && skip_one(w))
        ;
    start = w->at;
    if (start >= w->end)
        return word;
    char c = w->text.data[start];
    if (c == '\'' || c == '"' || c == '`') {
        word.kind = c == '`' ? WORD_QUOTED : WORD_STRING;
        w->at = quoted_end(w);
    } else if (is_name_byte(c)) {
        word.kind = WORD_NAME;
        while (w->at < w->end && is_name_byte(w->text.data[w->at]))
            w->at++;
    } else {
        word.kind = WORD_MARK;
        w->at++;
    }
    word.text = slice_make(w->text.data + start, w->at - start);
    word.end = w->at;
    return word;
}

bool word_is(struct word w, const char *name)
{
    return (w.kind == WORD_NAME || w.kind == WORD_MARK)
           && slice_equal_nocase(w.text, slice_of(name));
}

struct slice fold(struct slice name, struct arena *arena)
{
    static const struct {
        const char *bytes;
        char letter;
    } alike[] = {{"\xc5\xbf", 's'}, {"\xc4\xb1", 'i'}, {"\xc4\xb0", 'i'}, {"\xe2\x84\xaa", 'k'}};
    char *out = arena_alloc(arena, name.size + 1);
    size_t n = 0;

    for (size_t i = 0; i < name.size;) {
        size_t step = 1;
        char c = ascii_lower(name.data[i]);

        for (size_t k = 0; (unsigned char)c >= 0x80 && k < sizeof alike / sizeof *alike; k++)
            if (slice_starts_with(slice_after(name, i), slice_of(alike[k].bytes))) {
                step = strlen(alike[k].bytes);
                c = alike[k].letter;
            }
        out[n++] = c;
        i += step;
    }
    return slice_make(out, n);
}
