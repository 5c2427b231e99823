/* The values of variables that are known without asking a frontend: the table is opening.def. */
#include "proxy/plan/opening.h"

#include "base/arena.h"

enum origin { FRONTEND, SESSION, LACKED };

static const struct opening_row {
    const char *name;
    enum plan_type type;
    enum origin origin;
    const char *fallback;
} rows[] = {
#define OPENING(name, type, origin, fallback) {#name, PLAN_##type, origin, fallback},
#include "proxy/plan/opening.def"
#undef OPENING
};

enum { ROWS = sizeof rows / sizeof *rows };

static const struct opening_row *row_find(struct slice name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (slice_equal_nocase(name, slice_of(rows[i].name)))
            return &rows[i];
    return NULL;
}

const struct cluster *plan_cluster(const struct plan_context *here)
{
    const struct compute_source *side = session_side(here);

    if (side)
        return side->cluster;
    return here->config->cluster_count ? here->config->clusters : NULL;
}

bool variables_known(const struct plan_context *here, struct slices *pairs, bool *is_starrocks)
{
    const struct cluster *cluster = plan_cluster(here);

    return here->presets && cluster && here->presets(here->learnt, cluster, pairs, is_starrocks);
}

bool variable_is_lacking(const struct slices *pairs, struct slice name)
{
    const struct opening_row *row = row_find(name);

    for (size_t i = 0; row && row->origin == FRONTEND && i + 1 < pairs->count; i += 2)
        if (slice_equal_nocase(pairs->at[i], name))
            return false;
    return row && row->origin != SESSION;
}

bool variable_lacked(struct slice name, struct slice *value)
{
    const struct opening_row *row = row_find(name);

    if (!row || row->origin != LACKED)
        return false;
    *value = slice_of(row->fallback);
    return true;
}

/* ---- what the cluster gives ---- */

/* Some variables have two names and are shown under one of them. */
static bool told_value(const struct slices *pairs, struct slice name, struct arena *arena,
                       struct slice *value)
{
    struct slice known = variable_name(name, arena);

    for (size_t i = 0; i + 1 < pairs->count; i += 2)
        if (slice_equal_nocase(pairs->at[i], name)) {
            *value = pairs->at[i + 1];
            return true;
        }
    for (size_t i = 0; i + 1 < pairs->count; i += 2)
        if (slice_equal(variable_name(pairs->at[i], arena), known)) {
            *value = pairs->at[i + 1];
            return true;
        }
    return false;
}

/* ---- what the session has SET ---- */

static bool is_number(struct slice text)
{
    size_t i = text.size && text.data[0] == '-' ? 1 : 0, first = i;

    while (i < text.size && text.data[i] >= '0' && text.data[i] <= '9')
        i++;
    return i == text.size && i > first;
}

static bool read_switch(struct slice text, struct slice *value)
{
    bool is_on = slice_equal_nocase(text, SLICE("true")) || slice_equal_nocase(text, SLICE("on"))
                 || slice_equal(text, SLICE("1"));
    bool is_off = slice_equal_nocase(text, SLICE("false")) || slice_equal_nocase(text, SLICE("off"))
                  || slice_equal(text, SLICE("0"));

    *value = is_on ? SLICE("1") : SLICE("0");
    return is_on || is_off;
}

static bool read_value(enum plan_type type, struct slice text, struct slice *value)
{
    if (type == PLAN_BOOLEAN)
        return read_switch(text, value);
    *value = text;
    return type == PLAN_TEXT || is_number(text);
}

/* A frontend brings words into a form of its own (sql_mode, time_zone): those it has to tell. */
static bool set_value(const struct opening_row *row, struct slice literal, struct slice *value)
{
    if (literal.size >= 2 && (literal.data[0] == '\'' || literal.data[0] == '"'))
        literal = slice_make(literal.data + 1, literal.size - 2);
    else if (slice_equal_nocase(literal, SLICE("default"))) {
        *value = row->fallback ? slice_of(row->fallback) : SLICE("");
        return row->fallback != NULL;
    }
    return row->type != PLAN_TEXT && read_value(row->type, literal, value);
}

static bool is_set(const struct plan_context *here, struct slice name, struct arena *arena,
                   struct slice *literal)
{
    return here->variable
           && here->variable(here->variables, false, variable_name(name, arena), literal);
}

static struct slice session_value(const struct plan_context *here, struct slice name)
{
    if (slice_equal_nocase(name, SLICE("autocommit")))
        return here->has_autocommit ? SLICE("1") : SLICE("0");
    struct slice priority = here->priority.size ? here->priority : here->user->priority;
    return priority.size ? priority : SLICE("");
}

bool variable_value(const struct plan_context *here, const struct slices *pairs, bool is_global,
                    struct slice name, struct arena *arena, struct slice *value,
                    enum plan_type *type)
{
    const struct opening_row *row = row_find(name);
    struct slice told, literal;

    if (!row)
        return false;
    *type = row->type;
    *value = row->fallback ? slice_of(row->fallback) : SLICE("");
    if (row->origin == LACKED)
        return true;
    if (row->origin == SESSION) {
        *value = is_global ? *value : session_value(here, name);
        return true;
    }
    if (!is_global && is_set(here, name, arena, &literal))
        return set_value(row, literal, value);
    return told_value(pairs, name, arena, &told) && read_value(row->type, told, value);
}

/* SHOW VARIABLES writes words for switches, autocommit among them. */
bool variable_shown(const struct plan_context *here, const struct slices *pairs, bool is_global,
                    struct slice name, struct slice told, struct arena *arena, struct slice *value)
{
    const struct opening_row *row = row_find(name);
    enum plan_type type;
    struct slice literal;

    *value = told;
    if (is_global || (row && row->origin == FRONTEND && !is_set(here, name, arena, &literal)))
        return true;
    if (!row)
        return variable_class(name) != VARIABLE_HERE && !is_set(here, name, arena, &literal);
    if (!variable_value(here, pairs, false, name, arena, value, &type))
        return false;
    if (row->type == PLAN_BOOLEAN || row->origin == SESSION)
        *value = slice_equal(*value, SLICE("1")) ? SLICE("true") : SLICE("false");
    return true;
}
