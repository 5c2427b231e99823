/* A visitor asks over HTTP: one request at a time, GET or HEAD, answered from rows that were asked
 * for. Whoever talks too slowly, or reads too slowly, is closed. */
#include <stdarg.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "protocol/http/http.h"
#include "proxy/admin/admin_private.h"

enum { HEAD_PATIENCE = 10000, IDLE_PATIENCE = 75000, LIMIT_PRESET = 1000, LIMIT_MOST = 100000 };

struct visitor {
    struct guest guest; /* the first member: guests are freed and handed on as such */
    struct question question;
    struct view_request view;
    bool is_busy, is_head, keeps_alive, is_leaving;
};

void body_print(struct queue *out, const char *format, ...)
{
    char text[1024];
    va_list values;

    va_start(values, format);
    int size = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (size > 0)
        queue_put(out,
                  slice_make(text, (size_t)size < sizeof(text) ? (size_t)size : sizeof(text) - 1));
}

static void patience(struct visitor *v, millis longest)
{
    alarm_set(&v->guest.alarm, loop_now(&v->guest.admin->loop) + longest);
}

/* ---- answers ---- */

static void put_policy(char *room, size_t size, const struct visitor *v, unsigned status)
{
    static const char *const challenge = "WWW-Authenticate: Basic realm=\"starbind\"\r\n";

    snprintf(room, size,
             "%sCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
             "Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; "
             "connect-src 'self'; img-src data:; style-src 'nonce-%s'; script-src 'nonce-%s'; "
             "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n",
             status == 401 ? challenge : "", v->view.nonce, v->view.nonce);
}

static void answer(struct visitor *v, unsigned status, struct slice type, struct queue *body)
{
    struct stream *s = &v->guest.stream;
    char policy[640];

    put_policy(policy, sizeof(policy), v, status);
    http_response_put(&s->out, &(struct http_response){.status = status,
                                                       .type = type,
                                                       .more = slice_of(policy),
                                                       .length = body->size,
                                                       .closes = !v->keeps_alive});
    if (v->is_head)
        queue_clear(body);
    else
        queue_move(&s->out, body, body->size);
    v->is_busy = false;
    v->is_leaving = !v->keeps_alive;
    patience(v, IDLE_PATIENCE);
    stream_flush(s);
}

static void refuse_visitor(struct visitor *v, unsigned status, const char *text)
{
    struct queue body;

    queue_init(&body, &v->guest.admin->loop.chunks);
    body_print(&body, "%s\n", text);
    answer(v, status, SLICE("text/plain; charset=utf-8"), &body);
}

static void write_page(struct visitor *v, bool is_whole)
{
    struct queue body;

    queue_init(&body, &v->guest.admin->loop.chunks);
    unsigned status = page_write(v->guest.admin, &v->view, &v->question, is_whole, &body);
    question_clear(&v->question);
    answer(v, status, page_type(v->view.page), &body);
}

static void go_on(struct visitor *v);

static void answered(void *owner, bool is_whole)
{
    struct visitor *v = owner;

    write_page(v, is_whole);
    go_on(v);
}

static void begin(struct visitor *v)
{
    v->is_busy = true;
    patience(v, IDLE_PATIENCE);
    question_init(&v->question, v->guest.admin, v, answered);
    if (page_survey(v->guest.admin, &v->view, &v->question.survey))
        question_ask(&v->question);
    else
        write_page(v, true);
}

/* ---- requests ---- */

static bool brings(const struct http_request *r, struct slice token)
{
    char room[HTTP_HEAD_MAX];
    struct slice value, user;
    bool has_one = http_header_find(r, SLICE("Authorization"), &value);

    if (has_one && value.size > 7 && slice_equal_nocase(slice_head(value, 7), SLICE("Bearer ")))
        value = slice_after(value, 7);
    else if (!has_one || !http_basic_read(value, room, &user, &value))
        return false;
    return value.size == token.size && secret_equal(value.data, token.data, token.size);
}

/* Without a token only this machine's own programs are served, and no web page that a browser here
 * has loaded from elsewhere, under a name that it lets point here. */
static bool is_addressed(const struct http_request *r, const struct listener *l)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    struct slice host = {"", 0};

    http_header_find(r, SLICE("Host"), &host);
    const char *port = host.size ? memrchr(host.data, ':', host.size) : NULL;
    if (port && host.data[host.size - 1] != ']')
        host.size = (size_t)(port - host.data);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (slice_equal_nocase(host, slice_of(names[i])))
            return true;
    return !host.size || slice_equal_nocase(host, l->host);
}

