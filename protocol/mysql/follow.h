/* Where does a relayed reply end. Included by mysql.h.
 *
 * A follower walks the bytes of a server's reply as they pass, in pieces of any size, without
 * keeping them. On the way it renumbers packets for the client and sets the status flags that the
 * client shall see. It looks at frame headers and the first bytes of a packet, never at a row's
 * body. */
#ifndef PROTOCOL_MYSQL_FOLLOW_H
#define PROTOCOL_MYSQL_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum follow_what {
    FOLLOW_QUERY,   /* OK, ERR or text result sets, chained by MORE_RESULTS */
    FOLLOW_SIMPLE,  /* one OK, EOF or ERR: PING, INIT_DB, RESET_CONNECTION, STMT_RESET */
    FOLLOW_PREPARE, /* statement id, definitions of parameters and columns */
    FOLLOW_FIELDS,  /* definitions up to EOF: FIELD_LIST */
    FOLLOW_EXECUTE  /* as QUERY, with binary rows */
};

enum follow_state {
    FOLLOW_MORE,   /* the reply goes on after these bytes */
    FOLLOW_END,    /* it ended at *used */
    FOLLOW_BROKEN, /* no MySQL protocol, or a wrong sequence id: the connection is of no use */
    FOLLOW_INFILE, /* the server asks for a local file: refuse, close the connection */
    FOLLOW_HELD    /* a packet that the caller wants for itself begins at *used: follow_hold */
};

enum follow_hold { /* or-ed */
                   HOLD_ERRORS = 1,
                   HOLD_SCHEMAS = 2,     /* column definitions that name a schema */
                   HOLD_DEFINITIONS = 4, /* all of them */
                   HOLD_ROWS = 8
};

enum follow_held { HELD_ERROR, HELD_DEFINITION, HELD_ROW };

struct follow {
    /* For the caller to read. */
    bool at_boundary;      /* no part of a packet has been passed: an ERR of ours may stand here */
    uint8_t next_sequence; /* the id that such an ERR carries towards the client */
    bool ended;            /* END was answered: nothing more of this reply comes */
    bool failed;           /* an ERR ended the reply */
    uint16_t error_number; /* of that ERR */
    uint16_t status;       /* last seen from the server, before any change */
    uint16_t warnings;     /* of the last OK or EOF */
    uint64_t packets;      /* whole logical packets passed */
    uint64_t rows;         /* of all result sets */
    uint64_t affected;     /* summed over the OK packets */
    uint32_t statement;    /* PREPARE: the server's id, number of parameters and of columns */
    uint16_t parameters, columns;
    uint32_t results;      /* whole results that another one follows */
    enum follow_held held; /* after FOLLOW_HELD */
    unsigned wants; /* after FOLLOW_MORE with bytes left over: how many must be seen at once */

    /* Follow's own. */
    enum follow_what what;
    unsigned holds;               /* enum follow_hold */
    uint8_t phase, kind;          /* what is expected, what the packet at hand is */
    uint8_t server_sequence;      /* id expected in the next frame header */
    uint8_t header_size;          /* bytes of the frame header seen */
    uint8_t head_size, head_want; /* first bytes of the packet: seen, and looked at */
    bool renames;                 /* PREPARE: the client knows the statement as `renamed` */
    uint32_t renamed;             /* that id */
    bool continues;               /* the frame at hand carries on a packet of 16 MiB and more */
    uint16_t clear, set;          /* changes of the status word */
    uint32_t length, left;        /* of the frame at hand: payload bytes, those not passed yet */
    uint32_t second;              /* PREPARE: definitions of columns, after those of parameters */
    uint32_t definitions;         /* column definitions still to come */
    unsigned char header[4], head[24];
};

/* Prepares for one reply. The server's first packet carries first_from_server, and shall carry
 * first_to_client. Status words become (status & ~clear) | set; MORE_RESULTS is never cleared, and
 * set only if `set` says so (when answers of our own follow). */
void follow_start(struct follow *f, enum follow_what what, uint8_t first_from_server,
                  uint8_t first_to_client, uint16_t clear, uint16_t set);

/* After follow_start of a PREPARE: the client shall know the statement by this id. Servers count
 * per connection, so two of them give the same. f->statement stays the server's. */
void follow_rename(struct follow *f, uint32_t statement);

/* After follow_start: packets that the walk stops before, so that the caller can pass on another in
 * their place, or none. Then a walk may leave some bytes of the next packet's beginning unused; it
 * goes on when follow.wants bytes lie in one piece. */
void follow_hold(struct follow *f, unsigned holds);

/* The held packet was taken; ids are those of the next packets of either side. For an error, the
 * reply has ended: FOLLOW_END. */
enum follow_state follow_taken(struct follow *f, uint8_t server_sequence, uint8_t client_sequence);

/* At a boundary: the next packet, which begins with these bytes, is held as well; f->held says what
 * it is. False, too, when there is too little of it to say. */
bool follow_holds(struct follow *f, const unsigned char *bytes, size_t n);

/* Walks n bytes, patching them in place. *used is how many belong to this reply and may be passed
 * on; after BROKEN or INFILE these are the whole packets before the offending one, and at_boundary
 * tells whether earlier calls have passed a part of it already (then no ERR can be put in its
 * place). Not to be called again after another state than MORE. */
enum follow_state follow_walk(struct follow *f, unsigned char *bytes, size_t n, size_t *used);

/* Bytes that surely belong to the packet at hand: after so many more it may be whole. 0 at a
 * boundary. */
size_t follow_left(const struct follow *f);

#endif
