/* The commands of the starbind program; each gets the arguments behind its own name and returns the
 * exit status: 0, 1 for a refusal of what it was given, 2 for wrong usage. */
#ifndef PROXY_COMMANDS_H
#define PROXY_COMMANDS_H

#include <stdbool.h>
#include <stdio.h>

int run_command(int argc, char **argv);
int check_command(int argc, char **argv);
int explain_command(int argc, char **argv);
int passwd_command(int argc, char **argv);

/* Reads a password, at a terminal twice and unseen, and prints the "auth" member of a user. Prompts
 * and complaints go to talk. */
bool passwd_print(FILE *in, FILE *out, FILE *talk);

#endif
