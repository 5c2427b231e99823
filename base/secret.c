#include "base/secret.h"

#include "base/memory.h"

void secret_wipe(void *data, size_t size)
{
    if (size)
        explicit_bzero(data, size);
}

void secret_set(struct secret *s, struct slice bytes)
{
    char *copy = memory_copy(bytes);

    secret_fini(s);
    s->data = copy;
    s->size = bytes.size;
}

void secret_fini(struct secret *s)
{
    if (s->data)
        secret_wipe(s->data, s->size);
    free(s->data);
    *s = (struct secret){0};
}

bool secret_equal(const void *a, const void *b, size_t n)
{
    const volatile unsigned char *x = a, *y = b;
    unsigned char difference = 0;

    for (size_t i = 0; i < n; i++)
        difference |= (unsigned char)(x[i] ^ y[i]);
    return difference == 0;
}
