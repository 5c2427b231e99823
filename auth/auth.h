/* Who is at the other end: password methods, account look-up, and the login exchange of both sides,
 * driven packet by packet. No sockets: payloads come in, payloads go out.
 *
 * What users may do afterwards stands in auth/grant.h. */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/sha2.h"     /* IWYU pragma: export */
#include "auth/throttle.h" /* IWYU pragma: export */
#include "auth/token.h"    /* IWYU pragma: export */
#include "base/slice.h"
#include "config/config.h"
#include "protocol/mysql/mysql.h"

struct arena;
struct error;
struct public_key;
struct sockaddr;
struct tls_names;
struct writer;

/* ---- native.c: mysql_native_password ----
 *
 *   stored   = SHA1(SHA1(password)), written as '*' and 40 hex digits
 *   response = SHA1(password) XOR SHA1(salt + SHA1(SHA1(password)))      no bytes for no password
 */
enum { NATIVE_RESPONSE = 20, NATIVE_HASH = 41 };

#define NATIVE_PLUGIN SLICE("mysql_native_password")
#define CLEAR_PLUGIN  SLICE("mysql_clear_password")

/* The client's side. Gives the size of the response: 20, or 0 for an empty password. */
size_t native_answer(struct slice password, const unsigned char salt[MYSQL_SALT],
                     unsigned char response[NATIVE_RESPONSE]);

/* Which of the stored hashes the response proves, or NULL. Does the same work for one, two or no
 * hashes, right and wrong ones. An empty response proves an empty stored value and nothing else. */
const struct slice *native_verify(const struct hashes *stored, const unsigned char salt[MYSQL_SALT],
                                  struct slice response);

/* Writes the stored form of a password, with a NUL; an empty password gives an empty text. */
void native_hash(struct slice password, char text[NATIVE_HASH + 1]);

/* ---- salt.c: random bytes for greetings ---- */

enum { SALTS_DRAWN = 512 };

/* What one thread has drawn ahead: drawing takes a lock and a cipher's set-up, however few bytes
 * are wanted. All zero at first. */
struct salts {
    unsigned char drawn[SALTS_DRAWN];
    size_t left; /* bytes at the front that nobody has had; those behind are wiped */
};

/* Fresh random bytes for a greeting: 7 bits each, no NUL and no '$'. */
void salt_make(struct salts *s, unsigned char salt[MYSQL_SALT]);

/* ---- account.c ---- */

/* The other end of a client's connection. */
struct peer {
    unsigned char address[16]; /* IPv6; IPv4 as mapped */
    char text[46];             /* as written by people; "10.0.0.5" for mapped ones */
};

/* A local socket counts as 127.0.0.1. False for other families; the peer then matches no network.
 */
bool peer_set(struct peer *p, const struct sockaddr *address);

/* True when the network holds the address; IPv4 networks are mapped as IPv4 addresses are. */
bool network_holds(const struct network *network, const unsigned char address[16]);

/* The user who may come from this peer, or NULL. *why, for the log, is then a constant text. */
const struct user *account_find(const struct config *c, struct slice name, const struct peer *peer,
                                const char **why);

/* True when one of the networks holds the peer. */
bool peer_is_in(const struct peer *p, const struct network *networks, size_t count);

/* ---- proxied.c: who a proxy says the client is (PROXY protocol, versions 1 and 2) ---- */

enum { PROXIED_MAX = 4096 }; /* bytes of a header at most; longer ones are bad */

enum proxied_state {
    PROXIED_NO,   /* the bytes are the start of something else */
    PROXIED_MORE, /* too few bytes to tell, or to tell all */
    PROXIED_YES,
    PROXIED_BAD /* a header, and not one that can be understood: close */
};

struct proxied {
    struct peer peer; /* the client, when has_peer */
    uint16_t port;
    bool has_peer; /* false: the socket's own address holds */
    bool is_local; /* the proxy speaks for itself: a health check */
    size_t size;   /* bytes of the header, to be dropped */
};

/* Reads the first bytes that came over a connection. To be called only where the sender may be
 * believed: settings.trusted_proxies. */
enum proxied_state proxied_read(struct slice bytes, struct proxied *p);

