/* SQL text as a StarRocks frontend reads it: which statements it holds, and every name in it that
 * can reach a database, with its exact bytes.
 *
 * No database is asked and no configuration is known here: bytes in, structures and bytes out.
 * Whatever is not understood is refused. Sources: facts/sql-lexing.md, facts/statement-policy.md,
 * facts/resolver-notes.md, facts/fe-live/lexer.md.
 *
 * All structures live in the caller's arena and borrow from the text: both must outlive them. */
#ifndef PROTOCOL_SQL_SQL_H
#define PROTOCOL_SQL_SQL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct arena;
struct error;

/* One value per rule of StarRocks' `statement` grammar, from statements.def; the name of the value
 * is RULE_ and the grammar's own name (RULE_queryStatement). */
enum sql_rule {
#define STATEMENT(rule, class, pattern) RULE_##rule,
#include "protocol/sql/statements.def"
#undef STATEMENT
    SQL_RULES
};

/* What a rule means to a gateway: facts/statement-policy.md. */
enum sql_class {
    CLASS_EMPTY, /* a lone ';' */
    CLASS_QUERY,
    CLASS_WRITE,
    CLASS_DDL,
    CLASS_SESSION,
    CLASS_METADATA,
    CLASS_ADMIN,     /* cluster-admin */
    CLASS_DANGEROUS, /* dangerous-always */
    SQL_CLASSES
};

/* What a name denotes: corpus/README.md, "kind". */
enum sql_kind {
    KIND_TABLE, /* any relation; 1 to 3 parts */
    KIND_VIEW,  /* the statement itself says VIEW */
    KIND_MV,    /* the statement itself says MATERIALIZED VIEW */
    KIND_CTE,   /* a visible CTE: no table, never rewritten */
    KIND_DATABASE,
    KIND_CATALOG,
    KIND_COLUMN, /* a dotted column name, 2 parts or more; see sql_options */
    KIND_FUNCTION,
    KIND_TASK,
    KIND_PIPE,
    KIND_ROUTINE_LOAD,
    KIND_STREAM_LOAD,
    KIND_LOAD_LABEL,
    KIND_SNAPSHOT,
    KIND_PROCEDURE,
    KIND_TABLE_IN_STRING, /* the table named by a string argument of dict_mapping, inspect_… */
    KIND_DICTIONARY,
    KIND_RESOURCE_GROUP,
    KIND_RESOURCE,
    KIND_REPOSITORY,
    KIND_BROKER,
    KIND_STORAGE_VOLUME,
    KIND_WAREHOUSE,
    KIND_USER,
    KIND_ROLE,
    KIND_SYSTEM,
    SQL_KINDS
};

/* What the statement does with it: corpus/README.md, "access". */
enum sql_access {
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_DDL,
    ACCESS_SHOW,
    ACCESS_USE,
    ACCESS_ANALYZE,
    ACCESS_ADMIN,
    ACCESS_GRANT,
    ACCESS_AUTHZ,
    ACCESS_CALL,
    ACCESS_LOCK,
    SQL_ACCESSES
};

/* What the qualifier of a KIND_COLUMN is: corpus/README.md, "res". */
enum sql_scope {
    SCOPE_NONE,          /* no column */
    SCOPE_DB,            /* parts[0] is the database of a FROM item: rewrite it */
    SCOPE_DB_MAYBE,      /* right only if parts[0] is the current database */
    SCOPE_CATALOG,       /* parts[0..1] are catalog and database */
    SCOPE_CATALOG_MAYBE, /* the same, right only if parts[1] is the current database */
    SCOPE_REL,           /* parts[0] is an alias, a table name or a CTE: leave it */
    SCOPE_FIELD,         /* a column with struct fields, or nothing that can be resolved */
    SCOPE_LAMBDA
};

struct sql_part {
    struct slice value;  /* as the frontend reads it: all backquotes removed, nothing folded; for a
                            macro `${code}` the code */
    uint32_t start, end; /* bytes of the text, end exclusive; quotes and `${` `}` included */
    bool is_macro;       /* ${code} */
    bool is_quoted;      /* in backquotes */
    bool is_string;      /* written as a string literal */
};

enum { SQL_PARTS_MAX = 8 };

