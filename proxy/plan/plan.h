/* What one SQL text of one session means: whether it may run, where, as whom, in which words; or
 * what the gateway answers by itself.
 *
 * Reads as the sentence it implements (plan.c): the text is read, its names are bound to databases,
 * the user's grants are asked, the class of the statement is asked, a place is found, the text is
 * written in real names. Bytes in, structures out: no session, no socket. The session's PLAN phase
 * and `starbind explain` call the same function.
 *
 * Everything in a plan lives in the caller's arena and borrows from the text, the config and the
 * context: all must outlive it. DESIGN.md section 4 is the contract. */
#ifndef PROXY_PLAN_PLAN_H
#define PROXY_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "config/config.h"
#include "protocol/sql/sql.h"

struct arena;
struct error;
struct information;

enum { SCHEMA_MAX = 256 }; /* bytes of a schema's name, as StarRocks has it */

/* What a session has selected: by the database at connect, USE, COM_INIT_DB. May be copied and kept
 * as long as the config and the name of the schema live. */
struct selection {
    const struct project *project; /* NULL: none */
    enum environment environment;  /* without a project: the listener's */
    struct slice schema; /* `orders.sch`: the selected schema of a data source with several; or,
                            without a project, "information_schema"; else empty. Borrowed from the
                            text that named it */
};

/* The session as far as it matters to the meaning of a text. */
struct plan_context {
    const struct config *config;
    const struct user *user;
    struct selection at;
    enum environment listener; /* environment of the listener that the session came by */
    struct slice priority; /* SET starbind_priority or connection attribute; empty: the user's */
    struct slice resource_group; /* SET resource_group; empty: the configured one */
    struct slice address;        /* where the client is, for USER(); empty: not known */
    uint32_t connection_id;      /* what CONNECTION_ID() tells; 0 where there is no connection */
    bool multi_statements;       /* the client negotiated CLIENT_MULTI_STATEMENTS */
    bool pipes_as_concat;        /* the session's sql_mode has PIPES_AS_CONCAT */
    bool has_autocommit;         /* as the session has SET it */

    /* What the session has SET a variable to, as plan_set.literal; false: not at all. System
       variables in lower case, user variables as typed. NULL: nothing is known. */
    bool (*variable)(const void *variables, bool is_user, struct slice name, struct slice *value);
    const void *variables;

    /* The columns of a table of information_schema on a cluster; none: it has no such table. False,
       or NULL: it was not asked yet. */
    bool (*columns)(const void *learnt, const struct cluster *cluster, struct slice table,
                    struct slices *columns);

    /* What a cluster gives its variables before anybody SETs them, as SHOW VARIABLES tells it:
       names and values by turns. False, or NULL: it was not asked yet. */
    bool (*presets)(const void *learnt, const struct cluster *cluster, struct slices *pairs,
                    bool *is_starrocks);
    const void *learnt;
};

enum plan_decision {
    PLAN_FORWARD, /* send plan.text to plan.source */
    PLAN_ANSWER   /* answer plan.steps in order; nothing is sent */
};

enum plan_answer {
    ANSWER_NONE, /* a step of a forwarded text */
    ANSWER_OK,   /* an OK packet and nothing else */
    ANSWER_USE,  /* select step.select, OK */
    ANSWER_SET,  /* take over step.sets, OK */
    ANSWER_BEGIN,
    ANSWER_COMMIT,
    ANSWER_ROLLBACK,
    ANSWER_DATABASES,       /* SHOW DATABASES: what the user sees, step.statement->like */
    ANSWER_FIXED,           /* SHOW of what there is none of: virtual/fixed.def */
    ANSWER_CREATE_DATABASE, /* SHOW CREATE DATABASE: step.select */
    ANSWER_GRANTS,          /* SHOW GRANTS: one's own */
    ANSWER_USER,            /* SHOW USER */
    ANSWER_PROJECTS,        /* SHOW PROJECTS, alone in its text, as the two after it */
    ANSWER_SOURCES,         /* SHOW DATA SOURCES */
    ANSWER_MEMBERS,         /* SHOW MEMBERS [FROM step.asked] */
    ANSWER_CATALOGS,        /* SHOW CATALOGS: default_catalog only, step.statement->like */
    ANSWER_PROCESSES,       /* SHOW PROCESSLIST: step.statement->has_full; like: FOR 'user' */
    ANSWER_PINS,            /* SHOW PINS; alone in its text */
    ANSWER_EXPLAIN,         /* EXPLAIN GATEWAY statement: plan.explained */
    ANSWER_RUN_MODE,        /* ADMIN SHOW FRONTEND CONFIG LIKE 'run_mode' */
    ANSWER_VALUES,          /* SELECT of what is known here, SHOW VARIABLES: step.opening */
    ANSWER_PREPARE,    /* PREPARE name FROM: step.name, step.text; alone in its text, as the next */
    ANSWER_EXECUTE,    /* EXECUTE name USING: step.name, step.values */
    ANSWER_DEALLOCATE, /* step.name */
    ANSWER_KILL        /* KILL: step.victim; alone in its text */
};

