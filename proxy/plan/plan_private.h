/* What the files of the planner share: one plan in the making. */
#ifndef PROXY_PLAN_PLAN_PRIVATE_H
#define PROXY_PLAN_PLAN_PRIVATE_H

#include "auth/grant.h"
#include "base/builder.h"
#include "proxy/plan/plan.h"
#include "proxy/plan/visible.h"

struct making {
    struct plan *plan;
    const struct plan_context *here;
    struct slice text;
    struct arena *arena;
    struct error *e;
    struct sql_replacement *changes; /* to the text, in no particular order */
    size_t change_count, change_room;
    size_t information_count;             /* names of system schemas in the statement at hand */
    size_t tables_count;                  /* in those before it, too */
    size_t derived_bytes;                 /* of the texts that stand for these, so far */
    const struct compute_source *covered; /* whose metadata the statement at hand reads, */
    bool covers_many;                     /* and others' */
    struct visible *visible;              /* see visible_all */
    size_t visible_count;
    bool has_visible;
    uint32_t looked_up; /* where a look-up's schema stands: lookup_put has written it; 0: none */
    bool has_columns;   /* among the names of the statement at hand */
    const struct sql_reference *qualified; /* the last name of two parts, and what it is bound */
    const struct binding *binding;         /* to: the next one often has the same qualifier */
    const struct binding *own;             /* the session's, when it was asked for */
};

/* ---- qualify.c: what stands before a name ---- */

/* What the qualifiers of a name mean, before an environment is chosen. */
struct qualifier {
    const struct project *project; /* NULL: a schema of the system */
    enum environment environment;  /* that the spelling fixes */
    bool is_macro;                 /* the session's environment instead */
    struct slice schema;           /* of code.schema, or the system schema as typed; else empty */
    uint32_t at;                   /* the part that names the database */
    bool has_code;                 /* a part with the code stands before it */
};

/* Finds the project of one or two qualifiers, as far as the user may know it. */
bool qualifier_find(const struct config *config, const struct user *user,
                    const struct sql_part *parts, uint32_t count, struct qualifier *q,
                    struct error *e);

/* The database of a project's side, or of a schema there. */
bool side_bind(const struct project *project, enum environment environment, struct slice schema,
               struct binding *b, struct error *e);

/* The session's own database. */
bool session_bind(const struct plan_context *here, struct binding *b, struct error *e);

bool is_default_catalog(const struct sql_part *part);
struct slice word_of_kind(const struct project *project); /* "project" or "data source" */

/* ---- own.c: statements that StarRocks does not have ---- */

/* True when the text is one of them; then *is_good tells whether it is well formed, or *e why not.
 */
bool own_statement(struct plan *p, struct slice text, struct arena *arena, struct error *e,
                   bool *is_good);

/* A plan of one step that the gateway answers. */
void answer_alone(struct plan *p, enum plan_answer answer, struct arena *arena);

/* ---- describe.c: EXPLAIN GATEWAY statement ---- */

/* The offset of the statement when a text begins with EXPLAIN GATEWAY, else 0. */
size_t describe_offset(struct slice text);
bool describe_text(struct plan *p, const struct plan_context *here, struct slice text,
                   struct arena *arena, struct error *e);

/* ---- gate.c: which kinds of statement are open, and which speak of the session's database ---- */
bool gate_find(const struct making *m, const struct sql_statement *s, const struct policy **policy);
bool side_add(struct making *m, const struct sql_statement *s, const struct policy *policy);

/* ---- bind.c, column.c: names become bindings and changes of the text ---- */

/* Binds the references of one statement: plan->references[first …], in the statement's order. */
bool bind_statement(struct making *m, const struct sql_statement *s, const struct policy *policy,
                    struct plan_reference *bound);
bool bind_columns(struct making *m, const struct sql_statement *s, struct plan_reference *bound);

/* A copy that lives as long as the plan. */
const struct binding *binding_keep(const struct making *m, const struct binding *b);

/* ---- information.c, narrow.c, derive.c, lookup.c: information_schema ---- */
enum { REREAD_MAX = 65536 }; /* bytes: what is longer is not read again for each of its tables */
enum information_gate {
    INFORMATION_ROWS,
    INFORMATION_OPEN,
    INFORMATION_PLACES,
    INFORMATION_EMPTY,
    INFORMATION_ADMIN
};

