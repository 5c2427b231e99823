#include "auth/auth.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/decimal.h"

enum { MAPPED = 12 }; /* bytes of ::ffff:0:0/96, the prefix of mapped IPv4 addresses */

static const unsigned char mapped_prefix[MAPPED] = {[10] = 0xff, [11] = 0xff};

static void set_ipv4(struct peer *p, const void *four)
{
    memcpy(p->address, mapped_prefix, MAPPED);
    memcpy(p->address + MAPPED, four, 4);
}

static void write_ipv4(const unsigned char four[4], char *text)
{
    for (size_t i = 0; i < 4; i++) {
        if (i)
            *text++ = '.';
        text = decimal_put(text, four[i]);
    }
    *text = '\0';
}

bool peer_set(struct peer *p, const struct sockaddr *address)
{
    const uint32_t loopback = htonl(INADDR_LOOPBACK);
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    *p = (struct peer){.text = "?"};
    switch (address->sa_family) {
    case AF_INET:
        memcpy(&v4, address, sizeof(v4));
        set_ipv4(p, &v4.sin_addr);
        break;
    case AF_INET6:
        memcpy(&v6, address, sizeof(v6));
        memcpy(p->address, &v6.sin6_addr, sizeof(p->address));
        break;
    case AF_UNIX:
        set_ipv4(p, &loopback);
        break;
    default:
        return false;
    }
    if (memcmp(p->address, mapped_prefix, MAPPED) == 0)
        write_ipv4(p->address + MAPPED, p->text);
    else
        inet_ntop(AF_INET6, p->address, p->text, sizeof(p->text));
    return true;
}

bool network_holds(const struct network *network, const unsigned char address[16])
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    unsigned char mask = (unsigned char)(0xff00 >> rest);

    if (network->bits > 128 || memcmp(network->address, address, whole) != 0)
        return false;
    return rest == 0 || ((network->address[whole] ^ address[whole]) & mask) == 0;
}

bool peer_is_in(const struct peer *p, const struct network *networks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (network_holds(&networks[i], p->address))
            return true;
    return false;
}

const struct user *account_find(const struct config *c, struct slice name, const struct peer *peer,
                                const char **why)
{
    const struct user *user = config_find_user(c, name);

    if (!user) {
        *why = "unknown user";
        return NULL;
    }
    if (peer_is_in(peer, user->from, user->from_count))
        return user;
    *why = "source address not in the user's from";
    return user->from_count == 0 ? user : NULL;
}