/* Types of columns that are answered here: a frontend's, with its widths. */
enum plan_type { PLAN_TEXT, PLAN_BOOLEAN, PLAN_TINYINT, PLAN_SMALLINT, PLAN_INT, PLAN_BIGINT };

struct plan_column {
    struct slice label;
    enum plan_type type;
    uint32_t width; /* of text, in characters; 0: a frontend's usual one */
};

/* A SELECT or SHOW VARIABLES that can be answered here: what to tell is found when it is its turn,
   for a SET or USE may stand before it in the text. */
struct plan_opening {
    struct plan_column *columns;
    size_t column_count;
    struct plan_item *items; /* of a SELECT; NULL: SHOW VARIABLES */
    bool has_no_row;         /* LIMIT 0 */
    bool is_lacking;         /* it asks for what the server does not have, or must not tell */
    bool is_global;          /* SHOW GLOBAL VARIABLES */
};

struct plan_rows {
    struct slice *cells; /* row by row */
    size_t count;        /* of rows */
};

/* What one assignment of a SET means to the session. */
enum set_class {
    SET_HERE, /* the gateway's own: autocommit, starbind_priority, resource_group, names and charset
               */
    SET_TRACK, /* forwarded; remembered and replayed when the reply is OK */
    SET_IGNORE /* accepted without effect: StarRocks would ignore it too */
};

struct plan_set {
    enum set_class class;
    bool is_user_variable;
    struct slice name;    /* variables: lower case; user variables: as typed, without '@' */
    struct slice value;   /* the literal's value, escapes undone */
    struct slice literal; /* what to replay, as SQL: 'X', 1, DEFAULT */
    struct slice text;    /* the assignment, as typed or with its value worked out */
    bool is_default;      /* = DEFAULT */
    bool is_unknown;      /* an expression that only a frontend can work out; no literal */
};

/* One statement of the text. Empty ones have no step. */
struct plan_step {
    const struct sql_statement *statement;
    enum plan_answer answer;
    struct selection select; /* ANSWER_USE */
    uint32_t where;          /* SHOW … WHERE that is answered here: behind that word; 0: none */
    struct slice asked;      /* ANSWER_MEMBERS: the project's name as typed; empty: all */
    uint32_t victim;         /* ANSWER_KILL: the number of a connection, as the gateway gave it */
    const struct cluster *information;    /* it reads information_schema: which one's; else NULL */
    const struct compute_source *covered; /* and of databases there it covers only those of this
                                             account; NULL: of none or several */
    struct slice name;                    /* PREPARE, EXECUTE, DEALLOCATE: of the statement */
    struct slice text;                    /* PREPARE: what is prepared */
    struct plan_opening *opening; /* it can be answered here, if all others of the text can */
    struct slice *values;         /* EXECUTE: the user variables, as typed: `@a` */
    size_t value_count;
    struct plan_set *sets; /* SET: also of a forwarded one (decision PLAN_FORWARD) */
    size_t set_count;
    bool has_unknown_set;
};

/* A database, as a name resolves to it. */
struct binding {
    const struct project *project;
    enum environment environment;
    const struct compute_source *source;
    struct slice database; /* the physical one */
    bool is_explicit;      /* the spelling fixes the environment: sales.t, sales_dev.t */
};

