/* `starbind provision`: the SQL that a configuration needs on its clusters. */
#include <getopt.h>

#include "base/arena.h"
#include "proxy/ask.h"
#include "proxy/commands.h"
#include "proxy/setup/script.h"

static const char name[] = "starbind provision";

struct wish {
    const char *path, *cluster, *user, *password;
    bool is_diff, is_apply;
};

static void print_problems(const struct script *s)
{
    for (size_t i = 0; i < s->problems.count; i++)
        fprintf(stderr, "%s: %.*s\n", name, SHOW(s->problems.at[i]));
}

static void print_head(const struct cluster *cluster, const struct script *s)
{
    printf("-- cluster %.*s: %zu statement%s%s\n", SHOW(cluster->name), s->statements,
           s->statements == 1 ? "" : "s", s->statements ? "" : ", nothing is missing");
}

/* Everything, without a look at the cluster. */
static int print_all(const struct want *w, struct arena *arena)
{
    struct script script;

    script_make(&script, w, NULL, arena);
    print_problems(&script);
    if (script.problems.count)
        return 1;
    print_head(w->cluster, &script);
    script_print(&script, stdout);
    return 0;
}

static int tell(const char *what, struct slice why)
{
    fprintf(stderr, "%s: %s%.*s\n", name, what, SHOW(why));
    return 1;
}

/* What is missing; and brings it there, if wished. */
static int compare(const struct wish *wish, const struct config *c, const struct want *w,
                   struct inquiry *q, struct arena *arena)
{
    struct script script;
    struct have have;
    struct slice why;

    if (!have_read(&have, q, c, w, arena, &why))
        return tell("the cluster does not say what it has: ", why);
    script_make(&script, w, &have, arena);
    print_problems(&script);
    if (script.problems.count)
        return 1;
    print_head(w->cluster, &script);
    if (!wish->is_apply) {
        script_print(&script, stdout);
        return script.statements ? 1 : 0;
    }
    return script_run(&script, q, stdout, &why) ? 0 : tell("", why);
}

static int connect_and_compare(const struct wish *wish, const struct config *c,
                               const struct want *w, struct arena *arena)
{
    struct account account = {.username = slice_of(wish->user)};
    char reason[INQUIRY_REASON] = "";
    unsigned error;
    int status = 1;

    if (!ask_secret(wish->password, name, &account.password))
        return 1;
    struct inquiry *q = inquiry_open(c, w->cluster, NULL, &account, &error, reason);
    if (!q)
        tell("no frontend lets it in: ", slice_of(reason));
    else if (inquiry_kind(q) != CLUSTER_STARROCKS)
        tell("", SLICE("this is no StarRocks, whose accounts and grants these are"));
    else
        status = compare(wish, c, w, q, arena);
    inquiry_close(q);
    secret_fini(&account.password);
    return status;
}

static int provision(const struct wish *wish, const struct config *c, const struct cluster *cluster)
{
    struct arena arena;
    struct want want;
    bool is_online = wish->is_diff || wish->is_apply;

    arena_init(&arena, NULL);
    want_make(&want, c, cluster, &arena);
    int status = is_online ? connect_and_compare(wish, c, &want, &arena) : print_all(&want, &arena);
    want_fini(&want);
    arena_clear(&arena);
    return status;
}

/* The one that is named, or all. */
static int provision_clusters(const struct wish *wish, const struct config *c)
{
    size_t found = 0;
    int status = 0;

    if (!wish->cluster && (wish->is_diff || wish->is_apply) && c->cluster_count > 1)
        return tell("", SLICE("there are several clusters: say --cluster NAME"));
    for (size_t i = 0; i < c->cluster_count; i++) {
        if (wish->cluster && !slice_equal(c->clusters[i].name, slice_of(wish->cluster)))
            continue;
        found++;
        status |= provision(wish, c, &c->clusters[i]);
    }
    return found ? status : tell("there is no cluster ", slice_of(wish->cluster));
}

static int usage(void)
{
    fprintf(stderr,
            "usage: starbind provision -c FILE [--cluster NAME] [--diff | --apply [-u USER] "
            "[--password env:NAME | file:PATH]]\n\n"
            "Prints the SQL that makes the databases, accounts, grants and resource groups that "
            "the configuration needs. --diff asks the cluster, as USER (root), and prints what is "
            "missing; --apply runs that.\n");
    return 2;
}

int provision_command(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"cluster", required_argument, NULL, 'C'},
                                            {"user", required_argument, NULL, 'u'},
                                            {"password", required_argument, NULL, 'p'},
                                            {"diff", no_argument, NULL, 'd'},
                                            {"apply", no_argument, NULL, 'a'},
                                            {0}};
    struct wish wish = {.user = "root"};
    struct findings findings;
    int option;

    while ((option = getopt_long(argc, argv, "c:u:", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            wish.path = optarg;
            break;
        case 'C':
            wish.cluster = optarg;
            break;
        case 'u':
            wish.user = optarg;
            break;
        case 'p':
            wish.password = optarg;
            break;
        case 'd':
            wish.is_diff = true;
            break;
        case 'a':
            wish.is_apply = true;
            break;
        default:
            return usage();
        }
    }
    if (!wish.path || optind != argc || (wish.is_diff && wish.is_apply))
        return usage();
    findings_init(&findings);
    struct config *config = config_load(wish.path, &findings);
    if (!config)
        findings_print(&findings, stderr);
    findings_fini(&findings);
    int status = config ? provision_clusters(&wish, config) : 1;
    config_unref(config);
    return status;
}
