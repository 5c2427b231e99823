/* LOGIN ─> (PREPARE ─>) SILENT <─> ASKED, and QUIT at the end; HANDSHAKE comes before LOGIN or in
 * the middle of it. Login and the search for a reply's end are the library's; requests are small
 * enough that a socket takes them whole. */
#include "bench/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/writer.h"
#include "protocol/tls/crypto.h"

enum { REQUEST_MAX = 1200, TYPE_LONGLONG = 8, STEP = 7919 };

__attribute__((format(printf, 2, 3))) static enum client_event broken(struct client *c,
                                                                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(c->trouble, sizeof(c->trouble), format, arguments);
    va_end(arguments);
    return CLIENT_BROKEN;
}

const char *client_trouble(const struct client *c)
{
    return c->trouble;
}

/* A prime apart, so that neighbours in time are none in memory. */
static unsigned number_of(unsigned place, const struct task *t)
{
    return t->many ? (unsigned)((uint64_t)place * STEP % t->many) : 0;
}

static void put_text(struct writer *w, struct slice text, const struct client *c,
                     const struct task *t)
{
    const char *mark = t->many ? memchr(text.data, '#', text.size) : NULL;
    size_t before = mark ? (size_t)(mark - text.data) : text.size;
    char digits[16];

    put_bytes(w, slice_make(text.data, before));
    if (!mark)
        return;
    put_bytes(w, slice_make(digits, (size_t)snprintf(digits, sizeof(digits), "%u", c->number)));
    put_bytes(w, slice_after(text, before + 1));
}

static struct slice name(char room[CLIENT_NAME], struct slice text, const struct client *c,
                         const struct task *t)
{
    struct writer w = writer_over(room, CLIENT_NAME);

    put_text(&w, text, c, t);
    return writer_bytes(&w);
}

static bool handshake_begin(struct client *c, const struct task *t)
{
    c->stage = CLIENT_HANDSHAKE;
    c->more = true;
    c->secure = secure_open(t->secure, c->fd);
    if (!c->secure)
        broken(c, "no memory for TLS");
    return c->secure != NULL;
}

bool client_open(struct client *c, const struct task *t, uint32_t seed, unsigned place)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(t->port)};
    int on = 1;

    *c = (struct client){.stage = CLIENT_LOGIN, .random = seed * 2654435761u | 1u};
    c->number = number_of(place, t);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd >= 0)
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (c->fd < 0
        || (connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS)) {
        broken(c, "connect: %s", strerror(errno));
        return false;
    }
    return t->when != SECURE_AT_ONCE || handshake_begin(c, t);
}

void client_close(struct client *c)
{
    secure_close(c->secure);
    c->secure = NULL;
    c->more = false;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

/* Sends the writer's bytes after room for a header was left at their front. */
static bool packet_send(struct client *c, struct writer *w, uint8_t sequence)
{
    struct writer header = writer_over(w->data, MYSQL_HEADER);

    put_uint(&header, w->size - MYSQL_HEADER, 3);
    put_uint(&header, sequence, 1);
    if (!writer_done(w)) {
        broken(c, "a request is too long");
        return false;
    }
    ssize_t sent = c->secure ? secure_write(c->secure, w->data, w->size)
                             : send(c->fd, w->data, w->size, MSG_NOSIGNAL);
    if (sent == (ssize_t)w->size)
        return true;
    broken(c, "send: %s", sent < 0 ? strerror(errno) : "the socket took a part only");
    return false;
}

static struct writer packet_begin(unsigned char room[REQUEST_MAX])
{
    struct writer w = writer_over(room, REQUEST_MAX);

    put_fill(&w, 0, MYSQL_HEADER);
    return w;
}

static unsigned draw_key(struct client *c, unsigned keys)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 17;
    c->random ^= c->random << 5;
    return 1 + c->random % keys;
}

static void put_query(struct writer *w, const struct client *c, const struct task *t, unsigned key)
{
    char digits[16];
    int size = t->keys ? snprintf(digits, sizeof(digits), "%u", key) : 0;

    put_uint(w, COMMAND_QUERY, 1);
    put_text(w, t->query, c, t);
    put_bytes(w, slice_make(digits, (size_t)size));
}

static void put_execute(struct writer *w, struct client *c, unsigned key)
{
    put_uint(w, COMMAND_STMT_EXECUTE, 1);
    put_uint(w, c->statement, 4);
    put_uint(w, 0, 1); /* no cursor */
    put_uint(w, 1, 4);
    put_uint(w, 0, 1); /* no NULL */
    put_uint(w, !c->typed, 1);
    if (!c->typed)
        put_uint(w, TYPE_LONGLONG, 2);
    put_uint(w, key, 8);
    c->typed = true;
}