/* A reference and what it resolved to. Small: a long statement has a hundred thousand. */
struct plan_reference {
    const struct sql_reference *reference;
    const struct binding *binding;     /* NULL: nothing to resolve (CTE, alias.column, …) */
    const struct information *derived; /* its rows are limited and mapped; else NULL */
    unsigned privileges; /* enum privilege, or-ed: what it asks; 0: any on it will do; with 256
                            or-ed, any of these; with 512, on some table */
    bool is_of_system;   /* of information_schema and its like */
    bool is_target;      /* what the statement writes, makes or changes */
    bool is_column;
};

struct plan {
    struct sql_text read; /* of the text, or of what it says without assignments: sql_unassign */
    uint64_t digest;      /* sql_digest of the text, once it was asked for (record.h); else 0 */
    struct slice masked;  /* then also the words of it, where the logs want them */
    bool masked_is_plain; /* no byte of them needs escaping in JSON */
    enum sql_rule rule;   /* of the first statement that is not empty */
    enum plan_decision decision;
    struct plan_step *steps;
    size_t step_count;
    struct plan_reference *references; /* of all statements, by start */
    size_t reference_count;

    /* of PLAN_FORWARD */
    struct slice text; /* in real names */
    const struct sql_replacement
        *changes; /* what was put into the client's text for it, by place */
    size_t change_count;
    const struct compute_source *source;  /* cluster and account to run with */
    const struct compute_source *nominal; /* what `starbind explain` tells: the same, or the
                                             session's, see place_metadata */
    const struct project *project; /* the project that the account is of, for limits and logs */
    enum environment environment;  /* its side */
    struct slice resource_group;   /* empty: StarRocks decides */
    bool is_guess;     /* it reads information_schema, whose columns the cluster has not told yet */
    bool is_read_only; /* a plain read: may be sent again when nothing came back */
    const struct plan_explained *explained; /* ANSWER_EXPLAIN */
    bool is_personal; /* a call that tells who the session is stands in it as a value */
    bool writes;      /* INSERT, UPDATE, DELETE: opens a transaction that BEGIN announced */
    bool is_ddl;
};

/* What EXPLAIN GATEWAY tells of a statement. */
struct plan_explained {
    struct plan plan; /* of the statement; what was found so far when it is refused */
    struct selection at;
    bool is_allowed;
    unsigned number; /* of a refusal, and its message */
    struct slice message;
};

/* Judges one text. False: it is refused and *e tells the client why; *p then holds what was found
 * so far (read, rule, references) and must not be run. */
bool plan_make(struct plan *p, const struct plan_context *here, struct slice text,
               struct arena *arena, struct error *e);

/* The rows of ANSWER_VALUES, as the session is now; in the arena. False when one of the values is
 * known to a frontend only, since a statement before it in the text has SET it. */
bool plan_rows(const struct plan_step *step, const struct plan_context *here, struct slice text,
               struct arena *arena, struct plan_rows *rows, struct error *e);

/* The cluster that a statement without names is about: the selected project's, else the first of
 * the configuration; NULL: there is none. */
const struct cluster *plan_cluster(const struct plan_context *here);

/* True when step->where keeps a row: columns and their cells. */
bool plan_where_keeps(const struct plan_step *step, struct slice text, const struct slice *names,
                      const struct slice *cells, size_t count, struct arena *arena);

/* What a database name selects: "sales", "sales_dev", "orders.sch", "default_catalog.sales",
 * "default_catalog.", "information_schema". Unknown and not-yours are the same refusal. */
bool plan_select(const struct config *config, const struct user *user, enum environment listener,
                 struct slice database, struct selection *selected, struct error *e);

/* Tells the statement as it is sent from the same one sent to other databases: the digest of the
 * text, which is sql_digest of plan.read, and the databases. */
uint64_t plan_digest(const struct plan *p, uint64_t digest);

/* The name of a selection as DATABASE() tells it: "sales", "sales_dev", "orders.sch"; empty for
 * none. */
struct slice plan_selection_name(const struct selection *selected, struct arena *arena);

#endif
