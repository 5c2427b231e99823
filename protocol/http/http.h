/* HTTP/1.0 and 1.1 as a server reads and writes them (RFC 9112): heads of requests to structures,
 * responses to bytes. No socket, no clock.
 *
 * The reader is strict: lines end in CR LF, names and values have the characters that they may
 * have, lengths are told once. What another server on the way could read in another way is refused,
 * for then the end of a request is not where we think. */
#ifndef PROTOCOL_HTTP_HTTP_H
#define PROTOCOL_HTTP_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct queue;

enum {
    HTTP_HEAD_MAX = 16000, /* bytes of a request's head: fits into a chunk of a queue */
    HTTP_HEADERS_MAX = 64  /* fields in it */
};

struct http_request {
    struct slice method;  /* letter case counts */
    struct slice path;    /* from '/' on, as sent, without the query */
    struct slice query;   /* behind '?'; may be empty */
    struct slice headers; /* the fields, checked; see http_header_find */
    unsigned minor;       /* HTTP/1.minor */
    bool keeps_alive;     /* the connection may serve another request */
    bool has_length, is_chunked, expects_continue;
    uint64_t length; /* of the body, when has_length */
};

enum http_state {
    HTTP_MORE,      /* the head is not whole yet */
    HTTP_WHOLE,     /* *used bytes are the head, the body follows */
    HTTP_BAD,       /* answer 400 and close */
    HTTP_TOO_LARGE, /* the head is over its bounds: answer 431 and close */
    HTTP_STRANGE    /* another version of HTTP: answer 505 and close */
};

/* Reads the head of a request at the front of the bytes. Slices are borrowed from them. */
enum http_state http_request_read(struct http_request *r, struct slice bytes, size_t *used);

/* The first field of this name, blanks trimmed; letter case does not count. */
bool http_header_find(const struct http_request *r, struct slice name, struct slice *value);

/* The value of name=value in the query, as sent; false when it is not there. */
bool http_query_find(const struct http_request *r, struct slice name, struct slice *value);

/* "Basic …": user and password, decoded into room, which is at least as large as the value. */
bool http_basic_read(struct slice value, char *room, struct slice *user, struct slice *password);

struct http_response {
    unsigned status;   /* 200 … */
    struct slice type; /* of the body; empty: there is none */
    struct slice more; /* further fields, each with its CR LF */
    uint64_t length;   /* of the body */
    bool closes;       /* the connection ends behind it */
};

/* Puts the head; the body follows, unless the request was a HEAD. */
void http_response_put(struct queue *out, const struct http_response *r);

/* "OK", "Not Found" …; "" for a status that this program does not use. */
const char *http_reason(unsigned status);

#endif
