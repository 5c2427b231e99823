/* The actions, as a table of patterns. Each is written to the log with who asked for it. */
#include "proxy/admin/act.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "proxy/admin/admin_private.h"
#include "proxy/admin/diff.h"
#include "proxy/admin/phrase.h"

enum { RELOAD_PATIENCE = 60000, KILL_PATIENCE = 5000 };

static enum act_result done(struct act *a, struct slice told)
{
    a->told = told;
    return ACT_DONE;
}

static enum act_result fail(struct error *e)
{
    (void)e; /* it is filled */
    return ACT_FAILED;
}

/* ---- the configuration ---- */

static enum act_result reload(struct act *a, struct slice name, struct error *e)
{
    struct admin *admin = a->admin;

    (void)name, (void)e;
    question_open(a->question, RELOAD_PATIENCE);
    admin->host.reload(admin->host.owner, admin, a->question->number);
    a->question->due = 1;
    return ACT_WAITS;
}

static enum act_result show_config(struct act *a, struct slice name, struct error *e)
{
    (void)name, (void)e;
    a->lines = config_lines(a->admin->config, a->arena, &a->line_count);
    a->told = SLICE("configuration");
    return ACT_LINES;
}

static enum act_result show_config_diff(struct act *a, struct slice name, struct error *e)
{
    (void)name;
    a->told = SLICE("difference");
    return config_difference(a->admin->config, a->arena, &a->lines, &a->line_count, e) ? ACT_LINES
                                                                                       : fail(e);
}

/* ---- frontends ---- */

static const struct frontend *find_frontend(const struct admin *a, struct slice name)
{
    char address[300];

    for (size_t i = 0; a->topology && i < a->topology->count; i++)
        for (size_t k = 0; k < a->topology->clusters[i].count; k++) {
            const struct frontend *f = &a->topology->clusters[i].frontends[k];
            snprintf(address, sizeof(address), "%.*s:%u", SHOW(f->query.host), f->query.port);
            if (slice_equal_nocase(name, slice_of(address)))
                return f;
        }
    return NULL;
}

static enum act_result set_drained(struct act *a, struct slice name, bool is_drained,
                                   struct error *e)
{
    const struct admin_host *host = &a->admin->host;
    const struct frontend *f = find_frontend(a->admin, name);

    if (!f) {
        refuse(e, ERROR_ARGUMENTS,
               "starbind: there is no frontend '%.*s'; SELECT frontend FROM frontends lists them",
               SHOW(name));
        return ACT_FAILED;
    }
    if (!host->drain(host->owner, &f->query, is_drained)) {
        refuse(e, ERROR_LIMIT, "starbind: too many frontends are drained already");
        return ACT_FAILED;
    }
    return done(a, is_drained ? SLICE("no new work goes there from now on")
                              : SLICE("it is used again when it answers"));
}

static enum act_result drain_fe(struct act *a, struct slice name, struct error *e)
{
    return set_drained(a, name, true, e);
}

static enum act_result resume_fe(struct act *a, struct slice name, struct error *e)
{
    return set_drained(a, name, false, e);
}

/* ---- projects ---- */

static enum act_result set_paused(struct act *a, struct slice name, bool is_paused, struct error *e)
{
    struct admin *admin = a->admin;
    const struct project_name *found = config_find_project(admin->config, name);

    if (!found) {
        refuse(e, ERROR_NO_SUCH_PROJECT,
               "starbind: there is no project '%.*s'; SELECT name FROM projects lists them",
               SHOW(name));
        return ACT_FAILED;
    }
    atomic_store(&admin->tallies->at[LIMIT_PROJECT][found->project->index]->is_paused, is_paused);
    admin->host.call(admin->host.owner);
    return done(a, is_paused ? SLICE("its statements wait, in both environments")
                             : SLICE("its statements run"));
}

static enum act_result pause_project(struct act *a, struct slice name, struct error *e)
{
    return set_paused(a, name, true, e);
}

static enum act_result resume_project(struct act *a, struct slice name, struct error *e)
{
    return set_paused(a, name, false, e);
}

/* ---- sessions ---- */

static enum act_result stop(struct act *a, struct slice name, bool is_whole, struct error *e)
{
    struct admin *admin = a->admin;
    char digits[16], *end;

    snprintf(digits, sizeof(digits), "%.*s", SHOW(name));
    unsigned long id = strtoul(digits, &end, 10);
    if (*end || end == digits || name.size >= sizeof(digits) || id > UINT32_MAX) {
        refuse(e, ERROR_ARGUMENTS, "starbind: KILL takes the number of a session");
        return ACT_FAILED;
    }
    question_open(a->question, KILL_PATIENCE);
    a->question->due = admin->host.kill(admin->host.owner, admin, a->question->number, (uint32_t)id,
                                        is_whole, a->user);
    return ACT_WAITS;
}

static enum act_result kill_session(struct act *a, struct slice name, struct error *e)
{
    return stop(a, name, true, e);
}

