/* One statement under the new configuration.
 *
 * A masked text has '?' where values stood and '...' for further ones (protocol/sql/digest.c), and
 * does not say that it is masked. Some value is put there, and whether that is the same statement
 * is told by its digest, which does not count values. Names that need quotes are not found back
 * that way, and SET is about its value: those are not judged. */
#include "proxy/setup/replay_private.h"

/* What can stand for a value: not each goes everywhere. */
static const struct slice stand_ins[] = {{"1", 1}, {"'1'", 3}};
enum { STAND_INS = sizeof(stand_ins) / sizeof(*stand_ins) };

struct writing {
    char *at;
    size_t size;
};

static void put(struct writing *w, struct slice bytes)
{
    memcpy(w->at + w->size, bytes.data, bytes.size);
    w->size += bytes.size;
}

/* The text with values again; further rows are rows. */
static struct slice unmasked(struct replay *r, struct slice text, struct slice value)
{
    struct writing w = {.at = arena_alloc(&r->scratch, text.size * 4 + 8)};

    for (size_t i = 0; i < text.size; i++) {
        struct slice rest = slice_after(text, i);
        bool is_rows = slice_starts_with(rest, SLICE("), ..."));
        bool is_more = slice_starts_with(rest, SLICE("..."));
        if (is_rows)
            put(&w, SLICE("), ("));
        if (is_rows || is_more || rest.data[0] == '?')
            put(&w, value);
        else
            put(&w, slice_head(rest, 1));
        if (is_rows)
            put(&w, SLICE(")"));
        i += is_rows ? strlen("), ...") - 1 : is_more ? strlen("...") - 1 : 0;
    }
    return slice_make(w.at, w.size);
}

static bool may_be_masked(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '?' || slice_starts_with(slice_after(text, i), SLICE("...")))
            return true;
    return false;
}

/* Refusals that a configuration decides; the others are of the moment. */
static bool is_of_configuration(struct slice reason)
{
    static const enum error_code codes[] = {
        ERROR_NO_SUCH_PROJECT, ERROR_NO_SUCH_TABLE,    ERROR_DATABASE_EXISTS, ERROR_DENIED,
        ERROR_NO_PROJECT,      ERROR_NOT_SUPPORTED,    ERROR_SYNTAX,          ERROR_CHARACTER,
        ERROR_EMPTY_QUERY,     ERROR_UNKNOWN_VARIABLE, ERROR_WRONG_VALUE};

    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        if (slice_equal(reason, slice_of(error_row(codes[i])->name)))
            return true;
    return false;
}

static bool select_place(struct replay *r, const struct logged *line, struct plan_context *here,
                         struct error *e)
{
    struct slice name = line->project.size ? line->project : line->schema;

    if (line->project.size && line->schema.size)
        name = arena_print(&r->scratch, "%.*s.%.*s", SHOW(line->project), SHOW(line->schema));
    here->at.environment = here->listener = line->environment;
    return !name.size || plan_select(here->config, here->user, here->listener, name, &here->at, e);
}

/* Fills the verdict; gives the digest of the text, 0 where it could not be read. */
static uint64_t judge_text(struct replay *r, const struct logged *line, struct slice text,
                           struct verdict *v)
{
    struct plan_context here = {.config = r->config,
                                .user = config_find_user(r->config, line->user),
                                .multi_statements = true};
    struct plan p = {.reference_count = 0};

    *v = (struct verdict){0};
    if (!here.user) {
        refuse(&v->error, ERROR_LOGIN, "there is no user '%.*s'", SHOW(line->user));
        return line->digest;
    }
    if (!select_place(r, line, &here, &v->error))
        return line->digest;
    v->is_allowed = plan_make(&p, &here, text, &r->scratch, &v->error);
    if (v->is_allowed && p.decision == PLAN_FORWARD) {
        v->source = p.source;
        v->rewritten = plan_digest(&p, sql_digest(&p.read));
        v->group_is_gone =
            line->group.size && p.source && !source_allows_group(p.source, line->group);
    }
    return sql_digest(&p.read);
}

static bool is_as_logged(struct replay *r, const struct logged *line, const struct verdict *v)
{
    return replay_change(r, line, v).size == 0;
}

/* With values put in. Of several readings the one that decides as the log does is believed. */
static bool judge_masked(struct replay *r, const struct logged *line, struct verdict *v)
{
    bool found = false;
    struct verdict other;

    for (size_t i = 0; i < STAND_INS; i++) {
        struct slice text = unmasked(r, line->text, stand_ins[i]);
        if (judge_text(r, line, text, &other) != line->digest)
            continue;
        if (!found || is_as_logged(r, line, &other))
            *v = other;
        found = true;
    }
    return found;
}

static bool may_judge(const struct logged *line, enum skip *skip)
{
    bool has_sql = slice_equal(line->command, SLICE("Query"))
                   || slice_equal(line->command, SLICE("Prepare"))
                   || slice_equal(line->command, SLICE("Execute"));

    if (!has_sql)
        *skip = SKIP_COMMAND;
    else if (!line->text.size)
        *skip = SKIP_TEXT;
    else if (line->is_cut)
        *skip = SKIP_CUT;
    else if (slice_equal(line->decision, SLICE("deny")) && !is_of_configuration(line->reason))
        *skip = SKIP_RUN;
    else
        return true;
    return false;
}

bool replay_judge(struct replay *r, const struct logged *line, struct verdict *v, enum skip *skip)
{
    if (!may_judge(line, skip))
        return false;
    r->is_masked = false;
    uint64_t digest = judge_text(r, line, line->text, v);
    if (digest == line->digest || !may_be_masked(line->text))
        return true;
    r->is_masked = true;
    *skip = SKIP_MASKED;
    return !slice_equal(line->rule, slice_of(sql_rule_name(RULE_setStatement)))
           && judge_masked(r, line, v);
}
