/* The patterns of statements.def, compiled once and interpreted with ordered choice: an element
 * matches and moves on, or fails; optional parts and choices go back to where they began.
 *
 *   WORD, A/B      keywords                      ( ) , = - * @    signs
 *   [ … | … ]      optional                      { … | … }        choice
 *   ,{ … }         one or more, with commas      !flag            remembers a fact
 *   <slot>         a reader below                <kind access …>  a name that becomes a reference
 *   <opaque A B>   balanced tokens up to a word  $X               a piece of pattern, see
 * macros.def
 *
 * Words behind a kind: `one` a single name, `string` a string will do as well, `target`, `new` as
 * in struct sql_reference, `owner` bare names of the statement live in its database, `owned` this
 * one does, `of` the name before does. */
#include "protocol/sql/sql_private.h"

#include <pthread.h>

#include "base/must.h"

/* Written once, under compiled_once. */
static struct grammar grammar;
static pthread_once_t compiled_once = PTHREAD_ONCE_INIT;

static const char *const patterns[SQL_RULES] = {
#define STATEMENT(rule, class, pattern) [RULE_##rule] = pattern,
#include "protocol/sql/statements.def"
#undef STATEMENT
};

static const struct {
    const char *name, *pattern;
} macros[] = {
#define MACRO(name, pattern) {#name, pattern},
#include "protocol/sql/macros.def"
#undef MACRO
};

struct compiler {
    const char *at;
};

static struct slice next_piece(struct compiler *c)
{
    while (*c->at == ' ')
        c->at++;
    const char *start = c->at;
    if (*start == '<') {
        while (*c->at && *c->at != '>')
            c->at++;
        must(*c->at);
        c->at++;
    } else {
        while (*c->at && *c->at != ' ')
            c->at++;
    }
    return slice_make(start, (size_t)(c->at - start));
}

static struct slice peek_piece(const struct compiler *c)
{
    struct compiler copy = *c;

    return next_piece(&copy);
}

static uint16_t node_add(enum op op, size_t arg)
{
    must(grammar.node_count < NODES - 1);
    uint16_t index = ++grammar.node_count;
    grammar.nodes[index] = (struct node){.op = (uint8_t)op, .arg = (uint16_t)arg};
    return index;
}

static void word_add(struct slice word)
{
    enum keyword k = keyword_find(word);

    must(k != NO_KEYWORD && grammar.word_count < WORDS);
    grammar.words[grammar.word_count++] = (uint16_t)k;
}

static uint16_t compile_sequence(struct compiler *c, uint16_t **tail);

static uint16_t compile_branches(struct compiler *c, enum op op, struct slice close)
{
    uint16_t index = node_add(op, 0), previous = 0;

    for (;;) {
        uint16_t branch = node_add(OP_BRANCH, 0), *tail;
        grammar.nodes[branch].arg = compile_sequence(c, &tail);
        if (previous)
            grammar.nodes[previous].next = branch;
        else
            grammar.nodes[index].arg = branch;
        previous = branch;
        struct slice piece = next_piece(c);
        if (slice_equal(piece, close))
            return index;
        must(slice_equal(piece, SLICE("|")));
    }
}

static uint16_t compile_words(struct slice piece)
{
    uint16_t index = node_add(OP_WORDS, grammar.word_count);

    while (piece.size) {
        const char *slash = memchr(piece.data, '/', piece.size);
        size_t size = slash ? (size_t)(slash - piece.data) : piece.size;
        word_add(slice_head(piece, size));
        grammar.nodes[index].count++;
        piece = slice_after(piece, slash ? size + 1 : size);
    }
    if (grammar.nodes[index].count == 1) {
        grammar.nodes[index].op = OP_WORD;
        grammar.nodes[index].arg = grammar.words[--grammar.word_count];
    }
    return index;
}

static const char *const flags[] = {"temporary", "external", "full", "kill_query"};

static uint16_t compile_flag(struct slice name)
{
    size_t i = 0;

    while (!slice_equal(name, slice_of(flags[i])))
        must(++i < sizeof(flags) / sizeof(*flags));
    return node_add(OP_FLAG, i);
}

static struct slice next_word(struct slice *rest)
{
    const char *blank = rest->size ? memchr(rest->data, ' ', rest->size) : NULL;
    size_t size = blank ? (size_t)(blank - rest->data) : rest->size;
    struct slice word = slice_head(*rest, size);

    *rest = slice_after(*rest, blank ? size + 1 : size);
    return word;
}

static void name_option(struct node *n, struct slice word)
{
    static const struct {
        const char *name;
        enum option option;
    } options[] = {{"one", ONE},     {"string", STRING}, {"target", TARGET}, {"new", NEW},
                   {"owner", OWNER}, {"owned", OWNED},   {"of", OF}};
    size_t i = 0;

    while (!slice_equal(word, slice_of(options[i].name)))
        must(++i < sizeof(options) / sizeof(*options));
    n->options |= (uint8_t)options[i].option;
}

static uint16_t compile_name(struct slice kind, struct slice rest)
{
    uint16_t index = node_add(OP_NAME, 0);
    struct node *n = &grammar.nodes[index];
    struct slice access = next_word(&rest);

    while (n->kind < SQL_KINDS
           && !slice_equal(kind, slice_of(sql_kind_name((enum sql_kind)n->kind))))
        n->kind++;
    while (n->access < SQL_ACCESSES
           && !slice_equal(access, slice_of(sql_access_name((enum sql_access)n->access))))
        n->access++;
    must(n->kind < SQL_KINDS && n->access < SQL_ACCESSES);
    while (rest.size)
        name_option(n, next_word(&rest));
    return index;
}

