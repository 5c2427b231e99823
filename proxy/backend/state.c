/* What SET has changed: a short list, compared by text. A list and not one flag per variable, so
 * that a new variable needs no code here. */
#include "proxy/backend/backend.h"

#include "base/memory.h"

static struct state_variable *find(const struct state *s, bool is_user, struct slice name)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->variables[i].is_user == is_user && slice_equal(slice_of(s->variables[i].name), name))
            return &s->variables[i];
    return NULL;
}

bool state_set(struct state *s, bool is_user, struct slice name, struct slice text)
{
    struct state_variable *variable = find(s, is_user, name);
    size_t bytes = s->bytes + name.size + text.size;

    if (variable)
        bytes -= name.size + strlen(variable->text);
    if (bytes > STATE_BYTES_MAX || (!variable && s->count == STATE_VARIABLES_MAX))
        return false;
    if (variable) {
        free(variable->text);
    } else {
        s->variables = memory_resize(s->variables, s->count + 1, sizeof(*s->variables));
        variable = &s->variables[s->count++];
        *variable = (struct state_variable){.name = memory_copy(name), .is_user = is_user};
    }
    variable->text = memory_copy(text);
    s->bytes = bytes;
    return true;
}

void state_set_group(struct state *s, struct slice group)
{
    free(s->resource_group);
    s->resource_group = memory_copy(group);
}

bool state_has_user_variables(const struct state *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->variables[i].is_user)
            return true;
    return false;
}

static bool carries(const struct state *carried, const struct state_variable *wanted)
{
    const struct state_variable *found = find(carried, wanted->is_user, slice_of(wanted->name));

    return found && strcmp(found->text, wanted->text) == 0;
}

/* A connection that never had a group set needs no word about having none. */
static bool group_differs(const struct state *carried, const struct slice *group)
{
    return group && !slice_equal(slice_of(carried->resource_group), *group);
}

struct slice state_difference(const struct state *wanted, const struct slice *group,
                              const struct state *carried, struct arena *a)
{
    size_t room = sizeof("SET resource_group = ''") + (group ? group->size * 2 : 0) + wanted->bytes
                  + wanted->count * 2;
    char *text = NULL;
    size_t size = 0;

    for (size_t i = 0; i < wanted->count; i++) {
        const struct state_variable *variable = &wanted->variables[i];
        if (carries(carried, variable))
            continue;
        if (!text)
            text = arena_alloc(a, room);
        size += (size_t)snprintf(text + size, room - size, "%s%s", size ? ", " : "SET ",
                                 variable->text);
    }
    if (group_differs(carried, group)) {
        if (!text)
            text = arena_alloc(a, room);
        size += (size_t)snprintf(text + size, room - size, "%sresource_group = '%.*s'",
                                 size ? ", " : "SET ", SHOW(*group));
    }
    return slice_make(text, size);
}

void state_adopt(struct state *carried, const struct state *wanted, const struct slice *group)
{
    for (size_t i = 0; i < wanted->count; i++)
        state_set(carried, wanted->variables[i].is_user, slice_of(wanted->variables[i].name),
                  slice_of(wanted->variables[i].text));
    if (group_differs(carried, group))
        state_set_group(carried, *group);
}

void state_clear(struct state *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->variables[i].name);
        free(s->variables[i].text);
    }
    free(s->variables);
    free(s->resource_group);
    *s = (struct state){0};
}
