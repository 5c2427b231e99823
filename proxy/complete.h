/* Completion of the command line, made from commands.def. */
#ifndef PROXY_COMPLETE_H
#define PROXY_COMPLETE_H

#include <stdbool.h>
#include <stdio.h>

/* Prints the script for "bash" or "zsh"; false, and nothing, for another shell. */
bool complete_print(const char *shell, FILE *out);

#endif
