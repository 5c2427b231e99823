/* Lines are compared by the classic greedy walk over the edit graph (Myers, 1986), within a bound:
 * where two configurations have little in common, the rest of both is shown whole. */
#include "proxy/admin/diff.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "config/config.h"

enum { EDITS_MAX = 1000, DEPTH_MAX = 16 };

struct slice *config_lines(const struct config *c, struct arena *a, size_t *count)
{
    char *text = NULL;
    size_t size = 0, n = 0;
    FILE *out = open_memstream(&text, &size);

    *count = 0;
    if (!out)
        return NULL;
    config_print(c, out);
    fclose(out);
    struct slice rest = arena_copy(a, slice_make(text, size));
    free(text);
    for (size_t i = 0; i < rest.size; i++)
        n += rest.data[i] == '\n';
    struct slice *lines = arena_array(a, n + 1, sizeof(*lines));
    while (rest.size) {
        const char *end = memchr(rest.data, '\n', rest.size);
        size_t length = end ? (size_t)(end - rest.data) : rest.size;
        lines[(*count)++] = slice_head(rest, length);
        rest = slice_after(rest, length + (end != NULL));
    }
    return lines;
}

/* ---- the difference ---- */

struct walk {
    const struct slice *a, *b;
    long a_count, b_count;
    long *reached[EDITS_MAX + 1]; /* by edits: how far in `a` on each diagonal */
    long edits;
};

static long along(const struct walk *w, long x, long y)
{
    while (x < w->a_count && y < w->b_count && slice_equal(w->a[x], w->b[y])) {
        x++;
        y++;
    }
    return x;
}

/* True when one comes to a diagonal from above, by a new line; else from the left. */
static bool is_from_above(const long *before, long d, long k)
{
    return k == -d || (k != d && before[k - 1] < before[k + 1]);
}

/* How far one comes with d edits before the lines that are alike; -1: nowhere. */
static long step(const struct walk *w, long d, long k)
{
    const long *before = d ? w->reached[d - 1] + (d - 1) : NULL;

    if (!before)
        return 0;
    if (is_from_above(before, d, k))
        return before[k + 1];
    return before[k - 1] < 0 ? -1 : before[k - 1] + 1;
}

/* False when it takes more edits than are looked for. */
static bool search(struct walk *w, struct arena *arena)
{
    for (long d = 0; d <= EDITS_MAX; d++) {
        w->reached[d] = arena_array(arena, (size_t)(2 * d + 1), sizeof(long));
        w->edits = d;
        for (long k = -d; k <= d; k += 2) {
            long x = step(w, d, k);
            bool is_inside = x >= 0 && x <= w->a_count && x - k <= w->b_count;
            x = is_inside ? along(w, x, x - k) : -1;
            w->reached[d][d + k] = x;
            if (is_inside && x >= w->a_count && x - k >= w->b_count)
                return true;
        }
    }
    return false;
}

struct change {
    bool is_new;
    long at; /* in its own text */
};

/* Walks back from the end, so the changes are put from the back. */
static struct change *collect(const struct walk *w, struct arena *arena)
{
    struct change *all = arena_array(arena, (size_t)w->edits + 1, sizeof(*all));
    long x = w->a_count, y = w->b_count;

    for (long d = w->edits; d > 0; d--) {
        long k = x - y, *before = w->reached[d - 1] + (d - 1);
        bool is_new = is_from_above(before, d, k);
        x = is_new ? before[k + 1] : before[k - 1];
        y = x - (is_new ? k + 1 : k - 1);
        all[d - 1] = (struct change){.is_new = is_new, .at = is_new ? y : x};
    }
    return all;
}

/* Everything goes, everything comes. */
static struct change *replace_all(struct walk *w, struct arena *arena)
{
    struct change *all = arena_array(arena, (size_t)(w->a_count + w->b_count), sizeof(*all));

    for (w->edits = 0; w->edits < w->a_count; w->edits++)
        all[w->edits] = (struct change){.is_new = false, .at = w->edits};
    for (long i = 0; i < w->b_count; i++)
        all[w->edits++] = (struct change){.is_new = true, .at = i};
    return all;
}

/* ---- what is shown ---- */

struct shown {
    struct slice *lines;
    size_t count;
    struct slice above[DEPTH_MAX]; /* the lines that the last change stands under */
    struct arena *arena;
};

static size_t depth_of(struct slice line)
{
    size_t n = 0;

    while (n < line.size && line.data[n] == ' ')
        n++;
    return n / 2 < DEPTH_MAX ? n / 2 : DEPTH_MAX - 1;
}

static void show(struct shown *s, const char *mark, struct slice line)
{
    s->lines[s->count++] = arena_print(s->arena, "%s%.*s", mark, SHOW(line));
}

/* The lines that a line stands under, as far as they are others than the last time. */
static void show_place(struct shown *s, const struct slice *text, long at)
{
    size_t depth = depth_of(text[at]);
    struct slice above[DEPTH_MAX] = {{NULL, 0}};

    for (size_t left = depth; at-- > 0 && left > 0;)
        if (depth_of(text[at]) < left)
            above[left = depth_of(text[at])] = text[at];
    for (size_t i = 0; i < depth; i++) {
        if (above[i].size && !slice_equal(above[i], s->above[i]))
            show(s, "  ", above[i]);
        s->above[i] = above[i];
    }
    for (size_t i = depth; i < DEPTH_MAX; i++)
        s->above[i] = (struct slice){NULL, 0};
}

struct slice *lines_difference(const struct slice *a, size_t a_count, const struct slice *b,
                               size_t b_count, struct arena *arena, size_t *count)
{
    struct walk w = {.a = a, .b = b, .a_count = (long)a_count, .b_count = (long)b_count};
    struct change *changes = search(&w, arena) ? collect(&w, arena) : replace_all(&w, arena);
    struct shown s = {.arena = arena};

    s.lines = arena_array(arena, (size_t)w.edits * DEPTH_MAX + 1, sizeof(*s.lines));
    for (long i = 0; i < w.edits; i++) {
        const struct slice *text = changes[i].is_new ? b : a;
        show_place(&s, text, changes[i].at);
        show(&s, changes[i].is_new ? "+ " : "- ", text[changes[i].at]);
    }
    *count = s.count;
    return s.lines;
}

static void blame(const struct findings *f, struct error *e)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *at = &f->at[i];
        if (!at->is_error)
            continue;
        refuse(e, ERROR_CONFIG,
               "starbind: %.*s:%u: %.*s: %.*s (%zu errors; starbind check lists "
               "them)",
               SHOW(at->file), at->line, SHOW(at->path), SHOW(at->text), f->errors);
        return;
    }
    refuse(e, ERROR_CONFIG, "starbind: the configuration cannot be loaded");
}

bool config_difference(const struct config *c, struct arena *a, struct slice **lines, size_t *count,
                       struct error *e)
{
    struct findings findings;
    size_t n, now;

    findings_init(&findings);
    struct config *next = config_load(c->path.data, &findings);
    if (!next)
        blame(&findings, e);
    findings_fini(&findings);
    if (!next)
        return false;
    struct slice *before = config_lines(c, a, &n), *after = config_lines(next, a, &now);
    *lines = lines_difference(before, n, after, now, a, count);
    config_unref(next);
    return true;
}
