/* Values that are one of a few words. */
#include "config/fields.h"

const struct word words_of_environment[] = {{"prod", PROD}, {"dev", DEV}, {NULL, 0}};

const struct word words_of_privilege[] = {{"read", READ}, {"write", WRITE}, {"ddl", DDL},
                                          {"load", LOAD}, {"share", SHARE}, {NULL, 0}};

const struct word words_of_cross[] = {
    {"read", CROSS_READ}, {"write", CROSS_WRITE}, {"none", CROSS_NONE}, {NULL, 0}};

const struct word words_of_protocol[] = {{"mysql", LISTEN_MYSQL},
                                         {"stream_load", LISTEN_STREAM_LOAD},
                                         {"admin", LISTEN_ADMIN},
                                         {"http", LISTEN_HTTP},
                                         {NULL, 0}};

const struct word words_of_pool[] = {
    {"session", POOL_SESSION}, {"transaction", POOL_TRANSACTION}, {NULL, 0}};

const struct word words_of_listener_tls[] = {
    {"off", TLS_OFF}, {"optional", TLS_OPTIONAL}, {"required", TLS_REQUIRED}, {NULL, 0}};

const struct word words_of_cluster_tls[] = {{"off", TLS_OFF},
                                            {"preferred", TLS_PREFERRED},
                                            {"required", TLS_REQUIRED},
                                            {"verify-ca", TLS_VERIFY_CA},
                                            {"verify-full", TLS_VERIFY_FULL},
                                            {NULL, 0}};

const struct word words_of_tls_version[] = {{"1.2", 0}, {"1.3", 0}, {NULL, 0}};
const struct word words_of_audit_text[] = {
    {"none", AUDIT_NONE}, {"masked", AUDIT_MASKED}, {"full", AUDIT_FULL}, {NULL, 0}};
const struct word words_of_audit_failure[] = {
    {"refuse", AUDIT_REFUSE}, {"drop", AUDIT_DROP}, {NULL, 0}};
const struct word words_of_log_format[] = {{"auto", LOG_FORMAT_AUTO},
                                           {"text", LOG_FORMAT_TEXT},
                                           {"json", LOG_FORMAT_JSON},
                                           {"journal", LOG_FORMAT_JOURNAL},
                                           {NULL, 0}};
const struct word words_of_log_level[] = {{"error", LOG_ERROR},
                                          {"warning", LOG_WARNING},
                                          {"info", LOG_INFO},
                                          {"debug", LOG_DEBUG},
                                          {NULL, 0}};
const struct word words_of_tls_provider[] = {{"openssl", 0}, {"mbedtls", 0}, {NULL, 0}};
const struct word words_of_all[] = {{"all", true}, {NULL, 0}};

const char *word_of(const struct word *words, unsigned value)
{
    for (; words->text; words++)
        if (words->value == value)
            return words->text;
    return "";
}

static const char *listed(struct load *l, const struct word *words)
{
    struct slice all = {0};

    for (const struct word *w = words; w->text; w++)
        all = arena_print(&l->scratch, "%.*s%s%s", SHOW(all),
                          w == words  ? ""
                          : w[1].text ? ", "
                                      : " or ",
                          w->text);
    return all.data;
}

const struct word *word_read(struct load *l, const struct word *words, struct slice text)
{
    for (const struct word *w = words; w->text; w++)
        if (slice_equal(slice_of(w->text), text))
            return w;
    load_wrong(l, "%s is none of the words here: %s", shown(l, text), listed(l, words));
    return NULL;
}

const char *environment_name(enum environment e)
{
    return word_of(words_of_environment, e);
}

const char *privilege_name(enum privilege p)
{
    return word_of(words_of_privilege, p);
}
