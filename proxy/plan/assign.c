/* SET: which assignments are the gateway's own, which are forwarded and remembered, which are
 * refused. The variables stand in variables.def; a name that is not there is refused as StarRocks
 * would. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

static const struct {
    const char *name;
    enum variable_class class;
} variables[] = {
#define VARIABLE(name, class) {#name, VARIABLE_##class},
#include "proxy/plan/variables.def"
#undef VARIABLE
};

static const char *const aliases[][2] = {
#define ALIAS(name, also) {#name, #also},
#include "proxy/plan/aliases.def"
#undef ALIAS
};

struct slice variable_name(struct slice name, struct arena *arena)
{
    name = fold(name, arena);
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (slice_equal(name, slice_of(aliases[i][1])))
            return slice_of(aliases[i][0]);
    return name;
}

/* As strcmp; the first is a slice, and case does not count there. */
static int compare(struct slice name, const char *known)
{
    for (size_t i = 0; i < name.size; i++)
        if (ascii_lower(name.data[i]) != known[i])
            return (unsigned char)ascii_lower(name.data[i]) < (unsigned char)known[i] ? -1 : 1;
    return known[name.size] ? -1 : 0;
}

/* The rows are sorted by name. */
enum variable_class variable_class(struct slice name)
{
    size_t low = 0, high = sizeof variables / sizeof *variables;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int way = compare(name, variables[middle].name);

        if (way == 0)
            return variables[middle].class;
        if (way < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return VARIABLE_UNKNOWN;
}

static bool refuse_value(const struct making *m, const struct plan_set *set)
{
    return refuse(m->e, ERROR_WRONG_VALUE, "Variable '%.*s' can't be set to the value of '%.*s'",
                  SHOW(set->name), SHOW(set->value));
}

/* Text comes and goes in UTF-8; other sets would only mislead the client. NULL and binary are no
 * sets: as it comes. */
static bool check_charset(const struct making *m, const struct plan_set *set, struct slice charset)
{
    if (set->is_default || slice_equal_nocase(charset, SLICE("null"))
        || slice_equal_nocase(charset, SLICE("binary")))
        return true;
    if (charset.size >= 4 && slice_equal_nocase(slice_head(charset, 4), SLICE("utf8")))
        return true;
    return refuse_value(m, set);
}

static bool check_switch(const struct making *m, const struct plan_set *set)
{
    static const char *const values[] = {"0", "1", "on", "off", "true", "false"};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (slice_equal_nocase(set->value, slice_of(values[i])))
            return true;
    return set->is_default || refuse_value(m, set);
}

/* A priority is a word that some compute source maps, or one of the usual three. */
static bool check_priority(const struct making *m, const struct plan_set *set)
{
    static const char *const usual[] = {"high", "medium", "low"};
    const struct config *config = m->here->config;

    if (set->is_default || !set->value.size)
        return true;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (slice_equal(set->value, slice_of(usual[i])))
            return true;
    for (size_t i = 0; i < config->source_count; i++)
        for (size_t k = 0; k < config->sources[i].group_count; k++)
            if (slice_equal(set->value, config->sources[i].groups[k].priority))
                return true;
    return refuse_value(m, set);
}

/* Judged again by each statement, on the source that it runs on. */
static bool check_group(const struct making *m, const struct plan_set *set)
{
    const struct project *project = m->here->at.project;
    const struct compute_source *side =
        project ? project->sides[project->is_shared ? PROD : m->here->at.environment] : NULL;

    if (set->is_default || !set->value.size || !side || source_allows_group(side, set->value))
        return true;
    return refuse(
        m->e, ERROR_DENIED,
        "starbind: resource group '%.*s' is not open to %.*s '%.*s'; SET starbind_priority "
        "chooses among its own",
        SHOW(set->value), SHOW(word_of_kind(project)), SHOW(project->name));
}

static bool check_here(const struct making *m, const struct plan_set *set)
{
    if (slice_equal(set->name, SLICE("autocommit")))
        return check_switch(m, set);
    if (slice_equal(set->name, SLICE("starbind_priority")))
        return check_priority(m, set);
    if (slice_equal(set->name, SLICE("resource_group")))
        return check_group(m, set);
    return check_charset(m, set, set->value);
}

static bool read_variable(const struct making *m, const struct sql_assignment *a,
                          struct plan_set *set)
{
    set->name = variable_name(a->name, m->arena);
    switch (variable_class(a->name)) {
    case VARIABLE_HERE:
        set->class = SET_HERE;
        return check_here(m, set);
    case VARIABLE_TRACK:
        set->class = SET_TRACK;
        return true;
    case VARIABLE_IGNORE:
        set->class = SET_IGNORE;
        return true;
    case VARIABLE_REFUSE:
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: variable '%.*s' may not be set here",
                      SHOW(set->name));
    case VARIABLE_UNKNOWN:
        break;
    }
    return refuse(m->e, ERROR_UNKNOWN_VARIABLE, "Unknown system variable '%.*s'", SHOW(a->name));
}