/* ---- certificate.c ---- */

/* Whether the names of a checked certificate are this user's. A user with both a subject and an
 * alternative name must have both; one with neither is known by no certificate. */
bool certificate_fits(const struct user *user, const struct tls_names *names);

/* The name that a session by certificate stands on; empty when the user has none. */
struct slice certificate_name(const struct user *user);

/* ---- verify.c: a client logs in ----
 *
 *   greeting sent ──> login packet ──┬──> switch to a method ─> response ──> judged
 *                       │            ├────────────────────────────────────> judged
 *                       │            └─> certificate ──> OK
 *                       └─> TLS request (once) ─> login packet again
 *
 *   judged, native ──> OK or refused
 *   judged, sha2 ────> OK, or: the password please ─> (public key ─>) password ─> WORK ─> OK or …
 *
 * The greeting names mysql_native_password, which every client speaks. By what a user is judged:
 *
 *   only native, or a client that cannot be switched   native
 *   only sha2                                          sha2
 *   both                                               sha2 if the client offers that with a
 * response of its size or over TLS, else native, since a MySQL 8 client names sha2 unasked and then
 * may not give its password without TLS
 *
 * Over TLS the password can be told: a client that names mysql_clear_password does so at once, one
 * of sha2 when it is asked. A user who takes tokens is asked by sha2 over TLS, since clients need
 * no option for that; what is told may then be a token or a password that any stored hash proves.
 *
 * Which packets are sent does not depend on whether the user exists: a stranger's name is treated
 * as some user, found by a keyed hash of the name, and so always as the same one, with that user's
 * methods, rounds and number of hashes, as long as that configuration stands. */
enum verify_state {
    VERIFY_MORE,   /* send the reply, feed the next payload */
    VERIFY_TLS,    /* do the TLS handshake, call verify_encrypted, feed the next payload */
    VERIFY_WORK,   /* run v->job in another thread, feed nothing before verify_done */
    VERIFY_OK,     /* v->user is who it is; send the reply, if any, then an OK packet */
    VERIFY_REFUSED /* send *e and close; v->why says more, for the log only */
};

enum { VERIFY_REPLY_MAX = RSA_PUBLIC_MAX + 1 };

/* What the logins of one worker by caching_sha2_password share. */
struct sha2_desk {
    const struct rsa_key *key; /* borrowed, of the process; NULL while nobody has such a hash */
    struct sha2_cache cache;
};

struct verify {
    /* To be read after VERIFY_OK; login also after a password was judged wrong. */
    const struct user *user; /* borrowed from the configuration */
    struct slice proof;   /* what it stands on: the stored hash that the password was judged by or
                             the name that the certificate was, borrowed too, or token_proof of a
                             key, in the arena */
    struct slice method;  /* its name; constant */
    struct slice project; /* of a token that is good for one only, as configured; else empty */
    struct login login;   /* what the client sent; slices live in the arena */
    const char *why;      /* constant text, never NULL after VERIFY_REFUSED */

    struct verify_job *job; /* after VERIFY_WORK: the caller's, to be given to verify_done */

    /* Verify's own. */
    const struct config *config;
    const struct peer *peer;
    struct sha2_desk *desk;
    struct throttle *throttle;
    millis now;
    uint64_t date;
    struct arena *arena;
    const struct user *known, *as; /* NULL for a stranger; whom the name is treated as */
    const struct tls_names *names; /* NULL: no certificate was asked for */
    uint32_t offered;
    unsigned char salt[MYSQL_SALT];
    uint8_t stage;
    bool encrypted, only_encrypted;
};

/* Starts after the greeting with these capabilities and this salt was sent. config, peer and arena
 * are borrowed and must outlive the exchange; what v->login points to dies with the arena.
 * encrypted tells that TLS came before the greeting (it usually has not). */
void verify_start(struct verify *v, const struct config *config, const struct peer *peer,
                  uint32_t offered, const unsigned char salt[MYSQL_SALT], struct arena *arena);

/* The same for COM_CHANGE_USER: the payload to feed is the command's argument, capabilities are the
 * session's. The answer is a switch with this salt, which must be a fresh one, so that what was
 * seen before is of no use. A client without PLUGIN_AUTH cannot be switched: it needs the
 * greeting's salt. */