static bool may_see(struct visitor *v, const struct http_request *r)
{
    const struct guest *g = &v->guest;
    const struct listener *l = &g->admin->config->listeners[g->place];
    struct log_context who = {.worker = "http", .client = slice_of(g->name)};

    if (page_is_open(v->view.page))
        return true;
    if (!l->token.secret.size && is_addressed(r, l))
        return true;
    if (l->token.secret.size && brings(r, secret_bytes(&l->token.secret)))
        return true;
    log_info(&who, "http", "refused: %s",
             l->token.secret.size ? "no token, or a wrong one" : "another host is asked for");
    if (l->token.secret.size)
        refuse_visitor(v, 401, "The token of this listener is missing or wrong.");
    else
        refuse_visitor(v, 421, "This listener has no token, so it answers as localhost only.");
    return false;
}

static void read_limit(struct view_request *view, const struct http_request *r)
{
    struct slice value;
    unsigned long limit = 0;

    view->limit = LIMIT_PRESET;
    if (!http_query_find(r, SLICE("limit"), &value) || value.size > 6)
        return;
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return;
        limit = 10 * limit + (unsigned long)(value.data[i] - '0');
    }
    view->limit = limit < LIMIT_MOST ? limit : LIMIT_MOST;
}

static void make_nonce(struct view_request *view)
{
    unsigned char bytes[16];

    crypto_default()->random(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(view->nonce + 2 * i, 3, "%02x", bytes[i]);
}

/* True when there is a page to begin with; else the visitor has heard why not. */
static bool take_request(struct visitor *v, const struct http_request *r)
{
    struct slice rest;

    v->is_head = slice_equal(r->method, SLICE("HEAD"));
    v->keeps_alive = r->keeps_alive && !v->guest.admin->is_stopping;
    v->view = (struct view_request){.page = page_find(r->path, &rest)};
    make_nonce(&v->view);
    if (r->is_chunked || (r->has_length && r->length)) {
        v->keeps_alive = false; /* the body is not read */
        refuse_visitor(v, 413, "Nothing here takes a body.");
    } else if (!v->is_head && !slice_equal(r->method, SLICE("GET"))) {
        refuse_visitor(v, 405, "GET and HEAD are what can be done here.");
    } else if (!v->view.page) {
        refuse_visitor(v, 404, "There is no such page. /tables lists the tables.");
    } else if (may_see(v, r)) {
        v->view.table = table_find(rest);
        read_limit(&v->view, r);
        return true;
    }
    return false;
}

static unsigned status_of(enum http_state state)
{
    return state == HTTP_TOO_LARGE ? 431 : state == HTTP_STRANGE ? 505 : 400;
}

/* The next request, if it is whole. */
static void take(struct visitor *v)
{
    struct queue *in = &v->guest.stream.in;
    size_t n = in->size < HTTP_HEAD_MAX ? in->size : HTTP_HEAD_MAX, used = 0;
    struct http_request r;

    if (!n)
        return;
    queue_join(in, n);
    enum http_state state = http_request_read(&r, slice_head(queue_front(in), n), &used);
    if (state == HTTP_MORE)
        return;
    if (state != HTTP_WHOLE) {
        v->keeps_alive = v->is_head = false;
        refuse_visitor(v, status_of(state), http_reason(status_of(state)));
        return;
    }
    bool may_begin = take_request(v, &r);
    queue_drop(in, used);
    if (may_begin)
        begin(v);
}

static void go_on(struct visitor *v)
{
    struct stream *s = &v->guest.stream;
    size_t before;

    do {
        before = s->in.size;
        if (!v->is_busy && !v->is_leaving && !queue_is_high(&s->out))
            take(v);
    } while (s->in.size != before && s->is_open);
    if (v->is_leaving)
        queue_clear(&s->in);
    stream_taken(s);
    if (v->is_leaving && !stream_owes(s) && !s->has_shut)
        stream_shut(s); /* closing at once could take the answer with it */
}

static void spoke(struct guest *g)
{
    go_on((struct visitor *)(void *)g);
}

static void late(struct guest *g)
{
    guest_close(g);
}

static void gone(struct guest *g)
{
    question_clear(&((struct visitor *)(void *)g)->question);
}

static void freed(struct guest *g)
{
    free((struct visitor *)(void *)g);
}

void visitor_accept(struct gate *gate)
{
    struct visitor *v = memory_new(1, sizeof(*v));
    struct tls_context *tls = gate->admin->contexts->listeners[gate->place];

    v->guest.spoke = spoke;
    v->guest.late = late;
    v->guest.gone = gone;
    v->guest.freed = freed;
    v->guest.stream.in_high = HTTP_HEAD_MAX;
    question_init(&v->question, gate->admin, v, answered);
    if (!guest_accept(&v->guest, gate))
        return;
    v->guest.stream.in_high = HTTP_HEAD_MAX;
    patience(v, HEAD_PATIENCE);
    if (tls)
        stream_secure(&v->guest.stream, tls, (struct slice){0});
}
