/* Scripts of what a server sends, for the tests of the follower. */
#ifndef TESTS_UNIT_FOLLOW_SCRIPT_H
#define TESTS_UNIT_FOLLOW_SCRIPT_H

#include "check.h"

#include "protocol/mysql/mysql.h"

/* A script builds what the server sends and, beside it, what the client shall get: ids counted from
 * another start, status words without AUTOCOMMIT, with IN_TRANS. */
enum { SERVER_FIRST = 250, CLIENT_FIRST = 3, ROOM = 64 * 1024 };

struct script {
    enum follow_what what;
    unsigned char server[ROOM], client[ROOM];
    size_t size;
    unsigned packets;
};

static inline void start(struct script *s, enum follow_what what)
{
    s->what = what;
    s->size = 0;
    s->packets = 0;
}

/* A packet; status is the offset of its status word, 0 for none. */
static inline void say(struct script *s, const char *bytes, size_t n, size_t status)
{
    const unsigned char header[] = {(unsigned char)n, (unsigned char)(n >> 8),
                                    (unsigned char)(n >> 16)};

    assert_true(s->size + n + 4 <= ROOM);
    memcpy(s->server + s->size, header, 3);
    s->server[s->size + 3] = (unsigned char)(SERVER_FIRST + s->packets);
    memcpy(s->server + s->size + 4, bytes, n);
    memcpy(s->client + s->size, s->server + s->size, n + 4);
    s->client[s->size + 3] = (unsigned char)(CLIENT_FIRST + s->packets);
    if (status) {
        unsigned char *low = s->client + s->size + 4 + status;
        *low = (unsigned char)((*low & ~STATUS_AUTOCOMMIT) | STATUS_IN_TRANS);
    }
    s->size += n + 4;
    s->packets++;
}

#define SAY(s, literal)            say(s, literal, sizeof(literal) - 1, 0)
#define SAY_STATUS(s, literal, at) say(s, literal, sizeof(literal) - 1, at)
#define DEFINITION                                                                                 \
    "\x03"                                                                                         \
    "def\0\0\0\x01"                                                                                \
    "a\x01"                                                                                        \
    "a\x0c\x21\0\x0a\0\0\0\xfd\0\0\0\0\0"
#define EOF_OF(status) "\xfe\0\0" status "\0"

static inline void begin(struct follow *f, const struct script *s)
{
    follow_start(f, s->what, SERVER_FIRST, CLIENT_FIRST, STATUS_AUTOCOMMIT | STATUS_MORE_RESULTS,
                 STATUS_IN_TRANS);
}

#endif
