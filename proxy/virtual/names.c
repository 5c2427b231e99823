/* Look-ups, text of any kind, and messages; names_sql.c has SQL. */
#include "proxy/virtual/names_private.h"

#include "auth/grant.h"
#include "base/arena.h"
#include "proxy/plan/plan.h"
#include "proxy/plan/visible.h"

const struct slice names_hidden = {"?", 1};

/* ---- look-ups ---- */

static const struct cluster *cluster_of(const struct names *n)
{
    return n->plan->source->cluster;
}

bool names_is_database(const struct names *n, struct slice word)
{
    return cluster_database(cluster_of(n), word) != NULL;
}

static bool side_set(const struct names *n, struct named_side *side, const struct project *project,
                     enum environment environment, struct slice physical)
{
    const struct compute_source *source = project->sides[project->is_shared ? PROD : environment];
    struct slice name = project->names[environment];

    if (!slice_equal(source->database, physical))
        name = arena_print(n->arena, "%.*s.%.*s", SHOW(name), SHOW(physical));
    *side = (struct named_side){project, environment, name};
    return true;
}

bool names_database(const struct names *n, struct slice physical, struct named_side *side)
{
    const struct plan *p = n->plan;

    for (size_t i = 0; i < p->reference_count; i++) { /* as the statement calls it */
        const struct binding *b = p->references[i].binding;

        if (b && slice_equal(b->database, physical))
            return side_set(n, side, b->project, b->environment, physical);
    }
    const struct database *known = cluster_database(cluster_of(n), physical);
    for (const struct database_side *s = known ? known->sides : NULL; s; s = s->next)
        if (grant_sees(n->user, s->project, s->environment))
            return side_set(n, side, s->project, s->environment, physical);
    return false;
}

static bool is_account_of(const struct account *account, struct slice word)
{
    return account->username.size && slice_equal(account->username, word);
}

bool names_is_account(const struct names *n, struct slice word)
{
    const struct cluster *cluster = cluster_of(n);

    for (size_t i = 0; i < n->config->source_count; i++) {
        const struct compute_source *source = &n->config->sources[i];
        if (source->cluster == cluster && is_account_of(&source->account, word))
            return true;
    }
    return is_account_of(&cluster->monitor, word) || is_account_of(&cluster->metadata, word)
           || is_account_of(&cluster->admin, word);
}

static bool is_host(const struct names *n, struct slice word)
{
    const struct cluster *cluster = cluster_of(n);

    for (size_t i = 0; i < cluster->query_count; i++)
        if (slice_equal_nocase(cluster->query[i].host, word))
            return true;
    for (size_t i = 0; i < cluster->load_count; i++)
        if (slice_equal_nocase(cluster->load[i].host, word))
            return true;
    for (size_t i = 0; n->hosts && i < n->hosts->count; i++)
        if (slice_equal_nocase(n->hosts->at[i], word))
            return true;
    return false;
}

bool names_is_others(const struct names *n, struct slice word)
{
    if (!n->databases || is_system_schema(word))
        return false;
    for (size_t i = 1; i < n->databases->count; i += 2)
        if (slice_equal(n->databases->at[i], word))
            return true;
    return false;
}

/* ---- where a word stands ---- */

static const char *const of_databases[] = {"database", "schema", "db", NULL};
static const char *const of_tables[] = {"table",    "table name", "alias", "key",
                                        "key name", "index",      NULL};
static const char *const of_columns[] = {"column", "column name", NULL};
static const char *const in_front_of_names[] = {"from",  "join",       "into", "update",
                                                "table", "references", NULL};

bool names_has_word(const char *const *list, struct slice word)
{
    for (; *list; list++)
        if (slice_equal_nocase(word, slice_of(*list)))
            return true;
    return false;
}

bool names_come_after(struct slice word)
{
    return names_has_word(in_front_of_names, word);
}

/* The text in front of a word, without quotes, blanks and brackets at its end. */
static struct slice text_before(struct slice text, size_t start)
{
    while (start > 0 && strchr("'`\" (:=[", text.data[start - 1]))
        start--;
    return slice_head(text, start);
}

static bool follows(struct slice text, size_t start, const char *const *words)
{
    struct slice before = text_before(text, start);

    for (; *words; words++) {
        struct slice word = slice_of(*words);
        if (before.size >= word.size
            && slice_equal_nocase(slice_after(before, before.size - word.size), word))
            return true;
    }
    return false;
}

static size_t behind_quote(struct slice text, size_t end)
{
    return end + (end < text.size && text.data[end] == '`');
}

static bool has_dot(struct slice text, size_t end)
{
    end = behind_quote(text, end);
    return end < text.size && text.data[end] == '.';
}

