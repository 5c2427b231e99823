/* Columns that hold SQL or words of any kind, mapped by the server itself: what a client's
 * expression is given has to be what it may see. names.c and names_sql.c do the same to replies, by
 * the same rules.
 *
 * One function is put around another, and each sees all that those inside it wrote. So that none
 * takes a name of another's for a database, whatever is done with gets a mark that makes another
 * word of it, and the last one takes all marks away:
 *
 *   `dw_sales`.`t`.`a`                       the column
 *   `dw_sales`.0sb_`0sb_t`.0sb_`0sb_a`       what stands behind a dot is no database
 *   `0sb_sales`.0sb_`0sb_t`.0sb_`0sb_a`      one name after another
 *   `sales`.`t`.`a`
 *
 * The patterns mean the same to RE2, which looks for the longest match, and to PCRE. Names of
 * the configuration need no group in what replaces them, which other servers spell in another way.
 */
#include "proxy/plan/derive.h"

#include "base/arena.h"
#include "base/must.h"

#define MARK "0sb_" /* of a word's characters; no database begins with 0 */

enum {
    REPLACED_MAX = 32,
    STEPS_MAX = 2 * REPLACED_MAX + 16 /* two for each name; before and behind them */
};

struct step {
    bool is_pattern;
    struct slice from, to;
};

struct steps { /* the innermost first */
    struct arena *arena;
    struct step at[STEPS_MAX];
    size_t count;
};

static void add(struct steps *s, bool is_pattern, struct slice from, struct slice to)
{
    must(s->count < STEPS_MAX);
    s->at[s->count++] = (struct step){is_pattern, from, to};
}

/* ---- patterns ---- */

static bool is_of_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A character that means itself in brackets needs no backslash, which in a string depends on the
 * server's sql_mode. */
static void put_escaped(struct builder *b, char c)
{
    if (strchr("^\\", c))
        builder_put(b, SLICE("\\"));
    else if (strchr(".[{()*+?$|", c)) {
        char bracketed[] = {'[', c, ']'};
        builder_put(b, slice_make(bracketed, sizeof bracketed));
        return;
    }
    builder_put(b, slice_make(&c, 1));
}

static void put_choice(struct builder *b, struct slice text, struct slice begin, struct slice end)
{
    if (b->size)
        builder_put(b, SLICE("|"));
    builder_put(b, begin);
    for (size_t i = 0; i < text.size; i++)
        put_escaped(b, text.data[i]);
    builder_put(b, end);
}

/* The text as a whole word, as one more choice of a pattern; an empty one is none. To RE2 letters
 * that are not ASCII's are no word's, and have no boundary. */
static void put_word(struct builder *b, struct slice text)
{
    const struct slice none = SLICE(""), boundary = SLICE("\\b");

    if (text.size)
        put_choice(b, text, is_of_word(text.data[0]) ? boundary : none,
                   is_of_word(text.data[text.size - 1]) ? boundary : none);
}

/* The same of a word that is in backquotes, or begins there: what is behind it tells its end. */
static void put_begin(struct builder *b, struct slice text)
{
    if (text.size)
        put_choice(b, text, is_of_word(text.data[0]) ? SLICE("(`|\\b)") : SLICE("`?"), SLICE(""));
}

/* ---- which names ---- */

static bool is_among(const struct visible *const *of, size_t count, struct slice database)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(of[i]->database, database))
            return true;
    return false;
}

/* Longest first: of a name with a dash in it the other part may be a database, too. */
static int by_length(const void *a, const void *b)
{
    const struct visible *x = *(const struct visible *const *)a;
    const struct visible *y = *(const struct visible *const *)b;

    return x->database.size == y->database.size  ? slice_compare(x->database, y->database)
           : x->database.size > y->database.size ? -1
                                                 : 1;
}

/* Those to be replaced in a text: first the ones that the rows are of, then, unless the text can
 * name no others, further ones. */
