/* At a terminal a password is not shown. Interrupt keys are read as characters meanwhile, so that
 * the terminal is never left silent. */
#include "proxy/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* A line without its end. False at the end of the input, and for what nobody types as a password:
 * control characters (an interrupt key among them) and more than ASK_MAX bytes. */
static bool read_line(FILE *in, FILE *talk, const char *command, char line[ASK_ROOM])
{
    if (!fgets(line, ASK_ROOM, in)) {
        fprintf(talk, "%s: no password was given\n", command);
        return false;
    }
    size_t size = strcspn(line, "\r\n");
    bool good = size <= ASK_MAX;
    line[size] = '\0';
    for (size_t i = 0; i < size; i++)
        good &= (unsigned char)line[i] >= ' ' && line[i] != 0x7f;
    if (!good)
        fprintf(talk, "%s: no control characters, and at most %d bytes\n", command, (int)ASK_MAX);
    return good;
}

bool ask_password(FILE *in, FILE *talk, const char *command, enum ask_how how, char line[ASK_ROOM])
{
    char again[ASK_ROOM];
    struct termios usual, silent;
    bool same = true;

    setvbuf(in, NULL, _IONBF, 0); /* no copy of the password stays in a buffer */
    if (!isatty(fileno(in)) || tcgetattr(fileno(in), &usual) != 0)
        return read_line(in, talk, command, line);
    silent = usual;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    tcsetattr(fileno(in), TCSAFLUSH, &silent);
    fprintf(talk, "Password: ");
    bool good = read_line(in, talk, command, line);
    if (good && how == ASK_TWICE) {
        fprintf(talk, "\nAgain: ");
        good = read_line(in, talk, command, again);
        same = good && strcmp(line, again) == 0;
        secret_wipe(again, sizeof(again));
    }
    fprintf(talk, "\n");
    tcsetattr(fileno(in), TCSAFLUSH, &usual);
    if (good && !same)
        fprintf(talk, "%s: the two differ\n", command);
    return good && same;
}

static bool from_file(const char *path, const char *command, char line[ASK_ROOM])
{
    FILE *file = fopen(path, "re");

    if (!file) {
        fprintf(stderr, "%s: %s: %s\n", command, path, strerror(errno));
        return false;
    }
    setvbuf(file, NULL, _IONBF, 0);
    bool good = read_line(file, stderr, command, line);
    fclose(file);
    return good;
}

static bool from_environment(const char *name, const char *command, char line[ASK_ROOM])
{
    const char *value = getenv(name);

    if (!value || strlen(value) > ASK_MAX) {
        fprintf(stderr, "%s: the environment variable %s %s\n", command, name,
                value ? "is too long" : "is not set");
        return false;
    }
    snprintf(line, ASK_ROOM, "%s", value);
    return true;
}

bool ask_secret(const char *reference, const char *command, struct secret *secret)
{
    char line[ASK_ROOM];
    bool good = false;

    if (!reference)
        good = ask_password(stdin, stderr, command, ASK_ONCE, line);
    else if (strncmp(reference, "file:", 5) == 0)
        good = from_file(reference + 5, command, line);
    else if (strncmp(reference, "env:", 4) == 0)
        good = from_environment(reference + 4, command, line);
    else
        fprintf(stderr, "%s: --password takes env:NAME or file:PATH, never a password itself\n",
                command);
    if (good)
        secret_set(secret, slice_of(line));
    secret_wipe(line, sizeof(line));
    return good;
}
