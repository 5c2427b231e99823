/* Listeners. */
#include "config/fields.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof(*(rows)))

/* --- "host:port" --- */

static void read_address(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct endpoint *address = member, made;

    if (!load_expects(l, value, JSON_STRING, f->type->what))
        return;
    const char *problem = endpoint_read(json_slice(value), &made);
    if (problem) {
        load_wrong(l, "%s: %s", shown(l, json_slice(value)), problem);
        return;
    }
    address->host = arena_copy(l->arena, made.host);
    address->port = made.port;
}

static json_t *write_address(const struct field *f, const void *member, struct arena *scratch)
{
    (void)f;
    return slice_json(endpoints_text(scratch, member, 1, AS_WRITTEN));
}

static json_t *schema_address(const struct field *f)
{
    (void)f;
    return json_pack("{s:s, s:s}", "type", "string", "pattern", ":[0-9]{1,5}$");
}

const struct field_type type_address = {"a string host:port", NULL, read_address, write_address,
                                        schema_address};

_Static_assert(offsetof(struct listener, port) - offsetof(struct listener, host)
                   == offsetof(struct endpoint, port),
               "the member pair is read as struct endpoint");

/* clang-format off */
#define AT(member) offsetof(struct listener, member)
static const struct field listener_fields[] = {
    {"protocol", &type_word, AT(protocol), "mysql", 0, 0, words_of_protocol, OPTIONAL, "What is spoken there."},
    {"address", &type_address, AT(host), NULL, 0, 0, NULL, NEEDED, "host:port; [host]:port for IPv6; port 0 is any free one."},
    {"environment", &type_word, AT(environment), "prod", 0, 0, words_of_environment, OPTIONAL,
     "Environment of sessions that select a project by its plain name."},
    {"tls", &type_tls, AT(tls), NULL, 0, 0, &object_listener_tls, OPTIONAL, "TLS with clients; a bare string is the mode."},
    {"token", &type_token, AT(token), NULL, 0, 0, NULL, OPTIONAL,
     "http only, as env:NAME or file:PATH: what requests must bring, as a Bearer token or as the password of Basic; needed unless the address is a loopback one."},
};
/* clang-format on */
const struct object object_listener = {"a listener", listener_fields, COUNT_OF(listener_fields)};

/* --- the list --- */

static bool is_any(struct slice host)
{
    return slice_equal(host, SLICE("0.0.0.0")) || slice_equal(host, SLICE("::"));
}

/* Two listeners on one port of one address; port 0 is a new one each time. */
static void check_clash(struct load *l, const struct place *places)
{
    const struct config *c = l->config;
    const struct listener *it = &c->listeners[c->listener_count - 1];

    for (size_t i = 0; i + 1 < c->listener_count; i++) {
        const struct listener *other = &c->listeners[i];
        bool is_same =
            slice_equal_nocase(it->host, other->host) || is_any(it->host) || is_any(other->host);
        if (it->port == 0 || it->port != other->port || !is_same)
            continue;
        size_t at = load_enter(l, "address");
        load_blame(l, load_place(l), places[i], "another listener has port %u there",
                   (unsigned)it->port);
        load_leave(l, at);
        return;
    }
}

bool listener_is_local(const struct listener *l)
{
    return slice_equal(l->host, SLICE("127.0.0.1")) || slice_equal(l->host, SLICE("::1"))
           || slice_equal_nocase(l->host, SLICE("localhost"));
}

const char *listener_protocol_name(enum listener_protocol p)
{
    return word_of(words_of_protocol, p);
}

/* Pages that tell who asks for what are not for the whole network. */
static void check_token(struct load *l, const struct listener *it)
{
    bool has_one = it->token.secret.size || it->token.reference.size;

    if (it->protocol == LISTEN_HTTP && !has_one && !listener_is_local(it))
        load_wrong(l,
                   "\"token\" is missing, and %.*s is no loopback address: write env:NAME or "
                   "file:PATH",
                   SHOW(it->host));
    if (it->protocol == LISTEN_HTTP || !has_one)
        return;
    size_t at = load_enter(l, "token");
    load_wrong(l, "only a listener of protocol http has one");
    load_leave(l, at);
}

void listeners_read(struct load *l)
{
    size_t most = 0, i;
    json_t *element;

    for (size_t d = 0; d < l->document_count; d++)
        most += json_array_size(json_object_get(l->documents[d]->root, "listeners"));
    struct listener *listeners = arena_array(l->arena, most, sizeof(*listeners));
    struct place *places = arena_array(&l->scratch, most, sizeof(*places));
    l->config->listeners = listeners;
    for (size_t d = 0; d < l->document_count; d++) {
        load_go(l, (struct place){l->documents[d], {0}});
        load_enter(l, "listeners");
        json_t *list = json_object_get(l->document->root, "listeners");
        if (list && load_expects(l, list, JSON_ARRAY, "a list of listeners"))
            json_array_foreach(list, i, element)
            {
                size_t at = load_enter_index(l, i), k = l->config->listener_count++;
                places[k] = load_place(l);
                object_read(l, &object_listener, element, &listeners[k]);
                tls_settle(l, &object_listener_tls, "tls", &listeners[k].tls);
                check_token(l, &listeners[k]);
                check_clash(l, places);
                load_leave(l, at);
            }
    }
    load_go(l, (struct place){0});
}
