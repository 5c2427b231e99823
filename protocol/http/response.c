#include "protocol/http/http.h"

#include <stdio.h>

#include "base/must.h"
#include "base/queue.h"

enum { HEAD_ROOM = 512 };

const char *http_reason(unsigned status)
{
    static const struct {
        unsigned status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {413, "Content Too Large"},
        {421, "Misdirected Request"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

void http_response_put(struct queue *out, const struct http_response *r)
{
    char head[HEAD_ROOM];
    int size = snprintf(head, sizeof(head), "HTTP/1.1 %u %s\r\n%s%.*s%sContent-Length: %llu\r\n%s",
                        r->status, http_reason(r->status), r->type.size ? "Content-Type: " : "",
                        SHOW(r->type), r->type.size ? "\r\n" : "", (unsigned long long)r->length,
                        r->closes ? "Connection: close\r\n" : "");

    must(size > 0 && (size_t)size < sizeof(head));
    queue_put(out, slice_make(head, (size_t)size));
    queue_put(out, r->more);
    queue_put(out, SLICE("\r\n"));
}
