/* One admin thread, as its parts see it. */
#ifndef PROXY_ADMIN_ADMIN_PRIVATE_H
#define PROXY_ADMIN_ADMIN_PRIVATE_H

#include <pthread.h>

#include "auth/auth.h"
#include "proxy/admin/admin.h"
#include "proxy/catalog/catalog.h"
#include "proxy/limit/limit.h"
#include "proxy/net/contexts.h"
#include "proxy/net/net.h"
#include "proxy/session/stats.h"

struct sql;

struct gate {
    struct acceptor acceptor;
    struct admin *admin; /* NULL: not open */
    size_t place;        /* of its listener in the configuration */
    int socket;          /* the acceptor's */
};

enum { ADMIN_GUESTS_MAX = 64 }; /* connections of one admin thread; for one more, one goes */

struct admin {
    enum listener_protocol protocol;
    struct admin_host host;
    pthread_t thread;
    bool is_running;
    struct loop loop;
    struct mailbox mailbox;
    struct gate *gates; /* owned; one per listener of the configuration, those of others unused */
    size_t gate_count;
    struct config *config;     /* owned reference */
    struct tallies *tallies;   /* owned reference; of that configuration */
    struct topology *topology; /* owned reference; perhaps of the one before; NULL: none yet */
    struct contexts *contexts; /* owned */
    struct sha2_desk desk;
    struct salts salts;
    time_t started, configured;
    struct list guests; /* struct guest */
    size_t open;        /* guests that still hold memory */
    bool is_stopping;
    struct list questions; /* that wait for answers */
    uint32_t last_question, last_caller;
    struct alarm tick; /* looks at their deadlines */
    struct sql *sql;   /* owned */
    size_t files;      /* descriptors of the process, as counted last */
    millis files_counted;
};

/* ---- question.c: what one statement or page needs to know ---- */

struct question {
    struct link link;
    struct admin *admin;
    struct survey survey;
    uint32_t number;
    size_t due;                                   /* answers that are still to come */
    millis deadline;                              /* of the loop's clock */
    void (*answered)(void *owner, bool is_whole); /* not whole: a worker was silent for too long */
    void *owner;
    struct list told;                /* struct told */
    struct stats *digests, *traffic; /* owned: the sums; NULL: not asked for */
    struct rowset *own;              /* owned: rows of this thread */
};

void question_init(struct question *q, struct admin *a, void *owner,
                   void (*answered)(void *owner, bool is_whole));

/* Asks for q->survey; answered follows, never from within. Workers that have nothing to tell are
 * not asked, unless the survey is all zero: then all of them are, for a sign of life. */
void question_ask(struct question *q);

/* The same for answers that come otherwise: to be followed by setting q->due. */
void question_open(struct question *q, millis patience);

/* Forgets what was told, and what is still to come. */
void question_clear(struct question *q);

/* Runs through the sets of rows: *at is NULL at first; NULL after the last one. */
const struct rows *question_rows(const struct question *q, enum table t, struct link **at);

void questions_told(struct admin *a, uint32_t number, struct told *told);
void questions_check(struct admin *a);

/* ---- model.c, live.c: rows of this thread, for the tables of those that are wanted ---- */

void model_fill(const struct admin *a, struct rowset *set);
void live_fill(const struct admin *a, struct rowset *set);

/* ---- sql.c: SELECT over the tables ---- */

/* Who asks, for database(), user() and connection_id(). */
struct sql_asker {
    struct slice user;
    uint32_t connection;
};

struct sqlite3_stmt;

struct sql *sql_open(void);
void sql_interrupt(struct sql *sql); /* any thread: what is being stepped fails */
void sql_close(struct sql *sql);
void sql_set_asker(struct sql *sql, const struct sql_asker *asker); /* borrowed; NULL for none */

/* Compiles one SELECT and adds what it reads to the survey. False, with the reason; NULL in *made
 * for an empty text. */
