/* The options of the load generator. */
#include <getopt.h>

#include "bench/load.h"

enum { CONNECTIONS_MAX = 11000 };

static const struct workload workloads[] = {
    {"point", true, false, false, false, true, 1},
    {"prepared", true, true, false, false, true, 1},
    {"large", false, false, false, false, true, 1000000},
    {"churn", false, false, true, false, true, 1},
    {"visit", true, false, true, false, true, 1},
    {"idle", false, false, false, true, false, 0},
    {"used", true, false, false, true, true, 1},
};

static void usage(void)
{
    fputs("usage: load --port P --workload point|prepared|large|churn|visit|idle|used\n"
          "            --user U --password P --database D --query TEXT [--keys N]\n"
          "            [--connections N] [--idle N [--unread TEXT]] [--warm S] [--seconds S]\n"
          "            [--many N] [--tls asked|at-once [--tls-version 1.2|1.3]]\n"
          "            [--pace OPERATIONS-PER-SECOND] [--watch NAME=PID]...\n"
          "The server is one on 127.0.0.1. A key from 1 to N is put behind the query's text.\n"
          "With --many, # in user, database and query is a number below it, of each client its "
          "own.\n",
          stderr);
    exit(2);
}

static double number(const char *text, double least, double most)
{
    char *end;
    double value = strtod(text, &end);

    if (*end || end == text || !(value >= least && value <= most))
        give_up("%s is not a number from %g to %g", text, least, most);
    return value;
}

static void watch(struct load *l, char *text)
{
    char *equals = strchr(text, '=');

    if (!equals || l->watched_count == LOAD_WATCHED)
        usage();
    *equals = '\0';
    l->watched[l->watched_count++] =
        (struct watched){.name = text, .pid = (pid_t)number(equals + 1, 1, 1 << 30)};
}

static const struct workload *workload_find(const char *name)
{
    for (size_t i = 0; i < sizeof(workloads) / sizeof(*workloads); i++)
        if (strcmp(workloads[i].name, name) == 0)
            return &workloads[i];
    usage();
    return NULL;
}

static enum secure_when when_find(const char *text)
{
    if (strcmp(text, "asked") != 0 && strcmp(text, "at-once") != 0)
        usage();
    return text[1] == 's' ? SECURE_ASKED : SECURE_AT_ONCE;
}

void options_read(struct load *l, int argc, char **argv)
{
    static const struct option names[] = {
        {"port", 1, NULL, 'p'},     {"workload", 1, NULL, 'w'}, {"user", 1, NULL, 'u'},
        {"password", 1, NULL, 'P'}, {"database", 1, NULL, 'd'}, {"query", 1, NULL, 'q'},
        {"keys", 1, NULL, 'k'},     {"seconds", 1, NULL, 's'},  {"connections", 1, NULL, 'c'},
        {"warm", 1, NULL, 'W'},     {"watch", 1, NULL, 'o'},    {"idle", 1, NULL, 'i'},
        {"many", 1, NULL, 'm'},     {"tls", 1, NULL, 't'},      {"tls-version", 1, NULL, 'v'},
        {"unread", 1, NULL, 'x'},   {"pace", 1, NULL, 'r'},     {0},
    };
    unsigned version = 3;
    int name;

    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (name) {
        /* clang-format off */
        case 'p': l->task.port = (uint16_t)number(optarg, 1, 65535); break;
        case 'w': l->workload = workload_find(optarg); break;
        case 'u': l->task.user = slice_of(optarg); break;
        case 'P': l->task.password = slice_of(optarg); break;
        case 'd': l->task.database = slice_of(optarg); break;
        case 'q': l->task.query = slice_of(optarg); break;
        case 'k': l->task.keys = (unsigned)number(optarg, 1, 1e9); break;
        case 's': l->seconds = number(optarg, 0.1, 600); break;
        case 'c': l->connections = (unsigned)number(optarg, 1, CONNECTIONS_MAX); break;
        case 'W': l->warm = number(optarg, 0, 60); break;
        case 'o': watch(l, optarg); break;
        case 'i': l->idle = (unsigned)number(optarg, 0, CONNECTIONS_MAX); break;
        case 'r': l->pace = number(optarg, 1, 1e6); break;
        case 'x': l->unread = slice_of(optarg); break;
        case 'm': l->task.many = (unsigned)number(optarg, 1, 1e9); break;
        case 't': l->task.when = when_find(optarg); break;
        case 'v': version = strcmp(optarg, "1.2") == 0 ? 2 : 3; break;
        default: usage();
            /* clang-format on */
        }
    }
    if (!l->workload || !l->task.port || (l->workload->idles && l->connections < 20)
        || ((l->idle || l->pace > 0) && (l->workload->idles || l->workload->churns)))
        usage();
    if (l->task.when != SECURE_NEVER && !(l->task.secure = secure_context(version)))
        give_up("TLS cannot be used: %s", secure_trouble());
    l->task.is_prepared = l->workload->prepared;
    l->task.keys = l->workload->keyed ? l->task.keys : 0;
    l->task.rows = l->workload->rows;
}
