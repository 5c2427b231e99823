/* Members of projects: {"ana": "developer", "@analysts": ["viewer"]}. */
#include "config/fields.h"

static const struct role *find_role(struct load *l, json_t *value)
{
    if (!load_expects(l, value, JSON_STRING, "the name of a role"))
        return NULL;
    const struct named *n = load_find(l, ROLES, json_slice(value));
    return n ? n->object : NULL;
}

static void put_role(struct load *l, struct membership *m, json_t *value)
{
    const struct role *role = find_role(l, value);

    for (size_t i = 0; role && i < m->role_count; i++)
        if (m->roles[i] == role) {
            load_wrong(l, "the role %s stands here twice", shown(l, role->name));
            return;
        }
    if (role)
        m->roles[m->role_count++] = role;
}

static struct membership *membership_read(struct load *l, json_t *value)
{
    struct membership *m = arena_alloc(l->arena, sizeof(*m));
    size_t count = json_is_array(value) ? json_array_size(value) : 1, i;
    json_t *element;

    m->roles = arena_array(l->arena, count, sizeof(const struct role *));
    if (!json_is_array(value)) {
        put_role(l, m, value);
        return m;
    }
    if (count == 0)
        load_wrong(l, "names no role");
    json_array_foreach(value, i, element)
    {
        size_t at = load_enter_index(l, i);
        put_role(l, m, element);
        load_leave(l, at);
    }
    return m;
}

static void read_members(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct map *members = member;
    const char *key;
    size_t size;
    json_t *roles;

    if (!load_expects(l, value, JSON_OBJECT, f->type->what))
        return;
    map_init(members, MAP_EXACT);
    json_object_keylen_foreach(value, key, size, roles)
    {
        struct slice name = slice_make(key, size);
        size_t at = load_enter_name(l, name);
        bool is_group = slice_starts_with(name, SLICE("@"));
        const struct named *n =
            load_find(l, is_group ? GROUPS : USERS, slice_after(name, is_group ? 1 : 0));
        struct membership *m = membership_read(l, roles);
        if (n && m)
            map_put(members, arena_copy(l->arena, name), m);
        load_leave(l, at);
    }
}

static int by_key(const void *a, const void *b)
{
    const struct map_entry *x = *(const struct map_entry *const *)a;
    const struct map_entry *y = *(const struct map_entry *const *)b;

    return slice_compare(x->key, y->key);
}

static json_t *write_membership(const struct membership *m)
{
    json_t *roles = json_array();

    if (m->role_count == 1) {
        json_decref(roles);
        return slice_json(m->roles[0]->name);
    }
    for (size_t i = 0; i < m->role_count; i++)
        json_array_append_new(roles, slice_json(m->roles[i]->name));
    return roles;
}

static json_t *write_members(const struct field *f, const void *member, struct arena *scratch)
{
    const struct map *members = member;
    const struct map_entry **entries = arena_array(scratch, members->count + 1, sizeof(*entries));
    size_t count = 0;

    (void)f;
    if (members->count == 0)
        return NULL;
    for (size_t at = 0; (entries[count] = map_next(members, &at));)
        count++;
    qsort(entries, count, sizeof(struct map_entry *), by_key);
    json_t *json = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(json, arena_text(scratch, entries[i]->key),
                            write_membership(entries[i]->value));
    return json;
}

static json_t *schema_members(const struct field *f)
{
    (void)f;
    return json_pack("{s:s, s:{s:[{s:s}, {s:s, s:{s:s}, s:i}]}}", "type", "object",
                     "additionalProperties", "oneOf", "type", "string", "type", "array", "items",
                     "type", "string", "minItems", 1);
}

const struct field_type type_members = {"an object, user or @group to role", NULL, read_members,
                                        write_members, schema_members};
