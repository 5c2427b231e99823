/* Heads of HTTP requests: what is read lies within the bytes, the rest does not change the meaning,
 * and what is not whole yet is asked for within the bound. */
#include "base/must.h"
#include "protocol/http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_in(struct slice part, struct slice whole)
{
    return !part.size
           || (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

static void look_up(const struct http_request *r)
{
    static char room[HTTP_HEAD_MAX];
    struct slice value, user, password;

    if (http_header_find(r, SLICE("Authorization"), &value)) {
        must(lies_in(value, r->headers));
        if (http_basic_read(value, room, &user, &password))
            must(user.size + password.size + 1 <= value.size);
    }
    if (http_query_find(r, SLICE("limit"), &value))
        must(lies_in(value, r->query));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = slice_make(data, size);
    struct http_request all, part;
    size_t used = 0, again = 0;
    enum http_state state = http_request_read(&all, bytes, &used);

    if (state == HTTP_MORE)
        must(size < HTTP_HEAD_MAX);
    if (state != HTTP_WHOLE)
        return 0;
    must(used <= size && used <= HTTP_HEAD_MAX);
    must(lies_in(all.method, bytes) && lies_in(all.path, bytes) && lies_in(all.query, bytes)
         && lies_in(all.headers, bytes));
    must(all.path.size && all.path.data[0] == '/');
    must(!(all.has_length && all.is_chunked));
    must(http_request_read(&part, slice_head(bytes, used), &again) == HTTP_WHOLE && again == used);
    must(http_request_read(&part, slice_head(bytes, used - 1), &again) == HTTP_MORE);
    look_up(&all);
    return 0;
}
