/* "did you mean …": the nearest of the names that would have been right. */
#include "config/config_private.h"

enum { COMPARED_MAX = 64 }; /* bytes of a name that are compared */

static bool is_beginning(struct slice shorter, struct slice longer)
{
    return shorter.size >= 3 && slice_starts_with(longer, shorter);
}

/* Edits between two names: insert, delete, replace, swap neighbours; letter case is free. */
static size_t edits(struct slice a, struct slice b)
{
    size_t rows[3][COMPARED_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];

    for (size_t j = 0; j <= b.size; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            char x = ascii_lower(a.data[i - 1]), y = ascii_lower(b.data[j - 1]);
            size_t least = last[j - 1] + (x != y);
            least = last[j] + 1 < least ? last[j] + 1 : least;
            least = now[j - 1] + 1 < least ? now[j - 1] + 1 : least;
            if (i > 1 && j > 1 && x == ascii_lower(b.data[j - 2]) && y == ascii_lower(a.data[i - 2])
                && before[j - 2] + 1 < least)
                least = before[j - 2] + 1;
            now[j] = least;
        }
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[b.size];
}

struct suggestion suggestion_for(struct slice wanted)
{
    return (struct suggestion){.wanted = wanted, .distance = wanted.size / 3 + 1};
}

void suggestion_see(struct suggestion *s, struct slice candidate)
{
    if (s->wanted.size > COMPARED_MAX || candidate.size > COMPARED_MAX)
        return;
    size_t distance = is_beginning(s->wanted, candidate) || is_beginning(candidate, s->wanted)
                          ? 1
                          : edits(s->wanted, candidate);
    if (distance < s->distance || (distance == s->distance && !s->best.data)) {
        s->distance = distance;
        s->best = candidate;
    }
}

const char *suggestion_text(const struct suggestion *s, struct load *l)
{
    if (!s->best.data)
        return "";
    return arena_print(&l->scratch, "; did you mean %s?", shown(l, s->best)).data;
}
