/* What is written of a statement and of a login: one JSON line in the audit log, the same line in
 * the slow log when the statement took long. docs/audit.md names the members. */
#include "proxy/session/session_private.h"

#include "base/clock.h"
#include "base/digits.h"
#include "base/jsonline.h"
#include "base/memory.h"
#include "base/must.h"

enum { LINE_ROOM = 8 * 1024, WHO_MAX = 1024 };

_Static_assert(LINE_ROOM + 131072 < JOURNAL_LINE_MAX, "audit_text_bytes fits into a line");

static bool has_logs(const struct session *s)
{
    return s->all->audit.journal || s->all->slow.journal;
}

static bool has_room(const struct session *s)
{
    const struct journal *audit = s->all->audit.journal;

    return !audit || s->snapshot->config->settings.audit_failure != AUDIT_REFUSE
           || !journal_is_clogged(audit);
}

bool record_refuses(struct session *s, struct error *e)
{
    if (has_room(s))
        return false;
    refuse(e, ERROR_AUDIT,
           "starbind: the audit log cannot be written now, so nothing runs; tell the operator");
    return true;
}

/* ---- what every line has ---- */

/* The calendar is asked once a second. */
static void put_time(struct jsonline *l, struct stamp *stamp, uint64_t micros_ago)
{
    struct timespec now;
    struct tm parts;

    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t micros = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000 - micros_ago;
    time_t second = (time_t)(micros / 1000000);
    if (second != stamp->second) {
        stamp->second = second;
        gmtime_r(&second, &parts);
        stamp->size = strftime(stamp->text, sizeof(stamp->text), "%Y-%m-%dT%H:%M:%S.", &parts);
    }
    digits_fixed(stamp->text + stamp->size, 6, micros % 1000000);
    stamp->text[stamp->size + 6] = 'Z';
    jsonline_word(l, "time", slice_make(stamp->text, stamp->size + 7));
}

static void put_client(struct jsonline *l, const struct session *s)
{
    jsonline_number(l, "session", s->id);
    jsonline_text(l, "client", slice_of(s->client_name));
}

static void put_error(struct jsonline *l, const struct error *e)
{
    jsonline_number(l, "errno", e->number);
    jsonline_word(l, "reason", slice_of(error_row(e->code)->name));
}

/* ---- statements ---- */

static void tell_who(struct jsonline *l, const struct session *s)
{
    put_client(l, s);
    jsonline_text(l, "user", s->user->name);
    if (s->at.project) {
        jsonline_text(l, "project", s->at.project->name);
        jsonline_word(l, "environment", slice_of(environment_name(s->at.environment)));
    }
    if (s->at.schema.size)
        jsonline_text(l, "schema", s->at.schema);
}

/* The same for most statements of a session, and kept from its second one on: many have but one. */
static void put_who(struct jsonline *l, struct session *s)
{
    size_t before = l->used;

    if (s->who) {
        jsonline_again(l, slice_of(s->who));
        return;
    }
    tell_who(l, s);
    if (s->record->number > 1 && !l->is_cut && l->used - before <= WHO_MAX)
        s->who = memory_copy(jsonline_since(l, before));
}

void record_forget_who(struct session *s)
{
    free(s->who);
    s->who = NULL;
}

void record_know(struct session *s)
{
    const struct settings *settings = &s->snapshot->config->settings;
    struct plan *p = s->plan;
    size_t most = 3 * p->read.text.size + 8; /* '1,2' may become '?, ...' */
    size_t size = most < settings->audit_text_bytes ? most : settings->audit_text_bytes;

    if (settings->audit_text != AUDIT_MASKED || !has_logs(s))
        size = 0;
    char *room = arena_room(&s->arena, size);
    p->digest = sql_digest_told(&p->read, room, size, &size);
    p->masked = slice_make(room, size);
    p->masked_is_plain = jsonline_is_plain(p->masked);
}

static void put_text(struct jsonline *l, const struct session *s, const struct plan *p)
{
    const struct settings *settings = &s->snapshot->config->settings;
    size_t size = settings->audit_text_bytes;

    if (settings->audit_text == AUDIT_FULL) {
        l->is_cut |= s->text.size > size;
        jsonline_long_text(l, "text",
                           slice_head(s->text, s->text.size < size ? s->text.size : size));
    } else if (settings->audit_text == AUDIT_MASKED && p && p->masked_is_plain) {
        jsonline_long_word(l, "text", p->masked);
    } else if (settings->audit_text == AUDIT_MASKED && p) {
        jsonline_long_text(l, "text", p->masked);
    }
}

static void tell_plan(struct jsonline *l, const struct plan *p, bool is_refused)
{
    jsonline_word(l, "rule", slice_of(sql_rule_name(p->rule)));
    jsonline_hex(l, "digest", p->digest);
    if (p->decision == PLAN_FORWARD && !is_refused)
        jsonline_hex(l, "rewritten", plan_digest(p, p->digest));
    if (!p->source)
        return;
    jsonline_text(l, "source", p->source->name);
    if (p->resource_group.size)
        jsonline_text(l, "resource_group", p->resource_group);
}

