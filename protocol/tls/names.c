/* The names of a certificate as text, the same whichever library has read it. The types of a
 * subject are compared as the bytes of their object identifiers, because the libraries' short names
 * differ (RFC 4514, section 3, has most of these; the last two are what OpenSSL and keytool print).
 */
#include <stdio.h>

#include "protocol/tls/tls.h"

static const struct {
    const char *text;
    const char *type; /* no zero byte in any */
} types[] = {
    {"CN", "\x55\x04\x03"},
    {"C", "\x55\x04\x06"},
    {"L", "\x55\x04\x07"},
    {"ST", "\x55\x04\x08"},
    {"STREET", "\x55\x04\x09"},
    {"O", "\x55\x04\x0a"},
    {"OU", "\x55\x04\x0b"},
    {"DC", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"},
    {"UID", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"},
    {"serialNumber", "\x55\x04\x05"},
    {"emailAddress", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"},
};

enum { PART_MAX = 1024 };

static const char *type_text(struct slice type)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (slice_equal(slice_of(types[i].type), type))
            return types[i].text;
    return NULL;
}

void names_clear(struct tls_names *n)
{
    n->subject = (struct slice){0};
    n->san_count = n->used = 0;
    n->has_fingerprint = false;
}

/* Writes "CN=value" with the escapes of RFC 4514, section 2.4; 0 when it does not fit. */
static size_t write_part(char *to, size_t room, const char *type, struct slice value)
{
    size_t used = (size_t)snprintf(to, room, "%s=", type);

    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.data[i];
        bool is_edge = (c == ' ' && (i == 0 || i + 1 == value.size)) || (c == '#' && i == 0);
        if (room - used < 4)
            return 0;
        if (c < 0x20 || c == 0x7f)
            used += (size_t)snprintf(to + used, room - used, "\\%02X", c);
        else if (is_edge || strchr("\"+,;<>\\", c))
            used += (size_t)snprintf(to + used, room - used, "\\%c", c);
        else
            to[used++] = (char)c;
    }
    return used;
}

void names_spoil_subject(struct tls_names *n)
{
    n->subject = (struct slice){NULL, SIZE_MAX};
}

static bool is_spoilt(const struct tls_names *n)
{
    return !n->subject.data && n->subject.size;
}

/* The last attribute comes first, of a part with several too: so does OpenSSL print them. */
void names_put_attribute(struct tls_names *n, struct slice type, struct slice value, bool joins)
{
    const char *text = type_text(type);
    char part[PART_MAX];

    if (is_spoilt(n))
        return;
    size_t size = text ? write_part(part, sizeof(part) - 1, text, value) : 0;
    if (!size || size + 1 > sizeof(n->room) - n->used) {
        names_spoil_subject(n);
        return;
    }
    if (n->used)
        part[size++] = joins ? '+' : ',';
    memmove(n->room + size, n->room, n->used);
    memcpy(n->room, part, size);
    n->used += size;
    n->subject = slice_make(n->room, n->used);
}

void names_put_san(struct tls_names *n, const char *kind, struct slice value)
{
    size_t room = sizeof(n->room) - n->used;
    char *at = n->room + n->used;

    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.data[i] < 0x20 || value.data[i] == 0x7f)
            return;
    if (n->san_count == TLS_NAMES_MAX || value.size == 0)
        return;
    int size = snprintf(at, room, "%s:%.*s", kind, SHOW(value));
    if (size < 0 || (size_t)size >= room)
        return;
    n->san[n->san_count++] = slice_make(at, (size_t)size);
    n->used += (size_t)size;
}

bool names_have_subject(const struct tls_names *n, struct slice subject)
{
    return subject.size && !is_spoilt(n) && slice_equal(n->subject, subject);
}

bool names_have_san(const struct tls_names *n, struct slice san)
{
    for (size_t i = 0; i < n->san_count; i++) {
        size_t kind =
            (size_t)((const char *)memchr(n->san[i].data, ':', n->san[i].size) - n->san[i].data);
        if (san.size
            && (slice_equal(n->san[i], san) || slice_equal(slice_after(n->san[i], kind + 1), san)))
            return true;
    }
    return false;
}
