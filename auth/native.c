/* mysql_native_password. With h1 = SHA1(password) and h2 = SHA1(h1), which is what we store:
 *
 *   the client sends   response = h1 XOR SHA1(salt + h2)
 *   we compute         h1' = response XOR SHA1(salt + h2)     and ask whether     SHA1(h1') = h2
 *
 * Verification always does the work of two hashes on 20 bytes each, so its time tells neither how
 * many are stored nor whether there is such a user. */
#include "auth/auth.h"

#include "base/secret.h"
#include "protocol/tls/crypto.h"

_Static_assert((int)NATIVE_RESPONSE == (int)SHA1_SIZE && (int)MYSQL_SALT == (int)SHA1_SIZE,
               "response, salt and digest are of one size");

static void sha1(struct slice bytes, unsigned char out[SHA1_SIZE])
{
    crypto_default()->sha1(&bytes, 1, out);
}

/* out = a XOR SHA1(salt + h2); out may be a. */
static void mask(const unsigned char a[SHA1_SIZE], const unsigned char salt[MYSQL_SALT],
                 const unsigned char h2[SHA1_SIZE], unsigned char out[SHA1_SIZE])
{
    struct slice parts[] = {slice_make(salt, MYSQL_SALT), slice_make(h2, SHA1_SIZE)};
    unsigned char stream[SHA1_SIZE];

    crypto_default()->sha1(parts, 2, stream);
    for (size_t i = 0; i < SHA1_SIZE; i++)
        out[i] = a[i] ^ stream[i];
}

size_t native_answer(struct slice password, const unsigned char salt[MYSQL_SALT],
                     unsigned char response[NATIVE_RESPONSE])
{
    unsigned char h1[SHA1_SIZE], h2[SHA1_SIZE];

    if (password.size == 0)
        return 0;
    sha1(password, h1);
    sha1(slice_make(h1, sizeof(h1)), h2);
    mask(h1, salt, h2, response);
    secret_wipe(h1, sizeof(h1));
    secret_wipe(h2, sizeof(h2));
    return NATIVE_RESPONSE;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* '*' and 40 hex digits; false, and zeros, for anything else. */
static bool stored_read(struct slice text, unsigned char h2[SHA1_SIZE])
{
    memset(h2, 0, SHA1_SIZE);
    if (text.size != NATIVE_HASH || text.data[0] != '*')
        return false;
    for (size_t i = 0; i < SHA1_SIZE; i++) {
        int high = hex_digit(text.data[1 + 2 * i]), low = hex_digit(text.data[2 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        h2[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static bool proves(const unsigned char response[SHA1_SIZE], const unsigned char salt[MYSQL_SALT],
                   const unsigned char h2[SHA1_SIZE])
{
    unsigned char h1[SHA1_SIZE], again[SHA1_SIZE];

    mask(response, salt, h2, h1);
    sha1(slice_make(h1, sizeof(h1)), again);
    secret_wipe(h1, sizeof(h1));
    return secret_equal(again, h2, SHA1_SIZE);
}

/* Stands where no hash is stored, so that there is as much to read. */
#define NOBODY SLICE("*0123456789ABCDEF0123456789ABCDEF01234567")

const struct slice *native_verify(const struct hashes *stored, const unsigned char salt[MYSQL_SALT],
                                  struct slice response)
{
    unsigned char sent[SHA1_SIZE] = {0}, h2[SHA1_SIZE];
    bool whole = response.size == NATIVE_RESPONSE;
    const struct slice *proven = NULL;

    if (whole)
        memcpy(sent, response.data, sizeof(sent));
    for (size_t i = 0; i < sizeof(stored->at) / sizeof(stored->at[0]); i++) {
        bool there = i < stored->count;
        bool hashed = stored_read(there ? stored->at[i] : NOBODY, h2);
        bool right = there & whole & hashed & proves(sent, salt, h2);
        right |= there && stored->at[i].size == 0 && response.size == 0;
        if (right && !proven)
            proven = &stored->at[i];
    }
    return proven;
}

void native_hash(struct slice password, char text[NATIVE_HASH + 1])
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char hash[SHA1_SIZE];

    text[0] = '\0';
    if (password.size == 0)
        return;
    sha1(password, hash);
    sha1(slice_make(hash, sizeof(hash)), hash);
    text[0] = '*';
    for (size_t i = 0; i < SHA1_SIZE; i++) {
        text[1 + 2 * i] = digits[hash[i] >> 4];
        text[2 + 2 * i] = digits[hash[i] & 0xf];
    }
    text[NATIVE_HASH] = '\0';
    secret_wipe(hash, sizeof(hash));
}
