/* Variables that tell where a server is. A frontend has none of them; before a MySQL or MariaDB the
 * gateway says the same. Those that a driver asks for are answered (opening.def). */
#include "proxy/plan/places.h"

#include "proxy/plan/plan_private.h"

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

/* MariaDB takes other letters for those that they come from: no variable is written so. */
static bool check_name(const struct making *m, struct word word)
{
    struct slice name = word.kind == WORD_QUOTED && word.text.size >= 2
                            ? slice_make(word.text.data + 1, word.text.size - 2)
                            : word.text;

    return (slice_is_ascii(name) && !place_is_told(name))
           || refuse(m->e, ERROR_UNKNOWN_VARIABLE, "Unknown system variable '%.*s'", SHOW(name));
}

bool places_kept(const struct making *m, const struct sql_statement *s)
{
    struct words w = words_over(m->text, s->start, s->end);
    struct word before = {.kind = WORD_END}, word;

    while ((word = word_next(&w)).kind != WORD_END) {
        bool is_variable = word_is(word, "@") && word_is(before, "@");

        before = word;
        if (!is_variable)
            continue;
        if (!check_name(m, before = word_next(&w))) /* the name, or GLOBAL, SESSION, … */
            return false;
        struct words ahead = w;
        if (word_is(word_next(&ahead), ".") && !check_name(m, before = word_next(&ahead)))
            return false;
    }
    return true;
}
