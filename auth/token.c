#include "auth/auth.h"

#include "base/reader.h"
#include "base/secret.h"
#include "base/writer.h"

enum { HMAC_BLOCK = 64, SIGNATURE_TEXT = 43, EXPIRY = 8 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#define PREFIX SLICE("sbt1.")

bool token_is_one(struct slice password)
{
    return slice_starts_with(password, PREFIX);
}

/* ---- base64url, RFC 4648 section 5, without padding ---- */

static void put_base64(struct writer *w, struct slice bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.data;
    unsigned held = 0, bits = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        held = held << 8 | at[i];
        for (bits += 8; bits >= 6; bits -= 6)
            put_uint(w, (unsigned char)alphabet[held >> (bits - 6) & 63], 1);
    }
    if (bits)
        put_uint(w, (unsigned char)alphabet[held << (6 - bits) & 63], 1);
}

/* Only what put_base64 writes: bits behind the last byte are zero. */
static bool take_base64(struct slice text, unsigned char *bytes, size_t room, size_t *size)
{
    unsigned held = 0, bits = 0;

    *size = 0;
    for (size_t i = 0; i < text.size; i++) {
        const char *found = text.data[i] ? strchr(alphabet, text.data[i]) : NULL;
        if (!found)
            return false;
        held = held << 6 | (unsigned)(found - alphabet);
        bits += 6;
        if (bits < 8)
            continue;
        if (*size == room)
            return false;
        bits -= 8;
        bytes[(*size)++] = (unsigned char)(held >> bits);
    }
    return bits < 6 && (held & ((1u << bits) - 1)) == 0;
}

/* ---- HMAC, RFC 2104 ---- */

static void sign(const struct token_key *key, struct slice text, unsigned char out[SHA256_SIZE])
{
    const struct slice secret = secret_bytes(&key->secret);
    unsigned char inner[HMAC_BLOCK] = {0}, outer[HMAC_BLOCK], digest[SHA256_SIZE];

    if (secret.size > HMAC_BLOCK)
        crypto_default()->sha256(&secret, 1, inner);
    else
        memcpy(inner, secret.data, secret.size);
    for (size_t i = 0; i < HMAC_BLOCK; i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    const struct slice first[] = {slice_make((char *)inner, HMAC_BLOCK), text};
    crypto_default()->sha256(first, 2, digest);
    const struct slice second[] = {slice_make((char *)outer, HMAC_BLOCK),
                                   slice_make((char *)digest, SHA256_SIZE)};
    crypto_default()->sha256(second, 2, out);
    secret_wipe(inner, sizeof(inner));
    secret_wipe(outer, sizeof(outer));
}

/* ---- tokens ---- */

bool token_make(const struct token_key *key, struct slice user, struct slice project,
                uint64_t expiry, char text[TOKEN_MAX])
{
    unsigned char body[TOKEN_MAX], signature[SHA256_SIZE];
    struct writer b = writer_over(body, sizeof(body));
    struct writer w = writer_over(text, TOKEN_MAX);

    put_uint(&b, expiry, EXPIRY);
    put_bytes(&b, user);
    put_uint(&b, 0, 1);
    put_bytes(&b, project);
    put_bytes(&w, PREFIX);
    put_base64(&w, writer_bytes(&b));
    sign(key, writer_bytes(&w), signature);
    put_uint(&w, '.', 1);
    put_base64(&w, slice_make((char *)signature, sizeof(signature)));
    put_uint(&w, 0, 1);
    return writer_done(&b) && writer_done(&w);
}

static const struct token_key *signer(const struct token_key *keys, size_t count,
                                      struct slice signed_text,
                                      const unsigned char signature[SHA256_SIZE])
{
    const struct token_key *found = NULL;

    for (size_t i = 0; i < count; i++) {
        unsigned char own[SHA256_SIZE];
        sign(&keys[i], signed_text, own);
        if (secret_equal(own, signature, sizeof(own)))
            found = &keys[i];
    }
    return found;
}

/* Cuts a token at its last dot and checks who signed it. */
static const struct token_key *open_token(struct slice token, const struct token_key *keys,
                                          size_t count, struct slice *body)
{
    unsigned char signature[SHA256_SIZE];
    size_t size;

    if (token.size >= TOKEN_MAX || token.size < PREFIX.size + SIGNATURE_TEXT + 1)
        return NULL;
    struct slice signed_text = slice_head(token, token.size - SIGNATURE_TEXT - 1);
    if (token.data[signed_text.size] != '.'
        || !take_base64(slice_after(token, signed_text.size + 1), signature, sizeof(signature),
                        &size)
        || size != sizeof(signature))
        return NULL;
    *body = slice_after(signed_text, PREFIX.size);
    return signer(keys, count, signed_text, signature);
}

static bool deny(const char **why, const char *text)
{
    *why = text;
    return false;
}

bool token_verify(struct slice token, const struct token_key *keys, size_t count, struct slice user,
                  uint64_t now, char room[TOKEN_MAX], struct slice *project,
                  const struct token_key **key, const char **why)
{
    struct slice text;
    size_t size;

    *key = open_token(token, keys, count, &text);
    if (!*key)
        return deny(why, "the token is not signed by one of token_keys");
    if (!take_base64(text, (unsigned char *)room, TOKEN_MAX, &size))
        return deny(why, "the token is damaged");
    struct reader r = reader_over(slice_make(room, size));
    uint64_t expiry = take_uint(&r, EXPIRY);
    struct slice name = take_cstring(&r);
    *project = take_rest(&r);
    if (!reader_done(&r))
        return deny(why, "the token is damaged");
    if (!slice_equal(name, user))
        return deny(why, "the token is another user's");
    if (now >= expiry)
        return deny(why, "the token has expired");
    return true;
}

void token_proof(const struct token_key *key, char proof[TOKEN_PROOF + 1])
{
    const struct slice parts[] = {SLICE("starbind token key"), secret_bytes(&key->secret)};
    unsigned char digest[SHA256_SIZE];

    crypto_default()->sha256(parts, 2, digest);
    for (size_t i = 0; i < TOKEN_PROOF / 2; i++)
        snprintf(proof + 2 * i, 3, "%02x", digest[i]);
}
