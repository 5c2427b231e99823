/* `starbind replay`: what an audit log's statements would meet under another configuration. */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "proxy/commands.h"
#include "proxy/setup/replay.h"

static int replay(const char *path, FILE *log)
{
    struct findings findings;
    int status = 2;

    findings_init(&findings);
    struct config *config = config_load(path, &findings);
    if (config)
        status = replay_log(config, log, stdout) ? 1 : 0;
    else
        findings_print(&findings, stderr);
    config_unref(config);
    findings_fini(&findings);
    if (ferror(log)) {
        fprintf(stderr, "starbind replay: the log cannot be read to its end\n");
        status = 2;
    }
    return status;
}

int replay_command(int argc, char **argv)
{
    static const struct option options[] = {
        {"log", required_argument, NULL, 'l'}, {"against", required_argument, NULL, 'a'}, {0}};
    const char *log = NULL, *path = NULL;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'l')
            log = optarg;
        else if (option == 'a')
            path = optarg;
        else
            break;
    }
    if (option != -1 || !log || !path || optind != argc) {
        fprintf(stderr, "usage: starbind replay --log AUDIT --against FILE\n\n"
                        "Judges the statements of an audit log (- for standard input) by another "
                        "configuration and prints those that would be decided otherwise.\n");
        return 2;
    }
    FILE *file = strcmp(log, "-") == 0 ? stdin : fopen(log, "re");
    if (!file) {
        fprintf(stderr, "starbind replay: %s: %s\n", log, strerror(errno));
        return 2;
    }
    int status = replay(path, file);
    if (file != stdin)
        fclose(file);
    return status;
}
