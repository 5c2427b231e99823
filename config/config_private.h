/* How config reads a configuration: documents, places, findings, field tables.
 *
 *   file.c      documents and what they include      locate.c   JSON path -> line
 *   fields.c    one table per object of the file     types.c    what a value may look like
 *   load.c      declare all names, then define       check.c    what only the whole shows
 *
 * Every name of every section is declared before any object is read, so a reference is judged where
 * it stands. Only this module sees jansson. */
#ifndef CONFIG_PRIVATE_H
#define CONFIG_PRIVATE_H

#include <jansson.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "base/arena.h"
#include "config/config.h"

/* path.c: a JSON path being built, projects.sales.members["a b"][2] */
struct path {
    char *at; /* owned */
    size_t size, capacity;
};

void path_key(struct path *p, struct slice key);
void path_index(struct path *p, size_t index);
void path_set(struct path *p, struct slice text); /* a whole path, made earlier */
void path_cut(struct path *p, size_t size);       /* back to an earlier size */
void path_fini(struct path *p);
static inline struct slice path_text(const struct path *p)
{
    return slice_make(p->at, p->size);
}

/* file.c: one file of the configuration */
struct document {
    struct slice path; /* as the operator would write it */
    size_t order;      /* in the order of reading */
    char *bytes;       /* owned, wiped when freed */
    size_t size;
    json_t *root; /* owned; NULL when the file is no JSON */
    dev_t device;
    ino_t inode;
    const struct document *parent;
};

struct place {
    const struct document *document; /* NULL: nowhere */
    struct slice path;
};

/* findings.c: a finding whose line is not known yet */
struct remark {
    bool is_error;
    bool is_gap; /* stops `run` only */
    struct place place, other;
    unsigned line, other_line;
    struct slice text; /* followed by the line of `other`, if there is one */
};

/* One name of a section, and what becomes of it. */
struct named {
    struct slice name;
    struct place place;
    json_t *json; /* borrowed from the document */
    void *object; /* the part of the model */
};

enum section { CLUSTERS, COMPUTE_SOURCES, PROJECTS, DATA_SOURCES, ROLES, GROUPS, USERS, SECTIONS };

struct names {
    struct named *at;
    size_t count;
    struct map map; /* name to struct named * */
};

struct group {
    struct slice name;
    struct slices users;
};

struct config_private {
    struct arena arena;
    _Atomic size_t references;
    struct finding *gaps; /* what stops `run` */
    size_t gap_count;
    struct role *roles; /* built-in ones included */
    size_t role_count;
    struct group *groups;
    size_t group_count;
};

struct load {
    struct config *config;
    struct arena *arena;  /* the snapshot's */
    struct arena scratch; /* gone when the load is over */
    struct document **documents;
    size_t document_count;
    size_t bytes;                    /* of all documents */
    const struct document *document; /* being read */
    struct path path;                /* in that document */
    struct names names[SECTIONS];
    struct map url_clusters; /* sorted endpoints to struct named * of the cluster */
    struct remark *remarks;
    size_t remark_count, remark_room, errors;
};

