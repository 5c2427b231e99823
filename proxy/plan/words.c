/* Cuts accepted text into words, for questions that the structures of sql.h do not answer: property
 * keys, ENGINE, where SHOW TABLES ends. sql_read has refused broken quotes and stray bytes before,
 * so nothing here can fail. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"

struct words words_over(struct slice text, size_t start, size_t end)
{
    return (struct words){text, start, end};
}

/* N of a name, B blank, C may begin a comment, E first byte of U+3000 and of letters, Q quote. A
 * row is sixteen bytes, the first 00 to 0f. */
/* clang-format off */
enum { M, N, B, C, E, Q };
static const uint8_t classes[256] = {
    M, M, M, M, M, M, M, M, M, B, B, M, M, B, M, M,
    M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
    B, M, Q, M, N, M, M, Q, M, M, M, M, M, C, M, C,
    N, N, N, N, N, N, N, N, N, N, M, M, M, M, M, M,
    M, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, M, M, M, M, N,
    Q, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, M, M, M, M, M,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, E, N, N, N, N, N, N, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
};
/* clang-format on */

/* What stands at an offset; M behind the end. */
static inline uint8_t class_at(const struct words *w, size_t at)
{
    return at < w->end ? classes[(unsigned char)w->text.data[at]] : M;
}

static bool is_wide_blank(const struct words *w, size_t at) /* U+3000 */
{
    return at + 3 <= w->end && memcmp(w->text.data + at, "\xe3\x80\x80", 3) == 0;
}

/* A run of blanks. U+3000 is one of them beside an ASCII blank only; alone it is a letter. */
static bool skip_wide_blanks(struct words *w)
{
    size_t at = w->at;

    while (is_wide_blank(w, at))
        at += 3;
    if (class_at(w, at) != B)
        return false;
    w->at = at;
    return true;
}

static void skip_blanks(struct words *w)
{
    for (;;)
        if (class_at(w, w->at) == B)
            w->at++;
        else if (class_at(w, w->at) == E && is_wide_blank(w, w->at))
            w->at += 3;
        else
            return;
}

/* True when a comment was skipped. */
static bool skip_comment(struct words *w)
{
    const char *at = w->text.data + w->at;
    size_t left = w->end - w->at;

    if (left >= 2 && at[0] == '/' && at[1] == '*') {
        const char *close = memmem(at + 2, left - 2, "*/", 2);

        w->at = close ? (size_t)(close - w->text.data) + 2 : w->end;
        return true;
    }
    if (left < 2 || at[0] != '-' || at[1] != '-')
        return false;
    while (w->at < w->end && w->text.data[w->at] != '\n' && w->text.data[w->at] != '\r')
        w->at++;
    return true;
}

/* True when a blank or comment was skipped. */
static bool skip_one(struct words *w)
{
    switch (class_at(w, w->at)) {
    case B:
        skip_blanks(w);
        return true;
    case C:
        return skip_comment(w);
    case E:
        return skip_wide_blanks(w);
    default:
        return false;
    }
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

    while (skip_one(w))
        ;
    start = w->at;
    if (start >= w->end)
        return word;
    switch (class_at(w, start)) {
    case Q:
        word.kind = w->text.data[start] == '`' ? WORD_QUOTED : WORD_STRING;
        w->at = quoted_end(w);
        break;
    case N:
    case E:
        word.kind = WORD_NAME;
        while (class_at(w, w->at) == N || class_at(w, w->at) == E)
            w->at++;
        break;
    default:
        word.kind = WORD_MARK;
        w->at++;
    }
    word.text = slice_make(w->text.data + start, w->at - start);
    word.end = w->at;
    return word;
}

struct slice word_name(struct word w)
{
    if (w.kind == WORD_NAME)
        return w.text;
    if (w.kind != WORD_QUOTED || w.text.size < 2)
        return SLICE("");
    return slice_make(w.text.data + 1, w.text.size - 2);
}

bool word_string(struct word w, struct slice *value)
{
    if (w.kind != WORD_STRING || w.text.size < 2)
        return false;
    *value = slice_make(w.text.data + 1, w.text.size - 2);
    return !memchr(w.text.data, '\\', w.text.size)
           && !memchr(value->data, w.text.data[0], value->size);
}

void words_leave(struct words *w)
{
    for (unsigned depth = 1; depth && w->at < w->end;) {
        char c = w->text.data[w->at];

        if (c == '(' || c == ')')
            depth += c == '(' ? 1U : -1U;
        if (class_at(w, w->at) == Q)
            w->at = quoted_end(w);
        else if (class_at(w, w->at) != C || !skip_comment(w))
            w->at++;
    }
}

struct slice fold(struct slice name, struct arena *arena)
{
    static const struct {
        const char *bytes;
        char letter;
    } alike[] = {{"\xc5\xbf", 's'}, {"\xc4\xb1", 'i'}, {"\xc4\xb0", 'i'}, {"\xe2\x84\xaa", 'k'}};
    char *out;
    size_t n = 0;

    while (n < name.size && (unsigned char)name.data[n] < 0x80
           && ascii_lower(name.data[n]) == name.data[n])
        n++;
    if (n == name.size) /* mostly, and costs nothing */
        return name;
    n = 0;
    out = arena_alloc(arena, name.size + 1);

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
