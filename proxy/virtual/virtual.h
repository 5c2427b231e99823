/* Answers that the gateway gives itself, as result sets in project names. */
#ifndef PROXY_VIRTUAL_VIRTUAL_H
#define PROXY_VIRTUAL_VIRTUAL_H

#include "config/config.h"
#include "protocol/mysql/mysql.h"
#include "protocol/sql/sql.h"

#include <time.h>

struct arena;
struct plan_explained;
struct plan_opening;
struct plan_rows;
struct plan_step;

/* One client session; texts are borrowed. */
struct process_row {
    uint32_t id; /* as KILL takes it */
    struct slice user, host, project, command, state;
    struct slice text; /* of the statement at hand, as the client sent it */
    time_t connected;  /* wall clock */
    unsigned seconds;  /* how long it has been doing that */
    /* SHOW PINS, one row a pin: text and seconds are those of the pin */
    struct slice source, cause, ends;
    bool is_pending; /* it waits for its turn, or for a connection */
};

/* SHOW DATABASES: every side of a project or data source that the user has a grant on (`sales`,
 * `sales_dev`, `orders.sch`) and information_schema, sorted; LIKE and WHERE are observed. Column
 * and order as a frontend gives them (facts/fe-live/show-databases.tsv). r->out and r->sequence are
 * set. */
void show_databases(struct result_writer *r, const struct config *c, const struct user *user,
                    const struct plan_step *step, struct slice text,
                    const struct slices *(*known)(const void *owner,
                                                  const struct compute_source *source),
                    const void *owner, uint16_t status, struct arena *a);

/* SHOW CATALOGS: the default catalog, since others are not bound. */
void show_catalogs(struct result_writer *r, const struct sql_statement *statement, uint16_t status);

/* What there is none of (fixed.def): events, triggers, procedures, open tables, plugins. */
void show_none(struct result_writer *r, enum sql_rule rule, uint16_t status);

/* SHOW CREATE DATABASE, as a frontend's; the name is the project's. */
void show_create_database(struct result_writer *r, struct slice name, uint16_t status,
                          struct arena *a);

/* SHOW USER; SHOW GRANTS: what the roles of the configuration give, in StarRocks' words. */
void show_user(struct result_writer *r, const struct user *user, uint16_t status, struct arena *a);
void show_grants(struct result_writer *r, const struct config *c, const struct user *user,
                 uint16_t status, struct arena *a);

/* SHOW PROJECTS, SHOW DATA SOURCES, SHOW MEMBERS: those that the user is a member of. */
void show_projects(struct result_writer *r, const struct config *c, const struct user *user,
                   const struct sql_statement *s, uint16_t status, struct arena *a);
void show_data_sources(struct result_writer *r, const struct config *c, const struct user *user,
                       const struct sql_statement *s, uint16_t status, struct arena *a);
void show_members(struct result_writer *r, const struct config *c, const struct user *user,
                  const struct plan_step *step, uint16_t status, struct arena *a);

/* What a SELECT or SHOW VARIABLES that is answered here tells. */
void show_values(struct result_writer *r, const struct plan_opening *o,
                 const struct plan_rows *rows, uint16_t status, struct arena *a);

/* ADMIN SHOW FRONTEND CONFIG LIKE 'run_mode'. */
void show_run_mode(struct result_writer *r, struct slice run_mode, uint16_t status);

/* SHOW PROCESSLIST: columns as a frontend's (facts/fe-live/show-processlist-root.tsv). */
void show_processes(struct result_writer *r, const struct process_row *rows, size_t count,
                    uint16_t status, struct arena *a);

/* SHOW PINS: which connections stay with a session between statements, since when, why. */
void show_pins(struct result_writer *r, const struct process_row *rows, size_t count,
               uint16_t status, struct arena *a);

/* EXPLAIN GATEWAY: one row; text, cluster and account are NULL but for administrators. */
void show_explained(struct result_writer *r, const struct plan_explained *x,
                    const struct user *user, uint16_t status, struct arena *a);

#endif