bool sql_prepare(struct sql *sql, struct slice text, struct sqlite3_stmt **made,
                 struct survey *survey, struct error *e);

enum sql_step { SQL_ROW, SQL_DONE, SQL_FAILED };

/* One row further, over the rows of an answered question. A statement may run for `budget`
 * milliseconds in all; what it used is taken off. */
enum sql_step sql_step(struct sql *sql, struct sqlite3_stmt *statement, const struct question *q,
                       millis *budget, struct error *e);

/* The cells of the row at hand; the text is good until the next step. */
size_t sql_columns(struct sqlite3_stmt *statement);
struct slice sql_column_name(struct sqlite3_stmt *statement, size_t column);
enum cell_kind sql_column_kind(struct sqlite3_stmt *statement, size_t column);
struct cell sql_cell(struct sqlite3_stmt *statement, size_t column);

void sql_finish(struct sqlite3_stmt *statement);

/* Statements of this program itself: what they read; their rows, each handed to `row`. */
void sql_survey(struct sql *sql, const char *text, struct survey *survey);
void sql_run(struct sql *sql, const char *text, const struct question *q,
             void (*row)(void *owner, struct sqlite3_stmt *statement), void *owner);

enum { SQL_BUDGET = 5000 };

/* ---- result.c: rows over the MySQL protocol ---- */

struct arena;
struct result_writer;

/* r->out and r->sequence are set; the statement stands at its first row, or behind its last. */
void result_of(struct result_writer *r, struct sqlite3_stmt *statement, struct arena *a);
void result_row_of(struct result_writer *r, struct sqlite3_stmt *statement);

/* ---- guests: one connection each ---- */

struct guest {
    struct link link;
    struct admin *admin;
    size_t place; /* of its listener */
    struct stream stream;
    struct alarm alarm;
    struct peer peer;
    char name[64]; /* address:port, for the log */
    unsigned open_handles;
    bool is_closing;
    bool is_known;                  /* has proven who it is: makes no room for others */
    void (*spoke)(struct guest *g); /* bytes came in, or the out queue is low again */
    void (*late)(struct guest *g);
    void (*gone)(struct guest *g);  /* the connection has ended, or is to end: frees what it has */
    void (*freed)(struct guest *g); /* releases the memory */
};

/* guest.c: takes the client that waits; `g`, zeroed memory with its functions set, is the guest's
 * from here on. False, and it is freed, when there is none or no room. */
bool guest_accept(struct guest *g, struct gate *gate);
void guest_close(struct guest *g);

/* visitor.c: a guest over HTTP; caller.c: one over the MySQL protocol. */
void visitor_accept(struct gate *gate);
void caller_accept(struct gate *gate);

/* ---- pages.c: what a request is answered with ---- */

struct http_request;
struct page;

/* The page of a path, and how it is asked for; NULL: there is none. `rest` is the path behind the
 * page's own. */
const struct page *page_find(struct slice path, struct slice *rest);
bool page_is_open(const struct page *p); /* needs no token */
struct slice page_type(const struct page *p);

struct view_request {
    const struct page *page;
    enum table table; /* of /tables/NAME */
    size_t limit;     /* rows of it */
    char nonce[33];   /* of the page's scripts */
};

/* Adds what the page reads to the survey; false: nothing needs to be asked. */
bool page_survey(struct admin *a, const struct view_request *v, struct survey *survey);

/* Writes the page; gives the status. */
unsigned page_write(struct admin *a, const struct view_request *v, const struct question *q,
                    bool is_whole, struct queue *body);

/* status_page.c */
void status_page_write(const char *nonce, struct queue *body);

/* ---- prometheus.c ---- */

void prometheus_survey(struct admin *a, struct survey *survey);
void prometheus_write(struct admin *a, const struct question *q, struct queue *body);

/* ---- json.c ---- */

void json_put_text(struct queue *out, struct slice text);
void json_put_cell(struct queue *out, const struct cell *c);

/* ---- text into a queue ---- */

void body_print(struct queue *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
