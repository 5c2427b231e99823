/* Users: hashes, networks, what is theirs. */
#include "config/fields.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof(*(rows)))

enum {
    NATIVE_SIZE = 41, /* '*' and 40 hex digits */
    SHA2_SIZE = 70    /* $A$, 3 digits, $, 20 bytes of salt, 43 of digest */
};

/* --- hashes: one, or two while a password is being changed --- */

static bool is_hex(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!memchr("0123456789abcdefABCDEF", text.data[i], 22))
            return false;
    return true;
}

static const char *native_problem(struct load *l, struct slice hash)
{
    if (hash.size == 0) {
        load_warn(l, "an empty password: whoever knows the name is let in");
        return NULL;
    }
    if (hash.size == NATIVE_SIZE && hash.data[0] == '*' && is_hex(slice_after(hash, 1)))
        return NULL;
    return "no mysql_native_password hash: '*' and 40 hex digits; `starbind passwd` makes one";
}

static const char *sha2_problem(struct load *l, struct slice hash)
{
    (void)l;
    if (hash.size == SHA2_SIZE && slice_starts_with(hash, SLICE("$A$")) && hash.data[6] == '$'
        && is_hex(slice_make(hash.data + 3, 3)))
        return NULL;
    return "no caching_sha2_password hash: \"$A$005$\", 20 bytes of salt, 43 of digest; "
           "`starbind passwd` makes one";
}

static void put_hash(struct load *l, const struct field *f, json_t *value, struct hashes *hashes)
{
    if (!load_expects(l, value, JSON_STRING, "a hash"))
        return;
    struct slice hash = json_slice(value);
    const char *problem = f->type == &type_native ? native_problem(l, hash) : sha2_problem(l, hash);
    if (problem)
        load_wrong(l, "%s", problem);
    else
        hashes->at[hashes->count++] = arena_copy(l->arena, hash);
}

static void read_hashes(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct hashes *hashes = member;
    json_t *element;
    size_t i;

    if (!json_is_array(value)) {
        put_hash(l, f, value, hashes);
        return;
    }
    size_t count = json_array_size(value);
    if (count == 0 || count > COUNT_OF(hashes->at)) {
        load_wrong(l, "a list holds one hash, or two while the password is being changed");
        return;
    }
    json_array_foreach(value, i, element)
    {
        size_t at = load_enter_index(l, i);
        put_hash(l, f, element, hashes);
        load_leave(l, at);
    }
}

static json_t *write_hashes(const struct field *f, const void *member, struct arena *scratch)
{
    const struct hashes *hashes = member;
    json_t *list = json_array();

    (void)f, (void)scratch;
    for (size_t i = 0; i < hashes->count; i++)
        json_array_append_new(list, json_string(hashes->at[i].size ? "***" : ""));
    if (hashes->count > 1)
        return list;
    json_t *only = json_incref(json_array_get(list, 0));
    json_decref(list);
    return only;
}

static json_t *schema_hashes(const struct field *f)
{
    const char *pattern =
        f->type == &type_native ? "^(\\*[0-9A-Fa-f]{40})?$" : "^\\$A\\$[0-9A-Fa-f]{3}\\$";
    json_t *one = json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);

    return json_pack("{s:[O, {s:s, s:o, s:i, s:i}]}", "oneOf", one, "type", "array", "items", one,
                     "minItems", 1, "maxItems", 2);
}

const struct field_type type_native = {"a hash, or a list of two", NULL, read_hashes, write_hashes,
                                       schema_hashes};
const struct field_type type_sha2 = {"a hash, or a list of two", NULL, read_hashes, write_hashes,
                                     schema_hashes};

/* --- the rows --- */

/* clang-format off */
#define AT(member) offsetof(struct user, member)
static const struct field certificate_fields[] = {
    {"subject", &type_text, AT(certificate_subject), NULL, 1, 0, NULL, OPTIONAL, "Subject of the client's certificate."},
    {"san", &type_text, AT(certificate_san), NULL, 1, 0, NULL, OPTIONAL, "One of its subject alternative names."},
};
const struct object object_certificate = {"a certificate", certificate_fields, COUNT_OF(certificate_fields)};