/* The number of names behind this one, each behind a dot. */
static size_t names_behind(struct slice text, size_t end)
{
    size_t count = 0;

    while (count < 3 && has_dot(text, end)) { /* nobody asks for more */
        end = behind_quote(text, end) + 1;
        end = run_end(text, behind_quote(text, end), WITH_DASHES);
        count++;
    }
    return count;
}

/* `database`.`x`, of which this is x */
static bool is_of_database(const struct names *n, struct slice text, size_t start)
{
    size_t end = start - (start > 0 && text.data[start - 1] == '`'), from;

    if (end == 0 || text.data[end - 1] != '.')
        return false;
    end--;
    end -= end > 0 && text.data[end - 1] == '`';
    for (from = end; from > 0 && run_has(WITH_DASHES, text.data[from - 1]);)
        from--;
    return names_is_database(n, slice_make(text.data + from, end - from));
}

static bool has_word(struct slice text, struct slice word)
{
    for (size_t at = 0; at < text.size;) {
        size_t end = run_end(text, at, PART);

        if (slice_equal(slice_make(text.data + at, end - at), word))
            return true;
        at = end > at ? end : at + 1;
    }
    return false;
}

/* A table, a column or an alias that is called as a database: by the words in front of it, and only
 * when the client has typed it. Neither alone would do: a server has many words for what it means,
 * and a client must not learn what a message says by typing names that may be in it. */
static bool is_typed(const struct names *n, struct slice text, size_t start, size_t end)
{
    if (!n->asked.size)
        return false;

    size_t behind = names_behind(text, end);
    bool is_column = behind <= 1 && follows(text, start, of_columns);

    return (is_column || (!behind && follows(text, start, of_tables)))
           && has_word(n->asked, slice_make(text.data + start, end - start));
}

/* A database that no configuration names: one that the cluster told of, where it stands as one; or
 * any name where only a database can stand. */
static bool is_strange(const struct names *n, struct slice text, size_t start, size_t end)
{
    struct slice word = slice_make(text.data + start, end - start);
    static const char *const of_key[] = {"constraint fails", NULL}; /* (`db`.`table`, … */

    if ((has_dot(text, end) || follows(text, start, of_databases)) && names_is_others(n, word))
        return true;
    return start > 0 && text.data[start - 1] == '`' && !is_system_schema(word)
           && slice_starts_with(slice_after(text, end), SLICE("`.`"))
           && (follows(text, start, in_front_of_names) || follows(text, start, of_key));
}

/* 'account'@ */
static bool is_grantee(struct slice text, size_t start, size_t end)
{
    return start > 0 && text.data[start - 1] == '\''
           && slice_starts_with(slice_after(text, end), SLICE("'@"));
}

/* What the word of a text becomes; false: it stays. */
static bool translate(const struct names *n, struct slice text, size_t start, size_t end,
                      struct slice *to)
{
    struct slice word = slice_make(text.data + start, end - start);
    bool is_user = is_grantee(text, start, end);
    struct named_side side;

    if (is_user && names_is_account(n, word)) {
        *to = n->user->name;
        return true;
    }
    if (is_typed(n, text, start, end))
        return false;
    if ((names_is_database(n, word) && !is_of_database(n, text, start))
        || is_strange(n, text, start, end)) {
        *to = names_database(n, word, &side) ? side.name : names_hidden;
        return true;
    }
    if (names_is_account(n, word)) {
        *to = n->user->name;
        return true;
    }
    *to = names_hidden;
    return is_host(n, word);
}

/* ---- text ---- */

struct copy copy_of(const struct names *n, struct slice text)
{
    return (struct copy){.text = text, .built = {.arena = n->arena}};
}

void copy_replace(struct copy *c, size_t start, size_t end, struct slice to)
{
    builder_put(&c->built, slice_make(c->text.data + c->done, start - c->done));
    builder_put(&c->built, to);
    c->done = end;
}

struct slice copy_finish(struct copy *c)
{
    if (c->done == 0)
        return c->text;
    builder_put(&c->built, slice_after(c->text, c->done));
    return builder_text(&c->built);
}

bool run_has(enum run run, char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
           || c == '$' || (unsigned char)c >= 0x80 || (c == '-' && run >= WITH_DASHES)
           || (c == '.' && run == WITH_DOTS);
}

size_t run_end(struct slice text, size_t at, enum run run)
{
    while (at < text.size && run_has(run, text.data[at]))
        at++;
    return at;
}

enum { WORD_MAX = 256 }; /* bytes, of a schema's name; no host has more */

