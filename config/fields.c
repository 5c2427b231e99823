/* Objects of the file by table: each row is one key. */
#include "config/fields.h"

struct slice json_slice(const json_t *text)
{
    return slice_make(json_string_value(text), json_string_length(text));
}

json_t *slice_json(struct slice text)
{
    return json_stringn(text.size ? text.data : "", text.size);
}

static const char *name_of(json_type type)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",    [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a fraction", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null"};

    return names[type];
}

bool load_expects(struct load *l, json_t *value, json_type type, const char *what)
{
    if (json_typeof(value) == type)
        return true;
    load_wrong(l, "expected %s, found %s", what, name_of(json_typeof(value)));
    return false;
}

void object_preset(const struct object *o, void *made)
{
    for (size_t i = 0; i < o->count; i++) {
        const struct field *f = &o->fields[i];
        if (f->type->preset)
            f->type->preset(f, (char *)made + f->offset);
    }
}

static bool has_key(const struct object *o, struct slice key)
{
    for (size_t i = 0; i < o->count; i++)
        if (slice_equal(slice_of(o->fields[i].key), key))
            return true;
    return false;
}

static void unknown_key(struct load *l, const struct object *o, struct slice key)
{
    struct suggestion near = suggestion_for(key);
    size_t at = load_enter_name(l, key);

    for (size_t i = 0; i < o->count; i++)
        suggestion_see(&near, slice_of(o->fields[i].key));
    load_wrong(l, "unknown key of %s%s", o->name, suggestion_text(&near, l));
    load_leave(l, at);
}

void object_unknown_keys(struct load *l, const struct object *o, json_t *json)
{
    const char *key;
    size_t size;
    json_t *value;

    json_object_keylen_foreach(json, key, size, value) if (!has_key(o, slice_make(key, size)))
        unknown_key(l, o, slice_make(key, size));
}

void object_read(struct load *l, const struct object *o, json_t *json, void *made)
{
    object_preset(o, made);
    if (!load_expects(l, json, JSON_OBJECT, "an object"))
        return;
    size_t known = 0;
    for (size_t i = 0; i < o->count; i++) {
        const struct field *f = &o->fields[i];
        json_t *value = json_object_get(json, f->key);
        if (value) {
            size_t at = load_enter(l, f->key);
            f->type->read(l, f, value, (char *)made + f->offset);
            load_leave(l, at);
            known++;
        } else if (f->rule == NEEDED) {
            load_wrong(l, "\"%s\" is missing: %s", f->key, f->meaning);
        }
    }
    if (known < json_object_size(json))
        object_unknown_keys(l, o, json);
}

json_t *object_write(const struct object *o, const void *made, struct arena *scratch)
{
    json_t *json = json_object();

    for (size_t i = 0; i < o->count; i++) {
        const struct field *f = &o->fields[i];
        json_t *value = f->type->write(f, (const char *)made + f->offset, scratch);
        if (value)
            json_object_set_new(json, f->key, value);
    }
    if (json_object_size(json))
        return json;
    json_decref(json);
    return NULL;
}

/* The default as the schema tells it: a number, a truth or a word. */
static json_t *fallback_json(const char *fallback)
{
    json_t *json = json_loads(fallback, JSON_DECODE_ANY, NULL);

    return json ? json : json_string(fallback);
}

json_t *object_schema(const struct object *o)
{
    json_t *properties = json_object(), *needed = json_array();

    for (size_t i = 0; i < o->count; i++) {
        const struct field *f = &o->fields[i];
        json_t *schema = f->type->schema(f);
        json_object_set_new(schema, "description", json_string(f->meaning));
        if (f->fallback)
            json_object_set_new(schema, "default", fallback_json(f->fallback));
        json_object_set_new(properties, f->key, schema);
        if (f->rule == NEEDED)
            json_array_append_new(needed, json_string(f->key));
    }
    json_t *schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                               "additionalProperties", 0);
    if (json_array_size(needed))
        json_object_set_new(schema, "required", needed);
    else
        json_decref(needed);
    return schema;
}
