/* The MySQL client/server protocol, both sides, as bytes to structures and back: no socket, no
 * clock.
 *
 * Facts are from MySQL's protocol documentation and from a live StarRocks FE. EOF packets close
 * column definitions and rows (DEPRECATE_EOF is never used), so OK packets carry no session
 * tracking. Slices in structures that a *_read fills are borrowed from the payload; a *_read that
 * returns false leaves its structure as it was. A *_put adds one payload, without frame header, to
 * a writer and returns writer_done. */
#ifndef PROTOCOL_MYSQL_MYSQL_H
#define PROTOCOL_MYSQL_MYSQL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "protocol/mysql/flags.h" /* IWYU pragma: export */

struct arena;
struct error;
struct queue;
struct reader;
struct writer;

enum {
    MYSQL_HEADER = 4,            /* bytes before each part: length (3), sequence id (1) */
    MYSQL_PACKET_MAX = 0xffffff, /* payload bytes of one part; a full one is followed by another */
    MYSQL_SALT = 20,             /* bytes of random data that a password is hashed with */
    LOGIN_USER_MAX = 128,        /* bytes; also the bounds below */
    LOGIN_DATABASE_MAX = 256,
    LOGIN_PLUGIN_MAX = 64,
    LOGIN_ATTRIBUTES_MAX = 64 * 1024,
    ATTRIBUTE_MAX = 512, /* bytes of one connection attribute's value that are looked at */
    COLUMNS_MAX = 65535  /* of a result set; more is no MySQL server */
};

enum mysql_command {
#define COMMAND(name, code, text) COMMAND_##name = (code),
#include "protocol/mysql/commands.def"
#undef COMMAND
    COMMANDS
};

/* "Query", …; NULL for a byte that is no command of MySQL 8. */
const char *mysql_command_name(unsigned command);

/* ---- lenenc.c: length-encoded integers and strings ---- */

/* 0xfb (NULL) and 0xff break the reader; widths longer than needed are accepted. */
uint64_t take_lenenc(struct reader *r);
struct slice take_lenenc_bytes(struct reader *r);
void put_lenenc(struct writer *w, uint64_t value);
void put_lenenc_bytes(struct writer *w, struct slice bytes);

/* ---- packet.c: frame headers, sequence ids, 16 MiB parts ---- */

enum packet_state {
    PACKET_NONE,         /* not whole yet; nothing was taken */
    PACKET_WHOLE,        /* taken off the queue */
    PACKET_BAD_SEQUENCE, /* another id than expected: answer ERROR_PACKET_ORDER and close */
    PACKET_TOO_LARGE     /* announced sizes exceed the limit: answer ERROR_PACKET_SIZE and close */
};

struct packet_header {
    uint32_t length; /* payload bytes of this part */
    uint8_t sequence;
};

/* Both in one word: the sequence id stands in its highest byte. */
static inline uint32_t packet_header_word(const unsigned char bytes[MYSQL_HEADER])
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline struct packet_header packet_header_read(const unsigned char bytes[MYSQL_HEADER])
{
    uint32_t word = packet_header_word(bytes);

    return (struct packet_header){word & MYSQL_PACKET_MAX, (uint8_t)(word >> 24)};
}

static inline void packet_header_put(char to[MYSQL_HEADER], uint32_t length, uint8_t sequence)
{
    to[0] = (char)length;
    to[1] = (char)(length >> 8);
    to[2] = (char)(length >> 16);
    to[3] = (char)sequence;
}

/* Takes one logical packet off the front of q, its parts joined in the arena. *sequence is the id
 * that its first part must carry (0 for a command) and is moved past the last part; it then is the
 * id of the answer's first packet. It stays when nothing is taken: an answer to a refused packet
 * carries *sequence + 1. limit is the most payload bytes; the sizes in the headers are judged
 * before their bytes arrive. Only headers are looked at until the packet is whole. */
enum packet_state packet_take(struct queue *q, uint8_t *sequence, size_t limit, struct arena *a,
                              struct slice *payload);

/* Adds headers and payload, split into parts of 16 MiB - 1, with an empty closing part after an
 * exact multiple. *sequence is the first part's id and is moved past the last. */
void packet_put(struct queue *q, uint8_t *sequence, struct slice payload);

/* The same for a command byte and its argument. */
void packet_put_command(struct queue *q, uint8_t *sequence, enum mysql_command c,
                        struct slice argument);

/* COM_QUERY of a text and what follows it. */
void packet_put_query(struct queue *q, uint8_t *sequence, struct slice text, struct slice more);

/* ---- greeting.c: the server's first packet (HandshakeV10) ---- */

struct greeting {
    unsigned protocol; /* 10 */
    struct slice version;
    uint32_t connection_id;
    unsigned char salt[MYSQL_SALT];
    uint32_t capabilities;
    uint8_t charset;
    uint16_t status;
    struct slice plugin; /* empty when PLUGIN_AUTH is not offered */
};

/* False for anything but a version 10 greeting with a 20-byte salt. An ERR as the first packet
 * (host blocked, too many connections) is told apart with reply_kind before. */
bool greeting_read(struct greeting *g, struct slice payload);
bool greeting_put(struct writer *w, const struct greeting *g);

/* ---- login.c: the client's answer (HandshakeResponse41) and login methods ---- */

struct login {
    uint32_t capabilities; /* reading: client AND offered; putting: as sent */
    uint32_t max_packet;   /* noise: clients send 0 or 3 GiB */
    uint8_t charset;       /* see charset_find */
    struct slice user, response, database, plugin, attributes;
    bool is_tls_request; /* the short packet that asks for TLS; the rest is empty */
    bool has_database;
};

