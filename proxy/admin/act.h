/* What an administrator can do: RELOAD, DRAIN FE, PAUSE PROJECT, KILL … */
#ifndef PROXY_ADMIN_ACT_H
#define PROXY_ADMIN_ACT_H

#include "base/slice.h"

struct admin;
struct arena;
struct error;
struct question;

enum act_result {
    ACT_NONE,  /* the text is none of these */
    ACT_DONE,  /* it is done; `told` says what */
    ACT_LINES, /* `lines` are to be shown under `told` */
    ACT_WAITS, /* the question will be answered with an outcome */
    ACT_FAILED /* *e says why */
};

struct act {
    struct admin *admin;
    struct slice user;         /* who asks */
    struct question *question; /* to wait with */
    struct arena *arena;
    struct slice told;
    struct slice *lines; /* in the arena */
    size_t line_count;
};

enum act_result act_run(struct act *a, struct slice text, struct error *e);

/* After ACT_WAITS: what came of it. */
enum act_result act_finish(struct act *a, bool is_whole, struct error *e);

/* HELP: one line each. */
const char *act_help(size_t i, const char **meaning);

#endif
