/* The table of rights, and a reader of GRANT statements that goes by words: a frontend writes them
 * in one form, with names as they are or in quotes. */
#include "proxy/setup/rights.h"

#include "base/arena.h"
#include "config/config.h"

static const struct {
    enum object_kind kind;
    const char *name;
    unsigned privileges;
} rows[] = {
#define RIGHT(kind, name, privileges) {OBJECT_##kind, name, privileges},
#include "proxy/setup/rights.def"
#undef RIGHT
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

_Static_assert(ROWS <= 32, "a right is a bit");

/* one: in GRANT … ON db.t; all: in ON … IN DATABASE db */
static const struct {
    const char *one, *all, *scope, *plural;
} kinds[OBJECT_KINDS] = {
    [OBJECT_TABLE] = {"TABLE", "TABLES", "ALL TABLES IN DATABASE", "tables"},
    [OBJECT_VIEW] = {"VIEW", "VIEWS", "ALL VIEWS IN DATABASE", "views"},
    [OBJECT_MATERIALIZED_VIEW] = {"MATERIALIZED VIEW", "MATERIALIZED VIEWS",
                                  "ALL MATERIALIZED VIEWS IN DATABASE", "materialized views"},
    [OBJECT_FUNCTION] = {"FUNCTION", "FUNCTIONS", "ALL FUNCTIONS IN DATABASE", "functions"},
    [OBJECT_DATABASE] = {"DATABASE", "DATABASES", "DATABASE", "the database"},
};

rights rights_needed(unsigned privileges)
{
    rights set = 0;

    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i].privileges & privileges)
            set |= 1U << i;
    return set;
}

rights rights_of_kind(enum object_kind kind)
{
    rights set = 0;

    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i].kind == kind)
            set |= 1U << i;
    return set;
}

struct slice rights_names(rights set, enum object_kind kind, struct arena *arena)
{
    struct slice text = {"", 0};

    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i].kind == kind && set & 1U << i)
            text = arena_print(arena, "%.*s%s%s", SHOW(text), text.size ? ", " : "", rows[i].name);
    return text;
}

struct slice rights_text(rights set, struct arena *arena)
{
    struct slice text = {"", 0};

    for (enum object_kind kind = 0; kind < OBJECT_KINDS; kind++) {
        struct slice names = rights_names(set, kind, arena);
        if (names.size)
            text = arena_print(arena, "%.*s%s%.*s on %s", SHOW(text), text.size ? "; " : "",
                               SHOW(names), kinds[kind].plural);
    }
    return text;
}

const char *rights_scope(enum object_kind kind)
{
    return kinds[kind].scope;
}

/* ---- reading ---- */

/* Takes the words from the front, with the blank behind; false when the text is another. */
static bool take(struct slice *text, const char *words)
{
    size_t size = strlen(words);

    if (text->size <= size || text->data[size] != ' '
        || !slice_equal_nocase(slice_head(*text, size), slice_of(words)))
        return false;
    *text = slice_after(*text, size + 1);
    return true;
}

/* Where `words` first stand between blanks, outside of quotes; or the size of the text. */
static size_t find(struct slice text, const char *words)
{
    size_t size = strlen(words);
    char quote = '\0';

    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '\'' || c == '`' || c == '"')
            quote = c;
        else if (c == ' ' && text.size - i > size + 1 && text.data[i + size + 1] == ' '
                 && slice_equal_nocase(slice_make(text.data + i + 1, size), slice_of(words)))
            return i;
    }
    return text.size;
}

static struct slice unquoted(struct slice name)
{
    if (name.size >= 2 && (name.data[0] == '`' || name.data[0] == '\'')
        && name.data[name.size - 1] == name.data[0])
        return slice_make(name.data + 1, name.size - 2);
    return name;
}

/* The next item of a list with commas; empty at its end. */
static struct slice next_item(struct slice *list)
{
    const char *comma = list->size ? memchr(list->data, ',', list->size) : NULL;
    struct slice item = comma ? slice_head(*list, (size_t)(comma - list->data)) : *list;

    *list = slice_after(*list, item.size + (comma ? 1 : 0));
    while (list->size && list->data[0] == ' ')
        *list = slice_after(*list, 1);
    return item;
}

static rights named(struct slice list, enum object_kind kind, bool *is_other)
{
    rights set = 0;

    while (list.size) {
        struct slice item = next_item(&list);
        rights found = 0;
        if (slice_equal_nocase(item, SLICE("ALL"))
            || slice_equal_nocase(item, SLICE("ALL PRIVILEGES")))
            found = rights_of_kind(kind);
        for (unsigned i = 0; i < ROWS; i++)
            if (rows[i].kind == kind && slice_equal_nocase(item, slice_of(rows[i].name)))
                found = 1U << i;
        *is_other |= !found;
        set |= found;
    }
    return set;
}

/* `db`.`t`, db.t, or a function's db.f(INT): the first dot outside of quotes parts them. */
static void take_object(struct held *h, struct slice name)
{
    char quote = '\0';

    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '`' || c == '\'')
            quote = c;
        else if (c == '.') {
            h->database = unquoted(slice_head(name, i));
            h->object = unquoted(slice_after(name, i + 1));
            return;
        }
    }
    h->object = unquoted(name);
}

/* "ALL TABLES IN DATABASE db", "ALL TABLES IN ALL DATABASES", "DATABASE db", "ALL DATABASES",
 * "TABLE db.t". False when it is none of those. */
static bool take_scope(struct held *h, struct slice scope, enum object_kind *kind)
{
    bool is_all = take(&scope, "ALL");

    for (*kind = 0; *kind < OBJECT_KINDS; (*kind)++) {
        struct slice rest = scope;
        const char *word = is_all ? kinds[*kind].all : kinds[*kind].one;
        if (is_all && slice_equal_nocase(rest, slice_of(word)))
            return true; /* ALL DATABASES */
        if (!take(&rest, word))
            continue;
        if (is_all && take(&rest, "IN DATABASE"))
            h->database = unquoted(rest);
        else if (!is_all && *kind == OBJECT_DATABASE)
            h->database = unquoted(rest);
        else if (!is_all)
            take_object(h, rest);
        else if (!slice_equal_nocase(rest, SLICE("IN ALL DATABASES")))
            return false;
        return true;
    }
    return false;
}

static void take_roles(struct held *h, struct slice list)
{
    h->role = unquoted(next_item(&list));
    h->more = list;
}

bool held_read(struct held *h, struct slice text)
{
    *h = (struct held){0};
    enum object_kind kind;
    struct slice rest = text;

    if (!take(&rest, "GRANT"))
        return false;
    rest = slice_head(rest, find(rest, "TO"));
    h->text = slice_head(text, (size_t)(rest.data + rest.size - text.data));
    size_t on = find(rest, "ON");
    if (on == rest.size) {
        take_roles(h, rest);
        return true;
    }
    struct slice list = slice_head(rest, on), scope = slice_after(rest, on + strlen(" ON "));
    if (take_scope(h, scope, &kind)) {
        h->set = named(list, kind, &h->is_other);
    } else if (slice_equal_nocase(scope, SLICE("SYSTEM"))) {
        while (list.size) {
            bool operates = slice_equal_nocase(next_item(&list), SLICE("OPERATE"));
            h->operates |= operates;
            h->is_other |= !operates;
        }
    } else {
        h->is_other = true;
    }
    return true;
}
