/* Files of lines that many threads write without waiting: the audit log, the slow log.
 *
 *   pen (a worker's)  --blocks, every few milliseconds-->  journal (one thread)  -->  file
 *
 * A pen belongs to one thread and collects whole lines. What waits to be written is bounded in
 * bytes: above that, and while the file cannot be written, the journal is clogged; whoever must not
 * lose a line asks first and refuses to go on, others lose theirs, and their number is told in the
 * file as soon as it can be. Nothing is lost silently. */
#ifndef PROXY_JOURNAL_JOURNAL_H
#define PROXY_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct error;
struct journal;

enum { JOURNAL_LINE_MAX = 256 * 1024 }; /* bytes of a line, its newline included */

struct pen {
    struct journal *journal; /* borrowed; NULL: nothing is written */
    struct block *block;     /* owned: lines that were not handed over yet; NULL for none */
    struct block *spare;     /* owned: empty ones, to be used again */
    struct home *home;       /* shared with the blocks that are under way */
};

/* Opens the file to append to and starts the thread. `name` ("audit log"), borrowed, is for our own
 * log. Waiting lines take `limit` bytes at most. False when the file cannot be opened. */
bool journal_open(struct journal **made, const char *name, const char *path, size_t limit,
                  struct error *e);

/* Writes what waits, unless the file still refuses it; says so in the log then. Frees; NULL is
 * allowed. No pen may write any more. */
void journal_close(struct journal *j);

/* Any thread: the file was moved away; a new one is opened under the same path. */
void journal_reopen(struct journal *j);

/* Any thread: lines cannot be taken in now, or the last write failed. */
bool journal_is_clogged(const struct journal *j);

/* Any thread: lines that were not written, ever. */
uint64_t journal_lost(const struct journal *j);

void pen_init(struct pen *p, struct journal *j);

/* Hands the last lines over and frees the rest. */
void pen_fini(struct pen *p);

/* Room for a line of at most `size` bytes; to be followed by pen_commit with what was used, newline
 * included (0: no line). NULL, and the line counts as lost, when the journal is clogged. */
char *pen_reserve(struct pen *p, size_t size);

/* The same for a line that must not be lost; whoever calls this stops making more of them while the
 * journal is clogged. Never NULL. */
char *pen_insist(struct pen *p, size_t size);
void pen_commit(struct pen *p, size_t used);

/* At the end of a turn: hands the lines to the journal's thread. */
void pen_flush(struct pen *p);
bool pen_has_lines(const struct pen *p);

#endif
