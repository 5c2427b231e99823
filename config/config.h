/* What the operator wrote, checked and compiled: an immutable snapshot of settings and model.
 *
 * DESIGN.md section 3 is the meaning of every key. A snapshot is built whole by config_load or not
 * at all; after that nothing changes in it, so any thread may read it while it holds a reference.
 * All strings are NUL-terminated and owned by the snapshot. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/secret.h"
#include "base/slice.h"
#include "protocol/tls/tls.h"

struct arena;
struct error;

enum environment { PROD, DEV, ENVIRONMENTS };

enum privilege { READ = 1, WRITE = 2, DDL = 4, LOAD = 8, SHARE = 16 };

enum cross_environment { CROSS_INHERIT, CROSS_NONE, CROSS_READ, CROSS_WRITE };

enum tls_mode {
    TLS_OFF,
    TLS_OPTIONAL,
    TLS_PREFERRED,
    TLS_REQUIRED,
    TLS_VERIFY_CA,
    TLS_VERIFY_FULL
};

enum pool_mode { POOL_SESSION, POOL_TRANSACTION };

enum listener_protocol { LISTEN_MYSQL, LISTEN_STREAM_LOAD, LISTEN_ADMIN, LISTEN_HTTP };

enum audit_text { AUDIT_NONE, AUDIT_MASKED, AUDIT_FULL };

enum audit_failure { AUDIT_REFUSE, AUDIT_DROP };

enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_TEXT, LOG_FORMAT_JSON, LOG_FORMAT_JOURNAL };

struct slices {
    struct slice *at;
    size_t count;
};

struct limits { /* 0: no limit */
    unsigned max_connections, max_concurrent_queries, max_queued, max_query_seconds;
};

struct tls_settings {
    enum tls_mode mode;
    struct slice certificate, key, ca; /* paths of files; ca is the listener's client_ca */
    struct slice min_version;          /* "1.2" or "1.3" */
    struct slices ciphers;             /* IANA's names; none: the default ones */
    struct slice ca_file;              /* `ca`, or the system's when a mode needs some */
    struct slice certificate_pem, key_pem, ca_pem; /* what the files held when this was loaded */
    bool is_broken;                                /* there were errors: nobody will serve it */
};

struct token_key {
    struct secret secret;
    struct slice reference; /* as account's */
};

struct listener {
    enum listener_protocol protocol;
    struct slice host;
    uint16_t port;
    enum environment environment;
    struct tls_settings tls;
    struct token_key token; /* http: what a request must bring; empty: nothing */
};

struct endpoint {
    struct slice host;
    uint16_t port;
};

struct account { /* username is empty when the account is not configured */
    struct slice username;
    struct secret password;
    struct slice reference; /* "env:NAME", "file:PATH"; empty: the file holds the password itself */
};

/* Where a frontend is reached that announces itself otherwise. */
struct address {
    struct endpoint announced; /* port 0: all ports of the host */
    struct endpoint reached;   /* port 0: the announced one */
};

struct cluster {
    struct slice name;      /* made up ("host:port,…") for a source with its own jdbc_url */
    size_t index;           /* 0 … model.cluster_count - 1 */
    struct endpoint *query; /* FE query ports */
    size_t query_count;
    struct endpoint *load; /* FE HTTP ports */
    size_t load_count;
    struct address *addresses; /* frontend_addresses */
    size_t address_count;
    struct account monitor, metadata, admin;
    /* what runs metadata statements: "metadata", else "monitor", as a source; NULL without both */
    const struct compute_source *metadata_source;
    const struct compute_source *admin_source; /* what runs statements of administrators, or NULL */
    struct map databases;                      /* MAP_EXACT: physical name to struct database * */
    struct tls_settings tls;
    struct slice public_key, public_key_pem; /* a path, and what the file held; see cluster.c */
    struct limits limits;
    bool is_made; /* has no name of its own: a source's jdbc_url made it */
    millis connect_timeout, socket_timeout; /* jdbc_url's, for sources without their own; 0: none */
};

struct resource_group {
    struct slice priority, name;
};

