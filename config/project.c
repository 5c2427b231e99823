/* Projects and data sources: what SQL uses as a qualifier. */
#include "config/fields.h"
#include "base/utf8.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof(*(rows)))

/* A side of a data source stands in the file as a source of its own. */
static void preset_side(const struct field *f, void *member)
{
    (void)f;
    *(struct source_draft **)member = NULL;
}

static void read_side(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct source_draft *draft = arena_alloc(&l->scratch, sizeof(*draft));
    struct config *c = l->config;
    struct compute_source *source = &c->sources[c->source_count];

    (void)f;
    source->index = c->source_count++;
    source->name = arena_copy(l->arena, path_text(&l->path));
    source_settle(l, &object_side, value, draft, source);
    draft->it = *source;
    *(struct source_draft **)member = draft;
}

static json_t *write_side(const struct field *f, const void *member, struct arena *scratch)
{
    struct source_draft *const *draft = member;

    (void)f;
    return *draft ? object_write(&object_side, *draft, scratch) : NULL;
}

static json_t *schema_side(const struct field *f)
{
    (void)f;
    return object_reference(&object_side);
}

static const struct field_type type_side = {"an object", preset_side, read_side, write_side,
                                            schema_side};

/* clang-format off */
#define AT(member) offsetof(struct project_draft, member)
#define COMMON_ROWS \
    {"description", &type_text, AT(it.description), NULL, 0, 128, NULL, OPTIONAL, "For people."}, \
    {"tags", &type_texts, AT(it.tags), NULL, 0, 0, NULL, OPTIONAL, "For people and for filters."}, \
    {"members", &type_members, AT(it.members), NULL, 0, 0, NULL, OPTIONAL, \
     "Who has which role: a user or @group to a role or a list of roles."}, \
    {"cross_environment", &type_word, AT(it.cross_environment), NULL, 0, 0, words_of_cross, OPTIONAL, \
     "What a session of one environment may do, by explicit name, in the other; default: the setting."}, \
    {"limits", &type_object, AT(it.limits), NULL, 0, 0, &object_limits, OPTIONAL, "Limits of all its users together."},

static const struct field project_fields[] = {
    {"prod", &type_name, AT(names[PROD]), NULL, 1, 0, NULL, NEEDED, "Compute source of the prod environment."},
    {"dev", &type_name, AT(names[DEV]), NULL, 1, 0, NULL, OPTIONAL, "Compute source of the dev environment."},
    {"shared", &type_bool, AT(it.is_shared), "false", 0, 0, NULL, OPTIONAL,
     "One side serves both environments, with prod's privileges."},
    COMMON_ROWS
};
const struct object object_project = {"a project", project_fields, COUNT_OF(project_fields)};

static const struct field data_source_fields[] = {
    {"code", &type_text, AT(code), NULL, 1, 64, NULL, OPTIONAL, "Its name in SQL; without one it is listed only."},
    {"scenarios", &type_texts, AT(it.scenarios), NULL, 0, 0, NULL, OPTIONAL, "What it is for: integration, realtime, development …"},
    {"prod", &type_side, AT(drafts[PROD]), NULL, 0, 0, NULL, NEEDED, "The prod side."},
    {"dev", &type_side, AT(drafts[DEV]), NULL, 0, 0, NULL, OPTIONAL, "The dev side; without one, prod serves both environments."},
    COMMON_ROWS
};
/* clang-format on */
const struct object object_data_source = {"a data source", data_source_fields,
                                          COUNT_OF(data_source_fields)};

static const struct compute_source *side_of(struct load *l, const char *key, struct slice name)
{
    size_t at = load_enter(l, key);
    const struct named *n = name.size ? load_find(l, COMPUTE_SOURCES, name) : NULL;

    load_leave(l, at);
    return n ? n->object : NULL;
}

void project_define(struct load *l, struct named *n)
{
    struct project_draft draft = {0};
    struct project *p = n->object;

    object_read(l, &object_project, n->json, &draft);
    draft.it.name = draft.it.title = p->name;
    draft.it.index = p->index;
    *p = draft.it;
    p->sides[PROD] = side_of(l, "prod", draft.names[PROD]);
    p->sides[DEV] = side_of(l, "dev", draft.names[DEV]);
    if (!p->is_shared)
        return;
    if (draft.names[DEV].size) {
        size_t at = load_enter(l, "shared");
        load_wrong(l, "a shared project has one side: leave \"dev\" out");
        load_leave(l, at);
    }
    p->sides[DEV] = p->sides[PROD];
}

static const struct compute_source *source_of(struct load *l, const struct source_draft *draft)
{
    return draft ? &l->config->sources[draft->it.index] : NULL;
}

/* Letters of any script, digits, '_' and '-'. */
static void check_title(struct load *l, struct slice title)
{
    for (size_t i = 0; i < title.size; i++) {
        char c = ascii_lower(title.data[i]);
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80
                    || c == '_' || c == '-';
        if (!fits) {
            load_wrong(l, "the name of a data source has letters, digits, '_' and '-' only");
            return;
        }
    }
    if (title.size == 0 || utf8_count(title) > 64)
        load_wrong(l, "the name of a data source has 1 to 64 characters");
}

void data_source_define(struct load *l, struct named *n)
{
    struct project_draft draft = {0};
    struct project *p = n->object;

    check_title(l, n->name);
    object_read(l, &object_data_source, n->json, &draft);
    draft.it.name = draft.code;
    draft.it.title = p->title;
    draft.it.index = p->index;
    draft.it.is_data_source = true;
    *p = draft.it;
    p->sides[PROD] = source_of(l, draft.drafts[PROD]);
    p->sides[DEV] = source_of(l, draft.drafts[DEV]);
    p->is_shared = !p->sides[DEV];
    if (p->is_shared)
        p->sides[DEV] = p->sides[PROD];
    if (draft.code.size) {
        size_t at = load_enter(l, "code");
        name_check_qualifier(l, draft.code);
        load_leave(l, at);
    }
}
