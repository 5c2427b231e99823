/* Prepared statements of one session. Included by session_private.h.
 *
 *   client's id ─► text, project at the time ─► planned at each EXECUTE, or found on the shelf
 *                                            └► template, which each connection knows by a number
 *
 * The ids are the gateway's. A permission that is withdrawn is felt by the next EXECUTE; on a
 * connection that does not know the statement, or knows it with another meaning, it is prepared in
 * ALIGN. */
#ifndef PROXY_SESSION_PREPARED_H
#define PROXY_SESSION_PREPARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "protocol/mysql/mysql.h"
#include "proxy/session/turn.h"

struct plan_step;
struct selection;
struct session;
struct template;

/* A value that came in pieces. */
struct joined {
    char *data; /* owned; NULL: none came */
    size_t size;
};

struct prepared {
    uint32_t id; /* slot in the low bits, a count above them: a closed id stays unknown */
    struct slice text,
        selection; /* owned; the client's text, and the project it was selected under */
    uint16_t parameters;
    uint16_t *types;       /* owned; as the client named them last, NULL before */
    struct joined *joined; /* owned; by parameter, NULL for none */
    size_t joined_bytes;
    bool is_bound_here;        /* executed as text, with its values in it: bound.c */
    bool is_tried;             /* executed before: its plan is worth keeping */
    uint64_t mark;             /* of text and selection on the shelf; 0: not asked yet */
    bool is_too_long;          /* more long data came than a statement may have */
    struct template *template; /* used; what servers know it as. NULL: not yet */
    uint32_t number;           /* EXECUTE: on the connection at hand */
};

/* A statement prepared by name, as SQL text. */
struct named {
    struct named *next;
    char *name;                   /* owned; letter case counts */
    struct slice text, selection; /* owned; as of a prepared statement */
};

struct statements {
    struct named *named;     /* owned; the youngest first */
    struct prepared **slots; /* owned */
    size_t room, count;      /* named ones count too */
    size_t lowest;           /* no slot below it is free */
    size_t bytes;            /* of texts and long data */
    uint32_t turns;          /* statements made so far */
};

/* ---- statements.c: the set, and the commands that need no frontend ---- */

struct prepared *prepared_find(const struct session *s, uint32_t id);

/* The same, or a refusal that names the command. */
struct prepared *prepared_find_or_refuse(struct session *s, uint32_t id, const char *command);

/* True when the session may prepare s->text too; else the refusal. */
bool prepared_has_room(struct session *s);

/* The session's set, made when there is none. */
struct statements *statements_of(struct session *s);

/* Adds s->text, under the project selected now. */
struct prepared *prepared_add(struct session *s);
void prepared_forget(struct session *s, struct prepared *p);
void prepared_forget_joined(struct session *s, struct prepared *p);

/* Forgets all. */
void statements_clear(struct session *s);

enum turn statement_close(struct session *s, struct slice argument);
enum turn statement_reset(struct session *s, struct slice argument);
enum turn statement_fetch(struct session *s, struct slice argument);
enum turn statement_long_data(struct session *s, struct slice argument);

/* ---- prepared.c: PREPARE and EXECUTE ---- */

enum turn statement_prepare(struct session *s, struct slice argument);
enum turn statement_execute(struct session *s, struct slice argument);

/* PLAN: an EXECUTE, by id or by name, is planned in the project of its PREPARE; false when that is
 * gone. */
bool statement_selects(struct session *s, struct selection *at);

/* PLAN: false for a PREPARE of what the gateway answers itself, and of several statements. */
bool statement_is_preparable(struct session *s);

/* ALIGN: true when the connection at hand does not know the statement; it is then prepared there,
 * and noted. */
bool statement_wants_prepare(struct session *s);
bool statement_prepared_again(struct session *s);

/* ACQUIRE: values become such as the frontend takes; false, with the reason, when one cannot. */
bool statement_adapt(struct session *s);

/* FORWARD: the id of a new statement; the argument of a COM_STMT_EXECUTE, in the arena. */
uint32_t statement_announce(struct session *s);
struct slice statement_arguments(struct session *s);

/* SETTLE: the reply is over. REFUSE: there was none. */
void statement_settle(struct session *s);
void statement_abandon(struct session *s);

/* ---- named.c: PREPARE, EXECUTE and DEALLOCATE as SQL text ---- */

/* ANSWER: keeps what PREPARE names, in the place of one of the same name; forgets. */
bool named_keep(struct session *s, const struct plan_step *step);
bool named_drop(struct session *s, const struct plan_step *step);

/* PLAN: s->text becomes the text of an EXECUTE with its variables, and s->executed tells where it
 * is planned: once more, too, when the statement has had to wait. */
bool named_bind(struct session *s);

void named_clear(struct session *s);

/* ---- bound.c: statements that their frontend cannot prepare ---- */

/* PLAN, ACQUIRE: true for a PREPARE that is to be answered here. Nothing is known of a cluster that
 * was not reached yet. */
bool statement_is_bound_here(struct session *s);

/* ANSWER: that answer. */
enum turn statement_answer(struct session *s);

/* EXECUTE of such a statement: s->text becomes the text with its values. */
bool statement_bind(struct session *s);

/* ---- convert.c: rows of text for a client that executed a prepared statement ---- */

struct conversion;

/* FORWARD: the reply that follows is converted. */
void conversion_open(struct session *s);

/* RELAY: moves what there is from the server's queue to the client's, as binary rows. */
enum follow_state convert(struct session *s);

#endif
