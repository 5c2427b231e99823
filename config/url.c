/* Addresses: host:port, lists of them, and JDBC URLs
 *
 *   jdbc:mysql://fe1:9030,fe2:9030/dw_sales?connectTimeout=3000&useSSL=false
 *                ^ endpoints       ^ database ^ parameters
 *
 * A URL may hold a password by mistake, so messages name its parts and never repeat it whole. */
#include "config/fields.h"

enum { ENDPOINTS_MAX = 256, HOST_MAX = 255 };

static const struct word ssl_modes[] = {
    {"DISABLED", TLS_OFF},        {"PREFERRED", TLS_PREFERRED},         {"REQUIRED", TLS_REQUIRED},
    {"VERIFY_CA", TLS_VERIFY_CA}, {"VERIFY_IDENTITY", TLS_VERIFY_FULL}, {NULL, 0}};

/* Takes text up to the first of `stops`, which goes too. */
static struct slice take_until(struct slice *text, const char *stops)
{
    size_t n = 0;

    while (n < text->size && !strchr(stops, text->data[n]))
        n++;
    struct slice taken = slice_head(*text, n);
    *text = slice_after(*text, n < text->size ? n + 1 : n);
    return taken;
}

static bool is_host(struct slice host, bool is_v6)
{
    for (size_t i = 0; i < host.size; i++) {
        char c = ascii_lower(host.data[i]);
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80
                    || c == '.' || c == '-' || c == '_' || (is_v6 && (c == ':' || c == '%'));
        if (!fits)
            return false;
    }
    return host.size > 0 && host.size <= HOST_MAX;
}

const char *endpoint_read(struct slice text, struct endpoint *endpoint)
{
    bool is_v6 = slice_starts_with(text, SLICE("["));
    struct slice rest = slice_after(text, is_v6 ? 1 : 0);
    struct slice host = take_until(&rest, is_v6 ? "]" : ":");
    unsigned port = 0;

    if (!is_host(host, is_v6))
        return "no host name or address";
    if (is_v6 && slice_starts_with(rest, SLICE(":")))
        rest = slice_after(rest, 1);
    else if (is_v6)
        rest.size = 0;
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.data[i] < '0' || rest.data[i] > '9' || i == 5)
            return "the port must be a number up to 65535";
        port = port * 10 + (unsigned)(rest.data[i] - '0');
    }
    if (rest.size == 0)
        return "the port is missing: write host:port";
    if (port > UINT16_MAX)
        return "the port must be a number up to 65535";
    *endpoint = (struct endpoint){host, (uint16_t)port};
    return NULL;
}

const char *address_read(struct slice text, struct endpoint *endpoint)
{
    size_t colons = 0;

    for (size_t i = 0; i < text.size; i++)
        colons += text.data[i] == ':';
    bool is_bracketed = slice_starts_with(text, SLICE("["));
    if (is_bracketed && text.data[text.size - 1] == ']')
        text = slice_make(text.data + 1, text.size - 2);
    else if (is_bracketed || colons == 1)
        return endpoint_read(text, endpoint);
    if (!is_host(text, colons > 1))
        return "no host name or address";
    *endpoint = (struct endpoint){text, 0};
    return NULL;
}

static bool endpoint_take(struct load *l, struct slice text, bool is_quiet, struct endpoint *to)
{
    const char *problem = memchr(text.data ? text.data : "", '@', text.size)
                              ? "user and password do not belong here"
                              : endpoint_read(text, to);

    if (!problem && to->port == 0)
        problem = "the port must not be 0";
    if (!problem) {
        to->host = arena_copy(l->arena, to->host);
        return true;
    }
    bool is_told = text.size && memchr(text.data, '@', text.size); /* may be a password */
    if (!is_quiet)
        load_wrong(l, "%s%s%s", is_told ? "" : shown(l, text), is_told ? "" : ": ", problem);
    return false;
}

static bool endpoints_take(struct load *l, struct slice text, const char *separators, bool is_quiet,
                           struct endpoint **endpoints, size_t *count)
{
    size_t most = 1, made = 0;

    for (size_t i = 0; i < text.size; i++)
        most += strchr(separators, text.data[i]) != NULL;
    if (most > ENDPOINTS_MAX) {
        if (!is_quiet)
            load_wrong(l, "names more than %d endpoints", ENDPOINTS_MAX);
        return false;
    }
    struct endpoint *list = arena_array(l->arena, most, sizeof(*list));
    do
        if (!endpoint_take(l, take_until(&text, separators), is_quiet, &list[made++]))
            return false;
    while (text.size);
    *endpoints = list;
    *count = made;
    return true;
}

bool endpoints_read(struct load *l, struct slice text, const char *separators,
                    struct endpoint **endpoints, size_t *count)
{
    return endpoints_take(l, text, separators, false, endpoints, count);
}

/* Milliseconds of a parameter; 0 in JDBC is "no limit", which a gateway must not have. */
static void take_millis(struct load *l, struct slice key, struct slice value, bool is_quiet,
                        millis *to)
{
    millis made = 0;

    for (size_t i = 0; i < value.size && made <= INT32_MAX; i++)
        made = value.data[i] >= '0' && value.data[i] <= '9'
                   ? made * 10 + (millis)(value.data[i] - '0')
                   : UINT64_MAX;
    if (value.size && made > 0 && made <= INT32_MAX)
        *to = made;
    else if (!is_quiet && value.size && made == 0)
        load_warn(l, "%.*s=0 means no limit, which is not served; the default stays", SHOW(key));
    else if (!is_quiet)
        load_wrong(l, "%.*s is no number of milliseconds", SHOW(key));
}

