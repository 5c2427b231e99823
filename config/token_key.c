/* settings.token_keys: a list of secrets; listeners' token: one. */
#include "config/fields.h"

enum { KEY_MIN = 16, KEYS_MAX = 8 };

static void read_key(struct load *l, struct slice text, struct token_key *key)
{
    size_t errors = l->errors;

    reference_read(l, text, &key->secret, &key->reference);
    if (l->errors == errors && key->secret.size < KEY_MIN)
        load_wrong(l, "has %zu bytes, a key needs %d or more: openssl rand -hex 32 makes one",
                   key->secret.size, KEY_MIN);
}

static void read_keys(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct token_keys *list = member;
    json_t *element;
    size_t i;

    if (!load_expects(l, value, JSON_ARRAY, f->type->what))
        return;
    if (json_array_size(value) > KEYS_MAX) {
        load_wrong(l, "has %zu keys, at most %d are allowed", json_array_size(value), KEYS_MAX);
        return;
    }
    list->at = arena_array(l->arena, json_array_size(value), sizeof(*list->at));
    json_array_foreach(value, i, element)
    {
        size_t at = load_enter_index(l, i);
        if (load_expects(l, element, JSON_STRING, "a string"))
            read_key(l, json_slice(element), &list->at[list->count++]);
        load_leave(l, at);
    }
}

static json_t *key_json(const struct token_key *key)
{
    if (key->reference.size)
        return slice_json(key->reference);
    return key->secret.size ? json_string("***") : NULL;
}

static json_t *write_keys(const struct field *f, const void *member, struct arena *scratch)
{
    const struct token_keys *list = member;
    json_t *json = list->count ? json_array() : NULL;

    (void)f, (void)scratch;
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(json, key_json(&list->at[i]));
    return json;
}

static json_t *schema_keys(const struct field *f)
{
    (void)f;
    return json_pack("{s:s, s:{s:s}, s:i}", "type", "array", "items", "type", "string", "maxItems",
                     KEYS_MAX);
}

const struct field_type type_token_keys = {"a list of secrets", NULL, read_keys, write_keys,
                                           schema_keys};

static void read_token(struct load *l, const struct field *f, json_t *value, void *member)
{
    if (load_expects(l, value, JSON_STRING, f->type->what))
        read_key(l, json_slice(value), member);
}

static json_t *write_token(const struct field *f, const void *member, struct arena *scratch)
{
    (void)f, (void)scratch;
    return key_json(member);
}

static json_t *schema_token(const struct field *f)
{
    (void)f;
    return json_pack("{s:s}", "type", "string");
}

const struct field_type type_token = {"env:NAME or file:PATH", NULL, read_token, write_token,
                                      schema_token};
