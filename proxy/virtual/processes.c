#include "proxy/virtual/virtual.h"

#include "base/arena.h"

enum {
    SERVER,
    ID,
    USER,
    HOST,
    DB,
    COMMAND,
    STARTED,
    TIME,
    STATE,
    INFO,
    PENDING,
    WAREHOUSE,
    GROUP,
    CATALOG,
    QUERY_ID,
    COLUMNS
};

/* Widths as a frontend says them. */
static const struct column columns[COLUMNS] = {
    [SERVER] = {.name = {"ServerName", 10}, .length = 192},
    [ID] = {.name = {"Id", 2}, .type = COLUMN_LONGLONG},
    [USER] = {.name = {"User", 4}, .length = 48},
    [HOST] = {.name = {"Host", 4}, .length = 48},
    [DB] = {.name = {"Db", 2}, .length = 48},
    [COMMAND] = {.name = {"Command", 7}, .length = 48},
    [STARTED] = {.name = {"ConnectionStartTime", 19}, .length = 48},
    [TIME] = {.name = {"Time", 4}, .type = COLUMN_LONG},
    [STATE] = {.name = {"State", 5}, .length = 192},
    [INFO] = {.name = {"Info", 4}, .length = 98304},
    [PENDING] = {.name = {"IsPending", 9}, .length = 48},
    [WAREHOUSE] = {.name = {"Warehouse", 9}, .length = 60},
    [GROUP] = {.name = {"CNGroup", 7}, .length = 192},
    [CATALOG] = {.name = {"Catalog", 7}, .length = 192},
    [QUERY_ID] = {.name = {"QueryId", 7}, .length = 192},
};

static struct slice text_or_empty(struct slice text)
{
    return text.size ? text : SLICE("");
}

static struct slice time_text(time_t at, struct arena *a)
{
    char text[32];
    struct tm broken;

    if (!localtime_r(&at, &broken))
        return SLICE("");
    return arena_copy(a, slice_make(text, strftime(text, sizeof(text), "%F %T", &broken)));
}

void show_processes(struct result_writer *r, const struct process_row *rows, size_t count,
                    uint16_t status, struct arena *a)
{
    result_open(r, r->out, r->sequence, columns, COLUMNS, status);
    for (size_t i = 0; i < count; i++) {
        const struct process_row *row = &rows[i];
        const struct slice cells[COLUMNS] = {
            [SERVER] = SLICE("starbind"),
            [ID] = arena_print(a, "%u", row->id),
            [USER] = row->user,
            [HOST] = row->host,
            [DB] = text_or_empty(row->project),
            [COMMAND] = row->command,
            [STARTED] = time_text(row->connected, a),
            [TIME] = arena_print(a, "%u", row->seconds),
            [STATE] = text_or_empty(row->state),
            [INFO] = text_or_empty(row->text),
            [PENDING] = row->is_pending ? SLICE("true") : SLICE("false"),
            [WAREHOUSE] = SLICE("default_warehouse"),
            [GROUP] = SLICE(""),
            [CATALOG] = SLICE("default_catalog"),
            [QUERY_ID] = {NULL, 0},
        };
        result_row(r, cells);
    }
    result_close(r, status);
}
