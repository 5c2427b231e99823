/* COM_FIELD_LIST: the columns of a table. A frontend answers it for any table without asking for a
 * right (facts/fe-protocol.md, section 4), and in physical names. So the columns are learnt from a
 * query that returns no row, which is planned, judged and rewritten like every other. */
#include "proxy/session/session_private.h"

#include "base/reader.h"

enum { DEFINITION_MAX = 64 * 1024 };

enum turn field_list(struct session *s, struct slice argument)
{
    struct field_list list = {0};

    s->command = COMMAND_FIELD_LIST;
    if (!field_list_read(&list, argument) || !sql_name_can_be_quoted(list.table)) {
        refuse(s->error, ERROR_NOT_SUPPORTED, "starbind: the command 'Field List' names no table");
        return session_go(s, REFUSE);
    }
    s->table = list.table;
    s->text = arena_print(&s->arena, "SELECT * FROM %.*s LIMIT 0",
                          SHOW(sql_quote_name(list.table, &s->arena)));
    return session_go(s, PLAN);
}

static bool take(struct session *s, uint8_t *sequence, struct slice *payload)
{
    return packet_take(&s->collected, sequence, DEFINITION_MAX, &s->arena, payload) == PACKET_WHOLE
           || refuse(s->error, ERROR_LOST, "starbind: the frontend's answer could not be used");
}

/* A frontend gives database and table here, and no default value for columns without one. */
static bool put_field(struct session *s, struct slice payload)
{
    struct column column;

    if (!column_read(&column, payload))
        return refuse(s->error, ERROR_LOST, "starbind: the frontend's answer could not be used");
    column.schema = plan_selection_name(&s->at, &s->arena);
    column.table = s->table;
    field_put(&s->client.out, &s->sequence, &column, SLICE(""));
    return true;
}

/* The frontend's own ERR is the reply, in project names. */
static bool put_error(struct session *s)
{
    struct err_packet err = {.sqlstate = "HY000"};
    uint8_t sequence = s->sequence;
    struct slice payload;

    if (!take(s, &sequence, &payload) || !err_read(&err, payload))
        return false;
    refuse(s->error, ERROR_BUG, "%.*s", SHOW(translate_message(s, err.message)));
    s->error->number = err.number;
    memcpy(s->error->sqlstate, err.sqlstate, sizeof(s->error->sqlstate));
    reply_put_err(&s->client.out, &s->sequence, s->error);
    return true;
}

bool fields_reply(struct session *s)
{
    uint8_t sequence = s->sequence;
    struct slice payload;

    if (s->follow->failed)
        return put_error(s);
    if (!take(s, &sequence, &payload))
        return false;
    struct reader r = reader_over(payload);
    uint64_t count = take_lenenc(&r);
    for (uint64_t i = 0; i < count; i++)
        if (!take(s, &sequence, &payload) || !put_field(s, payload))
            return false;
    reply_put_eof(&s->client.out, &s->sequence, session_status(s));
    return true;
}
