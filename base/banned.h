/* Functions that invite overruns or hidden state become compile errors. Included by the compiler's
 * command line (-include), before anything else; the system headers come first so that their own
 * declarations survive. A macro and not a poison, since macros of library headers may name them. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BANNED(name) use_of_##name##_is_banned_see_base_banned_h

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef atoi
#undef atol
#undef atof
#undef rand
#undef srand

#define strcpy(...)   BANNED(strcpy)
#define strcat(...)   BANNED(strcat)
#define strncpy(...)  BANNED(strncpy)
#define strncat(...)  BANNED(strncat)
#define sprintf(...)  BANNED(sprintf)
#define vsprintf(...) BANNED(vsprintf)
#define strtok(...)   BANNED(strtok)
#define atoi(...)     BANNED(atoi)
#define atol(...)     BANNED(atol)
#define atof(...)     BANNED(atof)
#define rand(...)     BANNED(rand)
#define srand(...)    BANNED(srand)

#endif
