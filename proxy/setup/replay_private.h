/* Between the files of replay. */
#ifndef PROXY_SETUP_REPLAY_PRIVATE_H
#define PROXY_SETUP_REPLAY_PRIVATE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "proxy/plan/plan.h"
#include "proxy/setup/replay.h"

/* What a line says; borrowed from its JSON. */
struct logged {
    struct slice user, project, schema, decision, rule, reason, source, group, command, text;
    enum environment environment;
    uint64_t digest, rewritten; /* 0: the line has none */
    bool is_cut;
};

/* Why a line is not judged, and how many of them there are. */
enum skip {
    SKIP_BROKEN,  /* no JSON object of an audit log */
    SKIP_COMMAND, /* a login, or a command without SQL */
    SKIP_TEXT,    /* the log holds no text of it */
    SKIP_CUT,     /* or not all of it */
    SKIP_MASKED,  /* its values, which are masked, would be needed */
    SKIP_RUN,     /* refused for what happened, not for what the configuration says */
    SKIPS
};

/* What the new configuration makes of it. */
struct verdict {
    bool is_allowed;
    const struct compute_source *source; /* NULL: answered by the gateway */
    uint64_t rewritten;
    bool group_is_gone; /* its resource group is none of that source's */
    struct error error; /* of a refusal */
};

struct difference { /* the same change of the same statement of the same user */
    struct slice about, change, text;
    uint64_t count;
};

struct replay {
    const struct config *config;
    FILE *out;
    uint64_t lines, judged, differ, missing, skipped[SKIPS];
    bool is_masked; /* the statement at hand */
    struct arena keep, scratch;
    struct map known; /* to struct difference */
    struct difference **differences;
    size_t count, room;
    uint64_t untold; /* statements whose difference was one too many to keep */
};

/* replay_judge.c: false, with the reason, when it cannot be judged. */
bool replay_judge(struct replay *r, const struct logged *line, struct verdict *v, enum skip *skip);

/* replay_tell.c: what is different, in the arena; empty for nothing. */
struct slice replay_change(struct replay *r, const struct logged *line, const struct verdict *v);
void replay_note(struct replay *r, const struct logged *line, struct slice change);
void replay_print(const struct replay *r);

#endif
