/* Assertions that stay on in release: a false one is a bug of ours, never somebody's input. */
#ifndef BASE_MUST_H
#define BASE_MUST_H

/* Prints where and what, with the note of the running thread (see must_note), and aborts. */
_Noreturn void must_fail(const char *file, int line, const char *condition);

/* Remembers, for this thread, a short text that must_fail prints (session and phase). Borrowed: the
 * text must stay valid until the next call; NULL clears it. */
void must_note(const char *text);

#define must(condition) ((condition) ? (void)0 : must_fail(__FILE__, __LINE__, #condition))

#endif
