#include "proxy/virtual/virtual.h"

#include "base/arena.h"

enum { ID, USER, HOST, DB, SOURCE, TIME, CAUSE, ENDS, INFO, COLUMNS };

/* Id to Db as in SHOW PROCESSLIST; Id is what KILL takes. */
static const struct column columns[COLUMNS] = {
    [ID] = {.name = {"Id", 2}, .type = COLUMN_LONGLONG},
    [USER] = {.name = {"User", 4}, .length = 48},
    [HOST] = {.name = {"Host", 4}, .length = 48},
    [DB] = {.name = {"Db", 2}, .length = 48},
    [SOURCE] = {.name = {"Source", 6}, .length = 192},
    [TIME] = {.name = {"Time", 4}, .type = COLUMN_LONG},
    [CAUSE] = {.name = {"Cause", 5}, .length = 192},
    [ENDS] = {.name = {"EndsWith", 8}, .length = 192},
    [INFO] = {.name = {"Info", 4}, .length = 1200},
};

void show_pins(struct result_writer *r, const struct process_row *rows, size_t count,
               uint16_t status, struct arena *a)
{
    result_open(r, r->out, r->sequence, columns, COLUMNS, status);
    for (size_t i = 0; i < count; i++) {
        const struct process_row *row = &rows[i];
        const struct slice cells[COLUMNS] = {
            [ID] = arena_print(a, "%u", row->id),
            [USER] = row->user,
            [HOST] = row->host,
            [DB] = row->project.size ? row->project : SLICE(""),
            [SOURCE] = row->source,
            [TIME] = arena_print(a, "%u", row->seconds),
            [CAUSE] = row->cause,
            [ENDS] = row->ends,
            [INFO] = row->text.size ? row->text : SLICE(""),
        };
        result_row(r, cells);
    }
    result_close(r, status);
}
