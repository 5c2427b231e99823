/* `starbind explain --plain`: what SQL texts refer to, without any configuration. */
#ifndef PROXY_VIRTUAL_PLAIN_H
#define PROXY_VIRTUAL_PLAIN_H

#include <stdio.h>

/* Reads lines {"id","sql"} or {"id","sql_b64"} and prints one line for each, in order, in the shape
 * of corpus/README.md under Judging. max_depth limits nesting, 0 is the default. Returns the exit
 * status: 1 when a line was no such object, else 0. */
int plain_explain(FILE *in, FILE *out, unsigned max_depth);

#endif
