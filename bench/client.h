/* One client of the load generator: a connection that logs in, asks one thing at a time, and knows
 * where each reply ends. It keeps nothing of what it reads. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <stdint.h>

#include "auth/auth.h"
#include "bench/secure.h"
#include "protocol/mysql/mysql.h"

/* What all clients of a run have in common. */
struct task {
    uint16_t port; /* of 127.0.0.1 */
    struct slice user, password, database;
    struct slice query; /* a key is put behind it, drawn from 1 to `keys`; none when that is 0 */
    unsigned keys;
    unsigned many;    /* a # in user, database and query is the client's number, below `many`; as it
                         stands when that is 0 */
    bool is_prepared; /* the key is a parameter instead */
    uint64_t rows;    /* that each reply must have */
    enum secure_when when;
    struct ssl_ctx_st *secure; /* unless never */
};

enum client_event {
    CLIENT_WAITS,      /* nothing to tell yet */
    CLIENT_READY,      /* logged in, and prepared if asked for */
    CLIENT_ANSWERED,   /* the reply ended, with as many rows as expected */
    CLIENT_CLOSED,     /* the server closed after a quit */
    CLIENT_NOT_SERVED, /* the server refused to prepare; client_trouble tells its error */
    CLIENT_BROKEN      /* client_trouble tells why */
};

enum client_stage {
    CLIENT_HANDSHAKE,
    CLIENT_LOGIN,
    CLIENT_PREPARE,
    CLIENT_SILENT,
    CLIENT_ASKED,
    CLIENT_QUIT
};

enum { CLIENT_NAME = 64 };

struct client {
    int fd;           /* -1 when closed */
    bool more;        /* TLS may hold bytes for which there will be no event: read again */
    uint64_t started; /* for the user: when the operation at hand began, */
    uint64_t due;     /* and when the next one is to begin */

    /* The client's own. */
    enum client_stage stage;
    struct ssl_st *secure; /* NULL: in clear */
    unsigned number;
    char user[CLIENT_NAME], database[CLIENT_NAME];
    uint32_t random;
    uint32_t statement;
    bool typed; /* the parameter's type was sent once, as drivers do */
    bool greeted;
    bool wants_key; /* it has asked the server for its public key, and takes its word for it */
    size_t have;    /* bytes of a login packet */
    char trouble[320];
    unsigned char packet[1024];
    struct answer answer;
    struct follow follow;
};

/* Starts to connect, as the client of this place among all. The descriptor is readable when the
 * server has spoken; with TLS it is to be watched for edges, of writing too. False:
 * client_trouble. */
bool client_open(struct client *c, const struct task *t, uint32_t seed, unsigned place);

/* Reads once, into a buffer that is lent for the call, and acts. *bytes is grown by what was read.
 */
enum client_event client_read(struct client *c, const struct task *t, void *buffer, size_t room,
                              uint64_t *bytes);

/* Sends the next statement, or this one, or says good-bye. False: client_trouble. */
bool client_ask(struct client *c, const struct task *t);
bool client_ask_for(struct client *c, struct slice text);
bool client_quit(struct client *c);
void client_close(struct client *c);

const char *client_trouble(const struct client *c);

#endif