static size_t choose(struct derivation *d, char sign, const struct visible *const *of, size_t count,
                     const struct visible **chosen)
{
    const struct visible *all;
    size_t n = 0, all_count = 0;

    for (size_t i = 0; i < count && n < REPLACED_MAX; i++)
        if (of[i]->database.size && of[i]->project && !is_among(chosen, n, of[i]->database))
            chosen[n++] = of[i];
    all = sign == '+' ? NULL : visible_all(d->m, &all_count);
    for (size_t i = 0; i < all_count && n < REPLACED_MAX; i++) {
        const struct visible *v = &all[i];
        if (v->database.size && v->source->cluster == d->cluster && can_be_written(v->database)
            && !is_among(chosen, n, v->database))
            chosen[n++] = v;
    }
    if (n)
        qsort(chosen, n, sizeof *chosen, by_length);
    return n;
}

/* ---- what is hidden ---- */

/* In SQL a name, elsewhere a word. */
static void put_pattern(struct builder *built, char sign, struct slice name)
{
    if (sign == '%')
        put_begin(built, name);
    else
        put_word(built, name);
}

static void put_databases(struct derivation *d, char sign, const struct visible *const *of,
                          size_t count, struct builder *built)
{
    const struct config *c = d->m->here->config;

    for (size_t i = 0; i < c->source_count; i++) {
        const struct compute_source *source = &c->sources[i];

        if (source->cluster != d->cluster)
            continue;
        if (!is_among(of, count, source->database))
            put_pattern(built, sign, source->database);
        for (size_t k = 0; k < source->databases.count; k++)
            if (!is_among(of, count, source->databases.at[k]))
                put_pattern(built, sign, source->databases.at[k]);
    }
}

static void put_accounts(struct derivation *d, struct builder *built)
{
    const struct config *c = d->m->here->config;

    for (size_t i = 0; i < c->source_count; i++)
        if (c->sources[i].cluster == d->cluster)
            put_word(built, c->sources[i].account.username);
    put_word(built, d->cluster->monitor.username);
    put_word(built, d->cluster->metadata.username);
    put_word(built, d->cluster->admin.username);
}

/* What no reply may hold: databases of the cluster that were not replaced; in words of any kind its
 * accounts, too. As a choice of a pattern; empty when there is none. */
static struct slice hidden(struct derivation *d, char sign, const struct visible *const *of,
                           size_t count)
{
    struct builder built = {.arena = d->m->arena};

    if (sign == '+')
        return SLICE("");
    put_databases(d, sign, of, count, &built);
    if (sign == '~')
        put_accounts(d, &built);
    return builder_text(&built);
}

/* ---- the steps ---- */

static struct slice pattern_of(struct derivation *d, char sign, struct slice name)
{
    struct builder built = {.arena = d->m->arena};

    put_pattern(&built, sign, name);
    return builder_text(&built);
}

/* `name`. with a mark in it */
static struct slice qualifier_of(struct derivation *d, const char *mark, struct slice name)
{
    return arena_print(d->m->arena, "`%s%.*s`.", mark, SHOW(name));
}

/* Each word of a name gets the mark: it may be sales.ods-1. */
static struct slice marked_words(struct derivation *d, const char *mark, struct slice name)
{
    struct builder built = {.arena = d->m->arena};

    builder_put(&built, slice_of(mark));
    for (size_t i = 0; i < name.size; i++) {
        builder_put(&built, slice_make(name.data + i, 1));
        if (name.data[i] == '.' || name.data[i] == '-')
            builder_put(&built, slice_of(mark));
    }
    return builder_text(&built);
}

#define BLANKS "([[:space:]]|/[*]([^*]|[*]+[^*/])*[*]+/)*"