bool client_ask(struct client *c, const struct task *t)
{
    unsigned char room[REQUEST_MAX];
    struct writer w = packet_begin(room);
    unsigned key = t->keys ? draw_key(c, t->keys) : 0;

    if (t->is_prepared)
        put_execute(&w, c, key);
    else
        put_query(&w, c, t, key);
    c->stage = CLIENT_ASKED;
    follow_start(&c->follow, t->is_prepared ? FOLLOW_EXECUTE : FOLLOW_QUERY, 1, 1, 0, 0);
    return packet_send(c, &w, 0);
}

bool client_ask_for(struct client *c, struct slice text)
{
    unsigned char room[REQUEST_MAX];
    struct writer w = packet_begin(room);

    put_uint(&w, COMMAND_QUERY, 1);
    put_bytes(&w, text);
    c->stage = CLIENT_ASKED;
    return packet_send(c, &w, 0);
}

bool client_quit(struct client *c)
{
    unsigned char room[REQUEST_MAX];
    struct writer w = packet_begin(room);

    put_uint(&w, COMMAND_QUIT, 1);
    c->stage = CLIENT_QUIT;
    return packet_send(c, &w, 0);
}

static enum client_event logged_in(struct client *c, const struct task *t)
{
    unsigned char room[REQUEST_MAX];
    struct writer w = packet_begin(room);

    c->stage = CLIENT_SILENT;
    if (!t->is_prepared)
        return CLIENT_READY;
    put_uint(&w, COMMAND_STMT_PREPARE, 1);
    put_text(&w, t->query, c, t);
    put_bytes(&w, SLICE("?"));
    c->stage = CLIENT_PREPARE;
    follow_start(&c->follow, FOLLOW_PREPARE, 1, 1, 0, 0);
    return packet_send(c, &w, 0) ? CLIENT_WAITS : CLIENT_BROKEN;
}

#define FULL SLICE("\x01\x04") /* the server wants the whole caching_sha2_password */

/* As a client that trusts whomever it reached: it asks for the key and goes on with that. The
 * gateway never does so. */
static enum client_event ask_key(struct client *c, uint8_t sequence)
{
    unsigned char room[REQUEST_MAX];
    struct writer w = packet_begin(room);

    put_uint(&w, SHA2_ASK_KEY, 1);
    c->wants_key = true;
    return packet_send(c, &w, (uint8_t)(sequence + 1)) ? CLIENT_WAITS : CLIENT_BROKEN;
}

/* All clients of a run reach one server, whose key is read once: reading takes longer than the
 * server's own check, and a real client would do it on a machine of its own. */
static struct public_key *keep_key(struct slice pem)
{
    static struct public_key *key;

    if (!key)
        key = crypto_default()->public_key_new(pem);
    return key;
}

/* The greeting is kept until the handshake is over. */
static enum client_event ask_tls(struct client *c, const struct task *t, struct slice greeting)
{
    const struct answer_as as = {.user = t->user, .database = t->database};
    unsigned char room[REQUEST_MAX];
    struct writer w = packet_begin(room);

    if (!answer_wish_tls(&as, greeting, &w))
        return broken(c, "the server offers no TLS");
    return packet_send(c, &w, 1) && handshake_begin(c, t) ? CLIENT_WAITS : CLIENT_BROKEN;
}

/* One whole packet of the server's before it said OK. */
static enum client_event login_step(struct client *c, const struct task *t, struct slice payload,
                                    uint8_t sequence)
{
    if (c->greeted && !c->wants_key && slice_equal(payload, FULL))
        return ask_key(c, sequence);
    if (c->wants_key && payload.size > 1 && payload.data[0] == 1) {
        c->answer.as.public_key = keep_key(slice_after(payload, 1));
        payload = FULL;
    }
    const struct answer_as as = {.user = name(c->user, t->user, c, t),
                                 .password = t->password,
                                 .database = name(c->database, t->database, c, t)};
    const enum answer_wire wire = t->when == SECURE_ASKED ? WIRE_ENCRYPTED : WIRE_CLEAR;
    unsigned char room[REQUEST_MAX];
    struct writer w = packet_begin(room);
    struct error e = {0};
    enum answer_state state = c->greeted ? answer_feed(&c->answer, payload, &w, &e)
                                         : answer_start(&c->answer, &as, payload, wire, &w, &e);

    if (!c->greeted && wire == WIRE_ENCRYPTED)
        sequence++; /* the wish for TLS was a packet too */
    c->greeted = true;
    switch (state) {
    case LOGIN_MORE:
        return packet_send(c, &w, (uint8_t)(sequence + 1)) ? CLIENT_WAITS : CLIENT_BROKEN;
    case LOGIN_WAIT:
        return CLIENT_WAITS;
    case LOGIN_OK:
        return logged_in(c, t);
    case LOGIN_REFUSED:
        break;
    }
    return broken(c, "login: %s", c->answer.error_number ? c->answer.server_said : e.text);
}

