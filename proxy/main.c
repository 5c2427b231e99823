/* The program: one command per name. */
#include "proxy/commands.h"
#include "proxy/session/session.h"

static int version_command(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("starbind %s\n", STARBIND_VERSION);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *meaning;
} commands[] = {
    {"run", run_command, "serve clients: starbind run -c FILE"},
    {"check", check_command, "judge a configuration: starbind check FILE"},
    {"explain", explain_command, "judge statements without running them: starbind explain -c FILE"},
    {"passwd", passwd_command, "make the hash of a password"},
    {"token", token_command, "make a short-lived token: starbind token -c FILE --user NAME"},
    {"version", version_command, "print the version"},
};

static void print_usage(FILE *out)
{
    fprintf(out, "usage: starbind COMMAND [ARGUMENTS]\n\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].meaning);
    fprintf(out, "\nThe manual: starbind(8), starbind.json(5).\n");
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (strcmp(name, "--phases") == 0) {
        session_print_phases(stdout);
        return 0;
    }
    bool is_help = strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
    print_usage(is_help ? stdout : stderr);
    return is_help ? 0 : 2;
}
