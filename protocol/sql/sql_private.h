/* What the files of this module share: tokens, the parser's state, and who reads what.
 *
 * A text becomes one array of tokens (token.c). Statements are matched against patterns (pattern.c,
 * statements.def), whose slots are C functions (slots_*.c); queries, relations and expressions have
 * scanners of their own. Every reader returns true and stands behind what it read, or returns
 * false; then the caller goes back to a mark or gives up. Nothing here allocates but from the
 * arena. */
#ifndef PROTOCOL_SQL_SQL_PRIVATE_H
#define PROTOCOL_SQL_SQL_PRIVATE_H

#include "protocol/sql/sql.h"

#include "base/error.h"

enum keyword {
    NO_KEYWORD,
#define KEYWORD(word, reserved) K_##word,
#include "protocol/sql/keywords.def"
#undef KEYWORD
    KEYWORDS
};

enum token_kind {
    T_END,
    T_WORD,          /* letters; a keyword when token.word is not NO_KEYWORD */
    T_DIGIT_NAME,    /* 2db */
    T_QUOTED,        /* `x` */
    T_MACRO,         /* ${x} */
    T_ELLIPSIS,      /* ... is a name for the frontend */
    T_ARRAY_ELEMENT, /* [*] is one too */
    T_DOT_NAME,      /* .1a: a dot and a name in one */
    T_INTEGER,
    T_DECIMAL,
    T_DOUBLE,
    T_STRING,     /* '…' */
    T_TEXT,       /* "…", a string as well */
    T_BINARY,     /* x'…' */
    T_ATTACHMENT, /* $$ … $$ */
    T_DOT,
    T_DOT_DOT,
    T_COMMA,
    T_SEMICOLON,
    T_COLON,
    T_AT,
    T_QUESTION,
    T_LEFT_PAREN,
    T_RIGHT_PAREN,
    T_LEFT_BRACKET,
    T_RIGHT_BRACKET,
    T_LEFT_BRACE,
    T_RIGHT_BRACE,
    T_ARROW,     /* -> */
    T_FAT_ARROW, /* => */
    T_NOT,       /* ! */
    T_TILDE,
    T_MINUS, /* from here on: binary operators */
    T_PLUS,
    T_STAR,
    T_SLASH,
    T_PERCENT,
    T_AMPERSAND,
    T_PIPE,
    T_CARET,
    T_AND,
    T_OR, /* two bars; with PIPES_AS_CONCAT the same shape */
    T_EQUAL,
    T_NOT_EQUAL,
    T_LESS,
    T_LESS_EQUAL,
    T_GREATER,
    T_GREATER_EQUAL,
    T_NULL_EQUAL
};

struct token {
    uint32_t start, end;
    uint16_t word; /* enum keyword */
    uint8_t kind;  /* enum token_kind */
    bool is_name;  /* can stand as a name */
};

enum { TOKENS_MAX = 3500000 };

/* A growing array in the arena; the memory of former sizes stays until the arena is cleared. */
struct vector {
    void *data;
    uint32_t count, capacity;
};

/* Room for one more member, counted, not zeroed; the address is good until the next push. */
void *vector_push(struct vector *v, size_t size, struct arena *arena);

/* keyword.c; keywords_prepare goes before the others. */
void keywords_prepare(void);
enum keyword keyword_find(struct slice word);
bool keyword_is_reserved(enum keyword k);
bool keyword_is_imitated(struct slice word); /* a keyword but for letters of other alphabets */
struct slice keyword_text(enum keyword k);

/* token.c: the tokens of text[from..to), positions counted from the text's start, ended by T_END;
 * hints are appended to `hints` (struct sql_hint). */
struct dot {
    uint32_t token, start; /* its index and its byte */
};
struct token_run {
    struct token *tokens;
    uint32_t count;     /* T_END included */
    struct vector dots; /* struct dot: every T_DOT and T_DOT_NAME */
};
bool tokens_read(struct slice text, uint32_t from, uint32_t to, struct arena *arena,
                 struct vector *hints, struct token_run *run, struct error *e);

/* A sentence with the line and column of a byte. */
bool refuse_at(struct error *e, enum error_code code, struct slice text, uint32_t at,
               const char *why);

/* scope.c: names that can be seen from a place, and the columns that use them. */
struct named { /* a CTE or a relation under its name */
    struct slice name;
    uint32_t hash, order;
    struct named *next, *chain;            /* all of the scope; those of equal slot */
    const struct sql_reference *reference; /* of a relation; NULL: derived, CTE, function */
};
struct names {
    struct named *first, *last;
    struct slots *slots; /* made when the list grows long */
    uint32_t count;
};
struct scope { /* a long statement has many, nearly all of them with relations only */
    struct scope *parent;
    struct names relations, *ctes, *lambda; /* NULL: none */
    uint32_t limit; /* relations of the parent that can be seen: those before it */
    bool barrier;   /* CTEs further out are not seen */
};
struct mention { /* a reference, and where it stands: many are sorted and gone through */
    uint32_t start, end;
    struct sql_reference *reference;
};
struct column {           /* a dotted name of an expression */
    uint32_t first, last; /* tokens */
    struct scope *scope;
    bool has_star; /* .* follows */
};

