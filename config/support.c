/* What the model knows and this build does not do: the findings of config_can_run.
 *
 * One row per gap; whoever closes a gap deletes its row. A path is read as in findings; '*' stands
 * for every member or element. */
#include "config/config_private.h"

/* What about the value makes it a gap. */
enum gap_when {
    ANY,      /* that it is there */
    NOT,      /* that it is another word than `word` */
    IS,       /* that it is `word` */
    POSITIVE, /* a number over 0 */
    TRUE,
    ENCRYPTED /* a URL that asks for TLS */
};

static const struct {
    const char *path;
    enum gap_when when;
    const char *word;
    enum gap gap;
    const char *text;
} gaps[] = {
    /* clang-format off */
    {"settings.tls_provider", NOT, "openssl", GAP_STOPS, "this build has no TLS yet"},
    {"listeners.*.protocol", NOT, "mysql", GAP_STOPS, "this build serves the protocol mysql only"},
    {"listeners.*.tls", NOT, "off", GAP_STOPS, "this build has no TLS with clients yet"},
    {"listeners.*.tls.mode", NOT, "off", GAP_STOPS, "this build has no TLS with clients yet"},
    {"clusters.*.tls", NOT, "off", GAP_STOPS, "this build has no TLS with frontends yet"},
    {"clusters.*.tls.mode", NOT, "off", GAP_STOPS, "this build has no TLS with frontends yet"},
    {"clusters.*.jdbc_url", ENCRYPTED, "", GAP_STOPS, "this build has no TLS with frontends yet"},
    {"clusters.*.admin", ANY, "", GAP_WARNS, "this build does not use the admin account yet"},
    {"clusters.*.limits.max_concurrent_queries", POSITIVE, "", GAP_STOPS, "this build does not enforce this limit yet"},
    {"clusters.*.limits.max_queued", POSITIVE, "", GAP_STOPS, "this build does not enforce this limit yet"},
    {"clusters.*.limits.max_query_seconds", POSITIVE, "", GAP_STOPS, "this build does not enforce this limit yet"},
    {"compute_sources.*.jdbc_url", ENCRYPTED, "", GAP_STOPS, "this build has no TLS with frontends yet"},
    {"compute_sources.*.pool.min_idle", POSITIVE, "", GAP_STOPS, "this build does not keep idle connections ready yet"},
    {"compute_sources.*.limits.*", POSITIVE, "", GAP_STOPS, "this build does not enforce limits yet"},
    {"projects.*.limits.*", POSITIVE, "", GAP_STOPS, "this build does not enforce limits yet"},
    {"data_sources.*.limits.*", POSITIVE, "", GAP_STOPS, "this build does not enforce limits yet"},
    {"data_sources.*.*.jdbc_url", ENCRYPTED, "", GAP_STOPS, "this build has no TLS with frontends yet"},
    {"data_sources.*.*.pool.min_idle", POSITIVE, "", GAP_STOPS, "this build does not keep idle connections ready yet"},
    {"data_sources.*.*.limits.*", POSITIVE, "", GAP_STOPS, "this build does not enforce limits yet"},
    {"users.*.auth.certificate", ANY, "", GAP_STOPS, "this build does not check client certificates yet"},
    {"users.*.require_tls", TRUE, "", GAP_STOPS, "this build has no TLS with clients yet"},
    {"users.*.limits.*", POSITIVE, "", GAP_STOPS, "this build does not enforce limits yet"},
    /* clang-format on */
};

static bool is_encrypted(struct load *l, json_t *value)
{
    struct url url = {0};

    return url_read(l, json_slice(value), true, &url) && url.tls != TLS_OFF;
}

static bool is_gap(struct load *l, json_t *value, enum gap_when when, const char *word)
{
    const char *text = json_string_value(value);

    switch (when) {
    case ANY:
        return true;
    case NOT:
        return text && strcmp(text, word) != 0;
    case IS:
        return text && strcmp(text, word) == 0;
    case POSITIVE:
        return json_integer_value(value) > 0;
    case TRUE:
        return json_is_true(value);
    case ENCRYPTED:
        return text && is_encrypted(l, value);
    }
    return false;
}

static void walk(struct load *l, json_t *value, const char *path, size_t row);

static void walk_all(struct load *l, json_t *value, const char *rest, size_t row)
{
    const char *key;
    size_t size, i;
    json_t *inner;

    json_object_keylen_foreach(value, key, size, inner)
    {
        size_t at = load_enter_name(l, slice_make(key, size));
        walk(l, inner, rest, row);
        load_leave(l, at);
    }
    json_array_foreach(value, i, inner)
    {
        size_t at = load_enter_index(l, i);
        walk(l, inner, rest, row);
        load_leave(l, at);
    }
}

/* Follows one step of the row's path from a value. */
static void walk(struct load *l, json_t *value, const char *path, size_t row)
{
    size_t size = strcspn(path, ".");
    const char *rest = path[size] ? path + size + 1 : "";

    if (!value)
        return;
    if (size == 0) {
        if (is_gap(l, value, gaps[row].when, gaps[row].word))
            load_gap(l, gaps[row].gap, "%s", gaps[row].text);
    } else if (size == 1 && *path == '*') {
        walk_all(l, value, rest, row);
    } else {
        size_t at = load_enter_name(l, slice_make(path, size));
        walk(l, json_object_getn(value, path, size), rest, row);
        load_leave(l, at);
    }
}

static void check_listeners(struct load *l)
{
    if (l->config->listener_count)
        return;
    load_go(l, (struct place){l->documents[0], {0}});
    load_gap(l, GAP_STOPS, "\"listeners\" is missing: nobody could connect");
}

void support_check(struct load *l)
{
    for (size_t d = 0; d < l->document_count; d++)
        for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++) {
            load_go(l, (struct place){l->documents[d], {0}});
            walk(l, l->documents[d]->root, gaps[i].path, i);
        }
    check_listeners(l);
    load_go(l, (struct place){0});
}