struct information { /* a row of information.def */
    struct slice name;
    enum information_gate gate;
    const char *columns; /* as it is written there; see information_columns */
};

struct information_column {
    struct slice name;
    char sign; /* of information.def; ' ' for none */
};

const struct information *information_find(struct slice table); /* NULL: no frontend has it */
struct slices information_open(struct arena *arena);            /* the tables that all may read */

/* The columns of a row, in a frontend's order. */
const struct information_column *information_columns(const struct information *row, size_t *count);
/* The first column of the table with this sign; empty: it has none. */
struct slice information_column_with(const struct information *row, char sign);

/* All that the user may know, found when it is asked for; sorted by name. */
const struct visible *visible_all(struct making *m, size_t *count);

/* True when a name belongs to a schema of the system, and to which. */
bool information_names(const struct making *m, const struct sql_reference *r, struct slice *schema);
bool information_bind(struct making *m, const struct sql_statement *s, const struct policy *policy,
                      struct plan_reference *bound, struct slice schema);
bool information_finish(struct making *m, struct plan_step *step, struct plan_reference *bound);
bool information_column(struct making *m, const struct sql_reference *column, uint32_t qualifiers,
                        const struct plan_reference *relation);

enum { NARROW_MAX = 64 };
struct narrowing { /* names that the schema column is compared with */
    bool is_found, is_pattern;
    struct slices names;
    const struct lookup *lookup;   /* it stands in a plain look-up; else NULL */
    const struct visible *visible; /* what they leave of all that the user may know */
    size_t visible_count;
};

/* False when the statement does not say, or not in a way that is certain. */
bool narrow_find(const struct making *m, const struct sql_statement *s,
                 const struct sql_reference *r, struct slice column, struct narrowing *found);
bool narrow_keeps(const struct narrowing *n, struct slice name);

/* lookup.c: the same for a statement that is a plain look-up; false when it is none. */
bool lookup_find(const struct making *m, const struct sql_statement *s,
                 const struct sql_reference *r, const struct information *row,
                 struct narrowing *found);

/* Puts a derived table in the place of a reference: in brackets, with the columns that the
 * statement can mean, under the table's name unless it has one of its own; or what comes to the
 * same in a plain look-up (lookup.c). False when the cluster has no such table. */
bool derive(struct making *m, const struct sql_statement *s, const struct plan_reference *bound,
            const struct narrowing *n, const struct cluster *cluster);

/* ---- judge.c: may this user do that there ---- */
bool judge_references(const struct making *m, const struct plan_reference *bound, size_t count);
enum {                     /* beside privileges */
       ASK_EITHER = 256,   /* any one of them will do */
       ASK_SOMEWHERE = 512 /* on some table will do */
};
bool judge_side(const struct making *m, const struct binding *b, unsigned privileges);

/* ---- safe.c: functions and clauses that reach beyond the database ---- */
bool safe_statement(const struct making *m, const struct sql_statement *s);

/* ---- hint.c: what hints may set, and the resource group that they name ---- */
struct hinted {
    bool is_given;
    struct slice group; /* empty: the configured one */
};
bool hints_judge(struct making *m, const struct sql_statement *s,
                 const struct compute_source *chooser, struct hinted *hinted);

/* ---- endpoint.c: addresses that jobs name ---- */
bool safe_endpoints(const struct making *m, const struct sql_statement *s);

/* ---- property.c: what the text says beside its names ---- */
bool safe_properties(const struct making *m, const struct sql_statement *s);

/* ---- select.c ---- */
/* What a reference names as a database. `bare` is the side of a project's name alone: the
 * listener's where the database is selected, PROD where it is only named, as SHOW DATABASES lists
 * it. */
bool select_reference(const struct making *m, const struct sql_reference *r, enum environment bare,
                      struct selection *selected);

/* ---- answer.c: what the gateway answers by itself ---- */
bool answer_find(struct making *m, struct plan_step *step);

/* ---- named.c: PREPARE name FROM, EXECUTE name, DEALLOCATE PREPARE name ---- */
bool named_prepare(struct making *m, struct plan_step *step);
bool named_execute(struct making *m, struct plan_step *step);
bool named_deallocate(struct making *m, struct plan_step *step);

/* ---- assign.c: SET ---- */
bool assign_read(struct making *m, struct plan_step *step);