static void take_tls(struct load *l, struct slice key, struct slice value, bool is_quiet,
                     struct url *url)
{
    if (slice_equal(key, SLICE("useSSL"))) {
        bool is_on = slice_equal_nocase(value, SLICE("true"));
        if (!is_on && !slice_equal_nocase(value, SLICE("false")) && !is_quiet)
            load_wrong(l, "useSSL must be true or false");
        if (!url->has_tls)
            url->tls = is_on ? TLS_PREFERRED : TLS_OFF;
        url->has_tls = true;
        return;
    }
    for (const struct word *w = ssl_modes; w->text; w++)
        if (slice_equal_nocase(value, slice_of(w->text))) {
            url->tls = w->value;
            url->has_tls = true;
            return;
        }
    if (!is_quiet)
        load_wrong(l, "sslMode must be DISABLED, PREFERRED, REQUIRED, VERIFY_CA or "
                      "VERIFY_IDENTITY");
}

/* sslMode wins over useSSL, so it is read last. */
static void take_parameters(struct load *l, struct slice text, bool is_quiet, struct url *url)
{
    struct slice ignored = {0}, ssl_mode = {0};
    bool has_ssl_mode = false;

    while (text.size) {
        struct slice value = take_until(&text, "&"), key = take_until(&value, "=");
        if (slice_equal(key, SLICE("connectTimeout"))) {
            take_millis(l, key, value, is_quiet, &url->connect_timeout);
        } else if (slice_equal(key, SLICE("socketTimeout"))) {
            take_millis(l, key, value, is_quiet, &url->socket_timeout);
        } else if (slice_equal(key, SLICE("useSSL"))) {
            take_tls(l, key, value, is_quiet, url);
        } else if (slice_equal(key, SLICE("sslMode"))) {
            ssl_mode = value;
            has_ssl_mode = true;
        } else if (key.size) {
            ignored = arena_print(&l->scratch, "%.*s%s%s", SHOW(ignored), ignored.size ? ", " : "",
                                  shown(l, key));
        }
    }
    if (has_ssl_mode)
        take_tls(l, SLICE("sslMode"), ssl_mode, is_quiet, url);
    if (ignored.size && !is_quiet)
        load_warn(l, "parameters of the URL that have no effect: %s", ignored.data);
}

static int hex_digit(char c)
{
    c = ascii_lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The path of a URL with %XX undone. */
static struct slice decoded(struct load *l, struct slice text)
{
    char *made = arena_alloc(l->arena, text.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < text.size; i++) {
        bool has_two = text.data[i] == '%' && text.size - i > 2;
        int high = has_two ? hex_digit(text.data[i + 1]) : -1;
        int low = has_two ? hex_digit(text.data[i + 2]) : -1;
        if (high > 0 || (high == 0 && low > 0)) { /* %00 stays as it is */
            made[size++] = (char)(low < 0 ? '%' : high * 16 + low);
            i += low < 0 ? 0 : 2;
        } else {
            made[size++] = text.data[i];
        }
    }
    return slice_make(made, size);
}

bool url_read(struct load *l, struct slice text, bool is_quiet, struct url *url)
{
    struct slice head = SLICE("jdbc:mysql://");
    struct url made = {0};

    if (!slice_starts_with(text, head)) {
        if (!is_quiet)
            load_wrong(l, "a URL has the form jdbc:mysql://host:port,host:port/database");
        return false;
    }
    text = slice_after(text, head.size);
    struct slice before = take_until(&text, "?"); /* text is the parameters now */
    struct slice hosts = take_until(&before, "/");
    if (!endpoints_take(l, hosts, ",", is_quiet, &made.endpoints, &made.count))
        return false;
    made.database = decoded(l, before);
    take_parameters(l, text, is_quiet, &made);
    *url = made;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;

    return slice_compare(*x, *y);
}

struct slice endpoints_text(struct arena *arena, const struct endpoint *endpoints, size_t count,
                            enum endpoint_order order)
{
    struct slice *texts = arena_array(arena, count, sizeof(*texts)), all = {0};

    for (size_t i = 0; i < count; i++) {
        bool is_v6 =
            endpoints[i].host.size && memchr(endpoints[i].host.data, ':', endpoints[i].host.size);
        texts[i] = arena_print(arena, is_v6 ? "[%.*s]:%u" : "%.*s:%u", SHOW(endpoints[i].host),
                               (unsigned)endpoints[i].port);
        for (size_t at = 0; order == SORTED && at < texts[i].size; at++)
            ((char *)(uintptr_t)texts[i].data)[at] = ascii_lower(texts[i].data[at]);
    }
    if (order == SORTED)
        qsort(texts, count, sizeof(*texts), by_name);
    for (size_t i = 0; i < count; i++)
        if (order == AS_WRITTEN || i == 0 || !slice_equal(texts[i], texts[i - 1]))
            all = arena_print(arena, "%.*s%s%.*s", SHOW(all), i ? "," : "", SHOW(texts[i]));
    return all;
}
