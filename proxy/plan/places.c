/* Variables that tell where a server is. A frontend has none of them; before a MySQL or MariaDB the
 * gateway says the same. Those that a driver asks for are answered (opening.def). */
#include "proxy/plan/places.h"

#include "proxy/plan/opening.h"

#include "base/arena.h"
#include "base/error.h"

static const struct slice places[] = {
#define PLACE(name) {#name, sizeof(#name) - 1},
#include "proxy/plan/places.def"
#undef PLACE
};

enum { PLACES = sizeof places / sizeof *places };

bool place_is_told(struct slice variable)
{
    for (size_t i = 0; i < PLACES; i++)
        if (slice_equal_nocase(variable, places[i]))
            return true;
    return false;
}

void place_put_condition(struct builder *built, struct slice column)
{
    builder_put_name(built, column);
    for (size_t i = 0; i < PLACES; i++) {
        builder_put(built, i ? SLICE(", ") : SLICE(" NOT IN ("));
        builder_put_string(built, places[i]);
    }
    builder_put(built, SLICE(")"));
}

/* ---- those that a statement reads ---- */

struct reading {
    struct words w;
    struct word before;
    uint32_t start;          /* of the variable that was read */
    struct word scope, name; /* GLOBAL, SESSION, …; without one its kind is WORD_END */
};

static struct reading reading_of(const struct making *m, const struct sql_statement *s)
{
    return (struct reading){.w = words_over(m->text, s->start, s->end), .before.kind = WORD_END};
}

/* The next @@variable; false: there is none. What stands behind its first word is read again. */
static bool read_next(struct reading *r)
{
    struct word word;

    while ((word = word_next(&r->w)).kind != WORD_END) {
        bool is_variable = word_is(word, "@") && word_is(r->before, "@");

        r->start = (uint32_t)(is_variable ? r->before.end - 1 : 0);
        r->before = word;
        if (!is_variable)
            continue;
        r->scope = (struct word){.kind = WORD_END};
        r->before = r->name = word_next(&r->w);
        struct words ahead = r->w;
        if (word_is(word_next(&ahead), ".")) {
            r->scope = r->name;
            r->before = r->name = word_next(&ahead);
        }
        return true;
    }
    return false;
}

static struct slice spelled(struct word word)
{
    return word.kind == WORD_QUOTED && word.text.size >= 2
               ? slice_make(word.text.data + 1, word.text.size - 2)
               : word.text;
}

/* Drivers ask for it: in a query the gateway's value stands for it. */
static bool is_given(const struct sql_statement *s, const struct reading *r, struct slice *value)
{
    bool is_scope = r->scope.kind == WORD_END || word_is(r->scope, "global")
                    || word_is(r->scope, "session") || word_is(r->scope, "local");

    return s->rule == RULE_queryStatement && is_scope && place_is_told(spelled(r->name))
           && variable_lacked(spelled(r->name), value);
}

void render_places(struct making *m, const struct sql_statement *s)
{
    struct reading r = reading_of(m, s);
    struct slice value;

    if (!s->has_system_variable)
        return;
    while (read_next(&r))
        if (is_given(s, &r, &value))
            change_put(m, r.start, (uint32_t)r.name.end, sql_quote_string(value, m->arena));
}

/* MariaDB takes other letters for those that they come from: no variable is written so. */
static bool check_name(const struct making *m, struct word word)
{
    struct slice name = spelled(word);

    return (slice_is_ascii(name) && !place_is_told(name))
           || refuse(m->e, ERROR_UNKNOWN_VARIABLE, "Unknown system variable '%.*s'", SHOW(name));
}

bool places_kept(const struct making *m, const struct sql_statement *s)
{
    struct reading r = reading_of(m, s);
    struct slice value;

    while (read_next(&r))
        if ((r.scope.kind != WORD_END && !check_name(m, r.scope))
            || (!is_given(s, &r, &value) && !check_name(m, r.name)))
            return false;
    return true;
}
