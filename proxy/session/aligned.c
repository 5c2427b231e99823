/* What the replies to ALIGN's commands mean. They are read before the statement's own reply, in
 * ALIGN or, when all went out in one write, at the head of RELAY and COLLECT. */
#include "proxy/session/session_private.h"

#include "base/reader.h"

enum { PACKET_MAX = 64 * 1024 };

/* The connection's state is unknown now: it goes, and the client never sees the statement's result.
 */
static enum turn give_up(struct session *s, const char *what, struct slice reason)
{
    bool was_sent = s->was_sent;

    if (was_sent)
        pool_kill(s->backend);
    lease_drop(s, s->backend);
    if (s->is_stopped)
        return session_stopped(s);
    if (s->is_killed) {
        refuse(s->error, ERROR_KILLED, "Query execution was interrupted");
        return session_go(s, REFUSE);
    }
    refuse(s->error, ERROR_LOST, "starbind: %s: %s: %.*s",
           was_sent ? "the statement may have run, its result is not shown"
                    : "the statement was not run",
           what, SHOW(reason));
    return session_go(s, REFUSE);
}

static enum turn lose_server(struct session *s)
{
    if (!s->backend->server.is_open)
        backend_broke(s->backend);
    if (retry_is_allowed(s))
        return session_retry(s);
    return give_up(s, "the frontend left", slice_of(stream_error(&s->backend->server)));
}

static enum turn lose_protocol(struct session *s)
{
    backend_broke(s->backend);
    return give_up(s, "the frontend does not speak the MySQL protocol", SLICE("bad packet"));
}

/* ---- one reply each ---- */

static bool take(struct session *s, uint8_t *sequence, struct slice *payload)
{
    return packet_take(&s->collected, sequence, PACKET_MAX, &s->arena, payload) == PACKET_WHOLE;
}

/* A cell of a text row; its data is NULL when it is. */
static struct slice take_cell(struct reader *r)
{
    if (r->left && *r->at == 0xfb) {
        take_skip(r, 1);
        return (struct slice){0};
    }
    return take_lenenc_bytes(r);
}

/* A number goes back as one, for a server that is no StarRocks takes no text in its place. */
static struct slice literal(struct session *s, struct slice value, uint8_t type)
{
    if (!value.data)
        return SLICE("NULL");
    return type < COLUMN_DATE || type == COLUMN_DECIMAL ? value
                                                        : sql_quote_string(value, &s->arena);
}

static bool take_types(struct session *s, uint8_t *sequence, uint8_t *types)
{
    struct slice payload;
    struct column column;

    if (!take(s, sequence, &payload)) /* the number of columns */
        return false;
    for (size_t i = 0; i < s->alignment->name_count; i++) {
        if (!take(s, sequence, &payload) || !column_read(&column, payload))
            return false;
        types[i] = column.type;
    }
    return take(s, sequence, &payload); /* EOF */
}

/* What cannot be learnt makes the connection one that is not lent again, once it is changed. */
static enum turn originals(struct session *s, const struct err_packet *err)
{
    const struct alignment *a = s->alignment;
    uint8_t *types = arena_array(&s->arena, a->name_count, 1), sequence = 0;
    struct slice row;

    if (err || !take_types(s, &sequence, types) || !take(s, &sequence, &row))
        return ONWARD;
    struct reader r = reader_over(row);
    for (size_t i = 0; i < a->name_count; i++) {
        struct slice value = take_cell(&r);
        if (reader_done(&r))
            state_put(&s->backend->originals, false, a->names[i], literal(s, value, types[i]));
    }
    return ONWARD;
}

static enum turn state(struct session *s, const struct err_packet *err)
{
    const struct alignment *a = s->alignment;

    if (err) {
        if (!s->is_killed && !s->is_stopped) /* by a KILL that met the SET */
            session_forget_sets(s); /* else every later statement would meet the same refusal */
        return give_up(s, "the session's variables were refused and are at their defaults again",
                       err->message);
    }
    for (size_t i = 0; i < a->assignment_count; i++)
        backend_accept(s->backend, a->assignments[i]);
    backend_carry(s->backend, &a->wish);
    return ONWARD;
}

