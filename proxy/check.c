/* `starbind check FILE`: every finding of a configuration, in one run; of one without errors,
 * whether the TLS library takes its certificates and keys, as `run` will ask it to. */
#include "base/error.h"
#include "config/config.h"
#include "proxy/commands.h"
#include "proxy/net/contexts.h"

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

int check_command(int argc, char **argv)
{
    struct findings findings;

    if (argc != 2) {
        fprintf(stderr, "usage: starbind check FILE\n");
        return 2;
    }
    findings_init(&findings);
    struct config *config = config_load(argv[1], &findings);
    findings_print(&findings, stderr);
    bool good = config && has_usable_certificates(config);
    if (good)
        printf("%s: good: %zu projects and data sources, %zu compute sources, %zu users\n", argv[1],
               config->project_count, config->source_count, config->user_count);
    config_unref(config);
    int status = good ? 0 : 1;
    findings_fini(&findings);
    return status;
}
