/* The table of settings, from settings.def, and those that are no plain values. A row of another
 * type than its member does not compile. */
#include "config/fields.h"

#define OFFSET(member)             offsetof(struct settings, member)
#define TYPE(member, wanted, type) _Generic(((struct settings *)0)->member, wanted : &(type))

#define SETTING_COUNT(name, fallback, least, most, reload, meaning)                                \
    {                                                                                              \
        #name,        TYPE(name, unsigned, type_count),                                            \
        OFFSET(name), fallback,                                                                    \
        least,        most,                                                                        \
        NULL,         OPTIONAL,                                                                    \
        meaning},
#define SETTING_BYTES(name, fallback, least, most, reload, meaning)                                \
    {#name,  TYPE(name, size_t, type_size), OFFSET(name), fallback, least, most, NULL, OPTIONAL,   \
     meaning},
#define SETTING_MILLIS(name, fallback, least, most, reload, meaning)                               \
    {#name,  TYPE(name, millis, type_millis), OFFSET(name), fallback, least, most, NULL, OPTIONAL, \
     meaning},
#define SETTING_TEXT(name, fallback, least, most, reload, meaning)                                 \
    {#name,           TYPE(name, struct slice, type_word_text),                                    \
     OFFSET(name),    fallback,                                                                    \
     least,           most,                                                                        \
     words_of_##name, OPTIONAL,                                                                    \
     meaning},

/* clang-format off */
static const struct field fields[] = {
#include "config/settings.def"
    {"trusted_proxies", &type_networks, OFFSET(trusted_proxies), NULL, 0, 0, NULL, OPTIONAL,
     "Networks whose PROXY protocol header is believed."},
    {"audit_log", &type_text, OFFSET(audit_log), NULL, 1, 0, NULL, OPTIONAL,
     "File that gets one JSON line per statement and login; a restart takes another path."},
    {"audit_text", &type_word, OFFSET(audit_text), "masked", 0, 0, words_of_audit_text, OPTIONAL,
     "The statement in audit and slow log: its digest only, with its literals masked, or as it came."},
    {"audit_failure", &type_word, OFFSET(audit_failure), "refuse", 0, 0, words_of_audit_failure, OPTIONAL,
     "While the audit log cannot be written: refuse statements and logins, or drop lines and count them."},
    {"slow_log", &type_text, OFFSET(slow_log), NULL, 1, 0, NULL, OPTIONAL,
     "File that gets the same line for statements that took slow_log_ms and more."},
    {"state_folder", &type_text, OFFSET(state_folder), NULL, 1, 0, NULL, OPTIONAL,
     "Folder where a gateway notes its connections to frontends, so that one that starts after a crash ends what still runs there; a restart takes another path."},
    {"query_comment", &type_bool, OFFSET(query_comment), "false", 0, 0, NULL, OPTIONAL,
     "Behind each statement that is sent as text, a comment with request id, user and project, for the logs of the frontends; prepared ones have none."},
    {"log_file", &type_text, OFFSET(log_file), NULL, 1, 0, NULL, OPTIONAL,
     "File that the log is appended to, opened anew at SIGHUP; without it the log goes to standard error."},
    {"log_format", &type_word, OFFSET(log_format), "auto", 0, 0, words_of_log_format, OPTIONAL,
     "Lines of text, JSON objects, or text for systemd's journal: without the time, with its priority in front; auto: for the journal where standard error is it, else text."},
    {"log_level", &type_word, OFFSET(log_level), "info", 0, 0, words_of_log_level, OPTIONAL,
     "Lines of this level and more severe ones are written; -l of the command line goes before it."},
    {"run_as", &type_text, OFFSET(run_as), NULL, 1, 32, NULL, OPTIONAL,
     "User that a gateway started by root becomes once its ports are bound; files that a reload reads must be readable for it."},
    {"core_dumps", &type_bool, OFFSET(core_dumps), "false", 0, 0, NULL, OPTIONAL,
     "Let a crash write the process's memory, secrets and all, to disk."},
    {"token_keys", &type_token_keys, OFFSET(token_keys), NULL, 0, 0, NULL, OPTIONAL,
     "Secrets that sign tokens, as env:NAME or file:PATH: the first signs, all verify; taking one away revokes its tokens."},
    {"cross_environment", &type_word, OFFSET(cross_environment), "read", 0, 0, words_of_cross, OPTIONAL,
     "What a session of one environment may do, by explicit name, in the other."},
};
/* clang-format on */
#undef SETTING_COUNT
#undef SETTING_BYTES
#undef SETTING_MILLIS
#undef SETTING_TEXT

const struct object object_settings = {"settings", fields, sizeof(fields) / sizeof(*fields)};

_Static_assert(offsetof(struct settings, token_key_count)
                   == offsetof(struct settings, token_keys) + offsetof(struct token_keys, count),
               "the member pair is read as struct token_keys");

_Static_assert(offsetof(struct settings, trusted_proxy_count)
                   == offsetof(struct settings, trusted_proxies) + offsetof(struct networks, count),
               "the member pair is read as struct networks");

/* The rows that a file gives, each key in one file only. */
static void read_part(struct load *l, json_t *json, struct place *first)
{
    struct settings *settings = &l->config->settings;
    const struct object *o = &object_settings;

    for (size_t i = 0; i < o->count; i++) {
        const struct field *f = &o->fields[i];
        json_t *value = json_object_get(json, f->key);
        size_t at = load_enter(l, f->key);
        if (value && first[i].document)
            load_blame(l, load_place(l), first[i], "is set in another file too");
        else if (value) {
            first[i] = load_place(l);
            f->type->read(l, f, value, (char *)settings + f->offset);
        }
        load_leave(l, at);
    }
}

void settings_read(struct load *l)
{
    const struct object *o = &object_settings;
    struct place *first = arena_array(&l->scratch, o->count, sizeof(*first));

    object_preset(o, &l->config->settings);
    for (size_t i = 0; i < l->document_count; i++) {
        l->document = l->documents[i];
        json_t *json = json_object_get(l->document->root, "settings");
        size_t at = load_enter(l, "settings");
        if (json && load_expects(l, json, JSON_OBJECT, "an object")) {
            read_part(l, json, first);
            object_unknown_keys(l, o, json);
        }
        load_leave(l, at);
    }
}

/* ---- for people ---- */

enum { NUMBER_ROOM = 24 };

#define WALK_NUMBER(name, preset, reload, meaning)                                                 \
    {                                                                                              \
        char number[NUMBER_ROOM];                                                                  \
        snprintf(number, sizeof(number), "%llu", (unsigned long long)c->settings.name);            \
        take(owner, &(struct setting){SLICE(#name), slice_of(number), SLICE(preset),               \
                                      SLICE(meaning), reload});                                    \
    }
#define SETTING_COUNT(name, preset, least, most, reload, meaning)                                  \
    WALK_NUMBER(name, preset, reload, meaning)
#define SETTING_BYTES(name, preset, least, most, reload, meaning)                                  \
    WALK_NUMBER(name, preset, reload, meaning)
#define SETTING_MILLIS(name, preset, least, most, reload, meaning)                                 \
    WALK_NUMBER(name, preset, reload, meaning)
#define SETTING_TEXT(name, preset, least, most, reload, meaning)                                   \
    take(owner, &(struct setting){SLICE(#name), c->settings.name, SLICE(preset), SLICE(meaning),   \
                                  reload});

void settings_walk(const struct config *c, void (*take)(void *owner, const struct setting *s),
                   void *owner)
{
    enum { ANYTIME, RESTART };
#include "config/settings.def"
}