static uint16_t compile_slot(struct slice text)
{
    struct slice rest = text, name = next_word(&rest);

    if (slice_equal(name, SLICE("opaque"))) {
        uint16_t index = node_add(OP_OPAQUE, grammar.word_count);
        for (; rest.size; grammar.nodes[index].count++)
            word_add(next_word(&rest));
        return index;
    }
    for (size_t i = 0; slot_table[i].name; i++)
        if (slice_equal(name, slice_of(slot_table[i].name)))
            return node_add(OP_SLOT, i);
    return compile_name(name, rest);
}

static uint16_t compile_sign(struct slice piece)
{
    static const uint8_t kinds[128] = {
        ['('] = T_LEFT_PAREN, [')'] = T_RIGHT_PAREN, [','] = T_COMMA, ['='] = T_EQUAL,
        ['-'] = T_MINUS,      ['*'] = T_STAR,        ['@'] = T_AT};
    uint8_t kind = kinds[piece.data[0] & 0x7f];

    must(piece.size == 1 && kind);
    return node_add(OP_SIGN, kind);
}

static uint16_t compile_macro(struct slice name, uint16_t **tail)
{
    size_t i = 0;

    while (!slice_equal(name, slice_of(macros[i].name)))
        must(++i < sizeof(macros) / sizeof(*macros));
    struct compiler inner = {macros[i].pattern};
    uint16_t head = compile_sequence(&inner, tail);
    must(head);
    return head;
}

static uint16_t compile_element(struct compiler *c, uint16_t **tail)
{
    struct slice piece = next_piece(c), rest = slice_after(piece, 1);
    uint16_t index, *ignored;

    switch (piece.data[0]) {
    case '$':
        return compile_macro(rest, tail);
    case '[':
        index = compile_branches(c, OP_OPTION, SLICE("]"));
        break;
    case '{':
        index = compile_branches(c, OP_CHOICE, SLICE("}"));
        break;
    case '!':
        index = compile_flag(rest);
        break;
    case '<':
        index = compile_slot(slice_head(rest, rest.size - 1));
        break;
    default:
        if (slice_equal(piece, SLICE(",{"))) {
            index = node_add(OP_LIST, 0);
            grammar.nodes[index].arg = compile_sequence(c, &ignored);
            must(slice_equal(next_piece(c), SLICE("}")));
        } else if (piece.data[0] >= 'A' && piece.data[0] <= 'Z') {
            index = compile_words(piece);
        } else {
            index = compile_sign(piece);
        }
    }
    *tail = &grammar.nodes[index].next;
    return index;
}

/* Elements up to the end of the pattern or a sign that closes it; *tail is where more would go. */
static uint16_t compile_sequence(struct compiler *c, uint16_t **tail)
{
    uint16_t head = 0, *place = &head;

    for (;;) {
        struct slice piece = peek_piece(c);
        if (!piece.size || (piece.size == 1 && memchr("]}|", piece.data[0], 3)))
            break;
        uint16_t *end = NULL;
        uint16_t first = compile_element(c, &end);
        *place = first;
        if (first)
            place = end;
    }
    *tail = place;
    return head;
}

/* Marks the words that can begin a sequence. */
static void starts_mark(uint16_t index, bool *starts)
{
    for (; index; index = grammar.nodes[index].next) {
        const struct node *n = &grammar.nodes[index];
        switch (n->op) {
        case OP_WORD:
            starts[n->arg] = true;
            return;
        case OP_WORDS:
            for (unsigned i = 0; i < n->count; i++)
                starts[grammar.words[n->arg + i]] = true;
            return;
        case OP_OPTION:
        case OP_CHOICE:
            for (uint16_t b = n->arg; b; b = grammar.nodes[b].next)
                starts_mark(grammar.nodes[b].arg, starts);
            if (n->op == OP_CHOICE)
                return;
            break;
        case OP_SLOT:
            for (unsigned i = 0; i < 6 && slot_table[n->arg].starts[i]; i++)
                starts[slot_table[n->arg].starts[i]] = true;
            if (slot_table[n->arg].read != explain)
                return;
            break;
        case OP_FLAG:
            break;
        default:
            must(false);
        }
    }
}

static void entry_add(uint16_t rule)
{
    must(grammar.entry_count < ENTRIES);
    grammar.entries[grammar.entry_count++] = rule;
}

static void index_build(void)
{
    static bool starts[SQL_RULES][KEYWORDS];

    for (unsigned rule = 0; rule < SQL_RULES; rule++)
        starts_mark(grammar.heads[rule], starts[rule]);
    entry_add(SQL_RULES); /* entry 0: no rule */
    for (unsigned word = 1; word < KEYWORDS; word++) {
        uint16_t from = grammar.entry_count;
        for (unsigned rule = 0; rule < SQL_RULES; rule++)
            if (starts[rule][word])
                entry_add((uint16_t)rule);
        if (grammar.entry_count == from)
            continue;
        grammar.by_word[word] = from;
        entry_add(SQL_RULES);
    }
    grammar.by_parenthesis = grammar.entry_count;
    entry_add(RULE_queryStatement);
    entry_add(SQL_RULES);
}

static void compile_all(void)
{
    keywords_prepare();
    for (unsigned rule = 0; rule < SQL_RULES; rule++) {
        struct compiler c = {patterns[rule]};
        uint16_t *tail;
        grammar.heads[rule] = compile_sequence(&c, &tail);
        must(!peek_piece(&c).size);
    }
    index_build();
}

const struct grammar *grammar_compiled(void)
{
    pthread_once(&compiled_once, compile_all);
    return &grammar;
}
