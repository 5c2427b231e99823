/* Who is at the other end: password methods, account look-up, and the login exchange of both sides,
 * driven packet by packet. No sockets: payloads come in, payloads go out.
 *
 * What users may do afterwards stands in auth/grant.h. */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "config/config.h"
#include "protocol/mysql/mysql.h"

struct arena;
struct error;
struct sockaddr;
struct writer;

/* ---- native.c: mysql_native_password ----
 *
 *   stored   = SHA1(SHA1(password)), written as '*' and 40 hex digits
 *   response = SHA1(password) XOR SHA1(salt + SHA1(SHA1(password)))      no bytes for no password
 */
enum { NATIVE_RESPONSE = 20, NATIVE_HASH = 41 };

#define NATIVE_PLUGIN SLICE("mysql_native_password")

/* The client's side. Gives the size of the response: 20, or 0 for an empty password. */
size_t native_answer(struct slice password, const unsigned char salt[MYSQL_SALT],
                     unsigned char response[NATIVE_RESPONSE]);

/* True when the response proves one of the stored hashes. Takes the same time for one, two or no
 * hashes, right and wrong ones. An empty response proves an empty stored value and nothing else. */
bool native_verify(const struct hashes *stored, const unsigned char salt[MYSQL_SALT],
                   struct slice response);

/* Writes the stored form of a password, with a NUL; an empty password gives an empty text. */
void native_hash(struct slice password, char text[NATIVE_HASH + 1]);

/* Fresh random bytes for a greeting: 7 bits each, no NUL and no '$'. */
void salt_make(unsigned char salt[MYSQL_SALT]);

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

/* ---- verify.c: a client logs in ----
 *
 *   greeting sent ──> login packet ──┬──────────────────────────────────> judged
 *                       │            └─> switch to native ─> response ─> judged
 *                       └─> TLS request (once) ─> login packet again
 *
 * Which packets are sent does not depend on whether the user exists. */
enum verify_state {
    VERIFY_MORE,   /* send the reply, feed the next payload */
    VERIFY_TLS,    /* do the TLS handshake, call verify_encrypted, feed the next payload */
    VERIFY_OK,     /* v->user is who it is; the OK packet is the caller's */
    VERIFY_REFUSED /* send *e and close; v->why says more, for the log only */
};

struct verify {
    /* To be read after VERIFY_OK; login also after a password was judged wrong. */
    const struct user *user; /* borrowed from the configuration */
    struct slice proof;      /* the stored hash that the password was judged by; borrowed too */
    struct login login;      /* what the client sent; slices live in the arena */
    const char *why;         /* constant text, never NULL after VERIFY_REFUSED */

    /* Verify's own. */
    const struct config *config;
    const struct peer *peer;
    struct arena *arena;
    uint32_t offered;
    unsigned char salt[MYSQL_SALT];
    uint8_t stage;
    bool encrypted;
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

/* The connection is encrypted from here on. */
void verify_encrypted(struct verify *v);

/* Feeds one payload. A reply of at most 128 bytes is put into the writer for VERIFY_MORE only. */
enum verify_state verify_feed(struct verify *v, struct slice payload, struct writer *reply,
                              struct error *e);

/* ---- answer.c: we log in to a server ---- */

/* Not ANSWER_…: those are the planner's. */
enum answer_state {
    LOGIN_MORE, /* send the reply, feed the next payload; a reply of 0 bytes is a packet too */
    LOGIN_WAIT, /* send nothing, feed the next payload (for methods of several steps; none yet) */
    LOGIN_OK,   /* logged in; a->status is the server's status word */
    LOGIN_REFUSED
};

/* How we log in. The slices are borrowed and must outlive the exchange. */
struct answer_as {
    struct slice user, password, database; /* database empty: none is selected */
    struct slice attributes;               /* a block made with attribute_put; may be empty */
};

struct answer {
    uint32_t capabilities; /* of the connection */
    uint16_t status;       /* of the server's OK */
    unsigned error_number; /* of the server's ERR, 0 when it sent none */
    char server_said[256]; /* its message, cut; for the log only: it may hold physical names */

    /* Answer's own. */
    struct answer_as as;
    unsigned char salt[MYSQL_SALT];
    uint8_t steps;
    bool switched, encrypted;
};

/* Reads the server's first payload and writes the login packet (at most 1 KiB plus attributes).
 * encrypted: TLS is on, the packet goes out over it. LOGIN_MORE or LOGIN_REFUSED. */
enum answer_state answer_start(struct answer *a, const struct answer_as *as, struct slice greeting,
                               bool encrypted, struct writer *login, struct error *e);

/* Feeds the server's next payload. Replies have at most 512 bytes. A password in clear is sent over
 * TLS only. At most one switch and a few steps are followed. */
enum answer_state answer_feed(struct answer *a, struct slice payload, struct writer *reply,
                              struct error *e);

#endif
