/* Sockets, timers, signals and messages: the only module that knows libuv.
 *
 * Everything here belongs to one loop and is used from its thread only; mailbox_send is the
 * exception. Callbacks do not call back into their owner's logic beyond one function, which is
 * expected to note the event and look at the queues: events are hints. */
#ifndef PROXY_NET_NET_H
#define PROXY_NET_NET_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/metrics.h"
#include "base/queue.h"

struct error;
struct tls;
struct tls_about;
struct tls_context;
struct tls_names;

/* One thread's loop, with the memory that its streams share. */
struct loop {
    uv_loop_t uv;
    struct chunk_pool chunks;
    struct arena_pool arenas;
    struct metrics metrics;
    char name[16]; /* for the log: "w0", "main" */
    uv_prepare_t turn;
    void (*turned)(void *owner); /* NULL: nobody asked */
    void *turned_owner;
};

void loop_init(struct loop *l, const char *name);

/* Runs until loop_stop; every handle must be closed before loop_fini. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* Runs what close callbacks are left and frees the pools. */
void loop_fini(struct loop *l);

/* Calls turned at the end of each turn, before the loop waits for more. */
void loop_on_turn(struct loop *l, void (*turned)(void *owner), void *owner);

/* No more, after loop_on_turn; nothing without it. */
void loop_off_turn(struct loop *l);

/* Monotonic milliseconds, as of the start of this turn of the loop. */
millis loop_now(const struct loop *l);

/* ---- alarm: one deadline of one owner ----------------------------------------------------------
 */

/* Setting a later deadline costs nothing: the timer fires at the old one and is armed again. */
struct alarm {
    uv_timer_t timer;
    millis due;   /* 0: not set */
    millis armed; /* when the timer fires; 0: not running */
    void (*ring)(void *owner);
    void *owner;
    void (*closed)(void *owner);
};

void alarm_init(struct alarm *a, struct loop *l, void *owner, void (*ring)(void *owner));

/* Calls ring once at `due` (absolute), unless set again or cleared before. */
void alarm_set(struct alarm *a, millis due);
void alarm_clear(struct alarm *a);

/* Memory of the alarm may be released once `closed` has been called. */
void alarm_close(struct alarm *a, void (*closed)(void *owner));

/* ---- stream: a TCP connection with a queue each way
 * ---------------------------------------------- */

enum {
    STREAM_ARRIVED = 1, /* bytes came in */
    STREAM_DRAINED = 2, /* the out queue fell to its low mark */
    STREAM_ENDED = 4,   /* the other side closed, or the connection broke */
    STREAM_SECURED = 8  /* the TLS handshake is complete */
};

struct stream {
    uv_tcp_t tcp;
    uv_os_fd_t socket; /* borrowed from tcp; -1 before stream_start */
    uv_write_t *write; /* owned; while libuv is writing */
    struct loop *loop;
    struct tls *tls; /* owned; NULL: in clear. Its queues lie between the socket and these two: */
    struct queue in, out;
    size_t write_size; /* bytes that libuv is writing */
    size_t in_high;    /* reading pauses while this much waits in `in`; set by the owner */
    void (*notify)(void *owner, unsigned events);
    void *owner;
    void (*closed)(void *owner);
    int error;    /* libuv's negative code of what ended the stream; UV_EOF for a plain close */
    bool is_open; /* connected and not ended */
    bool is_reading, is_held, is_writing, is_closing, has_shut;
    bool is_redialling; /* dial.c is closing and remaking the handle */
    bool is_secured;    /* the TLS handshake is complete */
    bool is_opening;    /* bytes of TLS are being opened: not to be begun again from within */
};

/* A stream that is not connected yet; both queues empty. */
void stream_init(struct stream *s, struct loop *l, void *owner,
                 void (*notify)(void *owner, unsigned events));

/* Starts reading on a connected stream. */
void stream_start(struct stream *s);

/* Stops reading until released; the owner's answer to a reader slower than this writer. */
void stream_hold(struct stream *s);
void stream_release(struct stream *s);

/* Resumes reading when the owner has taken bytes off `in`, or raised in_high. */
void stream_taken(struct stream *s);

/* Writes what the socket takes now and queues the rest; STREAM_DRAINED follows if anything was
 * left. */
void stream_flush(struct stream *s);

/* From here on everything is TLS, both ways: as a server for clients, or as a client of this host.
 * What has come in behind the last clear packet counts as bytes of TLS, never as clear ones; what
 * is still to go out goes in clear. STREAM_SECURED or STREAM_ENDED follows, possibly from within;
 * until then nothing may be written. */