/* False for a truncated packet, a field over its bound, or a client older than protocol 4.1.
 * offered are the capabilities of our greeting. The method's name and the attributes may be missing
 * altogether, as they are from some drivers. */
bool login_read(struct login *l, struct slice payload, uint32_t offered);
bool login_put(struct writer *w, const struct login *l);

/* The payload after the command byte of COM_CHANGE_USER; capabilities are the session's. */
bool change_user_read(struct login *l, struct slice argument, uint32_t capabilities);

/* True when a login packet lacks PROTOCOL_41: answer ERROR_OLD_CLIENT. */
bool login_is_old(struct slice payload);

/* Connection attributes: login.attributes is a block of checked name/value pairs. Next takes a pair
 * off the front, false at the end. A value is cut to ATTRIBUTE_MAX. Clients may say anything in
 * them. */
bool attribute_next(struct slice *attributes, struct slice *name, struct slice *value);
bool attribute_find(struct slice attributes, struct slice name, struct slice *value);
void attribute_put(struct writer *w, struct slice name, struct slice value);

/* 0xfe, method, data: asks the other side to log in by another method. Data comes without the NUL
 * that servers append. */
struct auth_switch {
    struct slice plugin, data;
};

bool auth_switch_read(struct auth_switch *s, struct slice payload);
bool auth_switch_put(struct writer *w, const struct auth_switch *s);

/* 0x01, data: a further step of the same method. */
bool auth_more_read(struct slice *data, struct slice payload);
bool auth_more_put(struct writer *w, struct slice data);

/* ---- reply.c: OK, ERR, EOF ---- */

enum reply_kind {
    REPLY_OK,           /* 0x00, at least 7 bytes */
    REPLY_ERR,          /* 0xff, at least 3 bytes */
    REPLY_EOF,          /* 0xfe, 5 bytes */
    REPLY_AUTH_SWITCH,  /* 0xfe, 9 bytes and more, in a login; elsewhere a row */
    REPLY_AUTH_MORE,    /* 0x01 in a login; elsewhere a count of one column */
    REPLY_LOCAL_INFILE, /* 0xfb as a first reply; in rows a NULL */
    REPLY_OTHER
};

/* Names a payload by its first byte and length. What a byte means depends on where it stands: this
 * is for the first packet of a reply or of a login step, not for rows (a text row may start with
 * 0x00, 0xfb or 0xfe). */
enum reply_kind reply_kind(struct slice payload);

struct ok_packet {
    uint64_t affected, insert_id;
    uint16_t status, warnings;
    struct slice info; /* sent length-encoded, if not empty: as FE, MySQL and MariaDB do */
};

struct err_packet {
    uint16_t number;
    char sqlstate[6]; /* "HY000" when the packet had none */
    struct slice message;
};

bool ok_read(struct ok_packet *ok, struct slice payload);
bool ok_put(struct writer *w, const struct ok_packet *ok);
bool err_read(struct err_packet *err, struct slice payload);
bool err_put(struct writer *w, const struct err_packet *err);
bool eof_read(uint16_t *status, uint16_t *warnings, struct slice payload);
bool eof_put(struct writer *w, uint16_t status, uint16_t warnings);

/* Whole packets, with header, into a queue. */
void reply_put_ok(struct queue *q, uint8_t *sequence, const struct ok_packet *ok);
void reply_put_err(struct queue *q, uint8_t *sequence, const struct error *e);
void reply_put_eof(struct queue *q, uint8_t *sequence, uint16_t status);

/* ---- result.c: result sets of our own, text protocol ---- */

enum column_type { /* those that an FE uses */
                   COLUMN_TINY = 1,
                   COLUMN_SHORT = 2,
                   COLUMN_LONG = 3,
                   COLUMN_FLOAT = 4,
                   COLUMN_DOUBLE = 5,
                   COLUMN_LONGLONG = 8,
                   COLUMN_DATE = 10,
                   COLUMN_DATETIME = 12,
                   COLUMN_DECIMAL = 246,
                   COLUMN_BLOB = 252,
                   COLUMN_VARCHAR = 253,
                   COLUMN_STRING = 254
};

struct column {
    struct slice schema, table, name; /* an FE leaves schema and table empty */
    uint8_t type;                     /* enum column_type; 0 stands for VARCHAR */
    uint16_t charset;                 /* 0: 33 for text, 63 for the rest */
    uint32_t length;                  /* 0: a usual width; no bound for clients */
    uint16_t flags;                   /* an FE sends 0 */
    uint8_t decimals;
};

struct result_writer {
    struct queue *out; /* borrowed */
    uint8_t sequence;  /* id of the next packet */
    size_t columns;
};

/* Puts count and definitions; status is that of the EOF after them. */
void result_open(struct result_writer *r, struct queue *out, uint8_t sequence,
                 const struct column *columns, size_t count, uint16_t status);

/* One row of as many cells as there are columns; a cell whose data is NULL is NULL. */
void result_row(struct result_writer *r, const struct slice *cells);

/* Closes the rows; with STATUS_MORE_RESULTS another reply follows at r->sequence. */
void result_close(struct result_writer *r, uint16_t status);

/* ---- follow.c ---- */

#include "protocol/mysql/follow.h" /* IWYU pragma: export */

/* ---- prepared.c ---- */

#include "protocol/mysql/prepared.h" /* IWYU pragma: export */

/* ---- value.c, adapt.c, binary.c ---- */

#include "protocol/mysql/value.h" /* IWYU pragma: export */

/* ---- charset.c ---- */

struct charset {
    uint16_t id; /* of the collation */
    const char *name, *collation;
};

/* Of the collation id in a login packet; utf8mb4 (45) for ids that we do not know. */
const struct charset *charset_find(unsigned id);

#endif