/* What a failed attempt must undo. */
struct facts {
    bool has_outfile, has_parameters, has_user_variable, has_system_variable;
    bool has_opaque_path;
    bool is_explain, is_analyze, is_temporary, is_external;
    bool has_full, has_like, has_where;
    bool kill_is_query, kill_is_string;
    struct slice kill_id, like;
    uint32_t list_start, list_end; /* of the items of the SELECT that names the columns */
};

struct parser {
    struct slice text;
    struct arena *arena;
    struct error *e;
    const struct token *tokens;
    struct vector dots; /* of these tokens */
    uint32_t at;        /* index of the next token */
    uint32_t furthest;  /* byte of the furthest token that did not fit */
    uint32_t depth, max_depth;
    uint64_t steps, step_limit; /* work of name lookups */
    bool stopped;               /* e is filled: no further attempt */
    bool in_hint;
    bool every_column;                 /* sql_options */
    struct scope *scope;               /* of the expression or FROM list being read */
    struct scope *from;                /* where a FROM list puts its relations */
    const struct sql_reference *owner; /* whose database bare tables of LOAD, BACKUP … are in */
    struct vector references;          /* struct mention */
    struct vector columns;             /* struct column */
    struct vector calls;               /* struct sql_call */
    struct vector properties;          /* struct sql_property */
    struct vector exempt;              /* uint32_t: dots that belong to no name */
    struct vector assignments;         /* struct sql_assignment */
    struct vector inner_hints;         /* struct sql_hint: in texts inside the text */
    struct facts facts;
};

struct mark {
    uint32_t at, depth, references, columns, calls, properties, exempt, assignments;
    struct scope *scope, *from;
    const struct sql_reference *owner;
    struct facts facts;
};

/* cursor.c: looking and stepping. */
struct mark mark_set(const struct parser *p);
void mark_return(struct parser *p, const struct mark *m);
bool give_up(struct parser *p);                    /* notes how far we came; false */
bool stop(struct parser *p, const char *sentence); /* refuses the text for good; false */
bool enter(struct parser *p); /* one level of nesting more; going back to a mark leaves it, too */
void leave(struct parser *p);

static inline const struct token *peek(const struct parser *p)
{
    return &p->tokens[p->at];
}

/* The token n places on; T_END from there on. */
static inline const struct token *ahead(const struct parser *p, uint32_t n)
{
    const struct token *t = &p->tokens[p->at];

    while (n-- && t->kind != T_END)
        t++;
    return t;
}

static inline bool at_kind(const struct parser *p, enum token_kind kind)
{
    return p->tokens[p->at].kind == kind;
}

static inline bool at_word(const struct parser *p, enum keyword word)
{
    return p->tokens[p->at].word == word;
}

static inline bool is_string(const struct token *t)
{
    return t->kind == T_STRING || t->kind == T_TEXT;
}

/* Steps over it, or stays: false. */
static inline bool take_kind(struct parser *p, enum token_kind kind)
{
    bool is = at_kind(p, kind);

    p->at += is;
    return is;
}

static inline bool take_word(struct parser *p, enum keyword word)
{
    bool is = at_word(p, word);

    p->at += is;
    return is;
}

bool need_kind(struct parser *p, enum token_kind kind); /* the same, and fails */
bool need_word(struct parser *p, enum keyword word);
bool need_name(struct parser *p);
bool need_string(struct parser *p);
bool need_name_or_string(struct parser *p);
bool name_list(struct parser *p); /* ( name, … ) */

/* refer.c: names become references. */
struct slice token_name(const struct parser *p, const struct token *t);
struct slice string_value(struct slice literal, struct arena *arena);
struct sql_reference *reference_make(struct parser *p, uint32_t first, uint32_t last,
                                     enum sql_kind kind, enum sql_access access);
uint32_t parts_fill(const struct parser *p, uint32_t first, uint32_t last,
                    struct sql_part parts[SQL_PARTS_MAX]);
void reference_push(struct parser *p, struct sql_reference *r);
bool dotted_name(struct parser *p, uint32_t *first, uint32_t *last); /* tokens of name { . name } */
struct sql_reference *take_reference(struct parser *p, enum sql_kind kind, enum sql_access access);
void exempt_dot(struct parser *p, uint32_t token);
void column_push(struct parser *p, uint32_t first, uint32_t last, bool star);
bool call_push(struct parser *p, uint32_t first, uint32_t last, bool table_function);
bool string_tables(struct parser *p, uint32_t name, uint32_t argument);
bool references_finish(struct parser *p, uint32_t first_token, uint32_t last_token,
                       const struct mark *since);

/* scope.c */
struct scope *scope_new(struct parser *p, struct scope *parent, bool barrier);
void scope_add(struct parser *p, struct names *names, struct slice name,
               const struct sql_reference *reference);
