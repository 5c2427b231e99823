/* The published JSON Schema, and the table of all keys for the manual: both from the field tables.
 */
#include "config/fields.h"

#include "base/must.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof(*(rows)))

/* --- the top level: each section is a list or a map of objects --- */

static void read_nothing(struct load *l, const struct field *f, json_t *value, void *member)
{
    (void)l, (void)f, (void)value, (void)member; /* load.c reads the sections */
}

static json_t *write_nothing(const struct field *f, const void *member, struct arena *scratch)
{
    (void)f, (void)member, (void)scratch; /* print.c writes them */
    return NULL;
}

static json_t *schema_map(const struct field *f)
{
    return json_pack("{s:s, s:o}", "type", "object", "additionalProperties",
                     object_reference(f->more));
}

static json_t *schema_objects(const struct field *f)
{
    return json_pack("{s:s, s:o}", "type", "array", "items", object_reference(f->more));
}

static json_t *schema_lists(const struct field *f)
{
    return json_pack("{s:s, s:o}", "type", "object", "additionalProperties", type_texts.schema(f));
}

static json_t *schema_settings(const struct field *f)
{
    return object_reference(f->more);
}

#define SECTION_TYPE(name, what)                                                                   \
    static const struct field_type name = {what, NULL, read_nothing, write_nothing, schema_##name}

SECTION_TYPE(map, "an object, name to object");
SECTION_TYPE(objects, "a list of objects");
SECTION_TYPE(lists, "an object, name to list of users");
SECTION_TYPE(settings, "an object");

/* clang-format off */
static const struct field fields[] = {
    {"$schema", &type_text, 0, NULL, 0, 0, NULL, OPTIONAL, "Where the schema is, for editors; not read."},
    {"include", &type_texts, 0, NULL, 0, 0, NULL, OPTIONAL,
     "More files, relative to this one; *, ? and [] stand for what they do in a shell."},
    {"settings", &settings, 0, NULL, 0, 0, &object_settings, OPTIONAL, "Settings of the gateway."},
    {"listeners", &objects, 0, NULL, 0, 0, &object_listener, OPTIONAL, "Where clients come in."},
    {"clusters", &map, 0, NULL, 0, 0, &object_cluster, OPTIONAL, "StarRocks clusters."},
    {"compute_sources", &map, 0, NULL, 0, 0, &object_source, OPTIONAL, "What projects are bound to: a database and an account."},
    {"projects", &map, 0, NULL, 0, 0, &object_project, OPTIONAL, "Names that SQL uses as qualifiers."},
    {"data_sources", &map, 0, NULL, 0, 0, &object_data_source, OPTIONAL, "Registered databases, in SQL by their code."},
    {"roles", &map, 0, NULL, 0, 0, &object_role, OPTIONAL, "Sets of privileges; viewer, developer, operator and owner are built in."},
    {"groups", &lists, 0, NULL, 0, 0, NULL, OPTIONAL, "Lists of users, members as @NAME."},
    {"users", &map, 0, NULL, 0, 0, &object_user, OPTIONAL, "Who may log in."},
    {"allow_statements", &type_texts, 0, NULL, 0, 0, NULL, OPTIONAL, "Statement rules of the class dangerous-always that are opened."},
    {"allow_endpoints", &type_texts, 0, NULL, 0, 0, NULL, OPTIONAL,
     "Addresses that LOAD, ROUTINE LOAD and PIPE may name once they are opened; * stands for anything."},
};
/* clang-format on */
const struct object object_file = {"the configuration", fields, COUNT_OF(fields)};

/* All objects: where they stand in the file, and what the schema calls them. */
static const struct {
    const char *title, *id;
    const struct object *object;
} all[] = {
    {"The file", "file", &object_file},
    {"settings", "settings", &object_settings},
    {"listeners[]", "listener", &object_listener},
    {"listeners[].tls", "listener_tls", &object_listener_tls},
    {"clusters.NAME", "cluster", &object_cluster},
    {"clusters.NAME.monitor, metadata, admin", "account", &object_account},
    {"clusters.NAME.tls", "cluster_tls", &object_cluster_tls},
    {"compute_sources.NAME", "compute_source", &object_source},
    {"compute_sources.NAME.pool", "pool", &object_pool},
    {"projects.NAME", "project", &object_project},
    {"data_sources.NAME", "data_source", &object_data_source},
    {"data_sources.NAME.prod, dev", "side", &object_side},
    {"roles.NAME", "role", &object_role},
    {"roles.NAME.prod[], dev[]", "grant", &object_grant},
    {"users.NAME", "user", &object_user},
    {"users.NAME.auth", "auth", &object_auth},
    {"users.NAME.auth.certificate", "certificate", &object_certificate},
    {"limits of users, projects, data sources, compute sources and clusters", "limits",
     &object_limits},
};

json_t *object_reference(const struct object *o)
{
    size_t i = 0;

    while (i < COUNT_OF(all) && all[i].object != o)
        i++;
    must(i < COUNT_OF(all));
    return json_pack("{s:s+}", "$ref", "#/$defs/", all[i].id);
}

void config_print_schema(FILE *out)
{
    json_t *schema =
        json_pack("{s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
                  "Configuration of starbind");
    json_t *file = object_schema(&object_file), *definitions = json_object();

    json_object_update(schema, file);
    json_decref(file);
    for (size_t i = 1; i < COUNT_OF(all); i++)
        json_object_set_new(definitions, all[i].id, object_schema(all[i].object));
    json_object_set_new(schema, "$defs", definitions);
    json_dumpf(schema, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(schema);
}

/* --- the manual --- */

/* A cell of a markdown table: a bar would end it. */
static void put_cell(FILE *out, const char *text)
{
    fputs(" ", out);
    for (; *text; text++)
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
    fputs(" |", out);
}

static void put_range(FILE *out, const struct field *f)
{
    bool is_number = f->type == &type_count || f->type == &type_size || f->type == &type_millis;

    if (is_number)
        fprintf(out, ", %llu to %llu", (unsigned long long)f->least, (unsigned long long)f->most);
    else if (f->most)
        fprintf(out, ", at most %llu characters", (unsigned long long)f->most);
    else if (f->type == &type_word || f->type == &type_word_text)
        for (const struct word *w = f->more; w->text; w++)
            fprintf(out, "%s `%s`", w == f->more ? ":" : ",", w->text);
    fputs(" |", out);
}

static void put_object(FILE *out, const char *title, const struct object *o)
{
    fprintf(out, "\n### %s\n\n| key | value | default | meaning |\n|---|---|---|---|\n", title);
    for (size_t i = 0; i < o->count; i++) {
        const struct field *f = &o->fields[i];
        fprintf(out, "| `%s` | %s", f->key, f->type->what);
        put_range(out, f);
        put_cell(out, f->fallback ? f->fallback : f->rule == NEEDED ? "needed" : "");
        put_cell(out, f->meaning);
        fputs("\n", out);
    }
}

void config_print_keys(FILE *out)
{
    for (size_t i = 0; i < COUNT_OF(all); i++)
        put_object(out, all[i].title, all[i].object);
}
