/* Statements that StarRocks does not have, or not for everybody: what the gateway tells of itself,
 * and what tools insist on.
 *
 *   SHOW PINS                        SHOW PROJECTS [LIKE 'x']
 *   SHOW DATA SOURCES [LIKE 'x']     SHOW MEMBERS [FROM project] [LIKE 'x']
 *   SHOW GRANTS FOR CURRENT_USER[()]
 *   START TRANSACTION READ ONLY, READ WRITE: as without, for SET TRANSACTION is read and forgotten,
 * too ADMIN SHOW FRONTEND CONFIG LIKE 'run_mode'
 *
 *   nothing but comments that MySQL would run, as mysqldump begins with: a frontend runs none
 * either, but finds no statement and refuses
 *
 * Each is alone in its text, which is looked at before it is read as SQL: nothing that a frontend
 * would take begins so, but for the last, of which any other pattern is a frontend's. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

enum { WORDS_MAX = 4 };

static const struct own {
    const char *words[WORDS_MAX];
    enum plan_answer answer;
    bool has_like, has_from, has_brackets;
    const char *only_like; /* else the statement is a frontend's */
} own[] = {
    {{"SHOW", "PINS"}, ANSWER_PINS, .has_like = false},
    {{"SHOW", "PROJECTS"}, ANSWER_PROJECTS, .has_like = true},
    {{"SHOW", "DATA", "SOURCES"}, ANSWER_SOURCES, .has_like = true},
    {{"SHOW", "MEMBERS"}, ANSWER_MEMBERS, .has_like = true, .has_from = true},
    {{"SHOW", "GRANTS", "FOR", "CURRENT_USER"}, ANSWER_GRANTS, .has_brackets = true},
    {{"START", "TRANSACTION", "READ", "ONLY"}, ANSWER_BEGIN, .has_like = false},
    {{"START", "TRANSACTION", "READ", "WRITE"}, ANSWER_BEGIN, .has_like = false},
    {{"ADMIN", "SHOW", "FRONTEND", "CONFIG"},
     ANSWER_RUN_MODE,
     .has_like = true,
     .only_like = "run_mode"},
};

enum { OWN = sizeof own / sizeof *own };

/* The words behind the first two; *w moves behind them. */
static bool goes_on(struct words *w, const struct own *o)
{
    struct words at = *w;

    for (size_t i = 2; i < WORDS_MAX && o->words[i]; i++)
        if (!word_is(word_next(&at), o->words[i]))
            return false;
    *w = at;
    return true;
}

static const struct own *find(struct words *w)
{
    struct word first = word_next(w), second = word_next(w);

    for (size_t i = 0; i < OWN; i++)
        if (word_is(first, own[i].words[0]) && word_is(second, own[i].words[1])
            && goes_on(w, &own[i]))
            return &own[i];
    return NULL;
}

static struct slice unquoted(struct word word)
{
    bool has_quotes = word.kind == WORD_STRING || word.kind == WORD_QUOTED;

    return has_quotes && word.text.size >= 2 ? slice_make(word.text.data + 1, word.text.size - 2)
                                             : word.text;
}

void answer_alone(struct plan *p, enum plan_answer answer, struct arena *arena)
{
    *p = (struct plan){.rule = RULE_emptyStatement, .step_count = 1, .decision = PLAN_ANSWER};
    p->steps = arena_array(arena, 1, sizeof *p->steps);
    p->steps[0].answer = answer;
    p->steps[0].statement = arena_array(arena, 1, sizeof(struct sql_statement));
}

static void read_from(struct words *w, struct plan_step *step)
{
    struct words ahead = *w;

    if (!word_is(word_next(&ahead), "from"))
        return;
    step->asked = unquoted(word_next(&ahead));
    *w = ahead;
}

static void read_like(struct words *w, struct sql_statement *s)
{
    struct words ahead = *w;
    struct word word;

    if (!word_is(word_next(&ahead), "like"))
        return;
    word = word_next(&ahead);
    if (word.kind != WORD_STRING)
        return;
    s->has_like = true;
    s->like = unquoted(word);
    *w = ahead;
}

static void read_brackets(struct words *w)
{
    struct words ahead = *w;

    if (word_is(word_next(&ahead), "(") && word_is(word_next(&ahead), ")"))
        *w = ahead;
}

static bool refuse_rest(struct error *e, const struct own *o, struct word rest, bool is_another)
{
    const char *third = o->words[2] ? o->words[2] : "";

    if (is_another)
        return refuse(e, ERROR_NOT_SUPPORTED,
                      "starbind: %s %s%s%s has to be alone in its text; send the statements one by "
                      "one",
                      o->words[0], o->words[1], *third ? " " : "", third);
    return refuse(e, ERROR_SYNTAX, "starbind: %s %s%s%s takes no '%.*s'", o->words[0], o->words[1],
                  *third ? " " : "", third, SHOW(rest.text));
}

/* A comment that begins at an offset: where it ends; 0: none does. */
static size_t comment_end(struct slice text, size_t at)
{
    struct slice rest = slice_after(text, at);
    const char *close;

    if (rest.size < 4 || memcmp(rest.data, "/*", 2) != 0 || rest.data[2] == '+')
        return 0;
    close = memmem(rest.data + 2, rest.size - 2, "*/", 2);
    return close ? (size_t)(close - text.data) + 2 : 0;
}

/* Blanks, ';' and comments, of which one at least is MySQL's: slash, star, '!' or 'M!'. */
static bool is_versioned_comment(struct slice text)
{
    bool is_any = false;

    if (!text.size || text.data[0] != '/')
        return false;
    for (size_t at = 0, end; at < text.size; at = end) {
        struct slice rest = slice_after(text, at);

        end = strchr(" \t\r\n;", text.data[at]) && text.data[at] ? at + 1 : comment_end(text, at);
        if (!end)
            return false;
        is_any |= slice_starts_with(rest, SLICE("/*!")) || slice_starts_with(rest, SLICE("/*M!"));
    }
    return is_any;
}

bool own_statement(struct plan *p, struct slice text, struct arena *arena, struct error *e,
                   bool *is_good)
{
    struct words w = words_over(text, 0, text.size);
    const struct own *o = find(&w);
    struct sql_statement *s;
    struct word word;

    if (!o && is_versioned_comment(text)) {
        answer_alone(p, ANSWER_OK, arena);
        return *is_good = true;
    }
    if (!o)
        return false;
    answer_alone(p, o->answer, arena);
    s = arena_array(arena, 1, sizeof *s);
    p->steps[0].statement = s;
    if (o->has_from)
        read_from(&w, &p->steps[0]);
    if (o->has_like)
        read_like(&w, s);
    if (o->has_brackets)
        read_brackets(&w);
    if (o->only_like && (!s->has_like || !slice_equal(s->like, slice_of(o->only_like))))
        return false;
    bool is_another = false;
    while (word_is(word = word_next(&w), ";"))
        is_another = true;
    *is_good = word.kind == WORD_END || refuse_rest(e, o, word, is_another);
    return true;
}
