/* What the model knows and this build does not do: the findings of config_can_run.
 *
 * One row per gap; whoever closes a gap deletes its row. A path is read as in findings; '*' stands
 * for every member or element. */
#include "config/config_private.h"

/* Where this word stands the gateway could not do what it says. */
static const struct {
    const char *path, *word, *text;
} gaps[] = {
/* clang-format off */
#ifndef WITH_OPENSSL
    {"settings.tls_provider", "openssl", "this build has TLS by mbedtls only"},
#endif
#ifndef WITH_MBEDTLS
    {"settings.tls_provider", "mbedtls", "this build has TLS by openssl only"},
#endif
    {"listeners.*.protocol", "stream_load", "this build does not serve the protocol stream_load yet"},
    /* clang-format on */
};

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
        if (json_is_string(value) && strcmp(json_string_value(value), gaps[row].word) == 0)
            load_gap(l, GAP_STOPS, "%s", gaps[row].text);
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

static bool has_listener(const struct config *c, bool with_authorities)
{
    for (size_t i = 0; i < c->listener_count; i++)
        if (c->listeners[i].protocol == LISTEN_MYSQL && c->listeners[i].tls.mode != TLS_OFF
            && (!with_authorities || c->listeners[i].tls.ca.size))
            return true;
    return false;
}

/* Users whom no listener lets in the way that they must come. */
static void check_ways(struct load *l)
{
    const struct names *users = &l->names[USERS];

    for (size_t i = 0; i < users->count; i++) {
        const struct user *user = users->at[i].object;
        bool has_certificate = user->certificate_subject.size || user->certificate_san.size;
        load_go(l, users->at[i].place);
        if (user->require_tls && !has_listener(l->config, false))
            load_gap(l, GAP_WARNS, "must come over TLS, and no listener has it");
        if (has_certificate && !has_listener(l->config, true))
            load_gap(l, GAP_WARNS, "has a certificate, and no listener has a \"client_ca\"");
    }
}

void support_check(struct load *l)
{
    for (size_t d = 0; d < l->document_count; d++)
        for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++) {
            load_go(l, (struct place){l->documents[d], {0}});
            walk(l, l->documents[d]->root, gaps[i].path, i);
        }
    check_listeners(l);
    check_ways(l);
    load_go(l, (struct place){0});
}
