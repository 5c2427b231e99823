/* A JSON path under construction. Keys of ordinary letters stand after a dot, all others as
 * ["quoted"], so that two places never share a path. */
#include "config/config_private.h"

#include "base/memory.h"

static void put(struct path *p, const char *text, size_t size)
{
    if (size == 0)
        return;
    if (p->capacity - p->size < size) {
        p->capacity = (p->size + size) * 2 + 64;
        p->at = memory_resize(p->at, p->capacity, 1);
    }
    memcpy(p->at + p->size, text, size);
    p->size += size;
}

static bool is_plain(struct slice key)
{
    for (size_t i = 0; i < key.size; i++) {
        char c = ascii_lower(key.data[i]);
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80
                    || c == '_' || c == '-' || c == '@' || c == '$';
        if (!fits)
            return false;
    }
    return key.size > 0;
}

void path_key(struct path *p, struct slice key)
{
    if (is_plain(key)) {
        put(p, ".", p->size ? 1 : 0);
        put(p, key.data, key.size);
        return;
    }
    put(p, "[\"", 2);
    for (size_t i = 0; i < key.size; i++) {
        unsigned char c = (unsigned char)key.data[i];
        char code[8];
        if (c < 0x20 || c == 0x7f) {
            int size = snprintf(code, sizeof(code), "\\u%04x", c);
            put(p, code, (size_t)size);
        } else {
            put(p, "\\", c == '"' || c == '\\' ? 1 : 0);
            put(p, key.data + i, 1);
        }
    }
    put(p, "\"]", 2);
}

void path_index(struct path *p, size_t index)
{
    char text[32];
    int size = snprintf(text, sizeof(text), "[%zu]", index);

    put(p, text, (size_t)size);
}

void path_set(struct path *p, struct slice text)
{
    p->size = 0;
    put(p, text.data, text.size);
}

void path_cut(struct path *p, size_t size)
{
    p->size = size;
}

void path_fini(struct path *p)
{
    free(p->at);
    *p = (struct path){0};
}
