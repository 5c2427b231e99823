/* Lists of texts and networks. */
#include "config/fields.h"

static void read_texts(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct slices *list = member;
    json_t *element;
    size_t i;

    if (!load_expects(l, value, JSON_ARRAY, f->type->what))
        return;
    list->at = arena_array(l->arena, json_array_size(value), sizeof(*list->at));
    json_array_foreach(value, i, element)
    {
        size_t at = load_enter_index(l, i);
        if (load_expects(l, element, JSON_STRING, "a string")) {
            if (json_string_length(element) == 0)
                load_wrong(l, "must not be empty");
            list->at[list->count++] = arena_copy(l->arena, json_slice(element));
        }
        load_leave(l, at);
    }
}

static json_t *write_texts(const struct field *f, const void *member, struct arena *scratch)
{
    const struct slices *list = member;
    json_t *json = list->count ? json_array() : NULL;

    (void)f, (void)scratch;
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(json, slice_json(list->at[i]));
    return json;
}

static json_t *schema_texts(const struct field *f)
{
    (void)f;
    return json_pack("{s:s, s:{s:s, s:i}}", "type", "array", "items", "type", "string", "minLength",
                     1);
}

const struct field_type type_texts = {"a list of strings", NULL, read_texts, write_texts,
                                      schema_texts};

static void read_network(struct load *l, struct slice text, struct networks *list)
{
    bool is_masked = false;
    struct network *network = &list->at[list->count];
    const char *problem = network_read(text, network, &is_masked);

    if (problem) {
        load_wrong(l, "%s: %s", shown(l, text), problem);
        return;
    }
    list->count++;
    if (is_masked)
        load_warn(l, "%s has bits beyond its prefix; it is read as %s", shown(l, text),
                  network_text(&l->scratch, network).data);
}

static void read_networks(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct networks *list = member;
    json_t *element;
    size_t i;

    if (!load_expects(l, value, JSON_ARRAY, f->type->what))
        return;
    list->at = arena_array(l->arena, json_array_size(value), sizeof(*list->at));
    json_array_foreach(value, i, element)
    {
        size_t at = load_enter_index(l, i);
        if (load_expects(l, element, JSON_STRING, "a network"))
            read_network(l, json_slice(element), list);
        load_leave(l, at);
    }
}

static json_t *write_networks(const struct field *f, const void *member, struct arena *scratch)
{
    const struct networks *list = member;
    json_t *json = list->count ? json_array() : NULL;

    (void)f;
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(json, slice_json(network_text(scratch, &list->at[i])));
    return json;
}

const struct field_type type_networks = {"a list of networks", NULL, read_networks, write_networks,
                                         schema_texts};
