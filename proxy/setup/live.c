/* Clusters one after the other: the frontends first, then each account. */
#include "proxy/setup/live_private.h"

#include <stdarg.h>

#include "base/arena.h"

enum { LINE_MAX_BYTES = 4096 };

void live_tell(struct live *l, struct slice place, enum verdict verdict, const char *format, ...)
{
    static const char *const words[] = {"good", "warning", "error"};
    char line[LINE_MAX_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    fprintf(l->out, "%.*s: %s: %s\n", SHOW(place), words[verdict], line);
    l->errors += verdict == LIVE_ERROR;
    l->warnings += verdict == LIVE_WARNING;
}

static void check_own_accounts(struct live *l)
{
    const struct cluster *c = l->cluster;
    const struct {
        const char *what;
        const struct account *account;
    } own[] = {{"monitor", &c->monitor}, {"metadata", &c->metadata}, {"admin", &c->admin}};

    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
        if (own[i].account->username.size)
            live_account(l, arena_print(l->arena, "clusters.%.*s.%s", SHOW(c->name), own[i].what),
                         own[i].account, NULL);
}

static void check_passwords(struct live *l)
{
    for (size_t i = 0; i < l->want.account_count; i++)
        if (l->want.accounts[i].is_torn)
            live_tell(l, l->want.accounts[i].purpose, LIVE_ERROR,
                      "the configuration has another password for '%.*s' elsewhere; one account "
                      "has one",
                      SHOW(l->want.accounts[i].username));
}

static void check_accounts(struct live *l)
{
    check_passwords(l);
    check_own_accounts(l);
    for (size_t i = 0; i < l->config->source_count; i++) {
        const struct compute_source *source = &l->config->sources[i];
        if (source->cluster == l->cluster && source_is_binding(source))
            live_account(l, source_place(source, l->arena), &source->account, source);
    }
}

static size_t check_cluster(const struct config *c, const struct cluster *cluster, FILE *out,
                            size_t *warnings)
{
    struct arena arena;
    struct live l = {.config = c, .cluster = cluster, .arena = &arena, .out = out};

    arena_init(&arena, NULL);
    want_make(&l.want, c, cluster, &arena);
    if (live_frontends(&l))
        check_accounts(&l);
    want_fini(&l.want);
    arena_clear(&arena);
    *warnings += l.warnings;
    return l.errors;
}

bool live_check(const struct config *c, FILE *out)
{
    size_t errors = 0, warnings = 0;

    for (size_t i = 0; i < c->cluster_count; i++)
        errors += check_cluster(c, &c->clusters[i], out, &warnings);
    fprintf(out, "%.*s: %zu error%s, %zu warning%s\n", SHOW(c->path), errors,
            errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
    return errors == 0;
}