/* clang-format off */
static const struct fixed_step { bool is_pattern; const char *from, *to; } before_names[] = {
    {false, "`.`", "`.`" MARK},
    {false, ".", "." MARK},
    {true, "(?i)default_catalog(`?[.])" MARK "(`?)(" MARK ")?", MARK "default_catalog\\1\\2"},
}, behind_names[] = {
    {false, "information_schema", MARK "information_schema"},
    {false, "`sys`.", "`" MARK "sys`."},
    /* databases that no configuration names: whatever stands where only one can */
    {true, "(?i)((^|[^a-z0-9_])(from|join|into|update|table|references)[[:space:](]+)"
           "(`[^0`][^`]*`|[^0-9`.(),'\"[:space:]][^`.(),[:space:]]*)" BLANKS "[.]", "\\1`?`."},
    {true, "`[^0`][^`]*`([.]" MARK "`" MARK "[^`]*`[.]" MARK ")", "`?`\\1"},
    {false, MARK, ""},
};
/* clang-format on */

static void add_fixed(struct steps *s, const struct fixed_step *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(s, list[i].is_pattern, slice_of(list[i].from), slice_of(list[i].to));
}

static void steps_in_sql(struct derivation *d, struct steps *s, const struct visible *const *of,
                         size_t count, struct slice masked)
{
    add_fixed(s, before_names, sizeof before_names / sizeof *before_names);
    for (size_t i = 0; i < count; i++) {
        struct slice database = of[i]->database, name = of[i]->name;
        struct slice quoted = qualifier_of(d, "", marked_words(d, MARK, name));
        bool is_plain = !memchr(name.data, '.', name.size);

        add(s, false, qualifier_of(d, "", database), quoted);
        add(s, true,
            arena_print(s->arena, "%.*s`?" BLANKS "[.]", SHOW(pattern_of(d, '%', database))),
            is_plain ? arena_print(s->arena, MARK "%.*s.", SHOW(name)) : quoted);
    }
    if (masked.size)
        add(s, true, arena_print(s->arena, "(%.*s)`?" BLANKS "[.]", SHOW(masked)), SLICE("`?`."));
    add_fixed(s, behind_names, sizeof behind_names / sizeof *behind_names);
}

/* Words of any kind; and, with '+', SQL that names databases of the row at most. */
static void steps_in_words(struct derivation *d, struct steps *s, char sign,
                           const struct visible *const *of, size_t count, struct slice masked)
{
    const char *mark = count + (masked.size > 0) > 1 ? MARK : "";

    for (size_t i = 0; i < count; i++)
        if (sign == '+')
            add(s, false, qualifier_of(d, "", of[i]->database), qualifier_of(d, mark, of[i]->name));
        else
            add(s, true, pattern_of(d, sign, of[i]->database), marked_words(d, mark, of[i]->name));
    if (masked.size)
        add(s, true, masked, SLICE("?"));
    if (*mark && count)
        add(s, false, SLICE(MARK), SLICE(""));
}

/* ---- the text ---- */

static void put_call(struct derivation *d, const struct steps *s, struct slice column)
{
    for (size_t i = s->count; i-- > 0;)
        builder_put(&d->built, s->at[i].is_pattern ? SLICE("REGEXP_REPLACE(") : SLICE("REPLACE("));
    builder_put_name(&d->built, column);
    for (size_t i = 0; i < s->count; i++) {
        builder_put(&d->built, SLICE(", "));
        builder_put_string(&d->built, s->at[i].from);
        builder_put(&d->built, SLICE(", "));
        builder_put_string(&d->built, s->at[i].to);
        builder_put(&d->built, SLICE(")"));
    }
}

void derive_put_words(struct derivation *d, size_t index, const struct visible *const *of,
                      size_t count)
{
    const struct visible *chosen[REPLACED_MAX];
    struct steps s = {.arena = d->m->arena};
    char sign = d->signs[index];
    size_t n = choose(d, sign, of, count, chosen);
    struct slice masked = hidden(d, sign, chosen, n);

    if (sign == '%')
        steps_in_sql(d, &s, chosen, n, masked);
    else
        steps_in_words(d, &s, sign, chosen, n, masked);
    put_call(d, &s, d->columns[index]);
}
