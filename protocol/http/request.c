/* The head of a request: one line, then fields, then an empty line. Every byte is looked at once
 * the head is whole, and only then. */
#include "protocol/http/http.h"

enum { DIGITS_MAX = 18, METHOD_MAX = 16 };

/* tchar of RFC 9110, section 5.6.2 */
static bool is_token_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_token_char((unsigned char)text.data[i]))
            return false;
    return text.size > 0;
}

/* Visible ASCII: what a target may hold. */
static bool is_visible(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] <= 0x20 || text.data[i] == 0x7f)
            return false;
    return text.size > 0;
}

/* No control bytes but tabs. */
static bool is_field_value(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static struct slice trimmed(struct slice text)
{
    while (text.size && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = slice_after(text, 1);
    while (text.size && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

/* Takes what stands before a separator; false when it is not there. */
static bool take_until(struct slice *text, const char *separator, struct slice *part)
{
    size_t n = strlen(separator);
    const char *found = text->size ? memmem(text->data, text->size, separator, n) : NULL;

    if (!found)
        return false;
    *part = slice_head(*text, (size_t)(found - text->data));
    *text = slice_after(*text, part->size + n);
    return true;
}

static enum http_state read_version(struct http_request *r, struct slice version)
{
    if (version.size != strlen("HTTP/1.1") || !slice_starts_with(version, SLICE("HTTP/")))
        return HTTP_BAD;
    if (!slice_starts_with(version, SLICE("HTTP/1.")))
        return HTTP_STRANGE;
    char minor = version.data[version.size - 1];
    if (minor != '0' && minor != '1')
        return HTTP_STRANGE;
    r->minor = (unsigned)(minor - '0');
    return HTTP_WHOLE;
}

static enum http_state read_line(struct http_request *r, struct slice line)
{
    struct slice target;

    if (!take_until(&line, " ", &r->method) || !take_until(&line, " ", &target))
        return HTTP_BAD;
    if (!is_token(r->method) || r->method.size > METHOD_MAX || !is_visible(target)
        || target.data[0] != '/')
        return HTTP_BAD;
    r->path = r->query = target;
    if (!take_until(&r->query, "?", &r->path))
        r->query = (struct slice){0};
    return read_version(r, line);
}

static bool read_length(struct http_request *r, struct slice value)
{
    if (r->has_length || value.size == 0 || value.size > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return false;
        r->length = 10 * r->length + (uint64_t)(value.data[i] - '0');
    }
    r->has_length = true;
    return true;
}

/* Fields that say where the request ends; those of several codings are not for us. */
static bool read_field(struct http_request *r, struct slice name, struct slice value)
{
    if (slice_equal_nocase(name, SLICE("Content-Length")))
        return read_length(r, value);
    if (slice_equal_nocase(name, SLICE("Transfer-Encoding"))) {
        bool is_first = !r->is_chunked;
        r->is_chunked = true;
        return is_first && r->minor == 1 && slice_equal_nocase(value, SLICE("chunked"));
    }
    if (slice_equal_nocase(name, SLICE("Connection"))) {
        if (slice_equal_nocase(value, SLICE("close")))
            r->keeps_alive = false;
        else if (slice_equal_nocase(value, SLICE("keep-alive")))
            r->keeps_alive = true;
    }
    if (slice_equal_nocase(name, SLICE("Expect")))
        r->expects_continue = slice_equal_nocase(value, SLICE("100-continue"));
    return true;
}

static enum http_state read_fields(struct http_request *r, struct slice fields)
{
    unsigned count = 0, hosts = 0;
    struct slice line, name;

    r->headers = fields;
    while (take_until(&fields, "\r\n", &line)) {
        if (++count > HTTP_HEADERS_MAX)
            return HTTP_TOO_LARGE;
        if (!take_until(&line, ":", &name) || !is_token(name) || !is_field_value(line)
            || !read_field(r, name, trimmed(line)))
            return HTTP_BAD;
        hosts += slice_equal_nocase(name, SLICE("Host"));
    }
    if (fields.size || (r->has_length && r->is_chunked) || hosts > 1 || (r->minor == 1 && !hosts))
        return HTTP_BAD;
    return HTTP_WHOLE;
}

enum http_state http_request_read(struct http_request *r, struct slice bytes, size_t *used)
{
    struct slice head = bytes, line;
    struct http_request read = {.keeps_alive = false};

    if (head.size > HTTP_HEAD_MAX)
        head.size = HTTP_HEAD_MAX;
    const char *end = head.size ? memmem(head.data, head.size, "\r\n\r\n", 4) : NULL;
    if (!end)
        return bytes.size < HTTP_HEAD_MAX ? HTTP_MORE : HTTP_TOO_LARGE;
    *used = (size_t)(end - head.data) + 4;
    head.size = *used - 2; /* without the empty line */
    take_until(&head, "\r\n", &line);
    enum http_state state = read_line(&read, line);
    read.keeps_alive = read.minor == 1;
    if (state == HTTP_WHOLE)
        state = read_fields(&read, head);
    if (state == HTTP_WHOLE)
        *r = read;
    return state;
}

bool http_header_find(const struct http_request *r, struct slice name, struct slice *value)
{
    struct slice fields = r->headers, line, here;

    while (take_until(&fields, "\r\n", &line))
        if (take_until(&line, ":", &here) && slice_equal_nocase(here, name)) {
            *value = trimmed(line);
            return true;
        }
    return false;
}

bool http_query_find(const struct http_request *r, struct slice name, struct slice *value)
{
    struct slice rest = r->query, pair, here;

    while (rest.size) {
        if (!take_until(&rest, "&", &pair)) {
            pair = rest;
            rest.size = 0;
        }
        if (take_until(&pair, "=", &here) && slice_equal(here, name)) {
            *value = pair;
            return true;
        }
    }
    return false;
}

/* ---- Basic (RFC 7617) ---- */

static int digit64(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Decodes base64; SIZE_MAX when it is none. */
static size_t decode64(struct slice text, char *room)
{
    unsigned bits = 0, held = 0;
    size_t size = 0;

    while (text.size && text.data[text.size - 1] == '=')
        text.size--;
    for (size_t i = 0; i < text.size; i++) {
        int digit = digit64(text.data[i]);
        if (digit < 0)
            return SIZE_MAX;
        bits = (bits << 6 | (unsigned)digit) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            room[size++] = (char)(bits >> held & 0xff);
        }
    }
    return size;
}

bool http_basic_read(struct slice value, char *room, struct slice *user, struct slice *password)
{
    const size_t scheme = strlen("Basic ");

    if (value.size < scheme || !slice_equal_nocase(slice_head(value, scheme), SLICE("Basic ")))
        return false;
    size_t size = decode64(trimmed(slice_after(value, scheme)), room);
    if (size == SIZE_MAX)
        return false;
    *password = slice_make(room, size);
    return take_until(password, ":", user);
}
