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
int token_command(int argc, char **argv);
int init_command(int argc, char **argv);
int replay_command(int argc, char **argv);
int provision_command(int argc, char **argv);

enum { PASSWD_NATIVE = 1, PASSWD_SHA2 = 2 };

/* Reads a password, at a terminal twice and unseen, and prints the "auth" member of a user with its
 * hashes for these methods. Prompts and complaints go to talk. */
bool passwd_print(unsigned methods, FILE *in, FILE *out, FILE *talk);

#endif