static enum client_event login_packets(struct client *c, const struct task *t)
{
    enum client_event event = CLIENT_WAITS;

    while (event == CLIENT_WAITS && c->stage == CLIENT_LOGIN && c->have >= MYSQL_HEADER) {
        struct packet_header header = packet_header_read(c->packet);
        size_t whole = MYSQL_HEADER + header.length;
        struct slice payload = slice_make(c->packet + MYSQL_HEADER, header.length);
        if (c->have < whole)
            break;
        if (t->when == SECURE_ASKED && !c->secure)
            return ask_tls(c, t, payload);
        event = login_step(c, t, payload, header.sequence);
        c->have -= whole;
        memmove(c->packet, c->packet + whole, c->have);
    }
    return event;
}

static enum client_event login_bytes(struct client *c, const struct task *t, struct slice bytes)
{
    if (bytes.size > sizeof(c->packet) - c->have)
        return broken(c, "login: a long packet");
    memcpy(c->packet + c->have, bytes.data, bytes.size);
    c->have += bytes.size;
    return login_packets(c, t);
}

static enum client_event handshake_step(struct client *c, const struct task *t)
{
    if (!secure_handshake(c->secure)) {
        c->more = false;
        return errno == EAGAIN ? CLIENT_WAITS : broken(c, "TLS: %s", secure_trouble());
    }
    c->stage = CLIENT_LOGIN;
    c->more = true; /* the greeting may have come with the last of the handshake */
    return login_packets(c, t);
}

static enum client_event reply_ended(struct client *c, const struct task *t)
{
    const struct follow *f = &c->follow;
    bool preparing = c->stage == CLIENT_PREPARE;

    c->stage = CLIENT_SILENT;
    if (f->failed) {
        broken(c, "the server answered with error %u", f->error_number);
        return preparing ? CLIENT_NOT_SERVED : CLIENT_BROKEN;
    }
    if (preparing) {
        c->statement = f->statement;
        return f->parameters == 1 ? CLIENT_READY
                                  : broken(c, "prepared with %u parameters", f->parameters);
    }
    if (f->rows != t->rows)
        return broken(c, "a reply of %llu rows instead of %llu", (unsigned long long)f->rows,
                      (unsigned long long)t->rows);
    return CLIENT_ANSWERED;
}

static enum client_event reply_bytes(struct client *c, const struct task *t, unsigned char *bytes,
                                     size_t size)
{
    size_t used = 0;

    switch (follow_walk(&c->follow, bytes, size, &used)) {
    case FOLLOW_MORE:
        return CLIENT_WAITS;
    case FOLLOW_END:
        return used == size ? reply_ended(c, t) : broken(c, "bytes after the end of a reply");
    case FOLLOW_BROKEN:
    case FOLLOW_INFILE:
    case FOLLOW_HELD: /* nothing is held here */
        break;
    }
    return broken(c, "a reply that is not understood");
}

enum client_event client_read(struct client *c, const struct task *t, void *buffer, size_t room,
                              uint64_t *bytes)
{
    if (c->stage == CLIENT_HANDSHAKE)
        return handshake_step(c, t);
    ssize_t got =
        c->secure ? secure_read(c->secure, buffer, room, &c->more) : recv(c->fd, buffer, room, 0);

    if (got < 0 && errno == EAGAIN)
        return CLIENT_WAITS;
    if (c->stage == CLIENT_QUIT) /* a frontend answers OK, others just close */
        return got > 0 ? CLIENT_WAITS : CLIENT_CLOSED;
    if (got <= 0)
        return broken(c, "%s", got < 0 ? strerror(errno) : "the server closed the connection");
    *bytes += (uint64_t)got;
    switch (c->stage) {
    case CLIENT_LOGIN:
        return login_bytes(c, t, slice_make(buffer, (size_t)got));
    case CLIENT_PREPARE:
    case CLIENT_ASKED:
        return reply_bytes(c, t, buffer, (size_t)got);
    case CLIENT_HANDSHAKE:
    case CLIENT_SILENT:
    case CLIENT_QUIT:
        break;
    }
    return broken(c, "the server spoke unasked");
}