/* ---- evaluate.c: values of SET that are expressions ---- */
bool evaluate(const struct making *m, const struct sql_assignment *a, struct plan_set *set);

enum variable_class {
    VARIABLE_HERE,
    VARIABLE_TRACK,
    VARIABLE_IGNORE,
    VARIABLE_REFUSE,
    VARIABLE_UNKNOWN
};
enum variable_class variable_class(struct slice name);

/* The name that a variable is remembered by: in lower case, one for all its aliases. */
struct slice variable_name(struct slice name, struct arena *arena);

/* ---- place.c: cluster, account, resource group ---- */
const struct compute_source *session_side(const struct plan_context *here); /* NULL: none */
bool place_steps(struct making *m, const size_t *firsts);

/* ---- builder.c: SQL that is put into a builder ---- */
void builder_put_name(struct builder *b, struct slice name);    /* in backquotes */
void builder_put_string(struct builder *b, struct slice value); /* as a literal */

/* ---- places.c: variables that tell where a server is ---- */

/* Those that drivers ask for (@@hostname) become literals, in a query. */
void render_places(struct making *m, const struct sql_statement *s);

/* False, with a frontend's refusal, when the statement reads another one (@@port). */
bool places_kept(const struct making *m, const struct sql_statement *s);

/* `column` NOT IN ('port', …) */
void place_put_condition(struct builder *built, struct slice column);

/* ---- render.c: the text in real names ---- */
void change_put(struct making *m, uint32_t start, uint32_t end, struct slice text);

/* True when a name may be put into a text, in backquotes. One with `$$` might be the end of what
 * StarRocks would read as a string, begun by a `$$` of the text in front of it. */
bool can_be_written(struct slice name);
void changes_sort(struct making *m, size_t first); /* from that index on, by place */
bool render_names(struct making *m, const struct sql_reference *r, const struct binding *b);
bool render_database(struct making *m, const struct sql_reference *r, uint32_t count,
                     struct slice database);
bool render_text(struct making *m);

/* ---- identity.c: DATABASE(), USER() and their like ---- */
bool render_identity(struct making *m, const struct sql_statement *s);

/* CURRENT_USER and its like, which are calls without brackets as well: reserved words. */
bool identity_is_bare(struct slice name);

/* What such a function tells; value.data is NULL for NULL. False: it is none of them. */
bool identity_value(const struct plan_context *here, struct slice name, struct arena *arena,
                    struct slice *value, enum plan_type *type);

/* ---- where.c: WHERE of a SHOW that goes to a frontend ---- */
bool where_bind(struct making *m, const struct sql_statement *s,
                const struct plan_reference *bound);

/* ---- opening.c: what drivers ask first, and is known here ---- */
void opening_find(struct making *m, struct plan_step *step);

/* The name of a function as a frontend prints it in a label. */
struct slice function_label(struct slice name, struct arena *arena);

/* Adds aliases where a change would show in a column's label; the statement's changes begin at
 * index `first`. */
void render_labels(struct making *m, const struct sql_statement *s, size_t first); /* label.c */

/* A table's name inside a string literal. */
bool render_string(struct making *m, const struct sql_reference *r, const struct binding *b);

/* ---- words.c: the words of a text that sql_read accepted ---- */
enum word_kind { WORD_END, WORD_NAME, WORD_QUOTED, WORD_STRING, WORD_MARK };

struct words {
    struct slice text;
    size_t at, end;
};

struct word {
    enum word_kind kind;
    struct slice text; /* as typed */
    size_t end;        /* offset behind it */
};

struct words words_over(struct slice text, size_t start, size_t end);
struct word word_next(struct words *w);
void words_leave(struct words *w); /* moves behind the ')' of a bracket that was just entered */

/* The name in a word, without its backquotes; size 0: it is none. */
struct slice word_name(struct word w);

/* True when a word is a string that says what stands in it: without escapes or doubled quotes. */
bool word_string(struct word w, struct slice *value);

/* In any letter case; here, since the length of a literal is then known when this is compiled. */
static inline bool word_is(struct word w, const char *name)
{
    return (w.kind == WORD_NAME || w.kind == WORD_MARK)
           && slice_equal_nocase(w.text, slice_of(name));
}

/* In lower case; letters that Java folds to ASCII ones become those. */
struct slice fold(struct slice name, struct arena *arena);

#endif
