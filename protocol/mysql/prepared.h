/* The binary commands of prepared statements. Included by mysql.h.
 *
 *   EXECUTE:  id 4 | flags 1 | iterations 4 | one bit a parameter: it is NULL | types follow 1
 *             | (type 2 a parameter) | values of those that are neither NULL nor sent as long data
 *
 * A client names the types once and leaves them out later, so whoever keeps the statement keeps
 * them too. */
#ifndef PROTOCOL_MYSQL_PREPARED_H
#define PROTOCOL_MYSQL_PREPARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct arena;
struct queue;
struct writer;
struct column;

enum {
    PARAMETERS_MAX = 65535,     /* of a statement: its reply has 16 bits for them */
    PARAMETER_UNSIGNED = 0x8000 /* in a type, whose low byte says which */
};

/* The low byte of a type. */
enum parameter_type {
    PARAMETER_DECIMAL = 0,
    PARAMETER_TINY = 1,
    PARAMETER_SHORT = 2,
    PARAMETER_LONG = 3,
    PARAMETER_FLOAT = 4,
    PARAMETER_DOUBLE = 5,
    PARAMETER_TIMESTAMP = 7,
    PARAMETER_LONGLONG = 8,
    PARAMETER_INT24 = 9,
    PARAMETER_DATE = 10,
    PARAMETER_TIME = 11,
    PARAMETER_DATETIME = 12,
    PARAMETER_YEAR = 13,
    PARAMETER_TIMESTAMP2 = 17,
    PARAMETER_DATETIME2 = 18,
    PARAMETER_TIME2 = 19,
    PARAMETER_NEWDECIMAL = 246,
    PARAMETER_VAR_STRING = 253
};

struct parameter {
    uint16_t type;
    bool is_null;
    bool is_long;       /* the value came as long data */
    struct slice value; /* as on the wire, but without the length before it */
};

struct execute {
    uint32_t statement;
    uint8_t flags;  /* the kind of cursor that the client would like */
    bool has_types; /* the packet named types: to be remembered if the statement is executed */
    struct parameter *at; /* in the arena */
    size_t count;
};

/* The statement id that EXECUTE, FETCH, CLOSE, RESET and SEND_LONG_DATA begin with. */
bool statement_id_read(uint32_t *id, struct slice argument);

/* Reads what follows COM_STMT_EXECUTE for a statement of `count` parameters. types are those
 * remembered, NULL for none; long_data has a slice per parameter, whose data is NULL for those of
 * which none came, and is NULL itself for a statement without any. False for a packet that is cut,
 * for types that MySQL has none of and for values of impossible lengths (ERROR_ARGUMENTS); bytes
 * behind the last value are dropped, as MySQL does. Values are borrowed from argument and
 * long_data. */
bool execute_read(struct execute *x, struct slice argument, size_t count, const uint16_t *types,
                  const struct slice *long_data, struct arena *a);

/* Bytes that execute_put writes. */
size_t execute_size(const struct execute *x);

/* Writes the argument of a COM_STMT_EXECUTE to a server that knows the statement by this id. Types
 * are always named: the connection may have executed it for others before. Long data stands where
 * the value belongs, as VAR_STRING: a frontend takes no long data and refuses the BLOB types. No
 * cursor is asked for: a frontend ignores the wish and sends all rows, so clients must not be told
 * that one was opened, and a MySQL that did open one would wait for a FETCH. */
bool execute_put(struct writer *w, uint32_t statement, const struct execute *x);

/* The reply to a COM_STMT_PREPARE that no server has answered: so many parameters, and a result of
 * which nothing is known before it comes. status is that of the EOF behind the definitions. */
void prepared_put(struct queue *out, uint8_t *sequence, uint32_t statement, uint16_t parameters,
                  uint16_t status);

/* COM_STMT_SEND_LONG_DATA: a piece of a parameter, to be joined with those before it. */
struct long_data {
    uint32_t statement;
    uint16_t parameter;
    struct slice piece;
};

bool long_data_read(struct long_data *d, struct slice argument);

/* COM_STMT_FETCH. */
struct fetch {
    uint32_t statement, rows;
};

bool fetch_read(struct fetch *f, struct slice argument);

/* COM_FIELD_LIST: table NUL pattern. A frontend needs the NUL and ignores the pattern. */
struct field_list {
    struct slice table, pattern;
};

bool field_list_read(struct field_list *l, struct slice argument);

/* A column definition of somebody's result set; texts are borrowed from the payload. False when it
 * is cut short. The original names are dropped. */
bool column_read(struct column *c, struct slice payload);

/* One definition of the reply to COM_FIELD_LIST, which has no count before and an EOF behind. The
 * default value stands at its end; a frontend sends an empty one for none, MySQL a NULL (a slice
 * whose data is NULL). */
void field_put(struct queue *out, uint8_t *sequence, const struct column *c, struct slice fallback);

#endif
