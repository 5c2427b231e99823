/* `starbind token`: a short-lived token that takes the place of a user's password. */
#include "proxy/commands.h"

#include <getopt.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/grant.h"
#include "base/clock.h"
#include "config/config.h"

struct wish {
    const char *path, *user, *project;
    uint64_t seconds;
};

/* "90s", "15m", "1h", "7d"; a bare number is seconds. 0 for what is none of that. */
static uint64_t span_read(const char *text)
{
    static const struct {
        const char *unit;
        uint64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    uint64_t number = 0;

    for (; *text >= '0' && *text <= '9'; text++) {
        number = number * 10 + (uint64_t)(*text - '0');
        if (number > TOKEN_TTL_MAX)
            return 0;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (strcmp(units[i].unit, text) == 0 && number * units[i].seconds <= TOKEN_TTL_MAX)
            return number * units[i].seconds;
    return 0;
}

/* What the gateway would refuse is not signed. NULL, or why. */
static const char *problem(const struct config *c, const struct wish *w, struct slice *project)
{
    const struct user *user = config_find_user(c, slice_of(w->user));
    const struct project_name *found;

    if (!c->settings.token_key_count)
        return "\"settings\" has no \"token_keys\"";
    if (!user)
        return "there is no such user";
    if (!user->takes_tokens)
        return "the user takes no tokens: \"auth\": {\"token\": true}";
    if (!w->project)
        return NULL;
    found = config_find_project(c, slice_of(w->project));
    if (!found)
        return "there is no such project";
    if (!grant_is_member(user, found->project))
        return "the user is no member of the project";
    *project = found->project->name;
    return NULL;
}

static int print_token(const struct config *c, const struct wish *w)
{
    struct slice project = {0};
    char text[TOKEN_MAX];
    const char *wrong = problem(c, w, &project);

    if (!wrong
        && !token_make(&c->settings.token_keys[0], slice_of(w->user), project,
                       clock_wall() + w->seconds, text))
        wrong = "the names are too long for a token";
    if (wrong) {
        fprintf(stderr, "starbind token: %s\n", wrong);
        return 1;
    }
    printf("%s\n", text);
    return 0;
}

static int usage(void)
{
    fprintf(stderr,
            "usage: starbind token -c FILE --user NAME [--project NAME] [--ttl 1h]\n\n"
            "Prints a token that the user may give in place of a password, over TLS, until the "
            "time is over: seconds, or a number with s, m, h or d, at most 366d. With "
            "--project it is good for that project only.\n");
    return 2;
}

int token_command(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"user", required_argument, NULL, 'u'},
                                            {"project", required_argument, NULL, 'p'},
                                            {"ttl", required_argument, NULL, 't'},
                                            {0}};
    struct wish wish = {.seconds = 3600};
    struct findings findings;
    int option;

    while ((option = getopt_long(argc, argv, "c:u:p:t:", options, NULL)) != -1) {
        if (option == 'c')
            wish.path = optarg;
        else if (option == 'u')
            wish.user = optarg;
        else if (option == 'p')
            wish.project = optarg;
        else if (option != 't' || !(wish.seconds = span_read(optarg)))
            return usage();
    }
    if (!wish.path || !wish.user || optind != argc)
        return usage();
    findings_init(&findings);
    struct config *config = config_load(wish.path, &findings);
    if (!config)
        findings_print(&findings, stderr);
    findings_fini(&findings);
    int status = config ? print_token(config, &wish) : 1;
    config_unref(config);
    return status;
}
