/* A connection for one command after the other. Whole answers are kept, so they have a limit. */
#include "proxy/catalog/inquiry.h"

#include <mysql.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/memory.h"
#include "proxy/catalog/catalog_private.h"

enum { ROWS_MAX = 200000, BYTES_MAX = 64 << 20, TOO_LONG = 2027 /* CR_MALFORMED_PACKET */ };

_Static_assert((int)INQUIRY_REASON == (int)REASON_MAX, "one size of reasons");

struct inquiry {
    MYSQL *client;
    enum cluster_kind kind;
};

struct inquiry *inquiry_open(const struct config *c, const struct cluster *cluster,
                             const struct endpoint *at, const struct account *account,
                             unsigned *error, char reason[INQUIRY_REASON])
{
    MYSQL *client = NULL;

    for (size_t i = 0; !client && i < (at ? 1 : cluster->query_count); i++)
        client = probe_login(c, cluster, at ? at : &cluster->query[i], account, error, reason);
    if (!client)
        return NULL;
    struct inquiry *q = memory_new(1, sizeof(*q));
    q->client = client;
    q->kind = probe_kind(client, reason);
    return q;
}

enum cluster_kind inquiry_kind(const struct inquiry *q)
{
    return q->kind;
}

/* The rows double their room as they come. */
static void take_rows(struct inquiry *q, MYSQL_RES *result, struct arena *arena,
                      struct reply_table *t)
{
    size_t room = 0, bytes = 0;
    MYSQL_ROW row;

    while ((row = mysql_fetch_row(result))) {
        const unsigned long *sizes = mysql_fetch_lengths(result);
        if (t->rows == room) {
            size_t width = t->columns * sizeof(*t->cells);
            t->cells = arena_grow(arena, t->cells, room * width, (room ? room * 2 : 16) * width);
            room = room ? room * 2 : 16;
        }
        struct slice *cells = &t->cells[t->rows++ * t->columns];
        for (size_t i = 0; i < t->columns; i++) {
            cells[i] = row[i] ? slice_of(arena_text(arena, slice_make(row[i], sizes[i])))
                              : (struct slice){0};
            bytes += sizes[i];
        }
        if (t->rows < ROWS_MAX && bytes < BYTES_MAX)
            continue;
        shutdown((int)mysql_get_socket(q->client), SHUT_RDWR);
        t->error = TOO_LONG;
        t->text = SLICE("the answer is too long");
        return;
    }
}

bool inquiry_ask(struct inquiry *q, const char *sql, struct arena *arena, struct reply_table *t)
{
    *t = (struct reply_table){0};
    MYSQL_RES *result = mysql_query(q->client, sql) == 0 ? mysql_use_result(q->client) : NULL;

    if (result) {
        t->columns = mysql_num_fields(result);
        t->names = arena_array(arena, t->columns, sizeof(*t->names));
        for (size_t i = 0; i < t->columns; i++)
            t->names[i] = slice_of(arena_text(arena, slice_of(mysql_fetch_fields(result)[i].name)));
        take_rows(q, result, arena, t);
    }
    if (!t->error && mysql_errno(q->client)) {
        t->error = mysql_errno(q->client);
        t->text = slice_of(arena_text(arena, slice_of(mysql_error(q->client))));
    }
    if (result)
        mysql_free_result(result);
    return t->error == 0;
}

struct slice reply_cell(const struct reply_table *t, size_t row, const char *column)
{
    for (size_t i = 0; i < t->columns; i++)
        if (slice_equal_nocase(t->names[i], slice_of(column)))
            return t->cells[row * t->columns + i];
    return (struct slice){0};
}

void inquiry_close(struct inquiry *q)
{
    if (!q)
        return;
    probe_logout(q->client);
    free(q);
}
