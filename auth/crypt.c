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
 * to 16 bytes; MySQL takes 20.
 *
 * The texts of the rounds have eight shapes, which differ in nothing but A: each is laid out once,
 * with its padding, so that a round copies A into its place and hashes whole blocks. */
#include "auth/sha2.h"

#include <endian.h>

#include "base/must.h"
#include "base/secret.h"
#include "base/writer.h"

enum { PARTS = 64, SALT_MAX = 64, PIECE = 1000 /* rounds, some 80 microseconds */ };

/* Which of them a round has; as bits, for an index. */
enum { P_FIRST = 1, WITH_S = 2, WITH_P = 4, SHAPES = 8 };

enum {
    SHAPE_TEXT = SHA256_SIZE + SALT_MAX + 2 * SHA2_PASSWORD_MAX,
    SHAPE_BLOCKS = (SHAPE_TEXT + 9 + SHA256_BLOCK - 1) / SHA256_BLOCK /* 9: of padding, at least */
};

struct shape {
    unsigned char text[SHAPE_BLOCKS * SHA256_BLOCK];
    size_t blocks, a; /* a: where A stands */
};

struct crypt {
    struct slice password, salt;
    unsigned char a[SHA256_SIZE], b[SHA256_SIZE];
    unsigned char p[SHA2_PASSWORD_MAX], s[SALT_MAX];
    struct shape shapes[SHAPES];
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

static void lay_out(const struct crypt *c, unsigned what, struct shape *shape)
{
    struct writer w = writer_over(shape->text, sizeof(shape->text));
    const struct slice p = slice_make(c->p, c->password.size);

    if (what & P_FIRST)
        put_bytes(&w, p);
    else
        put_fill(&w, 0, SHA256_SIZE);
    if (what & WITH_S)
        put_bytes(&w, slice_make(c->s, c->salt.size));
    if (what & WITH_P)
        put_bytes(&w, p);
    shape->a = what & P_FIRST ? w.size : 0;
    if (what & P_FIRST)
        put_fill(&w, 0, SHA256_SIZE);
    else
        put_bytes(&w, p);
    const uint64_t bits = htobe64(8 * w.size);
    put_uint(&w, 0x80, 1);
    shape->blocks = (w.size + sizeof(bits) + SHA256_BLOCK - 1) / SHA256_BLOCK;
    put_fill(&w, 0, shape->blocks * SHA256_BLOCK - sizeof(bits) - w.size);
    put_bytes(&w, slice_make(&bits, sizeof(bits)));
    must(writer_done(&w));
}

static struct shape *shape_of(struct crypt *c, size_t round)
{
    return &c->shapes[(round % 2 ? P_FIRST : 0) | (round % 3 ? WITH_S : 0)
                      | (round % 7 ? WITH_P : 0)];
}

static bool turn_rounds(struct crypt *c, size_t rounds, const struct pace *pace)
{
    struct shape *shape = shape_of(c, 0);

    for (unsigned what = 0; what < SHAPES; what++)
        lay_out(c, what, &c->shapes[what]);
    memcpy(shape->text + shape->a, c->a, SHA256_SIZE);
    for (size_t i = 0; i < rounds; i++) {
        struct shape *next = shape_of(c, i + 1);
        unsigned char *to = i + 1 < rounds ? next->text + next->a : c->a;

        if (pace->goes_on && i % PIECE == 0 && !pace->goes_on(pace->owner))
            return false;
        crypto_default()->sha256_blocks(shape->text, shape->blocks, to);
        shape = next;
    }
    return true;
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

bool sha256_crypt_at_pace(struct slice password, struct slice salt, size_t rounds,
                          const struct pace *pace, char out[SHA2_CRYPT])
{
    struct crypt c = {.password = password, .salt = salt};

    must(password.size <= SHA2_PASSWORD_MAX && salt.size <= SALT_MAX);
    first_digests(&c);
    stretch_both(&c);
    bool is_done = turn_rounds(&c, rounds, pace);
    if (is_done)
        write_out(c.a, out);
    secret_wipe(&c, sizeof(c));
    return is_done;
}

void sha256_crypt(struct slice password, struct slice salt, size_t rounds, char out[SHA2_CRYPT])
{
    (void)sha256_crypt_at_pace(password, salt, rounds, &(struct pace){0}, out);
}
