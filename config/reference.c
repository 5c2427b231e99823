/* Secrets: env:NAME, file:PATH, or the secret itself (then `check` warns). No message ever holds
 * one. */
#include "config/config_private.h"

#include <sys/stat.h>

#include "base/utf8.h"

enum { SECRET_MAX = 4096 }; /* bytes */

static void from_environment(struct load *l, struct slice name, struct secret *secret)
{
    const char *value = name.size ? getenv(arena_text(&l->scratch, name)) : NULL;

    if (!value)
        load_wrong(l, "the environment variable %s is not set", shown(l, name));
    else if (strlen(value) > SECRET_MAX)
        load_wrong(l, "the secret is longer than %d bytes", SECRET_MAX);
    else
        secret_set(secret, slice_of(value));
}

static struct slice without_newline(struct slice text)
{
    if (slice_ends_with(text, SLICE("\n")))
        text.size--;
    if (slice_ends_with(text, SLICE("\r")))
        text.size--;
    return text;
}

void load_warn_open(struct load *l, const char *path, mode_t mode)
{
    if (mode & S_IROTH)
        load_warn(l, "%s can be read by every user of this machine; chmod o-r it",
                  shown(l, slice_of(path)));
}

static void from_file(struct load *l, struct slice name, struct secret *secret)
{
    const char *path = path_beside(l, name);
    char *bytes = NULL;
    size_t size = 0;
    mode_t mode = 0;
    const char *problem =
        name.size ? file_read(path, SECRET_MAX, &bytes, &size, &mode) : "the path is missing";

    if (!problem && memchr(bytes, '\0', size))
        problem = "the file holds a NUL byte";
    if (problem)
        load_wrong(l, "%s: %s", shown(l, slice_of(path)), problem);
    else
        secret_set(secret, without_newline(slice_make(bytes, size)));
    if (!problem)
        load_warn_open(l, path, mode);
    if (bytes)
        secret_wipe(bytes, size);
    free(bytes);
}

void reference_read(struct load *l, struct slice text, struct secret *secret,
                    struct slice *reference)
{
    if (slice_starts_with(text, SLICE("env:"))) {
        from_environment(l, slice_after(text, strlen("env:")), secret);
        *reference = arena_copy(l->arena, text);
    } else if (slice_starts_with(text, SLICE("file:"))) {
        struct slice path = slice_after(text, strlen("file:"));
        from_file(l, path, secret);
        *reference = arena_print(l->arena, "file:%s", path_beside(l, path));
    } else {
        secret_set(secret, text);
        if (text.size)
            load_warn(l, "the secret stands in the file; write env:NAME or file:PATH instead");
    }
}