struct sql_reference {
    enum sql_kind kind : 8; /* narrow: a long statement has a hundred thousand of these */
    enum sql_access access : 8;
    enum sql_scope scope : 8;
    bool is_target;       /* what INSERT, UPDATE, DELETE, CREATE … writes or makes */
    bool is_new;          /* a name to be created by RENAME */
    bool is_in_hint;      /* stands in a SET_USER_VARIABLE hint */
    bool has_parentheses; /* (db.t).c: cannot be rewritten, refuse where that is needed */
    uint32_t start, end;  /* of the whole dotted name */
    uint32_t count;       /* of parts, at least 1 */
    uint32_t index;       /* in the statement's references; 0 for all where it has no columns */
    const struct sql_part *parts;
    /* Columns with a database: the FROM item meant. SCOPE_FIELD of 3 parts and more: an item whose
     * database differs in letter case or macro signs only, for who knows the codes; or NULL. */
    const struct sql_reference *relation;
    const struct sql_reference *in_database; /* database that a bare table name belongs to because
                                                of another name of the statement (SHOW COLUMNS FROM
                                                t FROM db), or NULL */
    struct slice alias; /* a FROM item's own alias; without data: it goes by its name */
};

/* A call of a function, table functions and FILES/BLACKHOLE included. */
struct sql_call {
    struct slice name;      /* last part, backquotes removed, as typed */
    uint32_t start, end;    /* the name, qualifier included */
    bool is_table_function; /* stands as a FROM item or in TABLE(…) */
    bool is_qualified;
};

/* 'key' = value in the list of a PROPERTIES clause or its like. */
struct sql_property {
    struct slice key;    /* between its quotes, as typed; or a bare word */
    uint32_t start, end; /* of the key */
};

/* A hint in the comment form with a plus sign, wherever it stands. */
struct sql_hint {
    struct slice text;   /* between the plus sign and the closing star, as typed */
    uint32_t start, end; /* the whole comment */
};

/* One assignment of a SET statement. */
enum sql_set_scope { SET_NONE, SET_SESSION, SET_LOCAL, SET_GLOBAL, SET_VERBOSE, SET_USER_VARIABLE };
enum sql_set_form {
    SET_ASSIGN,  /* name = value */
    SET_NAMES,   /* SET NAMES charset [COLLATE x]: value is the charset */
    SET_CHARSET, /* SET CHARACTER SET x, SET CHARSET x */
    SET_TRANSACTION,
    SET_PASSWORD
};
struct sql_assignment {
    enum sql_set_form form;
    enum sql_set_scope scope;
    struct slice name;    /* as typed, backquotes removed; empty where the form has none */
    struct slice value;   /* source text of the value, blanks trimmed */
    bool is_literal;      /* value is one string, number, word, or DEFAULT: `literal` has it */
    struct slice literal; /* the literal's value, escapes undone */
    uint32_t start, end;
};

struct sql_statement {
    enum sql_rule rule;
    enum sql_class class;
    uint32_t start, end;           /* first to last token, no ';' */
    uint32_t list_start, list_end; /* the items of the SELECT that names the columns of a query: the
                                      first in the text, but for those in WITH; both 0: none */
    bool is_explain;               /* EXPLAIN, DESC before a statement, TRACE */
    bool is_analyze;               /* EXPLAIN ANALYZE: it runs */
    bool has_outfile;              /* INTO OUTFILE */
    bool has_parameters;           /* ? */
    bool has_user_variable, has_system_variable; /* @x, @@x read in an expression */
    bool has_opaque_path; /* x.y in a part of a definition that is not looked into: a column or a
                             field for StarRocks, for another server perhaps a table */
    bool is_temporary;    /* CREATE TEMPORARY TABLE and its relatives */
    bool is_external;     /* CREATE EXTERNAL TABLE */
    const struct sql_reference *const *references; /* by start */
    uint32_t reference_count;
    const struct sql_call *calls;
    uint32_t call_count;
    const struct sql_property *properties;
    uint32_t property_count;
    const struct sql_hint *hints;
    uint32_t hint_count;
    const struct sql_assignment *assignments; /* SET only */
    uint32_t assignment_count;
    struct slice kill_id; /* KILL: the number or string literal's value */
    bool kill_is_query;   /* KILL QUERY */
    bool kill_is_string;
    bool has_full;            /* SHOW FULL … */
    struct slice like;        /* SHOW … LIKE 'pattern', value with escapes undone; empty: none */
    bool has_like, has_where; /* SHOW … WHERE expr */
};

struct token;

struct sql_text {
    struct slice text;
    const struct token *tokens; /* of the whole text; there as well when it could only be cut */
    uint32_t token_count;
    const struct sql_statement *statements;
    uint32_t count; /* empty statements included */
};

struct sql_options {
    uint32_t max_depth;   /* of parentheses, subqueries, CASE …; settings.max_statement_depth */
    bool pipes_as_concat; /* sql_mode of the session has PIPES_AS_CONCAT: no name depends on it */
    bool every_column;    /* tell also those columns whose qualifier can be no database: alias.x */
};

/* Reads a text. Refuses, with SYNTAX, CHARACTER or NOT_SUPPORTED and a sentence with line and
 * column: text that is not valid UTF-8, has bytes that the frontend would drop, unterminated
 * quotes, no statement, no matching rule, nesting over the limit, a dotted name that no reference
 * claims. The text must be under 4 GiB. Work and memory are linear in its size. */
