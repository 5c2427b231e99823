/* Tokens of strangers: whatever comes is refused unless a key signed it, and what a key signed is
 * read back as it was. */
#include "auth/auth.h"
#include "base/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_and_verify(const struct token_key *key, struct slice rest)
{
    char text[TOKEN_MAX], room[TOKEN_MAX];
    size_t half = rest.size / 2;
    struct slice user = slice_head(rest, half), project = slice_after(rest, half), read;
    const struct token_key *by;
    const char *why;

    if (memchr(user.data, '\0', user.size) || !token_make(key, user, project, 1000, text))
        return;
    must(token_verify(slice_of(text), key, 1, user, 999, room, &read, &by, &why));
    must(by == key && slice_equal(read, project));
    must(!token_verify(slice_of(text), key, 1, user, 1000, room, &read, &by, &why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct token_key key = {.secret = {"sixteen bytes and more", 22}};
    struct slice bytes = slice_make((const char *)data, size), project;
    const struct token_key *by;
    char room[TOKEN_MAX];
    const char *why = NULL;

    if (!token_verify(bytes, &key, 1, SLICE("ana"), 1, room, &project, &by, &why))
        must(why);
    else
        must(token_is_one(bytes) && size < TOKEN_MAX);
    if (size)
        make_and_verify(&key, bytes);
    return 0;
}