/* Looked at from each of its words, a longer run would cost its length squared. */
static size_t near_end(struct slice text, size_t at, enum run run)
{
    size_t most = text.size - at < WORD_MAX ? text.size : at + WORD_MAX;

    return run_end(slice_head(text, most), at, run);
}

/* The end of a word that a server has cut off in the middle of what it quotes, as MariaDB does
 * (near 'FROM dw_s...'): of which name it is the beginning nobody knows. Else `at`. */
static size_t cut_end(struct slice text, size_t at)
{
    size_t end = near_end(text, at, WITH_DASHES);

    return slice_starts_with(slice_after(text, end), SLICE("...'")) ? end : at;
}

/* Over what begins there: a word, or one byte. */
static size_t pass_word(const struct names *n, struct copy *c, size_t at)
{
    size_t end = cut_end(c->text, at);
    struct slice to;

    if (end > at) {
        copy_replace(c, at, end, names_hidden);
        return end;
    }
    for (int run = WITH_DOTS; run >= PART; run--) {
        end = run == PART ? run_end(c->text, at, PART) : near_end(c->text, at, (enum run)run);
        if (end > at && translate(n, c->text, at, end, &to)) {
            copy_replace(c, at, end, to);
            return end;
        }
    }
    return end > at ? end : at + 1;
}

struct slice names_in_text(const struct names *n, struct slice text)
{
    struct copy c = copy_of(n, text);

    for (size_t at = 0; at < text.size;)
        at = pass_word(n, &c, at);
    return copy_finish(&c);
}

/* ---- places ---- */

/* The offset of a line (from 1) and a column (from 0, in characters). */
static size_t offset_of(struct slice text, unsigned long line, unsigned long column)
{
    size_t at = 0;

    for (; line > 1 && at < text.size; at++)
        line -= text.data[at] == '\n';
    while (column > 0 && at < text.size) {
        at++;
        while (at < text.size && ((unsigned char)text.data[at] & 0xc0) == 0x80)
            at++;
        column--;
    }
    return at;
}

static void place_of(struct slice text, size_t offset, unsigned long *line, unsigned long *column)
{
    *line = 1;
    *column = 0;
    for (size_t i = 0; i < offset && i < text.size; i++)
        if (text.data[i] == '\n') {
            ++*line;
            *column = 0;
        } else if (((unsigned char)text.data[i] & 0xc0) != 0x80) {
            ++*column;
        }
}

/* Where in the client's text a place of the sent one came from; what was put in came from where it
 * was put. */
static size_t origin_of(const struct plan *p, size_t offset)
{
    size_t shift = 0; /* the client's offset is the sent one plus this, in size_t's arithmetic */

    for (size_t i = 0; i < p->change_count; i++) {
        const struct sql_replacement *c = &p->changes[i];
        size_t start = c->start - shift;

        if (offset < start)
            break;
        if (offset < start + c->text.size)
            return c->start;
        shift += (size_t)(c->end - c->start) - c->text.size;
    }
    return offset + shift;
}

enum { FARTHEST = 100000000 }; /* lines or columns: behind the end of every text */

static bool take_number(struct slice text, size_t *at, unsigned long *number)
{
    size_t from = *at;

    *number = 0;
    for (; *at < text.size && text.data[*at] >= '0' && text.data[*at] <= '9'; ++*at)
        if (*number < FARTHEST)
            *number = *number * 10 + (unsigned long)(text.data[*at] - '0');
    return *at > from;
}

static bool take_text(struct slice text, size_t *at, struct slice what)
{
    if (!slice_starts_with(slice_after(text, *at), what))
        return false;
    *at += what.size;
    return true;
}

static struct slice move_places(const struct names *n, struct slice message, struct slice asked)
{
    struct copy c = copy_of(n, message);

    for (size_t start = 0; start < message.size; start++) {
        size_t at = start;
        unsigned long line, column;

        if (!take_text(message, &at, SLICE("line ")) || !take_number(message, &at, &line)
            || !take_text(message, &at, SLICE(", column ")) || !take_number(message, &at, &column))
            continue;
        place_of(asked, origin_of(n->plan, offset_of(n->plan->text, line, column)), &line, &column);
        copy_replace(&c, start, at, arena_print(n->arena, "line %lu, column %lu", line, column));
        start = at - 1;
    }
    return copy_finish(&c);
}

struct slice names_in_comment(const struct names *n, struct slice comment)
{
    return slice_starts_with(comment, SLICE("View '")) ? names_in_text(n, comment) : comment;
}

struct slice names_in_message(const struct names *n, struct slice message, struct slice asked)
{
    if (asked.size && n->plan->change_count)
        message = move_places(n, message, asked);
    struct names answered = *n;
    answered.asked = asked;
    return names_in_text(&answered, message);
}
