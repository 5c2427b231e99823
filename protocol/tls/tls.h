/* TLS as an engine: bytes in, bytes out, no sockets. Each library stands behind one table of ten
 * functions; which ones are built in is the build's choice (TLS=openssl|mbedtls|both), which one
 * serves is the configuration's.
 *
 *   wire ──> absorb ──> handshake, read ──> owner        owner ──> write ──> emit ──> wire
 *
 * The owner puts what came from the wire into `absorb` and sends what it finds in `emit`; every
 * function may take from the one and add to the other. Both are queues of the loop's chunks, so
 * that an idle engine holds none of them. Contexts and engines belong to one thread at a time. */
#ifndef PROTOCOL_TLS_TLS_H
#define PROTOCOL_TLS_TLS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/queue.h"
#include "base/slice.h"

struct error;

enum {
    TLS_TICKET_KEY = 80,         /* bytes of secret that the tickets of a listener are made with */
    TLS_SESSIONS = 8,            /* servers that a context remembers a session of */
    TLS_SESSION_SECONDS = 7200,  /* longest time after which a session may be resumed */
    TLS_PROBLEM_MAX = 160,       /* bytes of a sentence for the log */
    TLS_HOST_MAX = 255,          /* bytes of a host name */
    TLS_CERTIFICATES_MAX = 65536 /* bytes of certificates that the other side may present */
};

enum tls_side { TLS_SERVER, TLS_CLIENT }; /* what we are */

/* What a server must prove to us as its client. */
enum tls_trust {
    TLS_TRUST_ANYBODY,
    TLS_TRUST_CA,  /* its certificate is signed by `ca` and valid now */
    TLS_TRUST_NAME /* and made out for the host that we meant */
};

/* What a context is made of; all borrowed for the call. */
struct tls_setup {
    enum tls_side side;
    struct slice certificate, key; /* PEM: a chain with our own first; a client may have none */
    struct slice ca; /* PEM: whose signatures count. A server that has it asks for certificates: who
                        comes without one is let in, who comes with a bad one is not */
    enum tls_trust trust;                     /* a client's */
    bool only_tls13;                          /* the lowest version is 1.3, else 1.2 */
    const struct slice *ciphers;              /* names as IANA has them, best first */
    size_t cipher_count;                      /* 0: tls_ciphers */
    unsigned char ticket_key[TLS_TICKET_KEY]; /* servers that share it resume each other's sessions,
                                                 where the library can */
};

/* Head of what a provider has. Its maker has the first reference, every engine another. */
struct tls_context {
    const struct tls_provider *provider;
    size_t uses;
    uint64_t expires; /* our certificate's last second, since 1970; 0 when there is none */
};

/* Head of one connection's engine. */
struct tls {
    const struct tls_provider *provider;
    struct queue absorb, emit;
    char problem[TLS_PROBLEM_MAX]; /* after TLS_BROKEN: what was wrong, for the log */
};

enum tls_state {
    TLS_MORE,   /* more has to come in first */
    TLS_DONE,   /* handshake: complete. read, write: bytes were moved */
    TLS_CLOSED, /* the other side has said its last word */
    TLS_BROKEN  /* and `problem` says why. `emit` may hold an alert to be sent before the end */
};

/* Names of the other side's certificate, which was checked; see names.c for their spelling. */
enum { TLS_NAMES_MAX = 16, TLS_NAMES_ROOM = 2048, TLS_FINGERPRINT = 20 };

struct tls_names {
    struct slice subject;            /* empty: none, or none that can be written down */
    struct slice san[TLS_NAMES_MAX]; /* "DNS:…", "email:…", "URI:…" */
    size_t san_count;
    size_t used;
    char room[TLS_NAMES_ROOM]; /* what the slices point into */
    /* SHA-1 of the certificate itself, whether it was checked or not */
    bool has_fingerprint;
    unsigned char fingerprint[TLS_FINGERPRINT];
};

