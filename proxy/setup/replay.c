/* Line by line. The strings of a line are its JSON's and live as long as it. */
#include "proxy/setup/replay_private.h"

#include <jansson.h>
#include <stdlib.h>

static struct slice text_of(const json_t *line, const char *key)
{
    const json_t *value = json_object_get(line, key);

    return json_is_string(value) ? slice_make(json_string_value(value), json_string_length(value))
                                 : (struct slice){0};
}

static uint64_t hex_of(const json_t *line, const char *key)
{
    const json_t *value = json_object_get(line, key);

    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 16) : 0;
}

static struct logged logged_of(const json_t *line)
{
    return (struct logged){
        .user = text_of(line, "user"),
        .project = text_of(line, "project"),
        .schema = text_of(line, "schema"),
        .decision = text_of(line, "decision"),
        .rule = text_of(line, "rule"),
        .reason = text_of(line, "reason"),
        .source = text_of(line, "source"),
        .group = text_of(line, "resource_group"),
        .command = text_of(line, "command"),
        .text = text_of(line, "text"),
        .environment = slice_equal(text_of(line, "environment"), SLICE("dev")) ? DEV : PROD,
        .digest = hex_of(line, "digest"),
        .rewritten = hex_of(line, "rewritten"),
        .is_cut = json_is_true(json_object_get(line, "cut")),
    };
}

static void take_line(struct replay *r, struct slice text)
{
    json_error_t wrong;
    json_t *json = json_loadb(text.data, text.size, JSON_ALLOW_NUL, &wrong);
    const json_t *lost = json_object_get(json, "lost");
    struct verdict verdict;
    enum skip skip = SKIP_BROKEN;

    r->lines++;
    if (json_is_integer(lost)) {
        r->missing += (uint64_t)json_integer_value(lost);
    } else if (!json_is_string(json_object_get(json, "decision"))) {
        r->skipped[SKIP_BROKEN]++;
    } else {
        struct logged line = logged_of(json);
        if (replay_judge(r, &line, &verdict, &skip)) {
            struct slice change = replay_change(r, &line, &verdict);
            r->judged++;
            if (change.size)
                replay_note(r, &line, change);
        } else {
            r->skipped[skip]++;
        }
    }
    json_decref(json);
    arena_clear(&r->scratch);
}

uint64_t replay_log(const struct config *c, FILE *log, FILE *out)
{
    struct arena_pool pool = {.keep = 64};
    struct replay r = {.config = c, .out = out};
    size_t room = 0;
    char *line = NULL;
    ssize_t n;

    arena_init(&r.keep, NULL);
    arena_init(&r.scratch, &pool);
    map_init(&r.known, MAP_EXACT);
    while ((n = getline(&line, &room, log)) >= 0)
        if (n > 1)
            take_line(&r, slice_make(line, (size_t)n));
    replay_print(&r);
    free(line);
    free(r.differences);
    map_fini(&r.known);
    arena_clear(&r.keep);
    arena_pool_fini(&pool);
    return r.differ;
}
