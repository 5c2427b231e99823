/* `starbind passwd`: the hash of a password, as it stands in the configuration. */
#include "proxy/commands.h"

#include <getopt.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/secret.h"
#include "proxy/ask.h"

/* What the methods can do with this password: an empty one has no salted hash. */
static unsigned possible(unsigned methods, struct slice password, FILE *talk)
{
    if (password.size == 0)
        fprintf(talk, "starbind passwd: this is the empty password, anybody knows it\n");
    if (password.size && password.size < SHA2_PASSWORD_MAX)
        return methods;
    if (methods & PASSWD_SHA2)
        fprintf(talk, "starbind passwd: caching_sha2_password takes 1 to %d bytes\n",
                (int)SHA2_PASSWORD_MAX - 1);
    return methods & PASSWD_NATIVE;
}

static void print_hashes(unsigned methods, struct slice password, FILE *out)
{
    char native[NATIVE_HASH + 1], sha2[SHA2_HASH + 1];

    fprintf(out, "\"auth\": {");
    if (methods & PASSWD_SHA2) {
        sha2_hash(password, sha2);
        fprintf(out, "\"caching_sha2_password\": \"%s\"", sha2);
    }
    if (methods & PASSWD_NATIVE) {
        native_hash(password, native);
        fprintf(out, "%s\"mysql_native_password\": \"%s\"", methods & PASSWD_SHA2 ? ", " : "",
                native);
    }
    fprintf(out, "}\n");
}

bool passwd_print(unsigned methods, FILE *in, FILE *out, FILE *talk)
{
    char line[ASK_ROOM];
    bool good = ask_password(in, talk, "starbind passwd", ASK_TWICE, line);

    if (good) {
        methods = possible(methods, slice_of(line), talk);
        good = methods != 0;
    }
    if (good)
        print_hashes(methods, slice_of(line), out);
    secret_wipe(line, sizeof(line));
    return good;
}

static int usage(void)
{
    fprintf(stderr, "usage: starbind passwd [-m native|sha2]\n\n"
                    "Reads a password from standard input and prints its hashes for a user's "
                    "\"auth\": for mysql_native_password and caching_sha2_password, or for the one "
                    "method that -m names.\n");
    return 2;
}

int passwd_command(int argc, char **argv)
{
    unsigned methods = PASSWD_NATIVE | PASSWD_SHA2;
    int option;

    while ((option = getopt(argc, argv, "m:")) != -1) {
        if (option != 'm')
            return usage();
        if (strcmp(optarg, "native") == 0)
            methods = PASSWD_NATIVE;
        else if (strcmp(optarg, "sha2") == 0)
            methods = PASSWD_SHA2;
        else
            return usage();
    }
    if (optind != argc)
        return usage();
    return passwd_print(methods, stdin, stdout, stderr) ? 0 : 1;
}
