/* Passwords from whoever runs a command: never from its arguments. */
#ifndef PROXY_ASK_H
#define PROXY_ASK_H

#include <stdbool.h>
#include <stdio.h>

#include "base/secret.h"

enum { ASK_MAX = 1024, ASK_ROOM = ASK_MAX + 2 }; /* bytes of a password; of its line */

enum ask_how { ASK_ONCE, ASK_TWICE };

/* Reads a password: at a terminal unseen, and twice if wished, else from one line. `command` begins
 * what is said about it on talk. The line is the caller's to wipe. */
bool ask_password(FILE *in, FILE *talk, const char *command, enum ask_how how, char line[ASK_ROOM]);

/* The password that "env:NAME" or "file:PATH" refers to, or, for NULL, one that is asked for. A
 * password itself is refused: everybody on the machine sees the arguments of a command. */
bool ask_secret(const char *reference, const char *command, struct secret *secret);

#endif
