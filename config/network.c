/* Source networks: "10.0.0.0/8", "192.0.2.7", "2001:db8::/32". */
#include "config/config_private.h"

#include <arpa/inet.h>

enum { V4_OFFSET = 96 }; /* bits of ::ffff:0:0/96 before a mapped IPv4 address */

/* Up to three digits; false for anything else. */
static bool read_bits(struct slice text, unsigned *bits)
{
    unsigned value = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text.data[i] - '0');
    }
    *bits = value;
    return text.size >= 1 && text.size <= 3;
}

/* Clears what the prefix does not cover; true when there was something. */
static bool mask(struct network *network)
{
    bool is_masked = false;

    for (unsigned bit = network->bits; bit < 128; bit++) {
        unsigned char one = (unsigned char)(0x80 >> bit % 8);
        is_masked = is_masked || network->address[bit / 8] & one;
        network->address[bit / 8] &= (unsigned char)~one;
    }
    return is_masked;
}

const char *network_read(struct slice text, struct network *network, bool *is_masked)
{
    const char *slash = text.size ? memchr(text.data, '/', text.size) : NULL;
    size_t size = slash ? (size_t)(slash - text.data) : text.size;
    struct network made = {.address = {[10] = 0xff, [11] = 0xff}, .bits = 128};
    char address[INET6_ADDRSTRLEN];
    unsigned most = 32, bits;

    if (size >= sizeof(address))
        return "no IP address";
    memcpy(address, text.data, size);
    address[size] = '\0';
    if (inet_pton(AF_INET, address, made.address + 12) != 1) {
        most = 128;
        if (inet_pton(AF_INET6, address, made.address) != 1)
            return "no IP address, or network in the form 10.0.0.0/8";
    }
    if (slash) {
        if (!read_bits(slice_after(text, size + 1), &bits) || bits > most)
            return most == 32 ? "the prefix must be a number from 0 to 32"
                              : "the prefix must be a number from 0 to 128";
        made.bits = most == 32 ? V4_OFFSET + bits : bits;
    }
    *is_masked = mask(&made);
    *network = made;
    return NULL;
}

struct slice network_text(struct arena *arena, const struct network *network)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    bool is_v4 = network->bits >= V4_OFFSET && memcmp(network->address, mapped, 12) == 0;
    char address[INET6_ADDRSTRLEN];

    if (is_v4)
        inet_ntop(AF_INET, network->address + 12, address, sizeof(address));
    else
        inet_ntop(AF_INET6, network->address, address, sizeof(address));
    return arena_print(arena, "%s/%u", address, network->bits - (is_v4 ? V4_OFFSET : 0));
}
