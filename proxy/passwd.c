/* `starbind passwd`: the hash of a password, as it stands in the configuration. */
#include "proxy/commands.h"

#include <getopt.h>
#include <termios.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/secret.h"

enum { PASSWORD_MAX = 1024 };

/* A line without its end. False at the end of the input, and for what nobody types as a password:
 * control characters (an interrupt key among them) and more than PASSWORD_MAX bytes. */
static bool read_line(FILE *in, char line[PASSWORD_MAX + 2], FILE *talk)
{
    if (!fgets(line, PASSWORD_MAX + 2, in)) {
        fprintf(talk, "starbind passwd: no password was given\n");
        return false;
    }
    size_t size = strcspn(line, "\r\n");
    bool good = size <= PASSWORD_MAX;
    line[size] = '\0';
    for (size_t i = 0; i < size; i++)
        good &= (unsigned char)line[i] >= ' ' && line[i] != 0x7f;
    if (!good)
        fprintf(talk, "starbind passwd: no control characters, and at most %d bytes\n",
                (int)PASSWORD_MAX);
    return good;
}

/* At a terminal the password is not shown and is asked for twice. Interrupt keys are read as
 * characters meanwhile, so that the terminal is never left silent. */
static bool ask(FILE *in, char line[PASSWORD_MAX + 2], FILE *talk)
{
    char again[PASSWORD_MAX + 2];
    struct termios usual, silent;

    if (!isatty(fileno(in)) || tcgetattr(fileno(in), &usual) != 0)
        return read_line(in, line, talk);
    silent = usual;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    tcsetattr(fileno(in), TCSAFLUSH, &silent);
    fprintf(talk, "Password: ");
    bool good = read_line(in, line, talk);
    if (good) {
        fprintf(talk, "\nAgain: ");
        good = read_line(in, again, talk);
    }
    fprintf(talk, "\n");
    tcsetattr(fileno(in), TCSAFLUSH, &usual);
    bool same = good && strcmp(line, again) == 0;
    if (good && !same)
        fprintf(talk, "starbind passwd: the two differ\n");
    secret_wipe(again, sizeof(again));
    return same;
}

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
    char line[PASSWORD_MAX + 2];
    bool good;

    setvbuf(in, NULL, _IONBF, 0); /* no copy of the password stays in a buffer */
    good = ask(in, line, talk);
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
