/* Listeners, and the TLS objects of listeners and clusters. */
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

/* --- TLS: an object, or a bare string that is its mode --- */

static void preset_tls(const struct field *f, void *member)
{
    object_preset(f->more, member);
}

static void check_tls(struct load *l, const struct object *o, const struct tls_settings *tls)
{
    bool is_listener = o == &object_listener_tls;

    if (is_listener && tls->mode != TLS_OFF && (!tls->certificate.size || !tls->key.size))
        load_wrong(l, "a mode other than \"off\" needs \"certificate\" and \"key\"");
    else if (!tls->certificate.size != !tls->key.size)
        load_wrong(l, "\"certificate\" and \"key\" go together");
    if (!is_listener && tls->mode >= TLS_VERIFY_CA && !tls->ca.size)
        load_warn(l, "without \"ca\" the certificates of the system are believed");
}

static void read_tls(struct load *l, const struct field *f, json_t *value, void *member)
{
    const struct object *o = f->more;
    struct tls_settings *tls = member;
    size_t errors = l->errors;

    if (json_is_string(value)) {
        o->fields[0].type->read(l, &o->fields[0], value, (char *)member + o->fields[0].offset);
    } else if (!json_is_object(value)) {
        load_expects(l, value, JSON_OBJECT, f->type->what);
    } else {
        object_read(l, o, value, tls);
    }
    if (l->errors == errors)
        check_tls(l, o, tls);
}

static json_t *write_tls(const struct field *f, const void *member, struct arena *scratch)
{
    const struct object *o = f->more;
    json_t *json = object_write(o, member, scratch);

    if (json_object_size(json) > 1)
        return json;
    json_t *mode = json_incref(json_object_get(json, "mode"));
    json_decref(json);
    return mode;
}

static json_t *schema_tls(const struct field *f)
{
    const struct object *o = f->more;

    return json_pack("{s:[o, o]}", "oneOf", o->fields[0].type->schema(&o->fields[0]),
                     object_reference(o));
}

const struct field_type type_tls = {"an object, or its mode as a string", preset_tls, read_tls,
                                    write_tls, schema_tls};

/* clang-format off */
#define TLS(member) offsetof(struct tls_settings, member)
static const struct field listener_tls_fields[] = {
    {"mode", &type_word, TLS(mode), "off", 0, 0, words_of_listener_tls, OPTIONAL,
     "off: none; optional: clients may; required: clients must."},
    {"certificate", &type_file, TLS(certificate), NULL, 1, 0, NULL, OPTIONAL, "Certificate chain, a PEM file."},
    {"key", &type_key_file, TLS(key), NULL, 1, 0, NULL, OPTIONAL, "Private key, a PEM file; `file:` may stand before the path."},
    {"client_ca", &type_file, TLS(ca), NULL, 1, 0, NULL, OPTIONAL, "Authorities that sign client certificates, a PEM file."},
    {"min_version", &type_word_text, TLS(min_version), "1.2", 0, 0, words_of_tls_version, OPTIONAL, "Lowest TLS version."},
};
const struct object object_listener_tls = {"a listener's tls", listener_tls_fields, COUNT_OF(listener_tls_fields)};

static const struct field cluster_tls_fields[] = {
    {"mode", &type_word, TLS(mode), "off", 0, 0, words_of_cluster_tls, OPTIONAL,
     "off; preferred: if the frontend can; required; verify-ca: and signed by `ca`; verify-full: and of that name."},
    {"ca", &type_file, TLS(ca), NULL, 1, 0, NULL, OPTIONAL, "Authorities that sign the frontends' certificates, a PEM file."},
    {"certificate", &type_file, TLS(certificate), NULL, 1, 0, NULL, OPTIONAL, "The gateway's own certificate, a PEM file."},
    {"key", &type_key_file, TLS(key), NULL, 1, 0, NULL, OPTIONAL, "Its private key, a PEM file; `file:` may stand before the path."},
};
const struct object object_cluster_tls = {"a cluster's tls", cluster_tls_fields, COUNT_OF(cluster_tls_fields)};

#define AT(member) offsetof(struct listener, member)
static const struct field listener_fields[] = {
    {"protocol", &type_word, AT(protocol), "mysql", 0, 0, words_of_protocol, OPTIONAL, "What is spoken there."},
    {"address", &type_address, AT(host), NULL, 0, 0, NULL, NEEDED, "host:port; [host]:port for IPv6; port 0 is any free one."},
    {"environment", &type_word, AT(environment), "prod", 0, 0, words_of_environment, OPTIONAL,
     "Environment of sessions that select a project by its plain name."},
    {"tls", &type_tls, AT(tls), NULL, 0, 0, &object_listener_tls, OPTIONAL, "TLS with clients; a bare string is the mode."},
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
                check_clash(l, places);
                load_leave(l, at);
            }
    }
    load_go(l, (struct place){0});
}