void stream_secure(struct stream *s, struct tls_context *context, struct slice host);

/* Of a secured stream; see struct tls_provider. */
struct tls_about stream_about(const struct stream *s, struct tls_names *names);

/* If nothing is under way, TLS gives its buffers back until the next byte. */
void stream_rest(struct stream *s);

/* True while bytes wait that the socket has not taken. */
bool stream_owes(const struct stream *s);

/* Ends the stream when the other side's machine has confirmed nothing of what was sent for this
 * long. Not for a side that may read slowly on purpose. */
void stream_expect(struct stream *s, millis longest);

/* Ends the sending side; the other side reads an end of file behind what was written. */
void stream_shut(struct stream *s);

/* Closes the socket at once; queued bytes are dropped. `closed` is called in a later turn, after
 * which the memory may be released. Safe on a stream that never connected. */
void stream_close(struct stream *s, void (*closed)(void *owner));

/* For dial.c: the handle of a closing stream is gone. */
void stream_was_closed(struct stream *s);

/* Text of the error that ended the stream. */
const char *stream_error(const struct stream *s);

/* The port of our end; 0 when the connection is gone. */
uint16_t stream_port(const struct stream *s);

/* ---- dial: a name and a port to a connected stream
 * ------------------------------------------------ */

struct dial {
    struct stream *stream;
    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
    struct addrinfo *addresses, *next;
    void (*done)(void *owner, int error); /* 0, or libuv's negative code */
    void *owner;
};

/* Resolves the NUL-terminated host and connects the initialised stream, one address after the
 * other. done is called exactly once, from the loop, and never from within dial_start. Closing the
 * stream is how a dial is given up: done comes with an error then too, and until it has come the
 * memory of the dial must stay. */
void dial_start(struct dial *d, struct stream *s, struct slice host, uint16_t port, void *owner,
                void (*done)(void *owner, int error));

const char *dial_error(int error);

/* ---- listener
 * ------------------------------------------------------------------------------------- */

struct acceptor {
    uv_poll_t poll;
    struct loop *loop;
    void (*arrived)(struct acceptor *a); /* a client is here: acceptor_take it */
    void *owner;
    struct sockaddr_storage address; /* of that client */
    millis asked;                    /* when the kernel told last how many wait */
    int fd, client;                  /* client: -1 once it was taken */
    int spare; /* a descriptor kept free, so that a full table can still refuse */
};

/* False, with the error filled, when somebody listens there: also who would share the port, as
 * another gateway would, and take some of its clients. */
bool listen_is_free(struct slice host, uint16_t port, struct error *e);

/* A socket bound with SO_REUSEPORT, so that every worker has one of its own on the same port. Port
 * 0 takes a free one; *port is what was bound. Returns a descriptor, or -1 with the error filled.
 */
int listen_bind(struct slice host, uint16_t *port, struct error *e);

/* Another descriptor of a bound socket; -1 with the error filled. */
int listen_share(int fd, struct error *e);

/* Accepts on a bound descriptor, which the acceptor then owns. */
bool acceptor_open(struct acceptor *a, struct loop *l, int fd, void *owner,
                   void (*arrived)(struct acceptor *a), struct error *e);

/* Makes the client that has arrived an initialised stream's; false when that cannot be. */
bool acceptor_take(struct acceptor *a, struct stream *s);

void acceptor_close(struct acceptor *a);

/* ---- mailbox: messages between loops
 * -------------------------------------------------------------- */

struct message {
    struct link link;
    void (*deliver)(struct message *m, void *owner); /* runs in the receiver's thread; frees m */
};

struct mailbox {
    uv_async_t wake;
    uv_mutex_t mutex;
    struct list messages; /* guarded by mutex */
    bool is_closed;       /* guarded by mutex */
    void *owner;
};

void mailbox_open(struct mailbox *m, struct loop *l, void *owner);

/* Any thread. Takes ownership of the message; false when the mailbox is closed (the caller keeps
 * it). */
bool mailbox_send(struct mailbox *m, struct message *message);

/* Delivers what is left and refuses more. */
void mailbox_close(struct mailbox *m);

/* ---- signals
 * --------------------------------------------------------------------------------------- */

struct signal_watch {
    uv_signal_t signal;
    void (*raised)(void *owner, int number);
    void *owner;
};

void signal_open(struct signal_watch *w, struct loop *l, int number, void *owner,
                 void (*raised)(void *owner, int number));
void signal_close(struct signal_watch *w);

#endif
