/* LOGIN: packets of the client, until it has proven who it is or failed to. */
#include "proxy/session/session_private.h"

#include "base/memory.h"
#include "base/writer.h"

enum { LOGIN_PACKET_MAX = 64 * 1024 };

enum turn login_turn_away(struct session *s, const struct error *e, const char *why)
{
    struct log_context who = session_context(s);

    metric_add(&s->all->loop->metrics, METRIC_logins_refused, 1);
    record_login(s, e);
    log_line(s->is_health_check ? LOG_DEBUG : LOG_INFO, &who, "login", "refused: %s", why);
    reply_put_err(&s->client.out, &s->sequence, e);
    s->is_lingering = true;
    return session_go(s, BYE);
}

/* The project that the session starts in: what the login names, else the user's default. */
static bool select_first(struct session *s, const struct login *login, struct error *e)
{
    struct slice database = login->has_database ? login->database : (struct slice){0};

    if (database.size == 0)
        database = s->user->default_project;
    return database.size ? session_select(s, database, e) : presence_enter(s, &s->at, e);
}

static enum turn welcome(struct session *s)
{
    const struct login *login = &s->verify->login;
    struct log_context who;
    struct slice priority;
    struct error e;

    session_take_user(s, s->verify->user, s->verify->project);
    s->proof = memory_copy(s->verify->proof);
    s->capabilities = login->capabilities;
    if (record_refuses(s, &e))
        return login_turn_away(s, &e, "the audit log cannot be written");
    if (!select_first(s, login, &e))
        return login_turn_away(s, &e, "the project cannot be selected");
    if (attribute_find(login->attributes, SLICE("starbind_priority"), &priority))
        s->priority = memory_copy(priority);
    record_login(s, NULL);
    who = session_context(s);
    log_line(s->is_health_check ? LOG_DEBUG : LOG_INFO, &who, "login", "via=%.*s tls=%s",
             SHOW(s->verify->method),
             s->client.is_secured ? stream_about(&s->client, NULL).version : "none");
    struct ok_packet ok = {.status = session_status(s)};
    reply_put_ok(&s->client.out, &s->sequence, &ok);
    s->verify = NULL;
    arena_clear(&s->arena);
    return session_go(s, READY);
}

enum turn login_feed(struct session *s, struct slice payload)
{
    unsigned char room[VERIFY_REPLY_MAX];
    struct writer w = writer_over(room, sizeof(room));
    struct error e;

    verify_clock(s->verify, loop_now(s->all->loop), clock_wall());
    switch (verify_feed(s->verify, payload, &w, &e)) {
    case VERIFY_MORE:
        packet_put(&s->client.out, &s->sequence, writer_bytes(&w));
        return ONWARD;
    case VERIFY_WORK:
        check_start(s, s->verify->job);
        return WAIT;
    case VERIFY_OK:
        if (w.size)
            packet_put(&s->client.out, &s->sequence, writer_bytes(&w));
        return welcome(s);
    case VERIFY_TLS:
        return encrypt(s);
    case VERIFY_REFUSED:
        break;
    }
    return login_turn_away(s, &e, s->verify->why);
}

/* The password is being looked at; what the client sends meanwhile waits in its queue. */
static enum turn judge(struct session *s)
{
    struct verify_job *job = check_take(s);
    struct error e;

    if (!job)
        return WAIT;
    if (verify_done(s->verify, job, &e) == VERIFY_OK)
        return welcome(s);
    return login_turn_away(s, &e, s->verify->why);
}

/* A proxy that is trusted and not understood: nothing behind its header can be read either. */
static enum turn distrust(struct session *s)
{
    struct error e;

    refuse(&e, ERROR_HANDSHAKE, "starbind: the PROXY protocol header was not understood");
    return login_turn_away(s, &e, "the PROXY protocol header was not understood");
}

enum turn login(struct session *s)
{
    struct slice payload;
    struct error e;

    if (s->check)
        return judge(s);
    if (!s->is_introduced) {
        enum proxied_state state = introduce(s);
        if (state == PROXIED_MORE)
            return WAIT;
        s->is_introduced = true;
        if (state == PROXIED_BAD)
            return distrust(s);
    }
    if (s->client.is_secured && !s->verify->encrypted)
        encrypt_tell(s, s->verify);
    switch (packet_take(&s->client.in, &s->sequence, LOGIN_PACKET_MAX, &s->arena, &payload)) {
    case PACKET_NONE:
        return WAIT;
    case PACKET_WHOLE:
        stream_taken(&s->client);
        return login_feed(s, payload);
    case PACKET_BAD_SEQUENCE:
        s->sequence++; /* an answer to the packet that was not taken; below too */
        refuse(&e, ERROR_PACKET_ORDER, "Got packets out of order");
        return login_turn_away(s, &e, "packets out of order");
    case PACKET_TOO_LARGE:
        s->sequence++;
        break;
    }
    refuse(&e, ERROR_PACKET_SIZE, "Got a login packet bigger than %d bytes", LOGIN_PACKET_MAX);
    return login_turn_away(s, &e, "the login packet is too large");
}