struct compute_source { /* or a side of a data source, or an account of a cluster */
    struct slice name;  /* "sales"; "data_sources.订单库.dev"; "clusters.main.metadata" */
    size_t index;       /* 0 … model.source_count - 1 */
    const struct cluster *cluster;
    struct slice database;   /* empty: only `databases` are reachable */
    struct slices databases; /* schemas that code.schema.table may name besides */
    bool any_database;       /* databases: "*" */
    struct slice description;
    struct account account;
    struct resource_group *groups; /* by priority */
    size_t group_count;
    struct slices allowed_groups;
    enum pool_mode pool_mode;
    unsigned max_connections, min_idle;
    millis max_wait, connect_timeout; /* the smaller bounds an acquisition */
    millis socket_timeout, dial_timeout;
    struct limits limits;
};

/* A grant of a role: these privileges, on these tables (exact names or patterns with '*'; no
 * tables: all). */
struct grant {
    unsigned privileges; /* enum privilege, or-ed */
    struct slices tables;
};

struct role {
    struct slice name;
    struct grant *grants[ENVIRONMENTS];
    size_t grant_count[ENVIRONMENTS];
};

struct membership {
    const struct role **roles;
    size_t role_count;
};

/* A project, or a data source with a code: a qualifier of SQL. */
struct project {
    struct slice name;                /* the qualifier: project name or data source's code */
    struct slice names[ENVIRONMENTS]; /* its sides as qualifiers: "sales", "sales_dev" */
    struct slice title;               /* a data source's name; a project's own */
    size_t index;
    bool is_data_source;
    bool is_shared; /* one side (prod's) serves both environments */
    const struct compute_source
        *sides[ENVIRONMENTS]; /* DEV is NULL for none; shared: prod's again */
    struct slice description;
    struct slices tags, scenarios;
    struct map members; /* user name or "@group" to struct membership *; MAP_EXACT */
    enum cross_environment cross_environment; /* CROSS_INHERIT: settings' */
    struct limits limits;
};

/* A physical database that the configuration names: the sides of projects that it belongs to, in
 * their order there. */
struct database_side {
    const struct project *project;
    enum environment environment;
    const struct database_side *next;
};

struct database {
    const struct database_side *sides; /* NULL: a compute source has it that no project uses */
};

/* NULL when the configuration names none of this name in the cluster. */
const struct database *cluster_database(const struct cluster *cluster, struct slice name);

struct hashes { /* one, or two during rotation */
    struct slice at[2];
    size_t count; /* 0: the method is not configured */
};

struct network {
    unsigned char address[16]; /* IPv6, IPv4 as mapped */
    unsigned bits;             /* 0 … 128 */
};

struct user {
    struct slice name;
    size_t index;
    struct hashes native; /* "*" and 40 hex digits; an empty slice is an empty password */
    struct hashes sha2;   /* "$A$005$…" */
    struct slice certificate_subject, certificate_san;
    struct slice default_project, priority;
    struct network *from; /* count 0: from anywhere */
    size_t from_count;
    bool require_tls, is_admin, sees_all_metadata;
    bool takes_tokens;
    struct slice only;    /* in a session's copy: the one project that its token is good for */
    struct slices groups; /* group names with '@' in front */
    struct limits limits;
};

struct settings {
#define SETTING_COUNT(name, ...)  unsigned name;
#define SETTING_BYTES(name, ...)  size_t name;
#define SETTING_MILLIS(name, ...) millis name;
#define SETTING_TEXT(name, ...)   struct slice name;
#include "config/settings.def"
#undef SETTING_COUNT
#undef SETTING_BYTES
#undef SETTING_MILLIS
#undef SETTING_TEXT
    struct network *trusted_proxies;
    size_t trusted_proxy_count;
    struct slice audit_log, slow_log; /* paths; empty: none is written */
    enum audit_text audit_text;
    enum audit_failure audit_failure;
    struct slice log_file; /* a path; empty: standard error */
    enum log_format log_format;
    enum log_level log_level;
    struct slice run_as; /* empty: whoever started it */
    bool query_comment;
    struct slice state_folder; /* a path; empty: no state is kept */
    bool core_dumps;
    struct token_key *token_keys; /* the first one signs, all verify */
    size_t token_key_count;
    enum cross_environment cross_environment;
};

