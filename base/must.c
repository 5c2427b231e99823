#include "base/must.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local const char *note;

void must_note(const char *text)
{
    note = text;
}

void must_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "starbind: bug at %s:%d: %s does not hold%s%s\n", file, line, condition,
            note ? "; " : "", note ? note : "");
    abort();
}
