/* Prepared statements that servers know: which text, on which connection, by which number. Included
 * by backend.h.
 *
 *   sessions' statements ──use──> template <──known── on each connection, by the server's number
 *
 * A template is one text in real names, for the connections of one pool, under the variables that
 * change what a text means. All sessions of a worker that prepare the same share it; when the last
 * of them has closed its statement, the servers hear COM_STMT_CLOSE. A connection keeps what it
 * knows when it goes back to its pool, and no more than it may: the statement that was used
 * longest ago is closed there and prepared again when somebody wants it.
 *
 * A StarRocks frontend reads the number of a COM_STMT_CLOSE in the wrong byte order until the
 * connection has executed something (facts/fe-live/prepared-statements.md). So the command waits
 * until then, and a connection on which too many wait is worn. */
#ifndef PROXY_BACKEND_STATEMENTS_H
#define PROXY_BACKEND_STATEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/slab.h"
#include "base/slice.h"

struct arena;
struct backend;
struct state;
struct template;

/* All of a worker. */
struct templates {
    struct template **buckets; /* owned; power of two */
    size_t bucket_count, count;
    struct slab known; /* what connections know */
};

void templates_init(struct templates *all);
void templates_fini(struct templates *all); /* nobody may use one any more */

/* What the session has SET of the variables that change what a text means, in the arena; to be told
 * with the text. */
struct slice statement_meaning(const struct state *wanted, struct arena *a);

/* The template of a text on the connections like `b`, made when there is none; used once more. The
 * slices are copied. */
struct template *template_use(struct templates *all, const struct backend *b, struct slice text,
                              struct slice meaning);

/* True when it is the one that template_use would give. */
bool template_is(const struct template *t, const struct backend *b, struct slice text,
                 struct slice meaning);

/* One use less. The last one closes it on all servers and frees it; NULL is allowed. */
void template_leave(struct template *t);

/* ---- what one connection knows ---- */

enum { KNOWN_BUCKETS = 256 };

struct known_statements {
    struct list known;      /* struct known; the one used last in front */
    struct list closing;    /* COM_STMT_CLOSE is to be sent */
    struct known **buckets; /* owned; NULL before the first statement */
    bool has_executed;      /* since the login */
    unsigned limit;         /* as it was when the last statement came */
};

void known_init(struct known_statements *s);

/* True, and the server's number, when the connection knows the statement. */
bool known_find(struct backend *b, const struct template *t, uint32_t *number);

/* The server knows the statement by this number now; a number that it had before is closed. At most
 * `limit` are known at once. */
void known_note(struct backend *b, struct template *t, uint32_t number, unsigned limit);

/* The server no longer knows it by the number that was noted: COM_STMT_CLOSE follows. */
void known_drop(struct backend *b, const struct template *t);

/* A COM_STMT_EXECUTE was answered. */
void known_executed(struct backend *b);

/* Queues each COM_STMT_CLOSE that is due and may be sent. No exchange may be under way. */
void known_flush(struct backend *b);

/* True when more closed statements wait on the connection than it may know at once. */
bool known_is_worn(const struct backend *b);

/* The connection is closed, or was reset by a server that forgets its statements then. */
void known_forget(struct backend *b);

#endif
