/* Roles: privileges per environment, on all tables or on some; and groups of users. */
#include "config/fields.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof(*(rows)))

/* --- a list of privileges, kept as a mask --- */

static void read_privileges(struct load *l, const struct field *f, json_t *value, void *member)
{
    json_t *element;
    size_t i;

    if (!load_expects(l, value, JSON_ARRAY, f->type->what))
        return;
    if (json_array_size(value) == 0)
        load_wrong(l, "names no privilege");
    json_array_foreach(value, i, element)
    {
        size_t at = load_enter_index(l, i);
        const struct word *word = load_expects(l, element, JSON_STRING, "a privilege")
                                      ? word_read(l, words_of_privilege, json_slice(element))
                                      : NULL;
        *(unsigned *)member |= word ? word->value : 0;
        load_leave(l, at);
    }
}

static void put_privileges(json_t *list, unsigned privileges)
{
    for (const struct word *w = words_of_privilege; w->text; w++)
        if (privileges & w->value)
            json_array_append_new(list, json_string(w->text));
}

static json_t *write_privileges(const struct field *f, const void *member, struct arena *scratch)
{
    json_t *list = json_array();

    (void)f, (void)scratch;
    put_privileges(list, *(const unsigned *)member);
    return list;
}

static json_t *privilege_schema(void)
{
    return type_word.schema(&(struct field){.more = words_of_privilege});
}

static json_t *schema_privileges(const struct field *f)
{
    (void)f;
    return json_pack("{s:s, s:o, s:i}", "type", "array", "items", privilege_schema(), "minItems",
                     1);
}

static const struct field_type type_privileges = {"a list of privileges", NULL, read_privileges,
                                                  write_privileges, schema_privileges};

/* clang-format off */
static const struct field grant_fields[] = {
    {"privileges", &type_privileges, offsetof(struct grant, privileges), NULL, 0, 0, NULL, NEEDED, "read, write, ddl, load, share."},
    {"tables", &type_texts, offsetof(struct grant, tables), NULL, 0, 0, NULL, OPTIONAL,
     "Tables they hold for; '*' stands for any characters. Without the key: all."},
};
/* clang-format on */
const struct object object_grant = {"a grant", grant_fields, COUNT_OF(grant_fields)};

/* --- a side of a role: privileges as strings are one grant, each object is one more --- */

static void read_grant(struct load *l, json_t *value, struct grant *grant)
{
    object_read(l, &object_grant, value, grant);
    json_t *tables = json_object_get(value, "tables");
    if (json_is_array(tables) && json_array_size(tables) == 0) {
        size_t at = load_enter(l, "tables");
        load_wrong(l, "names no table; leave the key out for all tables");
        load_leave(l, at);
    }
}

static void read_grants(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct role *role = member;
    size_t count = 1, i;
    json_t *element;

    if (!load_expects(l, value, JSON_ARRAY, f->type->what))
        return;
    struct grant *grants = arena_array(l->arena, json_array_size(value) + 1, sizeof(*grants));
    json_array_foreach(value, i, element)
    {
        size_t at = load_enter_index(l, i);
        if (json_is_string(element)) {
            const struct word *word = word_read(l, words_of_privilege, json_slice(element));
            grants[0].privileges |= word ? word->value : 0;
        } else if (load_expects(l, element, JSON_OBJECT, "a privilege or an object")) {
            read_grant(l, element, &grants[count++]);
        }
        load_leave(l, at);
    }
    bool has_plain = grants[0].privileges != 0;
    role->grants[f->least] = has_plain ? grants : grants + 1;
    role->grant_count[f->least] = has_plain ? count : count - 1;
}

static json_t *write_grants(const struct field *f, const void *member, struct arena *scratch)
{
    const struct role *role = member;
    json_t *list = role->grant_count[f->least] ? json_array() : NULL;

    for (size_t i = 0; i < role->grant_count[f->least]; i++) {
        const struct grant *grant = &role->grants[f->least][i];
        if (grant->tables.count)
            json_array_append_new(list, object_write(&object_grant, grant, scratch));
        else
            put_privileges(list, grant->privileges);
    }
    return list;
}

static json_t *schema_grants(const struct field *f)
{
    (void)f;
    return json_pack("{s:s, s:{s:[o, o]}}", "type", "array", "items", "oneOf", privilege_schema(),
                     object_reference(&object_grant));
}

const struct field_type type_grants = {"a list of privileges or objects", NULL, read_grants,
                                       write_grants, schema_grants};

/* clang-format off */
static const struct field fields[] = { /* the column `least` is the environment */
    {"prod", &type_grants, 0, NULL, PROD, 0, NULL, OPTIONAL, "What it allows in prod: privileges, or objects with tables."},
    {"dev", &type_grants, 0, NULL, DEV, 0, NULL, OPTIONAL, "What it allows in dev."},
};
/* clang-format on */
const struct object object_role = {"a role", fields, COUNT_OF(fields)};

void role_define(struct load *l, struct named *n)
{
    struct role *role = n->object;

    name_check_plain(l, n->name, "a role");
    object_read(l, &object_role, n->json, role);
}

enum { WORK = READ | WRITE | DDL | LOAD };

static const struct {
    const char *name;
    unsigned privileges[ENVIRONMENTS];
} built_in[ROLES_BUILT_IN] = {
    {"viewer", {READ, READ}},
    {"developer", {READ, WORK}},
    {"operator", {READ | WRITE | LOAD, WORK}},
    {"owner", {WORK | SHARE, WORK | SHARE}},
};

static void build_in(struct load *l, struct slice name, const unsigned *privileges)
{
    struct role *role = &l->config->own->roles[l->config->own->role_count++];
    struct names *names = &l->names[ROLES];
    struct named *n = &names->at[names->count++];

    role->name = name;
    for (unsigned e = 0; e < ENVIRONMENTS; e++) {
        role->grants[e] = arena_alloc(l->arena, sizeof(struct grant));
        role->grants[e]->privileges = privileges[e];
        role->grant_count[e] = 1;
    }
    *n = (struct named){.name = role->name, .object = role};
    map_put(&names->map, role->name, n);
}

void roles_build_in(struct load *l)
{
    for (size_t i = 0; i < COUNT_OF(built_in); i++)
        if (!map_find(&l->names[ROLES].map, slice_of(built_in[i].name)))
            build_in(l, slice_of(built_in[i].name), built_in[i].privileges);
}

/* --- groups --- */

void group_define(struct load *l, struct named *n)
{
    struct group *group = n->object;
    json_t *element;
    size_t i;

    name_check_plain(l, n->name, "a group");
    if (!load_expects(l, n->json, JSON_ARRAY, "a list of users"))
        return;
    group->users.at = arena_array(l->arena, json_array_size(n->json), sizeof(*group->users.at));
    json_array_foreach(n->json, i, element)
    {
        size_t at = load_enter_index(l, i);
        const struct named *user = load_expects(l, element, JSON_STRING, "the name of a user")
                                       ? load_find(l, USERS, json_slice(element))
                                       : NULL;
        if (user)
            group->users.at[group->users.count++] = user->name;
        load_leave(l, at);
    }
}
