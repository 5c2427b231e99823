/* Findings: collected with their place while the files are read, told with their line at the end.
 *
 * Each file that has something to tell is walked once (locate.c), however many findings it has. */
#include "config/config_private.h"

#include <stdarg.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { SHOWN_MAX = 80 };

void findings_init(struct findings *f)
{
    *f = (struct findings){.arena = memory_new(1, sizeof(struct arena))};
    arena_init(f->arena, NULL);
}

void findings_fini(struct findings *f)
{
    if (f->arena)
        arena_clear(f->arena);
    free(f->arena);
    free(f->at);
    *f = (struct findings){0};
}

void findings_print(const struct findings *f, FILE *out)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *it = &f->at[i];
        fprintf(out, "%.*s:", SHOW(it->file));
        if (it->line)
            fprintf(out, "%u:", it->line);
        if (it->path.size)
            fprintf(out, " %.*s:", SHOW(it->path));
        fprintf(out, " %s: %.*s\n", it->is_error ? "error" : "warning", SHOW(it->text));
    }
}

const char *shown(struct load *l, struct slice text)
{
    char *made = arena_alloc(&l->scratch, (size_t)SHOWN_MAX * 4 + 8);
    size_t size = 0;

    made[size++] = '\'';
    for (size_t i = 0, n; i < text.size; i += n) {
        n = utf8_length(slice_after(text, i));
        if (i + n > SHOWN_MAX) {
            memcpy(made + size, "…", strlen("…"));
            size += strlen("…");
            break;
        }
        if (n == 0 || (unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f) {
            size += (size_t)snprintf(made + size, 5, "\\x%02x", (unsigned char)text.data[i]);
            n = 1;
        } else {
            memcpy(made + size, text.data + i, n);
            size += n;
        }
    }
    made[size++] = '\'';
    return made;
}

struct place load_place(struct load *l)
{
    return (struct place){l->document, arena_copy(&l->scratch, path_text(&l->path))};
}

static struct remark *remark_new(struct load *l, struct place place, const char *format,
                                 va_list values)
{
    char text[1024];

    if (l->remark_count == l->remark_room) {
        l->remark_room = l->remark_room * 2 + 32;
        l->remarks = memory_resize(l->remarks, l->remark_room, sizeof(*l->remarks));
    }
    int size = vsnprintf(text, sizeof(text), format, values);
    size_t kept = size < (int)sizeof(text) ? (size_t)size : sizeof(text) - 1;
    struct remark *r = &l->remarks[l->remark_count++];
    *r = (struct remark){.place = place, .text = arena_copy(&l->scratch, slice_make(text, kept))};
    return r;
}

void load_wrong(struct load *l, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    remark_new(l, load_place(l), format, values)->is_error = true;
    va_end(values);
    l->errors++;
}

void load_warn(struct load *l, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    remark_new(l, load_place(l), format, values);
    va_end(values);
}

void load_gap(struct load *l, enum gap gap, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    struct remark *r = remark_new(l, load_place(l), format, values);
    va_end(values);
    r->is_error = gap == GAP_STOPS;
    r->is_gap = true;
}

void load_blame(struct load *l, struct place at, struct place other, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    struct remark *r = remark_new(l, at, format, values);
    va_end(values);
    r->is_error = true;
    r->other = other;
    l->errors++;
}

/* Where one place of the document being walked gets its line written. */
struct spot {
    unsigned line;
};

static void want(struct load *l, struct map *wanted, struct place place)
{
    if (place.path.size && !map_find(wanted, place.path))
        map_put(wanted, place.path, arena_alloc(&l->scratch, sizeof(struct spot)));
}

static void note_line(void *context, struct slice path, unsigned line)
{
    struct spot *spot = map_find(context, path);

    if (spot)
        spot->line = line;
}

static unsigned line_of(const struct map *wanted, struct place place)
{
    const struct spot *spot = map_find(wanted, place.path);

    return spot ? spot->line : 1; /* the root itself begins in line 1 */
}

static void locate_in(struct load *l, const struct document *d)
{
    struct map wanted;

    map_init(&wanted, MAP_EXACT);
    for (size_t i = 0; i < l->remark_count; i++) {
        if (l->remarks[i].place.document == d && !l->remarks[i].line)
            want(l, &wanted, l->remarks[i].place);
        if (l->remarks[i].other.document == d)
            want(l, &wanted, l->remarks[i].other);
    }
    if (wanted.count && d->root)
        locate_walk(slice_make(d->bytes, d->size),
                    &(struct walker){.context = &wanted, .visit = note_line});
    for (size_t i = 0; i < l->remark_count; i++) {
        struct remark *r = &l->remarks[i];
        if (r->place.document == d && !r->line && d->root)
            r->line = line_of(&wanted, r->place);
        if (r->other.document == d)
            r->other_line = line_of(&wanted, r->other);
    }
    map_fini(&wanted);
}

static int by_place(const void *a, const void *b)
{
    const struct remark *x = a, *y = b;
    size_t from = x->place.document ? x->place.document->order : 0;
    size_t to = y->place.document ? y->place.document->order : 0;

    if (from != to)
        return from < to ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return slice_compare(x->place.path, y->place.path);
}

static void tell(const struct remark *r, struct finding *to, struct arena *arena)
{
    *to = (struct finding){.is_error = r->is_error, .line = r->line};
    to->file = arena_copy(arena, r->place.document->path);
    to->path = arena_copy(arena, r->place.path);
    if (r->other.document)
        to->text = arena_print(arena, "%.*s (%.*s:%u)", SHOW(r->text),
                               SHOW(r->other.document->path), r->other_line);
    else
        to->text = arena_copy(arena, r->text);
}

static void keep_gaps(struct load *l)
{
    struct config_private *own = l->config->own;

    own->gaps = arena_array(&own->arena, l->remark_count, sizeof(*own->gaps));
    for (size_t i = 0; i < l->remark_count; i++)
        if (l->remarks[i].is_gap)
            tell(&l->remarks[i], &own->gaps[own->gap_count++], &own->arena);
}

void load_tell(struct load *l, struct findings *f)
{
    for (size_t i = 0; i < l->document_count; i++)
        locate_in(l, l->documents[i]);
    if (l->remark_count == 0)
        return;
    qsort(l->remarks, l->remark_count, sizeof(*l->remarks), by_place);
    keep_gaps(l);
    f->at = memory_resize(f->at, f->count + l->remark_count, sizeof(*f->at));
    for (size_t i = 0; i < l->remark_count; i++) {
        if (l->remarks[i].is_gap)
            continue;
        f->errors += l->remarks[i].is_error;
        tell(&l->remarks[i], &f->at[f->count++], f->arena);
    }
}

bool config_can_run(const struct config *c, struct findings *f)
{
    const struct config_private *own = c->own;
    bool can = true;

    if (own->gap_count == 0)
        return true;
    f->at = memory_resize(f->at, f->count + own->gap_count, sizeof(*f->at));
    for (size_t i = 0; i < own->gap_count; i++) {
        struct finding *to = &f->at[f->count++];
        *to = own->gaps[i];
        to->file = arena_copy(f->arena, own->gaps[i].file);
        to->path = arena_copy(f->arena, own->gaps[i].path);
        to->text = arena_copy(f->arena, own->gaps[i].text);
        f->errors += to->is_error;
        can = can && !to->is_error;
    }
    return can;
}