static enum turn begin(struct session *s, const struct err_packet *err)
{
    if (err)
        return give_up(s, "the frontend refused BEGIN", err->message);
    s->transaction = TRANSACTION_OPEN;
    s->transaction_backend = s->backend;
    return ONWARD;
}

/* A refusal is told as the frontend tells it; nothing has changed there. */
static enum turn prepare(struct session *s, const struct err_packet *err)
{
    s->follow = &s->alignment->follow; /* whose numbers are asked for */
    if (!err)
        return statement_prepared_again(s) ? ONWARD : session_go(s, REFUSE);
    refuse(s->error, ERROR_NOT_PREPARABLE, "%.*s", SHOW(translate_message(s, err->message)));
    s->error->number = err->number;
    memcpy(s->error->sqlstate, err->sqlstate, sizeof(s->error->sqlstate));
    return session_go(s, REFUSE);
}

static const struct {
    enum follow_what reply;
    enum turn (*taken)(struct session *s, const struct err_packet *err); /* NULL: no error */
} answers[STEPS] = {
    [STEP_ORIGINALS] = {FOLLOW_QUERY, originals},
    [STEP_STATE] = {FOLLOW_QUERY, state},
    [STEP_BEGIN] = {FOLLOW_QUERY, begin},
    [STEP_PREPARE] = {FOLLOW_PREPARE, prepare},
};

/* ---- all of them ---- */

void align_follow(struct session *s)
{
    struct alignment *a = s->alignment;
    unsigned due = a->answered;

    follow_start(&a->follow, answers[a->steps[due].what].reply, a->steps[due].sequence, 0, 0, 0);
}

bool align_is_due(const struct session *s)
{
    return s->alignment && s->alignment->answered < s->alignment->sent;
}

/* From BEGIN on one reply at a time is due (may_go in align.c). */
const struct follow *align_in_transaction(const struct session *s)
{
    const struct alignment *a = s->alignment;

    if (!align_is_due(s))
        return NULL;
    bool is_inside =
        a->steps[a->answered].what == STEP_BEGIN || s->backend == s->transaction_backend;
    return is_inside ? &a->follow : NULL;
}

static enum follow_state collect_reply(struct session *s)
{
    struct queue *in = &s->backend->server.in;
    enum follow_state state = FOLLOW_MORE;

    while (state == FOLLOW_MORE && in->size && !queue_is_high(&s->collected)) {
        size_t n, used;
        unsigned char *bytes = queue_front_bytes(in, &n);
        state = follow_walk(&s->alignment->follow, bytes, n, &used);
        queue_move(&s->collected, in, used);
    }
    return queue_is_high(&s->collected) ? FOLLOW_BROKEN : state;
}

/* One whole reply stands in s->collected. */
static enum turn answer_taken(struct session *s)
{
    struct alignment *a = s->alignment;
    enum step what = a->steps[a->answered].what;
    struct err_packet err = {.sqlstate = "HY000"};
    bool failed = a->follow.failed;
    uint8_t sequence = 0;
    struct slice payload;

    if (failed && (!take(s, &sequence, &payload) || !err_read(&err, payload)))
        return lose_protocol(s);
    enum turn turn = answers[what].taken(s, failed ? &err : NULL);
    queue_clear(&s->collected);
    if (++a->answered < a->sent)
        align_follow(s);
    return turn;
}

enum turn align_answers(struct session *s)
{
    struct alignment *a = s->alignment;
    enum phase phase = s->phase;

    while (a->answered < a->sent) {
        enum follow_state state = collect_reply(s);
        if (state == FOLLOW_MORE)
            return s->backend->server.is_open && !retry_is_due(s) ? WAIT : lose_server(s);
        if (state != FOLLOW_END)
            return lose_protocol(s);
        enum turn turn = answer_taken(s);
        if (s->phase != phase)
            return turn;
    }
    return ONWARD;
}
