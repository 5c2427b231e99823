/* TLS of listeners and clusters: an object, or a bare string that is its mode; and what its files
 * hold, which is read here and not again before the next load. */
#include "base/error.h"
#include "config/fields.h"
#include "protocol/tls/tls.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof(*(rows)))

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
        load_warn(l, "without \"ca\" the authorities of the system are believed");
    if (!is_listener && tls->mode < TLS_VERIFY_CA && tls->ca.size)
        load_warn(l, "\"ca\" has no effect below the mode \"verify-ca\"");
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
    tls->is_broken = l->errors != errors;
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
    {"client_ca", &type_file, TLS(ca), NULL, 1, 0, NULL, OPTIONAL,
     "Authorities that sign client certificates, a PEM file; who has no certificate may come without."},
    {"min_version", &type_word_text, TLS(min_version), "1.2", 0, 0, words_of_tls_version, OPTIONAL, "Lowest TLS version."},
    {"ciphers", &type_texts, TLS(ciphers), NULL, 0, 0, NULL, OPTIONAL,
     "Cipher suites by their IANA names, best first; default: forward secrecy and authenticated encryption only."},
};
const struct object object_listener_tls = {"a listener's tls", listener_tls_fields, COUNT_OF(listener_tls_fields)};

static const struct field cluster_tls_fields[] = {
    {"mode", &type_word, TLS(mode), "off", 0, 0, words_of_cluster_tls, OPTIONAL,
     "off; preferred: if the frontend can; required; verify-ca: and signed by `ca`; verify-full: and of that name."},
    {"ca", &type_file, TLS(ca), NULL, 1, 0, NULL, OPTIONAL, "Authorities that sign the frontends' certificates, a PEM file."},
    {"certificate", &type_file, TLS(certificate), NULL, 1, 0, NULL, OPTIONAL, "The gateway's own certificate, a PEM file."},
    {"key", &type_key_file, TLS(key), NULL, 1, 0, NULL, OPTIONAL, "Its private key, a PEM file; `file:` may stand before the path."},
    {"min_version", &type_word_text, TLS(min_version), "1.2", 0, 0, words_of_tls_version, OPTIONAL, "Lowest TLS version."},
    {"ciphers", &type_texts, TLS(ciphers), NULL, 0, 0, NULL, OPTIONAL, "Cipher suites, as a listener's."},
};
const struct object object_cluster_tls = {"a cluster's tls", cluster_tls_fields, COUNT_OF(cluster_tls_fields)};
/* clang-format on */

/* --- the files --- */

enum { TEXT_MAX = 1 << 20 };

/* The authorities that the system believes, where Debian, Red Hat and others keep them. */
static const char *const system_authorities[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

struct slice load_text(struct load *l, struct slice path)
{
    struct slice text = {0};
    char *bytes = NULL;
    size_t size = 0;
    mode_t mode;

    if (path.size && !file_read(path.data, TEXT_MAX, &bytes, &size, &mode))
        text = arena_copy(l->arena, slice_make(bytes, size));
    if (bytes)
        secret_wipe(bytes, size);
    free(bytes);
    return text;
}

static void believe_system(struct load *l, struct tls_settings *tls)
{
    for (size_t i = 0; !tls->ca_pem.size && i < COUNT_OF(system_authorities); i++) {
        tls->ca_file = slice_of(system_authorities[i]);
        tls->ca_pem = load_text(l, tls->ca_file);
    }
}

void tls_setup_make(const struct tls_settings *tls, enum tls_side side, struct tls_setup *setup)
{
    *setup = (struct tls_setup){
        .side = side,
        .certificate = tls->certificate_pem,
        .key = tls->key_pem,
        .ca = tls->ca_pem,
        .trust = tls->mode == TLS_VERIFY_FULL ? TLS_TRUST_NAME
                 : tls->mode == TLS_VERIFY_CA ? TLS_TRUST_CA
                                              : TLS_TRUST_ANYBODY,
        .only_tls13 = slice_equal(tls->min_version, SLICE("1.3")),
        .ciphers = tls->ciphers.at,
        .cipher_count = tls->ciphers.count,
    };
}

bool tls_is_same(const struct tls_settings *a, const struct tls_settings *b)
{
    bool is_same = a->mode == b->mode && slice_equal(a->certificate_pem, b->certificate_pem)
                   && slice_equal(a->key_pem, b->key_pem) && slice_equal(a->ca_pem, b->ca_pem)
                   && slice_equal(a->min_version, b->min_version)
                   && a->ciphers.count == b->ciphers.count;

    for (size_t i = 0; is_same && i < a->ciphers.count; i++)
        is_same = slice_equal(a->ciphers.at[i], b->ciphers.at[i]);
    return is_same;
}

/* What only the library can tell stops `run`. */
static void try(struct load *l, enum tls_side side, const struct tls_settings *tls)
{
    const struct tls_provider *p = tls_provider_serving(l->config->settings.tls_provider);
    struct tls_setup setup;
    struct error e;

    tls_setup_make(tls, side, &setup);
    struct tls_context *context = p->context_new(&setup, &e);
    if (!context)
        load_gap(l, GAP_STOPS, "TLS cannot be served: %s", e.text);
    tls_context_unref(context);
}

void tls_settle(struct load *l, const struct object *o, const char *key, struct tls_settings *tls)
{
    bool is_listener = o == &object_listener_tls;
    size_t at = load_enter(l, key);

    tls->certificate_pem = load_text(l, tls->certificate);
    tls->key_pem = load_text(l, tls->key);
    tls->ca_file = tls->ca;
    tls->ca_pem = load_text(l, tls->ca);
    if (!is_listener && tls->mode >= TLS_VERIFY_CA && !tls->ca.size)
        believe_system(l, tls);
    if (tls->mode != TLS_OFF && !tls->is_broken)
        try(l, is_listener ? TLS_SERVER : TLS_CLIENT, tls);
    load_leave(l, at);
}