/* What is refused or ignored is so whatever its value is. */
static bool has_value(const struct sql_assignment *a)
{
    enum variable_class class = variable_class(a->name);

    return a->scope == SET_USER_VARIABLE || class == VARIABLE_HERE || class == VARIABLE_TRACK;
}

/* What the gateway has to know itself: its own variables, and the one that the reading of a text
 * depends on. */
static bool must_be_known(const struct sql_assignment *a)
{
    return a->scope != SET_USER_VARIABLE
           && (variable_class(a->name) == VARIABLE_HERE
               || slice_equal_nocase(a->name, SLICE("sql_mode")));
}

static bool read_expression(struct making *m, const struct sql_assignment *a, struct plan_set *set)
{
    if (evaluate(m, a, set))
        return true;
    set->is_unknown = true;
    return !must_be_known(a);
}

static bool read_assignment(struct making *m, const struct sql_assignment *a, struct plan_set *set)
{
    set->text = slice_make(m->text.data + a->start, a->end - a->start);
    set->value = a->is_literal ? a->literal : a->value;
    set->literal = a->value;
    set->is_default = slice_equal_nocase(a->value, SLICE("default"));
    if (memchr(set->text.data, '\0', set->text.size)) /* what is kept for replay ends there */
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: SET takes no NUL byte; write it as \\0");
    if (a->scope == SET_GLOBAL)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: SET GLOBAL is refused; SET changes your own session");
    if (a->scope == SET_VERBOSE)
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: this scope of SET is not served");
    switch (a->form) {
    case SET_PASSWORD:
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: passwords are changed in the gateway's configuration");
    case SET_TRANSACTION: /* StarRocks reads and forgets it */
        set->class = SET_IGNORE;
        return true;
    case SET_NAMES:
    case SET_CHARSET:
        set->class = SET_HERE;
        set->name = SLICE("names");
        return check_charset(m, set, set->value);
    case SET_ASSIGN:
        break;
    }
    if (!a->is_literal && has_value(a) && !read_expression(m, a, set))
        return false;
    if (a->scope != SET_USER_VARIABLE)
        return read_variable(m, a, set);
    set->class = SET_TRACK;
    set->is_user_variable = true;
    set->name = a->name;
    return true;
}

/* A SET that a frontend has to work out goes there as typed, but for names and for the values that
 * are worked out here. The gateway's own assignments cannot be taken out of it. */
static bool send_whole(struct making *m, const struct plan_step *step)
{
    for (size_t i = 0; i < step->set_count; i++) {
        const struct plan_set *set = &step->sets[i];
        const struct sql_assignment *a = &step->statement->assignments[i];
        uint32_t start = (uint32_t)(a->value.data - m->text.data);

        if (set->class != SET_TRACK)
            return refuse(
                m->e, ERROR_NOT_SUPPORTED,
                "starbind: an expression that StarRocks has to work out takes a SET of its "
                "own; send the other variables in another one");
        if (!set->is_unknown && !a->is_literal)
            change_put(m, start, start + (uint32_t)a->value.size, set->literal);
    }
    return true;
}

bool assign_read(struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;

    if (!s->assignment_count)
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: this form of SET is not served");
    step->answer = ANSWER_SET;
    step->sets = arena_array(m->arena, s->assignment_count, sizeof *step->sets);
    step->set_count = s->assignment_count;
    for (uint32_t i = 0; i < s->assignment_count; i++) {
        if (!read_assignment(m, &s->assignments[i], &step->sets[i]))
            return false;
        if (step->sets[i].class == SET_TRACK)
            step->answer = ANSWER_NONE; /* a frontend has to agree */
        step->has_unknown_set |= step->sets[i].is_unknown;
    }
    return !step->has_unknown_set || send_whole(m, step);
}
