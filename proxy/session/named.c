/* Statements that a client has prepared by name, as SQL text. They are texts of the session, and
 * EXECUTE is the text with the user variables in the places of its `?`: planned, judged and sent
 * like every other, with the variables aligned like any others. The name, the project that was
 * selected, and the errors are as a frontend has them (facts/fe-live/prepared-statements.md). */
#include "proxy/session/session_private.h"

#include "base/memory.h"

static struct named *find(const struct session *s, struct slice name)
{
    struct named *n = s->statements ? s->statements->named : NULL;

    while (n && !slice_equal(slice_of(n->name), name))
        n = n->next;
    return n;
}

static void forget(struct session *s, struct named *n)
{
    struct named **at = &s->statements->named;

    while (*at != n)
        at = &(*at)->next;
    *at = n->next;
    s->statements->count--;
    s->statements->bytes -= n->text.size;
    free(n->name);
    free((char *)(uintptr_t)n->text.data);
    free((char *)(uintptr_t)n->selection.data);
    free(n);
}

void named_clear(struct session *s)
{
    while (s->statements && s->statements->named)
        forget(s, s->statements->named);
}

bool named_keep(struct session *s, const struct plan_step *step)
{
    struct slice selection = plan_selection_name(&s->at, &s->arena);
    struct named *old = find(s, step->name);

    if (old)
        forget(s, old);
    if (!prepared_has_room(s))
        return false;
    struct statements *all = statements_of(s);
    struct named *n = memory_new(1, sizeof(*n));
    n->name = memory_copy(step->name);
    n->text = slice_make(memory_copy(step->text), step->text.size);
    n->selection = slice_make(memory_copy(selection), selection.size);
    n->next = all->named;
    all->named = n;
    all->count++;
    all->bytes += n->text.size;
    return true;
}

bool named_drop(struct session *s, const struct plan_step *step)
{
    struct named *n = find(s, step->name);

    if (!n)
        return refuse(s->error, ERROR_NAMED_STATEMENT, "PrepareStatement `%.*s` not exist",
                      SHOW(step->name));
    forget(s, n);
    return true;
}

bool named_bind(struct session *s)
{
    const struct plan_step *step = &s->plan->steps[0];
    const struct named *n = find(s, step->name);
    struct sql_parameters found;

    if (!n)
        return refuse(s->error, ERROR_NAMED_STATEMENT, "Could not execute, since `%.*s` not exist",
                      SHOW(step->name));
    if (!sql_parameters_find(n->text, &found, &s->arena, s->error))
        return false;
    if (found.count != step->value_count)
        return refuse(s->error, ERROR_NAMED_STATEMENT,
                      "Getting analyzing error. Detail message: Invalid arguments size %zu, "
                      "expected %u.",
                      step->value_count, found.count);
    s->executed = n->selection;
    return sql_bind(n->text, step->values, step->value_count, &s->text, &s->arena, s->error);
}
