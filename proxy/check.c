/* `starbind check FILE`: every finding of a configuration, in one run. */
#include "config/config.h"
#include "proxy/commands.h"

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
    if (config)
        printf("%s: good: %zu projects and data sources, %zu compute sources, %zu users\n", argv[1],
               config->project_count, config->source_count, config->user_count);
    config_unref(config);
    int status = config ? 0 : 1;
    findings_fini(&findings);
    return status;
}
