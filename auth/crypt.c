/* sha256-crypt, after Ulrich Drepper's description of 2007:
 *
 *   B = H(password salt password)
 *   A = H(password salt, B cut or repeated to the password's length, then for every bit of that
 *         length, lowest first: B for a one, the password for a zero)
 *   P = H(the password as often as it has bytes), cut or repeated to the password's length
 *   S = H(the salt 16 + A[0] times), cut or repeated to the salt's length
 *   round i:  A = H(P or A, S unless 3 divides i, P unless 7 does, A or P)    P first when i is odd
 *
 * and at the end the bytes of A in an odd order, six bits a character. The description cuts salts
 * to 16 bytes; MySQL takes 20. */
#include "auth/sha2.h"

#include "base/must.h"
#include "base/secret.h"

enum { PARTS = 64, SALT_MAX = 64 };

struct crypt {
    struct slice password, salt;
    unsigned char a[SHA256_SIZE], b[SHA256_SIZE];
    unsigned char p[SHA2_PASSWORD_MAX], s[SALT_MAX];
};

static void sha256(const struct slice *parts, size_t count, unsigned char out[SHA256_SIZE])
{
    crypto_default()->sha256(parts, count, out);
}

/* digest, cut or repeated to n bytes. */
static void stretch(const unsigned char digest[SHA256_SIZE], unsigned char *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = digest[i % SHA256_SIZE];
}

/* H(text repeated count times). */
static void repeat(struct slice text, size_t count, unsigned char out[SHA256_SIZE])
{
    struct slice parts[SHA2_PASSWORD_MAX + 16];

    must(count <= sizeof(parts) / sizeof(parts[0]));
    for (size_t i = 0; i < count; i++)
        parts[i] = text;
    sha256(parts, count, out);
}

static void first_digests(struct crypt *c)
{
    struct slice parts[PARTS] = {c->password, c->salt, c->password};
    const struct slice b = slice_make(c->b, SHA256_SIZE);
    size_t count = 2, left = c->password.size;

    sha256(parts, 3, c->b);
    for (; left > SHA256_SIZE; left -= SHA256_SIZE)
        parts[count++] = b;
    parts[count++] = slice_head(b, left);
    for (size_t bits = c->password.size; bits; bits >>= 1)
        parts[count++] = bits & 1 ? b : c->password;
    sha256(parts, count, c->a);
}

static void stretch_both(struct crypt *c)
{
    unsigned char digest[SHA256_SIZE];

    repeat(c->password, c->password.size, digest);
    stretch(digest, c->p, c->password.size);
    repeat(c->salt, 16u + c->a[0], digest);
    stretch(digest, c->s, c->salt.size);
    secret_wipe(digest, sizeof(digest));
}

static void turn_rounds(struct crypt *c, size_t rounds)
{
    const struct slice a = slice_make(c->a, SHA256_SIZE);
    const struct slice p = slice_make(c->p, c->password.size);
    const struct slice s = slice_make(c->s, c->salt.size);

    for (size_t i = 0; i < rounds; i++) {
        struct slice parts[4];
        size_t count = 0;
        parts[count++] = i & 1 ? p : a;
        if (i % 3)
            parts[count++] = s;
        if (i % 7)
            parts[count++] = p;
        parts[count++] = i & 1 ? a : p;
        sha256(parts, count, c->a);
    }
}

/* Three bytes become four characters; the last two bytes three. */
static void write_out(const unsigned char a[SHA256_SIZE], char out[SHA2_CRYPT])
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned high = 0, middle = 10, low = 20;
    size_t at = 0;

    while (at < SHA2_CRYPT) {
        bool last = at + 4 > SHA2_CRYPT;
        unsigned bits = last ? (unsigned)a[31] << 8 | a[30]
                             : (unsigned)a[high] << 16 | (unsigned)a[middle] << 8 | a[low];
        for (unsigned i = 0; i < (last ? 3 : 4); i++, bits >>= 6)
            out[at++] = digits[bits & 0x3f];
        unsigned next = high; /* 0 10 20, 21 1 11, 12 22 2, 3 13 23, … */
        high = low + 1;
        low = middle + 1;
        middle = next + 1;
    }
}

void sha256_crypt(struct slice password, struct slice salt, size_t rounds, char out[SHA2_CRYPT])
{
    struct crypt c = {.password = password, .salt = salt};

    must(password.size <= SHA2_PASSWORD_MAX && salt.size <= SALT_MAX);
    first_digests(&c);
    stretch_both(&c);
    turn_rounds(&c, rounds);
    write_out(c.a, out);
    secret_wipe(&c, sizeof(c));
}
