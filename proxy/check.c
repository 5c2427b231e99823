/* `starbind check FILE`: every finding of a configuration, in one run; of one without errors,
 * whether the TLS library takes its certificates and keys, as `run` will ask it to; with --live, of
 * its clusters too. */
#include <getopt.h>

#include "base/error.h"
#include "config/config.h"
#include "proxy/commands.h"
#include "proxy/net/contexts.h"
#include "proxy/setup/live.h"

static bool has_usable_certificates(const struct config *c)
{
    struct contexts *made = NULL;
    struct error e;
    bool good = contexts_make(c, &made, 1, &e);

    if (good)
        contexts_free(made);
    else
        fprintf(stderr, "%s: error: %s\n", c->path.data, e.text);
    return good;
}

static int check(const char *path, bool is_live)
{
    struct findings findings;

    findings_init(&findings);
    struct config *config = config_load(path, &findings);
    findings_print(&findings, stderr);
    bool is_good = config && has_usable_certificates(config);
    if (is_good)
        printf("%s: good: %zu projects and data sources, %zu compute sources, %zu users\n", path,
               config->project_count, config->source_count, config->user_count);
    is_good = is_good && (!is_live || live_check(config, stdout));
    config_unref(config);
    findings_fini(&findings);
    return is_good ? 0 : 1;
}

int check_command(int argc, char **argv)
{
    static const struct option options[] = {{"live", no_argument, NULL, 'l'}, {0}};
    bool is_live = false;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'l')
            break;
        is_live = true;
    }
    if (option == -1 && optind + 1 == argc)
        return check(argv[optind], is_live);
    fprintf(stderr, "usage: starbind check [--live] FILE\n\n"
                    "Prints what is wrong with a configuration; with --live, it logs in to its "
                    "clusters and looks whether they are as it says.\n");
    return 2;
}