void verify_start_change(struct verify *v, const struct config *config, const struct peer *peer,
                         uint32_t capabilities, const unsigned char salt[MYSQL_SALT],
                         struct arena *arena);

/* Serves caching_sha2_password too, from now on; the desk is borrowed. */
void verify_serve_sha2(struct verify *v, struct sha2_desk *desk);

/* Counts failed logins there, borrowed, from now on. */
void verify_throttle(struct verify *v, struct throttle *throttle);

/* What time it is, by the monotonic clock and by the date (seconds since 1970); to be told before
 * each payload. */
void verify_clock(struct verify *v, millis now, uint64_t date);

/* Nobody is let in, or asked anything, before TLS. */
void verify_only_encrypted(struct verify *v);

/* The connection is encrypted from here on. names, borrowed, are those of the client's certificate,
 * which was checked: whom the configuration knows by one of them needs no password. */
void verify_encrypted(struct verify *v, const struct tls_names *names);

/* Feeds one payload. A reply of at most VERIFY_REPLY_MAX bytes is put into the writer for
 * VERIFY_MORE, and sometimes for VERIFY_OK. */
enum verify_state verify_feed(struct verify *v, struct slice payload, struct writer *reply,
                              struct error *e);

/* The job was run: VERIFY_OK or VERIFY_REFUSED. Wipes and frees it. */
enum verify_state verify_done(struct verify *v, struct verify_job *job, struct error *e);

/* Wipes and frees a job that nobody wants any more; it must not be running. */
void verify_job_free(struct verify_job *job);

/* ---- answer.c: we log in to a server ---- */

/* Not ANSWER_…: those are the planner's. */
enum answer_state {
    LOGIN_MORE, /* send the reply, feed the next payload; a reply of 0 bytes is a packet too */
    LOGIN_WAIT, /* send nothing, feed the next payload */
    LOGIN_OK,   /* logged in; a->status is the server's status word */
    LOGIN_REFUSED
};

/* How we log in. The slices are borrowed and must outlive the exchange. */
struct answer_as {
    struct slice user, password, database; /* database empty: none is selected */
    struct slice attributes;               /* a block made with attribute_put; may be empty */
    struct public_key *public_key;         /* the server's, known beforehand; NULL: it is not */
};

/* What lies between us and the server. */
enum answer_wire {
    WIRE_CLEAR,
    WIRE_ENCRYPTED, /* TLS, with whomever */
    WIRE_PROVEN     /* TLS, and the server's certificate was checked */
};

struct answer {
    uint32_t capabilities; /* of the connection */
    uint16_t status;       /* of the server's OK */
    unsigned error_number; /* of the server's ERR, 0 when it sent none */
    char server_said[256]; /* its message, cut; for the log only: it may hold physical names */

    /* Answer's own. */
    struct answer_as as;
    unsigned char salt[MYSQL_SALT];
    enum answer_wire wire;
    uint8_t steps, stage;
};

/* Writes the wish for TLS, the answer to the server's first payload; the handshake and answer_start
 * with the same payload follow. False when the server does not offer it. */
bool answer_wish_tls(const struct answer_as *as, struct slice greeting, struct writer *wish);

/* Reads the server's first payload and writes the login packet (at most 1 KiB plus attributes).
 * LOGIN_MORE or LOGIN_REFUSED. */
enum answer_state answer_start(struct answer *a, const struct answer_as *as, struct slice greeting,
                               enum answer_wire wire, struct writer *login, struct error *e);

/* Feeds the server's next payload. Replies have at most 512 bytes. At most one switch and a few
 * steps are followed.
 *
 * The password itself, which mysql_clear_password and the full form of caching_sha2_password ask
 * for, goes to a server that has proven who it is and to no other: over TLS with a checked
 * certificate, or for caching_sha2_password encrypted with a public key that we knew beforehand. A
 * key that the server sends is nobody's. The encryption runs on the caller's loop: with a public
 * key it takes a tenth of a millisecond, once per connection of a pool. */
enum answer_state answer_feed(struct answer *a, struct slice payload, struct writer *reply,
                              struct error *e);

#endif