bool sql_read(struct slice text, const struct sql_options *options, struct arena *arena,
              struct sql_text *read, struct error *e);

/* ---- digest.c ---- */

/* Equal for texts that differ in the values of literals, the lengths of their lists, comments,
 * hints, blanks and the case of keywords only; 0 for a text that could not be cut into tokens. Not
 * for several processes: it follows the order of our own tables. */
uint64_t sql_digest(const struct sql_text *read);

/* The same as words, values as '?': no literal, no comment. Writes at most `size` bytes, whole
 * words only, and gives their number. */
size_t sql_digest_text(const struct sql_text *read, char *room, size_t size);

/* Both in one walk. */
uint64_t sql_digest_told(const struct sql_text *read, char *room, size_t size, size_t *used);

/* The grammar's name of a rule, its class, and names of the enums for listings; never NULL. */
const char *sql_rule_name(enum sql_rule rule);
enum sql_class sql_rule_class(enum sql_rule rule);
const char *sql_class_name(enum sql_class class);
const char *sql_kind_name(enum sql_kind kind);
const char *sql_access_name(enum sql_access access);
const char *sql_scope_name(enum sql_scope scope); /* "db", "db?", …; "" for SCOPE_NONE */

/* True when a word, as typed, is reserved in StarRocks (it cannot stand as a bare name). */
bool sql_word_is_reserved(struct slice word);

/* True when a name can be written in backquotes: not empty, no backquote, no control byte, valid
 * UTF-8. */
bool sql_name_can_be_quoted(struct slice name);

/* The name in backquotes, in the arena; the name must satisfy sql_name_can_be_quoted. */
struct slice sql_quote_name(struct slice name, struct arena *arena);

/* A string literal with quotes and backslashes escaped, in the arena. */
struct slice sql_quote_string(struct slice value, struct arena *arena);

/* The same, written at a place with room for the size and two bytes more, or twice the size and
 * two. They give the number of bytes. */
size_t sql_put_name(char *room, struct slice name);
size_t sql_put_string(char *room, struct slice value);

/* LIKE as a frontend matches names: '%', '_' and a backslash before either; ASCII case does not
 * count. */
bool sql_like(struct slice pattern, struct slice name);
bool sql_like_exact(struct slice pattern, struct slice text); /* LIKE in a WHERE: case counts */

/* One piece of text to put in place of bytes start..end; an empty range inserts. */
struct sql_replacement {
    uint32_t start, end;
    struct slice text;
};

/* The text with pieces replaced and every other byte kept. Replacements are sorted by start and do
 * not overlap. The result is in the arena. */
struct slice sql_replace(struct slice text, const struct sql_replacement *replacements,
                         size_t count, struct arena *arena);

/* The `?` of a text, outside of strings and comments. */
struct sql_parameters {
    uint32_t count;
    bool in_limit; /* one is an argument of LIMIT or OFFSET, where StarRocks takes none */
};

bool sql_parameters_find(struct slice text, struct sql_parameters *found, struct arena *arena,
                         struct error *e);

/* The text with literals in the places of its `?`, in the arena. A literal is a number, perhaps
 * with a minus sign, a quoted string, a word, or a user variable. Refused when their number differs
 * from that of the places (ERROR_ARGUMENTS), and when the tokens around them would be others than
 * before or a literal more than itself. */
bool sql_bind(struct slice text, const struct slice *literals, size_t count, struct slice *bound,
              struct arena *arena, struct error *e);

/* A SELECT from information_schema whose items assign user variables (`@v := x`), which StarRocks
 * does not read and MariaDB's ODBC driver sends, in words that say the same without: x stays, and
 * stands in brackets where a later item reads @v. In the arena. False: it is none, or would not say
 * the same. Whoever is given the result must read and judge it as any other text. */
bool sql_unassign(struct slice text, struct arena *arena, struct slice *plain);

/* Refuses a text that MySQL or MariaDB would cut into other tokens than StarRocks does (comments
 * that run, '#', '--' without a blank, a doubled backquote, 0x…, …). For backends that are no
 * StarRocks. */
bool sql_reads_alike(const struct sql_text *read, struct error *e);

/* ---- mode.c: values of sql_mode, as names or as a number ---- */

bool sql_mode_has_pipes(struct slice sql_mode); /* PIPES_AS_CONCAT is among them */

/* Under this mode MySQL and MariaDB cut a text as sql_reads_alike takes it: strings stand in single
 * or double quotes and may have escapes. Not so with ANSI_QUOTES, NO_BACKSLASH_ESCAPES, the words
 * that stand for several modes, and those that are not known here. */
bool sql_mode_reads_alike(struct slice sql_mode);

#endif
