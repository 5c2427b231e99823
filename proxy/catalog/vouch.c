/* libmariadb cannot be made to insist on TLS without the host's name in the certificate, nor to
 * check the authority alone, unless it is told beforehand which certificate it will see. So that is
 * found out first: the greeting, the wish for TLS, a handshake by the gateway's own rules, and
 * nothing of any account. The certificate that was good there is the only one that libmariadb then
 * accepts. */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/error.h"
#include "base/writer.h"
#include "protocol/tls/tls.h"
#include "proxy/catalog/catalog_private.h"

enum { PIECE = 4096, WISH_MAX = 64, GREETING_MAX = 64 * 1024 };

struct talk {
    int fd;
    millis deadline;
    struct chunk_pool pool;
    struct queue in;
};

static bool hear(struct talk *t, struct queue *to)
{
    char bytes[PIECE];

    if (!block_wait(t->fd, POLLIN, t->deadline))
        return false;
    ssize_t n = recv(t->fd, bytes, sizeof(bytes), 0);
    if (n <= 0)
        return false;
    queue_put(to, slice_make(bytes, (size_t)n));
    return true;
}

static bool say(struct talk *t, struct queue *from)
{
    while (from->size) {
        struct slice front = queue_front(from);
        if (!block_wait(t->fd, POLLOUT, t->deadline))
            return false;
        ssize_t n = send(t->fd, front.data, front.size, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        queue_drop(from, (size_t)n);
    }
    return true;
}

static enum vouch refused(char reason[REASON_MAX], const char *why)
{
    snprintf(reason, REASON_MAX, "TLS: %.120s", why);
    return VOUCH_REFUSED;
}

static void write_hex(const unsigned char *bytes, char fingerprint[VOUCH_HEX])
{
    for (size_t i = 0; i < TLS_FINGERPRINT; i++)
        snprintf(fingerprint + 3 * i, 4, i + 1 < TLS_FINGERPRINT ? "%02X:" : "%02X", bytes[i]);
}

static enum vouch shake(struct talk *t, struct tls *tls, char fingerprint[VOUCH_HEX],
                        char reason[REASON_MAX])
{
    struct tls_names names;
    enum tls_state state;

    while ((state = tls->provider->handshake(tls)) == TLS_MORE)
        if (!say(t, &tls->emit) || !hear(t, &tls->absorb))
            return refused(reason, "the handshake broke off");
    say(t, &tls->emit);
    if (state != TLS_DONE)
        return refused(reason, tls->problem);
    tls->provider->about(tls, &names);
    tls->provider->shut(tls);
    say(t, &tls->emit);
    if (!names.has_fingerprint)
        return refused(reason, "it has no certificate");
    write_hex(names.fingerprint, fingerprint);
    return VOUCH_GOOD;
}

static enum vouch secure(struct talk *t, const struct config *c, const struct cluster *cluster,
                         struct slice host, char fingerprint[VOUCH_HEX], char reason[REASON_MAX])
{
    const struct tls_provider *provider = tls_provider_serving(c->settings.tls_provider);
    struct tls_setup setup;
    struct error e;

    tls_setup_make(&cluster->tls, TLS_CLIENT, &setup);
    struct tls_context *context = provider->context_new(&setup, &e);
    if (!context)
        return refused(reason, e.text);
    struct tls *tls = provider->open(context, &t->pool, host);
    enum vouch vouch = shake(t, tls, fingerprint, reason);
    provider->close(tls);
    tls_context_unref(context);
    return vouch;
}

/* The greeting is answered with the wish for TLS, or not at all. */
static enum vouch answer(struct talk *t, const struct cluster *cluster, struct slice greeting,
                         uint8_t sequence, unsigned *error, char reason[REASON_MAX])
{
    const struct answer_as nobody = {.user = {0}};
    char room[WISH_MAX];
    struct writer w = writer_over(room, sizeof(room));
    struct err_packet err;
    struct queue out;

    if (err_read(&err, greeting)) { /* full, for example: it is there */
        *error = err.number;
        return refused(reason, "the frontend has greeted with an error");
    }
    if (!answer_wish_tls(&nobody, greeting, &w))
        return cluster->tls.mode == TLS_PREFERRED ? VOUCH_CLEAR
                                                  : refused(reason, "the frontend offers none");
    if (t->in.size)
        return refused(reason, "bytes came in clear ahead of it");
    queue_init(&out, &t->pool);
    packet_put(&out, &sequence, writer_bytes(&w));
    bool is_said = say(t, &out);
    queue_clear(&out);
    return is_said ? VOUCH_GOOD : refused(reason, "the connection broke off");
}

static enum vouch converse(struct talk *t, const struct config *c, const struct cluster *cluster,
                           struct slice host, char fingerprint[VOUCH_HEX], unsigned *error,
                           char reason[REASON_MAX])
{
    struct slice greeting;
    uint8_t sequence = 0;
    enum packet_state state;
    struct arena arena;

    arena_init(&arena, NULL);
    while ((state = packet_take(&t->in, &sequence, GREETING_MAX, &arena, &greeting)) == PACKET_NONE
           && hear(t, &t->in))
        continue;
    enum vouch vouch = state == PACKET_WHOLE ? answer(t, cluster, greeting, sequence, error, reason)
                                             : refused(reason, "no greeting came");
    arena_clear(&arena);
    return vouch == VOUCH_GOOD ? secure(t, c, cluster, host, fingerprint, reason) : vouch;
}

enum vouch vouch_frontend(const struct config *c, const struct cluster *cluster,
                          const struct endpoint *at, millis timeout, char fingerprint[VOUCH_HEX],
                          unsigned *error, char reason[REASON_MAX])
{
    struct talk t = {.deadline = clock_now() + timeout};

    t.fd = block_connect(at, t.deadline);
    if (t.fd < 0)
        return refused(reason, "the frontend cannot be reached");
    queue_init(&t.in, &t.pool);
    enum vouch vouch = converse(&t, c, cluster, at->host, fingerprint, error, reason);
    queue_clear(&t.in);
    chunk_pool_fini(&t.pool);
    close(t.fd);
    return vouch;
}
