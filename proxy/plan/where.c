/* WHERE of a SHOW. The frontend judges it with physical names, so conditions on columns that hold
 * names would tell them by trial:
 *
 *   Tables_in_sales, the header that the client sees, becomes the frontend's Tables_in_dw_sales;
 *   a database that a column is compared with by = becomes the physical one;
 *   any other condition on a column that is mapped or emptied in the reply is refused (shows.def).
 *
 * Where the gateway answers itself, condition.c judges the rows. */
#include "proxy/plan/opening.h"
#include "proxy/plan/shows.h"

#include "base/arena.h"
#include "base/error.h"

#define HEADER SLICE("Tables_in_")

enum { CONDITION_MAX = 4096 }; /* bytes; each row is judged by reading it */

bool where_find(const struct making *m, const struct sql_statement *s, uint32_t *where)
{
    struct words w = words_over(m->text, s->start, s->end);
    struct word word;

    *where = 0;
    while ((word = word_next(&w)).kind != WORD_END)
        if (word_is(word, "where")) {
            *where = (uint32_t)w.at;
            return true;
        }
    return false;
}

bool where_is_read(const struct making *m, const struct plan_step *step, const struct slice *names,
                   size_t count)
{
    const struct slice none[4] = {SLICE(""), SLICE(""), SLICE(""), SLICE("")};

    return step->statement->end - step->where <= CONDITION_MAX
           && condition_judge(words_over(m->text, step->where, step->statement->end), names, none,
                              count, m->arena)
                  != CONDITION_UNREAD;
}

bool plan_where_keeps(const struct plan_step *step, struct slice text, const struct slice *names,
                      const struct slice *cells, size_t count, struct arena *arena)
{
    return condition_judge(words_over(text, step->where, step->statement->end), names, cells, count,
                           arena)
           == CONDITION_KEEPS;
}

/* ---- what goes to a frontend ---- */

/* The database that a name of the user's selects; false when there is none. */
static bool database_of(const struct making *m, struct slice name, struct slice *database)
{
    const struct plan_context *here = m->here;
    struct selection at;
    struct binding b;
    struct error ignored;

    if (!plan_select(here->config, here->user, here->listener, name, &at, &ignored) || !at.project
        || !side_bind(at.project, at.project->is_shared ? PROD : at.environment, at.schema, &b,
                      &ignored))
        return false;
    *database = b.database;
    return true;
}

/* The one that the statement lists. */
static bool database_listed(const struct making *m, const struct sql_statement *s,
                            const struct plan_reference *bound, struct slice *database)
{
    struct binding b;
    struct error ignored;

    for (uint32_t i = 0; i < s->reference_count; i++)
        if (s->references[i]->kind == KIND_DATABASE) {
            *database = bound[i].binding ? bound[i].binding->database : SLICE("");
            return bound[i].binding != NULL;
        }
    if (!m->here->at.project)
        return false;
    if (!session_bind(m->here, &b, &ignored))
        return false;
    *database = b.database;
    return true;
}

static bool refuse_column(const struct making *m, struct slice name)
{
    return refuse(m->e, ERROR_SYNTAX,
                  "Getting analyzing error. Detail message: Column '%.*s' cannot be resolved.",
                  SHOW(name));
}

/* Tables_in_sales */
static bool bind_header(struct making *m, const struct sql_statement *s,
                        const struct plan_reference *bound, struct word word, struct slice name)
{
    struct slice meant, listed, tail = slice_after(name, HEADER.size);

    if (slice_equal_nocase(tail, SLICE("information_schema")))
        return true; /* it is called so there as well, or not at all */
    if (!database_of(m, tail, &meant) || !database_listed(m, s, bound, &listed)
        || !slice_equal(meant, listed) || !can_be_written(listed))
        return refuse_column(m, name);
    change_put(m, (uint32_t)(word.end - word.text.size), (uint32_t)word.end,
               arena_print(m->arena, "`%.*s%.*s`", SHOW(HEADER), SHOW(listed)));
    return true;
}

static bool refuse_condition(const struct making *m, struct slice name)
{
    return refuse(
        m->e, ERROR_NOT_SUPPORTED,
        "starbind: WHERE takes no condition on %.*s here; it would be judged by names that "
        "are the cluster's",
        SHOW(name));
}

/* column = 'sales' */
static bool bind_database(struct making *m, struct words *w, struct slice name)
{
    struct slice database = {"", 0};
    struct word word;

    if (!word_is(word_next(w), "=") || (word = word_next(w)).kind != WORD_STRING
        || word.text.size < 2 || memchr(word.text.data, '\\', word.text.size))
        return refuse_condition(m, name);
    database_of(m, slice_make(word.text.data + 1, word.text.size - 2), &database);
    change_put(m, (uint32_t)(word.end - word.text.size), (uint32_t)word.end,
               sql_quote_string(database, m->arena));
    return true;
}

static bool bind_word(struct making *m, const struct sql_statement *s,
                      const struct plan_reference *bound, struct words *w, struct word word)
{
    const char *columns = shows_columns(s->rule);
    struct slice name = word_name(word);

    if (s->rule == RULE_showTableStatement && name.size >= HEADER.size
        && slice_equal_nocase(slice_head(name, HEADER.size), HEADER))
        return bind_header(m, s, bound, word, name);
    switch (columns ? shows_sign(columns, name) : ' ') {
    case ' ':
    case '#':
        return true;
    case '@':
        return bind_database(m, w, name);
    default:
        return refuse_condition(m, name);
    }
}

bool where_bind(struct making *m, const struct sql_statement *s, const struct plan_reference *bound)
{
    uint32_t where;

    if (s->class != CLASS_METADATA || m->here->user->sees_all_metadata || !where_find(m, s, &where))
        return true;
    struct words w = words_over(m->text, where, s->end);
    for (struct word word = word_next(&w); word.kind != WORD_END; word = word_next(&w))
        if ((word.kind == WORD_NAME || word.kind == WORD_QUOTED)
            && !bind_word(m, s, bound, &w, word))
            return false;
    return true;
}
