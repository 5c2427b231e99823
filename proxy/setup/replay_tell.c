/* What is said of a replay: one line for each change of a statement of a user, however often it
 * ran. Texts come from clients, so their control characters are not printed. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "proxy/setup/replay_private.h"

enum { DIFFERENCES_MAX = 100000, TEXT_SHOWN = 300 };

static struct slice change_of_place(struct replay *r, const struct logged *line,
                                    const struct verdict *v)
{
    struct slice now = v->source ? v->source->name : (struct slice){0};
    bool was_gone = slice_equal(line->decision, SLICE("gone"));

    if (!line->source.size && now.size && !was_gone)
        return arena_print(&r->scratch, "was answered by the gateway, now runs in '%.*s'",
                           SHOW(now));
    if (line->source.size && !now.size)
        return arena_print(&r->scratch, "ran in '%.*s', now is answered by the gateway",
                           SHOW(line->source));
    if (line->source.size && !slice_equal(line->source, now))
        return arena_print(&r->scratch, "ran in '%.*s', now in '%.*s'", SHOW(line->source),
                           SHOW(now));
    if (line->rewritten && v->rewritten && line->rewritten != v->rewritten)
        return SLICE("its names now stand for other databases");
    if (v->group_is_gone)
        return arena_print(&r->scratch, "ran in resource group '%.*s', which '%.*s' does not have",
                           SHOW(line->group), SHOW(now));
    return (struct slice){0};
}

struct slice replay_change(struct replay *r, const struct logged *line, const struct verdict *v)
{
    bool was_allowed = !slice_equal(line->decision, SLICE("deny"));

    if (was_allowed && !v->is_allowed)
        return arena_print(&r->scratch, "was allowed, now is refused (%u: %s)", v->error.number,
                           v->error.text);
    if (!was_allowed && v->is_allowed)
        return arena_print(&r->scratch, "was refused (%.*s), now is allowed", SHOW(line->reason));
    return was_allowed ? change_of_place(r, line, v) : (struct slice){0};
}

static struct slice about(struct replay *r, const struct logged *line)
{
    struct slice place = line->project;

    if (place.size)
        place =
            arena_print(&r->scratch, "%.*s (%s)", SHOW(place), environment_name(line->environment));
    return arena_print(&r->scratch, "%.*s%s%.*s, %s%016" PRIx64, SHOW(line->user),
                       place.size ? " on " : "", SHOW(place),
                       r->is_masked ? "masked statement " : "statement ", line->digest);
}

static void keep(struct replay *r, const struct logged *line, struct slice key, struct slice about,
                 struct slice change)
{
    struct difference *d = arena_alloc(&r->keep, sizeof(*d));
    size_t shown = line->text.size < TEXT_SHOWN ? line->text.size : TEXT_SHOWN;

    *d = (struct difference){arena_copy(&r->keep, about), arena_copy(&r->keep, change),
                             arena_copy(&r->keep, slice_head(line->text, shown)), 1};
    map_put(&r->known, arena_copy(&r->keep, key), d);
    if (r->count == r->room) {
        r->room = r->room ? r->room * 2 : 16;
        r->differences = memory_resize(r->differences, r->room, sizeof(struct difference *));
    }
    r->differences[r->count++] = d;
}

void replay_note(struct replay *r, const struct logged *line, struct slice change)
{
    struct slice who = about(r, line);
    struct slice key = arena_print(&r->scratch, "%.*s\n%.*s", SHOW(who), SHOW(change));
    struct difference *d = map_find(&r->known, key);

    r->differ++;
    if (d)
        d->count++;
    else if (r->count < DIFFERENCES_MAX)
        keep(r, line, key, who, change);
    else
        r->untold++;
}

static void put_plain(struct slice text, FILE *out)
{
    for (size_t i = 0; i < text.size; i++)
        fputc((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f ? ' ' : text.data[i], out);
}

void replay_print(const struct replay *r)
{
    static const char *const reasons[SKIPS] = {
        [SKIP_BROKEN] = "are no lines of an audit log",
        [SKIP_COMMAND] = "are logins or commands without SQL",
        [SKIP_TEXT] = "have no text (\"audit_text\": \"none\")",
        [SKIP_CUT] = "have a text that was cut (\"audit_text_bytes\")",
        [SKIP_MASKED] = "are masked, and cannot be read without their values",
        [SKIP_RUN] = "were refused for what happened then, such as a limit",
    };

    for (size_t i = 0; i < r->count; i++) {
        const struct difference *d = r->differences[i];
        put_plain(d->about, r->out);
        fprintf(r->out, ", %" PRIu64 " time%s: ", d->count, d->count == 1 ? "" : "s");
        put_plain(d->change, r->out);
        fputs(": ", r->out);
        put_plain(d->text, r->out);
        fputc('\n', r->out);
    }
    if (r->untold)
        fprintf(r->out, "and %" PRIu64 " more of other kinds\n", r->untold);
    fprintf(r->out,
            "%" PRIu64 " of %" PRIu64 " statements that were judged would be decided "
            "otherwise; %" PRIu64 " lines in all\n",
            r->differ, r->judged, r->lines);
    for (size_t i = 0; i < SKIPS; i++)
        if (r->skipped[i])
            fprintf(r->out, "%" PRIu64 " were not judged: they %s\n", r->skipped[i], reasons[i]);
    if (r->missing)
        fprintf(r->out, "%" PRIu64 " are missing in the log, as it says itself\n", r->missing);
}