struct tls_about {
    const char *version, *cipher; /* constant texts */
    bool is_resumed;
};

struct tls_provider {
    const char *name;     /* as the configuration has it */
    const char *versions; /* for people: "TLS 1.2 and 1.3" */
    bool has_tls13;

    /* NULL, with a sentence about what cannot be used, when the setup does not fit. */
    struct tls_context *(*context_new)(const struct tls_setup *setup, struct error *e);
    void (*context_free)(struct tls_context *context); /* for tls_context_unref only */

    /* An engine whose queues take their chunks from the pool. A client names the host that it
     * wants, a name or an address, at most TLS_HOST_MAX bytes; a server gives none. */
    struct tls *(*open)(struct tls_context *context, struct chunk_pool *pool, struct slice host);
    void (*close)(struct tls *t); /* NULL is allowed */

    /* Goes on with the handshake; TLS_MORE, TLS_DONE, or the end. */
    enum tls_state (*handshake)(struct tls *t);

    /* After the handshake. TLS_DONE with *got bytes, at least one and at most `room`. */
    enum tls_state (*read)(struct tls *t, void *buffer, size_t room, size_t *got);

    /* After the handshake. Takes all of the bytes and adds what they become to `emit`; the caller
     * bounds that. TLS_DONE or TLS_BROKEN. */
    enum tls_state (*write)(struct tls *t, struct slice bytes);

    /* Says the last word. */
    void (*shut)(struct tls *t);

    /* Nothing is under way: gives memory back that the next byte will want again. */
    void (*rest)(struct tls *t);

    /* After the handshake: what was agreed upon; and, unless `names` is NULL, who the other side
     * has proven to be: no names at all when nothing was asked of it or nothing was presented. */
    struct tls_about (*about)(const struct tls *t, struct tls_names *names);
};

extern const struct tls_provider tls_openssl, tls_mbedtls; /* as built */

/* The provider of this name, or NULL when it is not built in. An empty name means the first. */
const struct tls_provider *tls_provider_find(struct slice name);

/* The same, or the first that is built in: what serves a configuration that may run. */
const struct tls_provider *tls_provider_serving(struct slice name);

/* Those built in, one after the other; NULL after the last. */
const struct tls_provider *tls_provider_at(size_t index);

/* The suites that are offered unless the configuration names others, as IANA spells them: forward
 * secrecy and authenticated encryption only. */
extern const struct slice tls_ciphers[];
extern const size_t tls_cipher_count;

/* The last one to let go frees; NULL is allowed. Not for several threads at once. */
struct tls_context *tls_context_ref(struct tls_context *c);
void tls_context_unref(struct tls_context *c);

/* Common to the providers. */
void tls_init(struct tls *t, struct tls_context *context, struct chunk_pool *pool);
void tls_fini(struct tls *t);
enum tls_state tls_break(struct tls *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- names.c ----
 *
 * A subject is written as RFC 4514 has it, last part first: CN=ana,OU=data,O=Example, which is what
 * `openssl x509 -noout -subject -nameopt RFC2253,-esc_msb,utf8` prints. A part whose type or coding
 * is not known makes the whole subject unwritable, so that it fits nobody. */

void names_clear(struct tls_names *n);

/* One attribute of the subject, in the order of the certificate: the type's object identifier in
 * DER, the value in UTF-8. `joins` it to the one before (a part with several attributes). */
void names_put_attribute(struct tls_names *n, struct slice type, struct slice value, bool joins);

/* The subject cannot be written after all. */
void names_spoil_subject(struct tls_names *n);

/* A subject alternative name, after all attributes. Those beyond the room are left out, and those
 * with control bytes in them. */
void names_put_san(struct tls_names *n, const char *kind, struct slice value);

/* Whether the names hold this subject, or this alternative name, with or without its kind in front.
 * Empty texts fit nobody. */
bool names_have_subject(const struct tls_names *n, struct slice subject);
bool names_have_san(const struct tls_names *n, struct slice san);

#endif
