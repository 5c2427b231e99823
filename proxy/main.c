/* The program: one command per name. */
#include "proxy/commands.h"
#include "proxy/complete.h"
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
#define COMMAND(name, run, options, operand, meaning) {#name, run, meaning},
#include "proxy/commands.def"
#undef COMMAND
};

static void print_usage(FILE *out)
{
    fprintf(out, "usage: starbind COMMAND [ARGUMENTS]\n\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].meaning);
    fprintf(out, "\nThe manual: starbind(8), starbind.json(5).\n");
}

/* What is no command of an operator's day. */
static bool print_other(const char *name, const char *argument)
{
    if (strcmp(name, "--phases") == 0)
        session_print_phases(stdout);
    else if (strcmp(name, "--version") == 0)
        version_command(0, NULL);
    else if (strcmp(name, "--completions") == 0)
        return argument && complete_print(argument, stdout);
    else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        print_usage(stdout);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (print_other(name, argc > 2 ? argv[2] : NULL))
        return 0;
    print_usage(stderr);
    return 2;
}