static enum act_result kill_statement(struct act *a, struct slice name, struct error *e)
{
    return stop(a, name, false, e);
}

/* ---- the log ---- */

static enum act_result set_log_level(struct act *a, struct slice name, struct error *e)
{
    enum log_level level;

    if (!log_level_named(arena_text(a->arena, name), &level)) {
        refuse(e, ERROR_ARGUMENTS, "starbind: the levels are error, warning, info and debug");
        return ACT_FAILED;
    }
    log_set_level(level);
    return done(a, SLICE("until a reload that changes settings.log_level, or a restart"));
}

static enum act_result help(struct act *a, struct slice name, struct error *e);

/* clang-format off */
static const struct {
    const char *pattern;
    enum act_result (*run)(struct act *a, struct slice name, struct error *e);
    bool is_harmless; /* not worth a line in the log */
    const char *written, *meaning; /* NULL: a second spelling */
} acts[] = {
    {"reload",                reload,           false, "RELOAD",                     "Read the configuration anew, as at SIGHUP; all of it or nothing."},
    {"show config",           show_config,      true,  "SHOW CONFIG",                "The configuration in force, in canonical form, without secrets."},
    {"show config diff",      show_config_diff, true,  "SHOW CONFIG DIFF",           "What RELOAD would change: lines of the file as it is now against those in force."},
    {"drain fe ?",            drain_fe,         false, "DRAIN FE 'host:port'",       "No new statement or connection goes to that frontend; what runs there may finish."},
    {"resume fe ?",           resume_fe,        false, "RESUME FE 'host:port'",      "Take a DRAIN FE back."},
    {"pause project ?",       pause_project,    false, "PAUSE PROJECT name",         "Statements of the project wait, up to the wait of its compute source; transactions that are open go on."},
    {"resume project ?",      resume_project,   false, "RESUME PROJECT name",        "Take a PAUSE PROJECT back."},
    {"kill ?",                kill_session,     false, "KILL id",                    "End a session."},
    {"kill connection ?",     kill_session,     false, NULL,                         NULL},
    {"kill query ?",          kill_statement,   false, "KILL QUERY id",              "Stop the statement of a session."},
    {"set log level ?",       set_log_level,    false, "SET LOG LEVEL level",        "error, warning, info or debug, until the next restart."},
    {"help",                  help,             true,  "HELP",                       "This list; SHOW TABLES and DESCRIBE table for what can be read."},
    {"show help",             help,             true,  NULL,                         NULL},
};
/* clang-format on */

enum { ACTS = sizeof(acts) / sizeof(*acts) };

const char *act_help(size_t i, const char **meaning)
{
    for (size_t k = 0; k < ACTS; k++)
        if (acts[k].written && i-- == 0) {
            *meaning = acts[k].meaning;
            return acts[k].written;
        }
    return NULL;
}

static enum act_result help(struct act *a, struct slice name, struct error *e)
{
    const char *written, *meaning;

    (void)name, (void)e;
    a->lines = arena_array(a->arena, ACTS + 1, sizeof(*a->lines));
    a->lines[a->line_count++] = arena_print(a->arena, "%-22s %s", "SELECT …",
                                            "SQLite's, over the tables that SHOW TABLES lists.");
    for (size_t i = 0; (written = act_help(i, &meaning)); i++)
        a->lines[a->line_count++] = arena_print(a->arena, "%-22s %s", written, meaning);
    a->told = SLICE("help");
    return ACT_LINES;
}

enum act_result act_run(struct act *a, struct slice text, struct error *e)
{
    struct log_context who = {.worker = a->admin->loop.name, .user = a->user};
    struct phrase p;

    if (!phrase_read(&p, text))
        return ACT_NONE;
    for (size_t i = 0; i < ACTS; i++) {
        struct slice name = {"", 0};
        if (!phrase_is(&p, acts[i].pattern, &name))
            continue;
        enum act_result result = acts[i].run(a, name, e);
        if (!acts[i].is_harmless)
            log_info(&who, "admin", "%.*s%.*s%s%s", (int)strcspn(acts[i].pattern, "?"),
                     acts[i].pattern, SHOW(name), result == ACT_FAILED ? ": " : "",
                     result == ACT_FAILED ? e->text : "");
        return result;
    }
    return ACT_NONE;
}

enum act_result act_finish(struct act *a, bool is_whole, struct error *e)
{
    list_each(&a->question->told, struct told, link, told)
    {
        const struct outcome *o = &told->outcome;
        if (!o->has_one)
            continue;
        if (o->is_done)
            return done(a, arena_copy(a->arena, slice_of(o->text)));
        refuse(e, ERROR_ARGUMENTS, "starbind: %s", o->text);
        return ACT_FAILED;
    }
    refuse(e, ERROR_NO_SUCH_SESSION, "starbind: %s",
           is_whole ? "there is no such session"
                    : "no answer came in time; what was asked for may still happen");
    return ACT_FAILED;
}
