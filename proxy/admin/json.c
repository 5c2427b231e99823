/* JSON into a queue. */
#include <math.h>

#include "base/jsonline.h"
#include "base/queue.h"
#include "proxy/admin/admin_private.h"

void json_put_text(struct queue *out, struct slice text)
{
    char escaped[JSON_ESCAPED_MAX + 1];
    size_t size;

    queue_put(out, SLICE("\""));
    while (text.size) {
        size_t n = json_escape(text, escaped, &size);
        queue_put(out, slice_make(escaped, size));
        text = slice_after(text, n);
    }
    queue_put(out, SLICE("\""));
}

void json_put_cell(struct queue *out, const struct cell *c)
{
    char number[40];
    int size = 0;

    if (c->kind == CELL_TEXT) {
        json_put_text(out, cell_text(c));
        return;
    }
    if (c->kind == CELL_INTEGER)
        size = snprintf(number, sizeof(number), "%lld", (long long)c->integer);
    else if (c->kind == CELL_REAL && isfinite(c->real))
        size = snprintf(number, sizeof(number), "%.9g", c->real);
    else
        size = snprintf(number, sizeof(number), "null");
    queue_put(out, slice_make(number, (size_t)size));
}