/* Findings at the current path. */
void load_wrong(struct load *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void load_warn(struct load *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What this build does not do: told by config_can_run only, and either stops `run` or just warns.
 */
enum gap { GAP_STOPS, GAP_WARNS };
void load_gap(struct load *l, enum gap gap, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An error at another place; `other` (or none) is a second place whose line ends the text. */
void load_blame(struct load *l, struct place at, struct place other, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Where the load is now; the path is copied. */
struct place load_place(struct load *l);

/* Moves to a member or an element and back: size = load_enter(…); …; load_leave(l, size). */
size_t load_enter(struct load *l, const char *key);
size_t load_enter_name(struct load *l, struct slice key);
size_t load_enter_index(struct load *l, size_t index);
void load_leave(struct load *l, size_t size);
void load_go(struct load *l, struct place place);

/* Finds the lines, sorts, and hands over: gaps to the snapshot (if there is one), the rest to f. */
void load_tell(struct load *l, struct findings *f);

/* Text for a message: in quotes, cut at 80 bytes, control bytes as \xNN. In scratch memory. */
const char *shown(struct load *l, struct slice text);

/* suggest.c: "; did you mean 'x'?" or "". The nearest of the names seen, if it is near. */
struct suggestion {
    struct slice wanted, best;
    size_t distance;
};
struct suggestion suggestion_for(struct slice wanted);
void suggestion_see(struct suggestion *s, struct slice candidate);
const char *suggestion_text(const struct suggestion *s, struct load *l);

/* Looks a name up in a section; an error at the current path when it is not there. */
struct named *load_find(struct load *l, enum section section, struct slice name);

/* locate.c: walks JSON that jansson accepts. */
struct walker {
    void *context;
    /* Every member and element, with the line where it begins. */
    void (*visit)(void *context, struct slice path, unsigned line);
    /* NULL, or: a key that its object already had at line `first`. */
    void (*repeat)(void *context, struct slice path, unsigned line, unsigned first);
};
void locate_walk(struct slice text, const struct walker *walker);

/* file.c */
enum {
    FILE_BYTES_MAX = 64 << 20,
    ALL_BYTES_MAX = 256 << 20,
    DOCUMENTS_MAX = 20000,
    INCLUDE_DEPTH_MAX = 8
};
/* Reads a regular file or pipe of at most `most` bytes. NULL, or a sentence about what is wrong.
 * *bytes is the caller's to wipe and free. */
const char *file_read(const char *path, size_t most, char **bytes, size_t *size, mode_t *mode);
bool load_documents(struct load *l, const char *path);
bool load_bytes(struct load *l, const char *name, struct slice text); /* the same of bytes */
void documents_free(struct load *l);
/* `path` as seen from the directory of the document being read. */
const char *path_beside(struct load *l, struct slice path);

/* reference.c: env:NAME, file:PATH or a literal. */
void reference_read(struct load *l, struct slice text, struct secret *secret,
                    struct slice *reference);
/* Warns of a secret file of this mode if everybody may read it. */
void load_warn_open(struct load *l, const char *path, mode_t mode);

/* url.c */
struct url {
    struct endpoint *endpoints;
    size_t count;
    struct slice database;
    millis connect_timeout, socket_timeout; /* 0: not said */
    bool has_tls;
    enum tls_mode tls;
};
/* Reads jdbc:mysql://host:port,…/database?key=value; false after an error at the current path. With
 * is_quiet nothing is reported. */
bool url_read(struct load *l, struct slice text, bool is_quiet, struct url *url);
/* host:port with `separators` between them. */
bool endpoints_read(struct load *l, struct slice text, const char *separators,
                    struct endpoint **endpoints, size_t *count);
/* NULL, or what is wrong with "host:port", "[v6]:port". */
const char *endpoint_read(struct slice text, struct endpoint *endpoint);
/* The same with the port left out, then 0; an IPv6 address may be bare. */
const char *address_read(struct slice text, struct endpoint *endpoint);
/* "a:1,b:2", sorted if asked: two equal sets give equal keys. */
enum endpoint_order { AS_WRITTEN, SORTED };
struct slice endpoints_text(struct arena *arena, const struct endpoint *endpoints, size_t count,
                            enum endpoint_order order);

/* network.c: "10.0.0.0/8", "::1"; bits beyond the prefix are masked. NULL, or what is wrong. */
struct token_keys { /* the pair of the same names in the settings */
    struct token_key *at;
    size_t count;
};
struct networks { /* the pairs (from, from_count) and (trusted_proxies, …_count) of the model */
    struct network *at;
    size_t count;
};
const char *network_read(struct slice text, struct network *network, bool *is_masked);
struct slice network_text(struct arena *arena, const struct network *network);

/* fields.c, for whoever reads JSON without a table */
bool load_expects(struct load *l, json_t *value, json_type type, const char *what);
struct slice json_slice(const json_t *text);
json_t *slice_json(struct slice text);

/* load.c's steps, one per section */
void settings_read(struct load *l);
void listeners_read(struct load *l);
void cluster_define(struct load *l, struct named *n);
/* The cluster of a source with its own URL, made if no other has these frontends. */
const struct cluster *cluster_of_url(struct load *l, const struct url *url, struct slice load_url);
void source_define(struct load *l, struct named *n);
/* "metadata" and "admin" */
enum { CLUSTER_SOURCES = 2 };
void cluster_sources_make(struct load *l);
void project_define(struct load *l, struct named *n);
void data_source_define(struct load *l, struct named *n);
void role_define(struct load *l, struct named *n);
void group_define(struct load *l, struct named *n);
void user_define(struct load *l, struct named *n);
enum { ROLES_BUILT_IN = 4 };
void roles_build_in(struct load *l);

/* names.c: name rules; each reports at the current path. */
void name_check_qualifier(struct load *l, struct slice name); /* project or code */
void name_check_plain(struct load *l, struct slice name, const char *what);
bool name_is_system(struct slice name);

/* check.c: what only the whole shows. */
void check_clusters(struct load *l);
void check_qualifiers(struct load *l);
void check_bindings(struct load *l);
void check_users(struct load *l);
void allowed_statements_read(struct load *l);

/* databases.c: names of sides, and who owns which database; of a model without errors */
void databases_index(struct load *l);

/* snapshot.c: an empty one with one reference */
struct config *config_new(struct slice path);

/* support.c: findings of config_can_run */
void support_check(struct load *l);

#endif
