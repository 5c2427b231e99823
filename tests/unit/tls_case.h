/* Certificates of a test, made by the openssl command in a folder of its own; and a server and a
 * client of TLS with what lies between them, which is two queues. */
#ifndef TESTS_UNIT_TLS_CASE_H
#define TESTS_UNIT_TLS_CASE_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "protocol/tls/tls.h"

/* ca and other: two authorities. server: for fe1.example, *.wild.example and 127.0.0.1. client:
 * ana's. expired: as server. rsa: as server, with an RSA key. locked: client's key with a password.
 */
static const char certificates_script[] =
    "set -e\n"
    "sign() { printf '%s\\n' \"$4\" >$1.ext; openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key"
    " -CAcreateserial -days $3 -out $1.pem -extfile $1.ext; }\n"
    "key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $1.key; }\n"
    "ask() { key $1; openssl req -new -key $1.key -out $1.csr -subj \"$2\"; }\n"
    "for n in ca other; do key $n; openssl req -x509 -new -key $n.key -out $n.pem -days 30"
    " -subj \"/O=Example/CN=$n\"; done\n"
    "hosts=subjectAltName=DNS:fe1.example,DNS:*.wild.example,IP:127.0.0.1\n"
    "ask server '/O=Example/CN=server'; sign server ca 30 $hosts\n"
    "ask expired '/CN=expired'; sign expired ca -1 $hosts\n"
    "ask client '/C=DE/O=Ex, Inc./OU=data+CN=ana';"
    " sign client ca 30 "
    "subjectAltName=DNS:ana.example,email:ana@example.com,URI:spiffe://x/ana,IP:::1\n"
    "ask plain '/CN=bo'; sign plain ca 30 basicConstraints=CA:FALSE\n"
    "ask foreign '/CN=ana'; sign foreign other 30 $hosts\n"
    "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key\n"
    "openssl req -new -key rsa.key -out rsa.csr -subj /CN=rsa; sign rsa ca 30 $hosts\n"
    "openssl ec -in client.key -aes256 -passout pass:x -out locked.key\n";

static char certificates_folder[64];

static inline int certificates_make(void **state)
{
    char command[sizeof(certificates_script) + 128];

    (void)state;
    snprintf(certificates_folder, sizeof(certificates_folder), "/tmp/starbind-tls-XXXXXX");
    if (!mkdtemp(certificates_folder))
        return -1;
    snprintf(command, sizeof(command), "cd %s && (%s) >log 2>&1", certificates_folder,
             certificates_script);
    return system(command) == 0 ? 0 : -1;
}

static inline int certificates_remove(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", certificates_folder);
    return system(command);
}

/* The text of a file, which lives until the process ends. */
static inline struct slice certificates_read(const char *name)
{
    enum { ROOM = 64 * 1024, FILES = 32 };
    static char rooms[FILES][ROOM];
    static char names[FILES][32];
    static size_t sizes[FILES], count;
    char path[128];

    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return slice_make(rooms[i], sizes[i]);
    snprintf(path, sizeof(path), "%s/%s", certificates_folder, name);
    FILE *file = fopen(path, "rb");
    assert_true(file && count < FILES);
    sizes[count] = fread(rooms[count], 1, ROOM, file);
    fclose(file);
    snprintf(names[count], sizeof(names[count]), "%s", name);
    count++;
    return slice_make(rooms[count - 1], sizes[count - 1]);
}

/* ---- a server, a client, and what lies between them ---- */

struct wire {
    struct chunk_pool pool;
    struct tls_context *contexts[2]; /* by enum tls_side */
    struct tls *ends[2];
    enum tls_state states[2];
    size_t piece; /* bytes carried at once; 0: all that there are */
};

static inline struct tls_setup server_setup(void)
{
    return (struct tls_setup){.side = TLS_SERVER,
                              .certificate = certificates_read("server.pem"),
                              .key = certificates_read("server.key"),
                              .ticket_key = "the same for all"};
}

static inline struct tls_setup client_setup(void)
{
    return (struct tls_setup){
        .side = TLS_CLIENT, .ca = certificates_read("ca.pem"), .trust = TLS_TRUST_NAME};
}

static inline void wire_open(struct wire *w, const struct tls_provider *server,
                             const struct tls_setup *server_has, const struct tls_provider *client,
                             const struct tls_setup *client_has, const char *host)
{
    const struct tls_provider *providers[2] = {server, client};
    const struct tls_setup *setups[2] = {server_has, client_has};
    struct error e = {.text = ""};

    *w = (struct wire){.pool = {.keep = 64}, .states = {TLS_MORE, TLS_MORE}};
    for (unsigned side = TLS_SERVER; side <= TLS_CLIENT; side++) {
        w->contexts[side] = providers[side]->context_new(setups[side], &e);
        assert_string_equal(e.text, "");
        assert_non_null(w->contexts[side]);
        w->ends[side] = providers[side]->open(
            w->contexts[side], &w->pool, side == TLS_CLIENT ? slice_of(host) : (struct slice){0});
    }
}

/* Two new engines of the same contexts. */
static inline void wire_reopen(struct wire *w, const char *host)
{
    for (unsigned side = TLS_SERVER; side <= TLS_CLIENT; side++) {
        const struct tls_provider *p = w->ends[side]->provider;
        p->close(w->ends[side]);
        w->states[side] = TLS_MORE;
        w->ends[side] = p->open(w->contexts[side], &w->pool,
                                side == TLS_CLIENT ? slice_of(host) : (struct slice){0});
    }
}

/* The contexts first: engines outlive them. */
static inline void wire_close(struct wire *w)
{
    for (unsigned side = TLS_SERVER; side <= TLS_CLIENT; side++)
        tls_context_unref(w->contexts[side]);
    for (unsigned side = TLS_SERVER; side <= TLS_CLIENT; side++)
        w->ends[side]->provider->close(w->ends[side]);
    chunk_pool_fini(&w->pool);
}

/* Carries a piece each way; false when there was nothing to carry. */
static inline bool carry(struct wire *w)
{
    bool any = false;

    for (unsigned side = TLS_SERVER; side <= TLS_CLIENT; side++) {
        struct queue *from = &w->ends[side]->emit, *to = &w->ends[!side]->absorb;
        size_t n = w->piece && w->piece < from->size ? w->piece : from->size;
        any |= n > 0;
        queue_move(to, from, n);
    }
    return any;
}

static inline void step(struct wire *w, unsigned side)
{
    if (w->states[side] == TLS_MORE)
        w->states[side] = w->ends[side]->provider->handshake(w->ends[side]);
}

/* True when both are through with the handshake. */
static inline bool shake(struct wire *w)
{
    do {
        step(w, TLS_CLIENT);
        step(w, TLS_SERVER);
    } while (carry(w));
    return w->states[TLS_SERVER] == TLS_DONE && w->states[TLS_CLIENT] == TLS_DONE;
}

static inline void each_pair(void (*check)(const struct tls_provider *server,
                                           const struct tls_provider *client))
{
    for (size_t s = 0; tls_provider_at(s); s++)
        for (size_t c = 0; tls_provider_at(c); c++)
            check(tls_provider_at(s), tls_provider_at(c));
}

#endif
