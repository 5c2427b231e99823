/* Functions that invite overruns or hidden state become compile errors. Included by the compiler's
 * command line (-include), before anything else; the system headers come first so that their own
 * declarations survive. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol atof rand srand \
    gets

#endif
