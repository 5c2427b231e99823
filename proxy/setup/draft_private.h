/* Between the files of the draft. */
#ifndef PROXY_SETUP_DRAFT_PRIVATE_H
#define PROXY_SETUP_DRAFT_PRIVATE_H

#include "base/map.h"
#include "proxy/setup/draft.h"

/* A project to be: one database, and perhaps that of its dev side. */
struct drafted {
    struct slice name;
    struct slice databases[ENVIRONMENTS]; /* dev: may be empty */
    json_t *members;                      /* borrowed from the configuration */
};

struct drafting {
    struct draft *draft;
    const struct survey *survey;
    struct arena *arena;
    struct drafted *projects;
    size_t count;
    struct map names;  /* of projects and of their dev sides; MAP_NOCASE */
    struct map groups; /* those that some source has, and those that were told */
};

/* draft_projects.c: names them and pairs dev with prod. */
void draft_projects(struct drafting *d);

/* draft_people.c: members and users. */
void draft_people(struct drafting *d);

/* A fresh password, in the arena. */
struct slice draft_password(struct drafting *d);

json_t *draft_text(struct slice text);
void draft_note(struct drafting *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
