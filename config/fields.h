/* Field tables: one row per key of an object of the file. The rows drive reading, the "did you
 * mean", printing, the schema and the manual. */
#ifndef CONFIG_FIELDS_H
#define CONFIG_FIELDS_H

#include "config/config_private.h"

struct field;

struct field_type {
    const char *what;                                    /* "a string" */
    void (*preset)(const struct field *f, void *member); /* NULL: zero is the default */
    void (*read)(struct load *l, const struct field *f, json_t *value, void *member);
    json_t *(*write)(const struct field *f, const void *member, struct arena *scratch);
    json_t *(*schema)(const struct field *f);
};

enum field_rule { OPTIONAL, NEEDED };

struct field {
    const char *key;
    const struct field_type *type;
    size_t offset;        /* of the member in the object's struct */
    const char *fallback; /* the default, or NULL */
    uint64_t least, most; /* value of a number, characters of a string (most 0: any) */
    const void *more;     /* struct word[], struct object: as the type wants */
    enum field_rule rule;
    const char *meaning;
};

struct object {
    const char *name; /* "project": in messages and as the name of its schema */
    const struct field *fields;
    size_t count;
};

void object_preset(const struct object *o, void *made);
void object_read(struct load *l, const struct object *o, json_t *json, void *made);
void object_unknown_keys(struct load *l, const struct object *o, json_t *json);
json_t *object_write(const struct object *o, const void *made, struct arena *scratch);
/* The schema of an object, and the reference to it among the definitions of the file's schema. */
json_t *object_schema(const struct object *o);
json_t *object_reference(const struct object *o);

/* words.c */
struct word {
    const char *text; /* NULL ends a list */
    unsigned value;
};
extern const struct word words_of_environment[], words_of_privilege[], words_of_cross[],
    words_of_protocol[], words_of_pool[], words_of_listener_tls[], words_of_cluster_tls[],
    words_of_tls_version[], words_of_tls_provider[], words_of_all[], words_of_audit_text[],
    words_of_audit_failure[], words_of_log_format[], words_of_log_level[];
const char *word_of(const struct word *words, unsigned value);
/* The word, or NULL after an error at the current path. */
const struct word *word_read(struct load *l, const struct word *words, struct slice text);

/* types.c, types_list.c, and the objects' own */
extern const struct field_type type_text, type_name, type_file, type_key_file, type_count,
    type_size, type_millis, type_bool, type_word, type_word_text, type_texts, type_networks,
    type_object, type_password, type_address, type_addresses, type_tls, type_groups, type_databases,
    type_members, type_grants, type_native, type_sha2, type_all, type_token_keys, type_token;

/* A row whose type follows from the member, at compile time. */
#define FIELD_TYPE(T, member)                                                                      \
    _Generic(((T *)0)->member, unsigned                                                            \
             : &type_count, millis                                                                 \
             : &type_millis, bool                                                                  \
             : &type_bool, struct slice                                                            \
             : &type_text, struct slices                                                           \
             : &type_texts)

/* The objects of the file. */
extern const struct object object_file, object_settings, object_listener, object_listener_tls,
    object_cluster, object_cluster_tls, object_account, object_limits, object_source, object_pool,
    object_side, object_project, object_data_source, object_role, object_grant, object_user,
    object_auth, object_certificate;

/* What rows of clusters, sources and projects are read into: the model and the names in it. */
struct cluster_draft {
    struct cluster it;
    struct slice jdbc_url, load_url;
};
struct source_draft {
    struct compute_source it;
    struct slice cluster, jdbc_url, load_url;
};
struct project_draft {
    struct project it;
    struct slice code;
    struct slice names[ENVIRONMENTS];          /* of compute sources */
    struct source_draft *drafts[ENVIRONMENTS]; /* of a data source; NULL: none */
};

/* tls.c: reads the files of the settings and tries them. To be called when the mode is known; `key`
 * is where it stands in the object at the current path: "tls" or "jdbc_url". */
void tls_settle(struct load *l, const struct object *o, const char *key, struct tls_settings *tls);
/* What a file of the model holds, in the snapshot's memory. Empty when there is none, or when it
 * cannot be read, which the row has told of. */
struct slice load_text(struct load *l, struct slice path);

/* Turns a draft into a source of the model: cluster, database, timeouts. */
void source_settle(struct load *l, const struct object *o, json_t *json, struct source_draft *draft,
                   struct compute_source *source);

#endif
