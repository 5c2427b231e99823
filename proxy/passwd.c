/* `starbind passwd`: the hash of a password, as it stands in the configuration. */
#include "proxy/commands.h"

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

bool passwd_print(FILE *in, FILE *out, FILE *talk)
{
    char line[PASSWORD_MAX + 2], hash[NATIVE_HASH + 1];
    bool good;

    setvbuf(in, NULL, _IONBF, 0); /* no copy of the password stays in a buffer */
    good = ask(in, line, talk);
    if (good) {
        native_hash(slice_of(line), hash);
        if (hash[0] == '\0')
            fprintf(talk, "starbind passwd: this is the empty password, anybody knows it\n");
        fprintf(out, "\"auth\": {\"mysql_native_password\": \"%s\"}\n", hash);
    }
    secret_wipe(line, sizeof(line));
    return good;
}

int passwd_command(int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        fprintf(stderr, "usage: starbind passwd\n\nReads a password from standard input and prints "
                        "its hash for a user's \"auth\".\n");
        return 2;
    }
    return passwd_print(stdin, stdout, stderr) ? 0 : 1;
}