static void put_plan(struct jsonline *l, struct session *s)
{
    bool is_refused = s->record->is_refused;
    struct slice told = is_refused ? (struct slice){0} : shelf_told(s);
    size_t before = l->used;

    if (told.size) {
        jsonline_again(l, told);
        return;
    }
    tell_plan(l, s->plan, is_refused);
    if (!is_refused && !l->is_cut)
        shelf_tell(s, jsonline_since(l, before));
}

static void put_frontend(struct jsonline *l, const struct record *r)
{
    jsonline_text(l, "frontend", r->frontend);
    jsonline_number(l, "backend", r->backend);
}

static void put_numbers(struct jsonline *l, const struct session *s, uint64_t now)
{
    const struct record *r = s->record;

    if (r->lent)
        jsonline_number(l, "queue_us", r->lent - r->began);
    if (s->was_sent) {
        jsonline_number(l, "rows", s->follow->rows);
        jsonline_number(l, "affected", s->follow->affected);
        jsonline_number(l, "bytes", r->bytes);
        if (s->follow->failed)
            jsonline_number(l, "server_errno", s->follow->error_number);
    }
    jsonline_number(l, "total_us", now - r->began);
}

static const char *decision_of(const struct session *s)
{
    if (s->record->is_refused)
        return "deny";
    if (s->is_over)
        return "gone";
    return s->plan && s->plan->decision == PLAN_ANSWER ? "here" : "allow";
}

struct slice record_request(const struct session *s, char room[RECORD_REQUEST_MAX])
{
    size_t size = RUN_NAME;

    memcpy(room, s->all->run, size);
    room[size++] = '-';
    size += digits_decimal(room + size, s->id);
    room[size++] = '-';
    size += digits_decimal(room + size, s->record->number);
    return slice_make(room, size);
}

static size_t write_statement(char *room, size_t size, struct session *s, uint64_t now)
{
    struct jsonline l = jsonline_over(room, size);
    const struct record *r = s->record;
    char request[RECORD_REQUEST_MAX];

    put_time(&l, &s->all->stamp, now - r->began);
    jsonline_word(&l, "request", record_request(s, request));
    put_who(&l, s);
    jsonline_word(&l, "command", slice_of(mysql_command_name(s->command)));
    jsonline_word(&l, "decision", slice_of(decision_of(s)));
    if (r->is_refused)
        put_error(&l, s->error);
    if (s->plan)
        put_plan(&l, s);
    else
        jsonline_hex(&l, "digest", 0);
    if (s->plan && s->plan->source && r->backend)
        put_frontend(&l, r);
    put_numbers(&l, s, now);
    put_text(&l, s, s->plan);
    return jsonline_end(&l);
}

static bool is_slow(const struct session *s, uint64_t now)
{
    return s->all->slow.journal
           && now - s->record->began >= s->snapshot->config->settings.slow_log_ms * 1000;
}

/* Room for a line, or NULL for none. What has run must be told; what was refused may be counted
 * only, or whoever asks again and again would fill the memory while the disk is full. */
static char *reserve(const struct session *s, struct pen *pen, size_t size, bool has_run)
{
    const struct settings *settings = &s->snapshot->config->settings;

    if (!pen->journal)
        return NULL;
    if (pen == &s->all->audit && settings->audit_failure == AUDIT_REFUSE && has_run)
        return pen_insist(pen, size);
    return pen_reserve(pen, size);
}

void record_begin(struct session *s)
{
    if (s->record) /* it waited for a place, and is planned anew */
        return;
    s->record = arena_alloc(&s->arena, sizeof(*s->record));
    *s->record = (struct record){.number = ++s->statement_number, .began = clock_micros()};
}

void record_lent(struct session *s)
{
    s->record->lent = clock_micros();
    if (!has_logs(s))
        return;
    s->record->backend = s->backend->connection_id;
    s->record->frontend = arena_copy(&s->arena, backend_address(s->backend));
}

void record_statement(struct session *s)
{
    size_t size = LINE_ROOM + s->snapshot->config->settings.audit_text_bytes;
    char *room;

    if (!s->record)
        return;
    uint64_t now = clock_micros();
    if (s->plan && !s->plan->digest)
        record_know(s);
    s->record->digest = s->plan ? s->plan->digest : 0;
    stats_statement(s, now);
    if (s->record->is_refused)
        denials_statement(s);
    if ((room = reserve(s, &s->all->audit, size, !s->record->is_refused)))
        pen_commit(&s->all->audit, write_statement(room, size, s, now));
    if (is_slow(s, now) && (room = reserve(s, &s->all->slow, size, true)))
        pen_commit(&s->all->slow, write_statement(room, size, s, now));
    s->record = NULL;
}

/* ---- logins ---- */

void record_login(struct session *s, const struct error *e)
{
    const struct verify *v = s->verify;
    char *room = s->is_health_check ? NULL : reserve(s, &s->all->audit, LINE_ROOM, !e);

    if (e && !s->is_health_check)
        denials_login(s, e);
    if (!room)
        return;
    struct jsonline l = jsonline_over(room, LINE_ROOM);
    put_time(&l, &s->all->stamp, 0);
    put_client(&l, s);
    jsonline_text(&l, "user", v->login.user);
    jsonline_word(&l, "command", SLICE("Login"));
    jsonline_word(&l, "decision", e ? SLICE("deny") : SLICE("allow"));
    if (e)
        put_error(&l, e);
    jsonline_text(&l, "method", v->method);
    pen_commit(&s->all->audit, jsonline_end(&l));
}
