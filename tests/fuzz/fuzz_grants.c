/* A row of SHOW GRANTS, as a frontend, or somebody in its place, may send it. */
#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "proxy/setup/rights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is borrowed lies in the text. */
static void check(struct slice part, struct slice text)
{
    must(!part.size || (part.data >= text.data && part.data + part.size <= text.data + text.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_make(data, size);
    struct arena arena;
    struct held h;

    if (!held_read(&h, text))
        return 0;
    arena_init(&arena, NULL);
    check(h.database, text);
    check(h.object, text);
    check(h.role, text);
    check(h.more, text);
    check(h.text, text);
    must(!h.role.size || (!h.set && !h.operates && !h.is_other));
    (void)rights_text(h.set, &arena);
    arena_clear(&arena);
    return 0;
}
