/* The PROXY protocol, versions 1 and 2: one header in front of everything that the client says.
 *
 *   1: "PROXY TCP4 10.1.2.3 10.0.0.1 51234 9130\r\n", at most 107 bytes
 *   2: 12 bytes of signature, version and command, family, length (2, big endian), addresses
 *
 * It can't be taken for a login packet: the fourth byte of that is the sequence number 1. */
#include "auth/auth.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum {
    TEXT_MAX = 107, /* with its CR LF */
    SIGNATURE = 12,
    FIXED = 16,   /* bytes of version 2 before the addresses */
    VERSION = 2,  /* upper half of the byte behind the signature */
    LOCAL = 0,    /* its lower half: the proxy speaks for itself */
    ON_BEHALF = 1 /* it passes on a client's bytes */
};

static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";

static bool may_become(struct slice bytes, const char *start, size_t size)
{
    return memcmp(bytes.data, start, bytes.size < size ? bytes.size : size) == 0;
}

static void set_peer(struct proxied *p, int family, const void *address, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (family == AF_INET)
        memcpy(&v4.sin_addr, address, sizeof(v4.sin_addr));
    else
        memcpy(&v6.sin6_addr, address, sizeof(v6.sin6_addr));
    peer_set(&p->peer, family == AF_INET ? (const struct sockaddr *)&v4 : (struct sockaddr *)&v6);
    p->port = port;
    p->has_peer = true;
}

/* ---- version 1 ---- */

static bool port_read(const char *word, uint16_t *port)
{
    unsigned number = 0;

    if (!*word)
        return false;
    for (; *word; word++) {
        if (*word < '0' || *word > '9')
            return false;
        number = number * 10 + (unsigned)(*word - '0');
        if (number > UINT16_MAX)
            return false;
    }
    *port = (uint16_t)number;
    return true;
}

/* The words of the line, cut at single blanks; false for more or fewer. */
static bool cut(char *line, char **words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        words[i] = line;
        line = strchr(line, ' ');
        if ((line == NULL) != (i + 1 == count))
            return false;
        if (line)
            *line++ = '\0';
    }
    return true;
}

static enum proxied_state addresses_read(char *line, struct proxied *p)
{
    char *words[5]; /* TCP4 or TCP6, source, destination, their ports */
    unsigned char from[16], to[16];
    uint16_t port, unused;

    if (!cut(line, words, 5))
        return PROXIED_BAD;
    int family = strcmp(words[0], "TCP4") == 0 ? AF_INET : AF_INET6;
    if ((family == AF_INET6 && strcmp(words[0], "TCP6") != 0)
        || inet_pton(family, words[1], from) != 1 || inet_pton(family, words[2], to) != 1
        || !port_read(words[3], &port) || !port_read(words[4], &unused))
        return PROXIED_BAD;
    set_peer(p, family, from, port);
    return PROXIED_YES;
}

static enum proxied_state text_read(struct slice bytes, struct proxied *p)
{
    const size_t start = strlen("PROXY ");
    size_t look = bytes.size < TEXT_MAX ? bytes.size : TEXT_MAX;
    const char *end = memchr(bytes.data, '\n', look);
    char line[TEXT_MAX + 1];

    if (!end)
        return look == TEXT_MAX ? PROXIED_BAD : PROXIED_MORE;
    p->size = (size_t)(end - bytes.data) + 1;
    if (p->size < start + 2 || end[-1] != '\r' || memchr(bytes.data, '\0', p->size))
        return PROXIED_BAD;
    memcpy(line, bytes.data + start, p->size - start - 2);
    line[p->size - start - 2] = '\0';
    if (strcmp(line, "UNKNOWN") == 0 || strncmp(line, "UNKNOWN ", 8) == 0)
        return PROXIED_YES;
    return addresses_read(line, p);
}

/* ---- version 2 ---- */

static enum proxied_state binary_read(struct slice bytes, struct proxied *p)
{
    static const struct {
        unsigned char family; /* and, in its lower half, 1 for a stream */
        int known_as;
        size_t address, room;
    } families[] = {{0x11, AF_INET, 4, 12}, {0x21, AF_INET6, 16, 36}};
    const unsigned char *at = (const unsigned char *)bytes.data;

    if (bytes.size < FIXED)
        return PROXIED_MORE;
    size_t length = (size_t)at[14] << 8 | at[15];
    unsigned command = at[12] & 15;
    if (at[12] >> 4 != VERSION || command > ON_BEHALF || FIXED + length > PROXIED_MAX)
        return PROXIED_BAD;
    p->size = FIXED + length;
    if (bytes.size < p->size)
        return PROXIED_MORE;
    p->is_local = command == LOCAL;
    for (size_t i = 0; !p->is_local && i < sizeof(families) / sizeof(*families); i++) {
        if (families[i].family != at[13])
            continue;
        if (length < families[i].room)
            return PROXIED_BAD;
        const unsigned char *port = at + FIXED + 2 * families[i].address;
        set_peer(p, families[i].known_as, at + FIXED, (uint16_t)(port[0] << 8 | port[1]));
    }
    return PROXIED_YES; /* a socket of another kind has no address that "from" could hold */
}

enum proxied_state proxied_read(struct slice bytes, struct proxied *p)
{
    *p = (struct proxied){0};
    if (bytes.size == 0)
        return PROXIED_MORE;
    if (may_become(bytes, signature, SIGNATURE))
        return binary_read(bytes, p);
    if (!may_become(bytes, "PROXY ", strlen("PROXY ")))
        return PROXIED_NO;
    return text_read(bytes, p);
}
