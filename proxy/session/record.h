/* The lines of audit and slow log. Included by session_private.h. */
#ifndef PROXY_SESSION_RECORD_H
#define PROXY_SESSION_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct error;
struct session;

/* What audit and slow log will say of the statement at hand. */
struct record {
    uint64_t number;       /* of the session's statements */
    uint64_t began, lent;  /* clock_micros; 0: not yet */
    uint64_t digest;       /* 0: not known yet, or not understood */
    uint64_t bytes;        /* of the reply, passed on to the client */
    struct slice frontend; /* address of the last one that it ran on; in the arena */
    uint32_t backend;      /* that connection's id there; 0: none */
    bool is_refused;       /* by us; the session's error says why */
};

/* True, with the reason, when nothing may run since the audit log can't be written. */
bool record_refuses(struct session *s, struct error *e);

/* Notes digest and words of the plan's text in it. */
void record_know(struct session *s);

/* PLAN: a statement begins. ACQUIRE: s->backend is what it will run on. */
void record_begin(struct session *s);
void record_lent(struct session *s);

enum { RECORD_REQUEST_MAX = 64 };

/* What the statement is called in the logs; in the room. */
struct slice record_request(const struct session *s, char room[RECORD_REQUEST_MAX]);

/* The statement is over, or its session is; writes its line. Nothing when none has begun. */
void record_statement(struct session *s);

/* User or selection of the session have changed, or it ends. */
void record_forget_who(struct session *s);

/* A login has succeeded, or failed with this error. */
void record_login(struct session *s, const struct error *e);

#endif