void scope_add_to(struct parser *p, struct names **names, struct slice name); /* ctes, lambda */
bool scope_has_cte(struct parser *p, struct slice name); /* seen from p->scope */
bool columns_resolve(struct parser *p, uint32_t first);  /* from that column on */

/* query.c, relation.c */
bool query(struct parser *p);           /* [WITH …] … */
bool query_statement(struct parser *p); /* [EXPLAIN …] query [INTO OUTFILE …] */
bool query_rest(struct parser *p);      /* what may follow a query in parentheses */
bool query_goes_on(const struct parser *p);
bool explain(struct parser *p); /* EXPLAIN …, TRACE …, or nothing */
bool with_clause(struct parser *p);
bool select_item(struct parser *p);
bool sort_list(struct parser *p);
bool limit(struct parser *p);
bool relations(struct parser *p);
bool from_clause(struct parser *p, struct scope *outer); /* [FROM …]; derived tables see `outer` */
bool partitions_follow(const struct parser *p);
bool starts_query(const struct token *t);
bool is_set_operator(const struct parser *p);
bool is_qualify_clause(const struct parser *p, uint32_t n);
bool alias_follows(const struct parser *p, bool strings);

/* expression.c, operand.c, call.c, type.c */
struct lone { /* an expression that is but one name, perhaps in parentheses */
    bool is;
    uint32_t first, last; /* tokens, parentheses included */
    uint32_t column;      /* 1 + index of its column, 0: one part, none */
};
bool expression(struct parser *p);
bool expression_list(struct parser *p);
bool expression_or_default(struct parser *p);
bool expression_after(struct parser *p, struct lone *lone); /* an operand has been read */
bool expression_lone(struct parser *p, struct lone *lone);
bool operand(struct parser *p, struct lone *lone);
bool operand_starts(const struct parser *p, uint32_t n);
bool is_bare_function(enum keyword word); /* that needs no parentheses */
bool parenthesis(struct parser *p, struct lone *lone, bool *was_query);
bool interval(struct parser *p, bool *done); /* interval.c; not done: it is a name */
bool arguments(struct parser *p);
bool call_rest(struct parser *p);           /* '(' … ')' and what may follow a call */
bool call_after_argument(struct parser *p); /* the same, its first argument has been read */
bool bracket_hint(struct parser *p);
bool type(struct parser *p);

/* slots_*.c, assign.c, hint.c: pieces that patterns name. */
bool insert(struct parser *p);
bool update(struct parser *p);
bool delete_from(struct parser *p);
bool cache_select(struct parser *p);
bool partitions(struct parser *p);
bool properties(struct parser *p);
bool opaque(struct parser *p, const uint16_t *stops, uint32_t count, bool comma);
bool alter_clause(struct parser *p);
bool grant_object(struct parser *p);
bool privileges(struct parser *p);
bool user(struct parser *p);
bool backup_object(struct parser *p, bool restore);
bool restored_catalog(struct parser *p);
bool datacache_target(struct parser *p);
bool prepared(struct parser *p);
bool set_item(struct parser *p);
bool hints_read(struct parser *p, const struct sql_hint *hints, uint32_t count);

/* pattern.c, compile.c, slot_table.c: the notation stands in compile.c. */
enum op {
    OP_WORD,
    OP_WORDS,
    OP_SIGN,
    OP_OPTION,
    OP_CHOICE,
    OP_BRANCH,
    OP_LIST,
    OP_FLAG,
    OP_SLOT,
    OP_NAME,
    OP_OPAQUE
};

enum option { ONE = 1, STRING = 2, TARGET = 4, NEW = 8, OWNER = 16, OWNED = 32, OF = 64 };

struct node {
    uint8_t op;
    uint8_t kind, access, options; /* OP_NAME */
    uint16_t
        arg; /* a word, a sign, a slot; OP_WORDS, OP_OPAQUE: first in words; else a first node */
    uint16_t count; /* words */
    uint16_t next;  /* node, 0: none */
};

enum { NODES = 6000, WORDS = 800, ENTRIES = 1200 };

struct grammar {
    struct node nodes[NODES];
    uint16_t words[WORDS];
    uint16_t node_count, word_count, entry_count;
    uint16_t heads[SQL_RULES];
    uint16_t entries[ENTRIES]; /* rules by first word, each list ended by SQL_RULES */
    uint16_t by_word[KEYWORDS], by_parenthesis;
};

struct slot {
    const char *name;
    bool (*read)(struct parser *);
    uint16_t starts[6]; /* words that may begin it where it begins a statement */
};
extern const struct slot slot_table[]; /* ended by a slot without a name */

const struct grammar *grammar_compiled(void);
bool pattern_match(struct parser *p, enum sql_rule rule);

/* classify.c */
bool statement_match(struct parser *p, enum sql_rule *rule);

/* Runs `read` over a part of the text with tokens of its own. */
bool read_inside(struct parser *p, uint32_t from, uint32_t to, bool (*read)(struct parser *));

#endif
