/* Rows of a statement as a text result set of the MySQL protocol. */
#include "base/arena.h"
#include "proxy/admin/admin_private.h"

enum { CELL_ROOM = 40, COLUMNS_MOST = 256, ANY_DECIMALS = 31 };

void result_of(struct result_writer *r, struct sqlite3_stmt *statement, struct arena *a)
{
    static const uint8_t types[] = {[CELL_NULL] = COLUMN_VARCHAR,
                                    [CELL_INTEGER] = COLUMN_LONGLONG,
                                    [CELL_REAL] = COLUMN_DOUBLE,
                                    [CELL_TEXT] = COLUMN_VARCHAR};
    size_t count = sql_columns(statement);
    struct column *columns = arena_array(a, count, sizeof(*columns));

    for (size_t i = 0; i < count; i++) {
        columns[i].name = sql_column_name(statement, i);
        columns[i].type = types[sql_column_kind(statement, i)];
        columns[i].decimals = columns[i].type == COLUMN_DOUBLE ? ANY_DECIMALS : 0;
    }
    result_open(r, r->out, r->sequence, columns, count, STATUS_AUTOCOMMIT);
}

static struct slice as_text(const struct cell *cell, char room[CELL_ROOM])
{
    switch (cell->kind) {
    case CELL_INTEGER:
        return slice_make(room,
                          (size_t)snprintf(room, CELL_ROOM, "%lld", (long long)cell->integer));
    case CELL_REAL:
        return slice_make(room, (size_t)snprintf(room, CELL_ROOM, "%.15g", cell->real));
    case CELL_TEXT:
        return cell_text(cell);
    default:
        return (struct slice){NULL, 0};
    }
}

void result_row_of(struct result_writer *r, struct sqlite3_stmt *statement)
{
    char rooms[COLUMNS_MOST][CELL_ROOM];
    struct slice cells[COLUMNS_MOST];
    size_t count = sql_columns(statement);

    for (size_t i = 0; i < count && i < COLUMNS_MOST; i++) {
        struct cell cell = sql_cell(statement, i);
        cells[i] = as_text(&cell, rooms[i]);
    }
    result_row(r, cells);
}