static const struct field auth_fields[] = {
    {"mysql_native_password", &type_native, AT(native), NULL, 0, 0, NULL, OPTIONAL,
     "'*' and 40 hex digits; \"\" is an empty password; a list of two while it is being changed."},
    {"caching_sha2_password", &type_sha2, AT(sha2), NULL, 0, 0, NULL, OPTIONAL,
     "\"$A$005$\", salt and digest; a list of two while it is being changed."},
    {"token", &type_bool, AT(takes_tokens), "false", 0, 0, NULL, OPTIONAL,
     "Tokens of `starbind token` take the place of a password; over TLS only."},
    {"certificate", &type_object, 0, NULL, 0, 0, &object_certificate, OPTIONAL, "The client certificate that fits."},
};
const struct object object_auth = {"auth", auth_fields, COUNT_OF(auth_fields)};

static const struct field fields[] = {
    {"auth", &type_object, 0, NULL, 0, 0, &object_auth, NEEDED, "How the user proves who it is."},
    {"default_project", &type_name, AT(default_project), NULL, 1, 0, NULL, OPTIONAL,
     "What a session selects when it names no database: a project, a code, or its NAME_dev."},
    {"priority", &type_text, AT(priority), NULL, 1, 64, NULL, OPTIONAL,
     "high, medium, low or another word of resource_groups; a session may set its own."},
    {"from", &type_networks, AT(from), NULL, 0, 0, NULL, OPTIONAL, "Networks it may come from; default: any."},
    {"require_tls", &type_bool, AT(require_tls), "false", 0, 0, NULL, OPTIONAL, "Refuse it without TLS."},
    {"admin", &type_bool, AT(is_admin), "false", 0, 0, NULL, OPTIONAL, "May run cluster-admin statements."},
    {"metadata", &type_all, AT(sees_all_metadata), NULL, 0, 0, words_of_all, OPTIONAL,
     "\"all\": sees information_schema and the two _statistics_ tables unfiltered."},
    {"limits", &type_object, AT(limits), NULL, 0, 0, &object_limits, OPTIONAL, "Limits of the user."},
};
/* clang-format on */
const struct object object_user = {"a user", fields, COUNT_OF(fields)};

_Static_assert(offsetof(struct user, from_count)
                   == offsetof(struct user, from) + offsetof(struct networks, count),
               "the member pair is read as struct networks");

/* What is there must let somebody in. */
static bool has_method(json_t *auth)
{
    json_t *token = json_object_get(auth, "token");

    return json_object_size(auth) > (token && !json_is_true(token) ? 1 : 0);
}

static void check_tokens(struct load *l, const struct user *user)
{
    size_t at = load_enter(l, "token");

    if (user->takes_tokens && !l->config->settings.token_key_count)
        load_wrong(l, "no token can be good: \"settings\" has no \"token_keys\"");
    load_leave(l, at);
}

static void check_auth(struct load *l, const struct user *user, json_t *json)
{
    json_t *auth = json_object_get(json, "auth");
    size_t at = load_enter(l, "auth");

    check_tokens(l, user);
    if (json_is_object(auth) && !has_method(auth))
        load_wrong(l, "gives no way to log in");
    else if (json_object_get(auth, "certificate") && !user->certificate_subject.size
             && !user->certificate_san.size) {
        size_t inner = load_enter(l, "certificate");
        load_wrong(l, "\"subject\" or \"san\" is missing");
        load_leave(l, inner);
    }
    load_leave(l, at);
}

static void check_from(struct load *l, json_t *json)
{
    json_t *from = json_object_get(json, "from");
    size_t at = load_enter(l, "from");

    if (json_is_array(from) && json_array_size(from) == 0)
        load_wrong(l, "names no network; leave the key out to allow any");
    load_leave(l, at);
}

void user_define(struct load *l, struct named *n)
{
    struct user *user = n->object;
    struct slice name = user->name;
    size_t index = user->index, errors = l->errors;

    name_check_plain(l, name, "a user");
    object_read(l, &object_user, n->json, user);
    user->name = name;
    user->index = index;
    check_from(l, n->json);
    if (l->errors == errors)
        check_auth(l, user, n->json);
}