struct config {          /* the snapshot */
    uint64_t generation; /* 1 for the first snapshot of the process, then growing */
    struct slice path;
    struct settings settings;
    struct listener *listeners;
    size_t listener_count;
    struct cluster *clusters;
    size_t cluster_count;
    /* compute sources, then the sides of data sources, then the clusters' own accounts */
    struct compute_source *sources;
    size_t source_count, compute_source_count;
    struct project *projects; /* projects and data sources that have a code */
    size_t project_count;
    struct project *unlisted; /* data sources without a code: no SQL reaches them */
    size_t unlisted_count;
    struct user *users;
    size_t user_count;
    struct slices allowed_statements; /* rule names */
    struct slices allowed_endpoints;  /* patterns */
    /* look-ups */
    struct map project_names; /* MAP_NOCASE: "sales" and "sales_dev" to struct project_name * */
    const struct project_name *open_sides; /* whose source has databases "*" */
    struct map user_names;                 /* MAP_EXACT: to struct user * */
    /* the rest is config's own business: memory, reference count */
    struct config_private *own;
};

/* What a qualifier names: the project and the side that the spelling fixes. */
struct project_name {
    const struct project *project;
    enum environment environment;    /* DEV for NAME_dev */
    const struct project_name *next; /* of config.open_sides */
};

/* A finding of config_load. */
struct finding {
    bool is_error; /* else a warning */
    struct slice file;
    unsigned line;     /* from 1; 0 when there is none */
    struct slice path; /* JSON path: projects.sales.prod */
    struct slice text; /* what is wrong and what to write instead */
};

/* All findings of one run, in order of file and line; owned by whoever asked. */
struct findings {
    struct finding *at;
    size_t count, errors;
    struct arena *arena;
};

void findings_init(struct findings *f);
void findings_fini(struct findings *f);

/* Prints one line per finding: "FILE:LINE: PATH: error: TEXT". */
void findings_print(const struct findings *f, FILE *out);

/* Loads a configuration and everything that it includes. Returns a snapshot with one reference, or
 * NULL when there is an error; findings hold errors and warnings either way. Reads secrets and
 * files. */
struct config *config_load(const char *path, struct findings *findings);

/* The same of a text that is in no file; findings call it by that name. */
struct config *config_load_text(const char *name, struct slice text, struct findings *findings);

/* Reports, as errors with file, line and path, what the model knows but this build does not serve
 * yet (listener protocols, TLS, pool modes …); `run` stops on them. */
bool config_can_run(const struct config *c, struct findings *findings);

struct config *config_ref(struct config *c); /* atomic */
void config_unref(struct config *c);         /* the last one frees; NULL is allowed */

/* What a qualifier means, or NULL. Compares without regard to ASCII case. */
const struct project_name *config_find_project(const struct config *c, struct slice name);
const struct user *config_find_user(const struct config *c, struct slice name);

/* What a TLS library is given for a listener (TLS_SERVER) or a cluster (TLS_CLIENT); borrowed from
 * the snapshot, without a key for tickets. */
void tls_setup_make(const struct tls_settings *tls, enum tls_side side, struct tls_setup *setup);

/* Whether both would make the same of a connection: mode, files, versions, suites. */
bool tls_is_same(const struct tls_settings *a, const struct tls_settings *b);

/* One of "settings", as people read it. */
struct setting {
    struct slice name, value, preset, meaning;
    bool is_fixed; /* a new value takes a restart */
};

/* Calls take for every row of settings.def, in its order; the slices are good until it returns. */
void settings_walk(const struct config *c, void (*take)(void *owner, const struct setting *s),
                   void *owner);

/* True when only programs of this machine reach the listener. */
bool listener_is_local(const struct listener *l);

/* "mysql" …; "prod" and "dev"; "session" and "transaction"; "read" … */
const char *listener_protocol_name(enum listener_protocol p);
const char *environment_name(enum environment e);
const char *privilege_name(enum privilege p);

/* The resource group of a priority by the source's table, or its "default", or empty. */
struct slice source_group(const struct compute_source *source, struct slice priority);

/* True when the source lets a statement name this group (resource_groups or
 * allowed_resource_groups). */
bool source_allows_group(const struct compute_source *source, struct slice group);

/* The whole configuration in canonical form, defaults filled in; secrets and hashes are "***". */
void config_print(const struct config *c, FILE *out);

/* The JSON Schema of the file, and its keys as tables of markdown. */
void config_print_schema(FILE *out);
void config_print_keys(FILE *out);

#endif
