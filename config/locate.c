/* Where a JSON path stands in the file.
 *
 * jansson keeps no positions, so the same bytes are walked once more, and only when there is
 * something to tell. The text is known to be JSON by then; the walker just has to stay inside it.
 * No recursion: one frame per open object or array.
 *
 *   {"users": {"ana": {"auth": [ …
 *   ^frame 0  ^frame 1^frame 2 ^frame 3, index 0, path users.ana.auth[0]                    */
#include "config/config_private.h"

#include "base/memory.h"
#include "base/utf8.h"

struct frame {
    bool is_array, wants_key;
    size_t path;     /* size of the path outside */
    size_t index;    /* of the next element */
    struct map keys; /* key to struct seen *; only when repeats are asked for */
};

struct walk {
    const struct walker *told;
    struct slice text;
    size_t at;
    unsigned line;
    struct path path;
    struct frame *frames;
    size_t depth, room;
    struct arena arena; /* keys */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static unsigned hex_of(struct slice digits)
{
    unsigned value = 0;

    for (size_t i = 0; i < digits.size; i++) {
        char c = ascii_lower(digits.data[i]);
        value = value * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
}

static size_t put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xe0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 0x3f));
        to[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 0x3f));
    to[2] = (char)(0x80 | (code >> 6 & 0x3f));
    to[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* The code point of \uXXXX at the start of text, a surrogate pair as one; *used bytes belong to it.
 */
static uint32_t escaped(struct slice text, size_t *used)
{
    uint32_t code = hex_of(slice_make(text.data + 2, 4));

    *used = 6;
    if (code >= 0xd800 && code < 0xdc00 && text.size >= 12) {
        code = 0x10000 + ((code - 0xd800) << 10) + (hex_of(slice_make(text.data + 8, 4)) - 0xdc00);
        *used = 12;
    }
    return code;
}

/* A string's value: escapes undone. An escape never grows, so the raw size is room enough. */
static struct slice unescaped(struct walk *w, struct slice raw)
{
    static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
    char *made = arena_alloc(&w->arena, raw.size + 1);
    size_t size = 0, used;

    for (size_t i = 0; i < raw.size; i++) {
        if (raw.data[i] != '\\' || i + 1 == raw.size) {
            made[size++] = raw.data[i];
        } else if (raw.data[i + 1] == 'u' && raw.size - i >= 6) {
            size += put_utf8(made + size, escaped(slice_after(raw, i), &used));
            i += used - 1;
        } else {
            const char *name = strchr(names, raw.data[++i]);
            made[size++] = name && *name ? values[name - names] : raw.data[i];
        }
    }
    return slice_make(made, size);
}

/* The bytes between the quotes; moves behind the closing one. */
static struct slice take_string(struct walk *w)
{
    size_t from = ++w->at;

    while (w->at < w->text.size && w->text.data[w->at] != '"')
        w->at += w->text.data[w->at] == '\\' ? 2 : 1;
    size_t to = w->at < w->text.size ? w->at : w->text.size;
    w->at = to + 1;
    return slice_make(w->text.data + from, to - from);
}

static void open_frame(struct walk *w, bool is_array)
{
    if (w->depth == w->room) {
        w->room = w->room * 2 + 16;
        w->frames = memory_resize(w->frames, w->room, sizeof(*w->frames));
    }
    w->frames[w->depth++] =
        (struct frame){.is_array = is_array, .wants_key = !is_array, .path = w->path.size};
    w->at++;
}

static void close_frame(struct walk *w)
{
    w->at++;
    if (w->depth == 0)
        return;
    struct frame *f = &w->frames[--w->depth];
    path_cut(&w->path, f->path);
    map_fini(&f->keys);
}

static void note_repeat(struct walk *w, struct frame *f, struct slice key)
{
    unsigned *first = map_find(&f->keys, key);

    if (first) {
        w->told->repeat(w->told->context, path_text(&w->path), w->line, *first);
        return;
    }
    first = arena_alloc(&w->arena, sizeof(*first));
    *first = w->line;
    map_put(&f->keys, key, first);
}

static void member(struct walk *w, struct frame *f)
{
    unsigned line = w->line;
    struct slice key = unescaped(w, take_string(w));

    f->wants_key = false;
    path_cut(&w->path, f->path);
    path_key(&w->path, key);
    if (w->told->visit)
        w->told->visit(w->told->context, path_text(&w->path), line);
    if (w->told->repeat)
        note_repeat(w, f, key);
    else
        arena_clear(&w->arena);
}

static void element(struct walk *w, struct frame *f)
{
    path_cut(&w->path, f->path);
    path_index(&w->path, f->index++);
    if (w->told->visit)
        w->told->visit(w->told->context, path_text(&w->path), w->line);
}

/* One token of the text. */
static void step(struct walk *w)
{
    struct frame *f = w->depth ? &w->frames[w->depth - 1] : NULL;
    char c = w->text.data[w->at];

    if (c == '}' || c == ']') {
        close_frame(w);
        return;
    }
    if (c == ',' || c == ':' || is_blank(c)) {
        w->line += c == '\n';
        w->at++;
        if (f && c == ',')
            f->wants_key = !f->is_array;
        return;
    }
    if (f && f->wants_key && c == '"') {
        member(w, f);
        return;
    }
    if (f && f->is_array)
        element(w, f);
    if (c == '{' || c == '[') {
        open_frame(w, c == '[');
    } else if (c == '"') {
        take_string(w);
    } else {
        while (w->at < w->text.size && !is_blank(w->text.data[w->at])
               && !strchr(",]}", w->text.data[w->at]))
            w->at++;
    }
}

void locate_walk(struct slice text, const struct walker *walker)
{
    struct walk w = {.told = walker, .text = text, .line = 1};

    arena_init(&w.arena, NULL);
    while (w.at < w.text.size)
        step(&w);
    while (w.depth)
        close_frame(&w);
    path_fini(&w.path);
    free(w.frames);
    arena_clear(&w.arena);
}
