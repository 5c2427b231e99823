/* What clients of MySQL say besides SELECT, as a SELECT over the tables: SHOW, DESCRIBE, HELP; and
 * system variables, which SQLite does not know. */
#include "base/arena.h"
#include "proxy/admin/phrase.h"

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '.' || c == ':' || c == '-' || (unsigned char)c >= 0x80;
}

/* A word, or what stands between quotes; false at the end and at what is neither. */
static bool take_word(struct slice *text, struct slice *word)
{
    while (text->size && strchr(" \t\r\n", text->data[0]))
        *text = slice_after(*text, 1);
    if (!text->size)
        return false;
    char quote = text->data[0];
    size_t n = 0;
    if (strchr("'\"`", quote)) {
        const char *end = memchr(text->data + 1, quote, text->size - 1);
        if (!end)
            return false;
        *word = slice_make(text->data + 1, (size_t)(end - text->data) - 1);
        *text = slice_after(*text, word->size + 2);
        return true;
    }
    while (n < text->size && is_word_char(text->data[n]))
        n++;
    *word = slice_head(*text, n);
    *text = slice_after(*text, n);
    return n > 0;
}

bool phrase_read(struct phrase *p, struct slice text)
{
    struct slice word;

    *p = (struct phrase){.count = 0};
    while (text.size && strchr(" \t\r\n;", text.data[text.size - 1]))
        text.size--;
    while (p->count < PHRASE_MAX && take_word(&text, &word))
        p->words[p->count++] = word;
    while (text.size && strchr(" \t\r\n", text.data[0]))
        text = slice_after(text, 1);
    return p->count && !text.size;
}

bool phrase_is(const struct phrase *p, const char *pattern, struct slice *name)
{
    size_t i = 0;

    while (*pattern) {
        size_t n = strcspn(pattern, " ");
        struct slice want = slice_make(pattern, n);
        if (i == p->count)
            return false;
        if (slice_equal(want, SLICE("?")))
            *name = p->words[i];
        else if (!slice_equal_nocase(want, p->words[i]))
            return false;
        i++;
        pattern += n + (pattern[n] == ' ');
    }
    return i == p->count;
}

/* clang-format off */
static const struct {
    const char *pattern, *sql; /* %s: the name */
} shows[] = {
    {"show tables", "SELECT name AS Tables_in_starbind FROM tables"},
    {"show full tables", "SELECT name AS Tables_in_starbind, 'VIEW' AS Table_type FROM tables"},
    {"show databases", "SELECT 'starbind' AS \"Database\""},
    {"show schemas", "SELECT 'starbind' AS \"Database\""},
    {"show columns from ?", "SELECT name AS Field, type AS Type, meaning AS Comment FROM columns WHERE table_name = lower('%s')"},
    {"describe ?", "SELECT name AS Field, type AS Type, meaning AS Comment FROM columns WHERE table_name = lower('%s')"},
    {"desc ?", "SELECT name AS Field, type AS Type, meaning AS Comment FROM columns WHERE table_name = lower('%s')"},
    {"show variables", "SELECT name AS Variable_name, value AS Value FROM settings"},
    {"show status", "SELECT name AS Variable_name, sum(value) AS Value FROM metrics GROUP BY name"},
    {"show processlist", "SELECT id AS Id, user AS User, client AS Host, project AS db, command AS Command, seconds AS Time, state AS State, statement AS Info FROM sessions ORDER BY id"},
    {"show warnings", "SELECT '' AS Level, 0 AS Code, '' AS Message WHERE 0"},
    {"show ?", "SELECT * FROM \"%s\""},
};
/* clang-format on */

/* Names that tables can have: nothing else gets into the text. */
static bool is_plain(struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!is_word_char(name.data[i]))
            return false;
    return true;
}

static struct slice show_as_sql(const struct phrase *p, struct arena *a)
{
    for (size_t i = 0; i < sizeof(shows) / sizeof(*shows); i++) {
        struct slice name = {"", 0};
        if (!phrase_is(p, shows[i].pattern, &name) || !is_plain(name))
            continue;
        const char *at = strstr(shows[i].sql, "%s");
        if (!at)
            return slice_of(shows[i].sql);
        return arena_print(a, "%.*s%.*s%s", (int)(at - shows[i].sql), shows[i].sql, SHOW(name),
                           at + 2);
    }
    return (struct slice){0};
}

/* Bytes of a quoted piece or a comment at the front; 0: there is none. */
static size_t skip_quoted(struct slice text)
{
    char c = text.data[0];
    const char *end = NULL;

    if (c == '\'' || c == '"' || c == '`')
        end = memchr(text.data + 1, c, text.size - 1);
    else if (slice_starts_with(text, SLICE("/*"))
             && (end = memmem(text.data + 2, text.size - 2, "*/", 2)))
        end++;
    else if (slice_starts_with(text, SLICE("--")))
        end = memchr(text.data, '\n', text.size);
    else
        return 0;
    return end ? (size_t)(end - text.data) + 1 : text.size;
}

static size_t name_size(struct slice text)
{
    size_t n = 0;

    while (n < text.size && is_word_char(text.data[n]) && text.data[n] != '-'
           && text.data[n] != ':')
        n++;
    return n;
}

/* @@name becomes variable('name'). */
static struct slice without_variables(struct slice text, struct arena *a)
{
    struct slice made = {"", 0};

    for (size_t at = 0; text.size; text = slice_after(text, at)) {
        for (at = 0; at < text.size && !slice_starts_with(slice_after(text, at), SLICE("@@"));) {
            size_t quoted = skip_quoted(slice_after(text, at));
            at += quoted ? quoted : 1;
        }
        made = arena_print(a, "%.*s%.*s", SHOW(made), SHOW(slice_head(text, at)));
        if (at == text.size)
            break;
        size_t name = name_size(slice_after(text, at + 2));
        made = arena_print(a, "%.*svariable('%.*s')", SHOW(made), (int)name, text.data + at + 2);
        at += 2 + name;
    }
    return made;
}

struct slice phrase_as_sql(struct slice text, struct arena *a)
{
    struct phrase p;

    if (phrase_read(&p, text)) {
        struct slice sql = show_as_sql(&p, a);
        if (sql.size)
            return sql;
    }
    if (text.size && memmem(text.data, text.size, "@@", 2))
        return without_variables(text, a);
    return text;
}

bool phrase_is_idle(struct slice text)
{
    static const char *const idle[] = {"set", "use", "begin", "commit", "rollback", "start"};
    struct slice word;

    if (!take_word(&text, &word))
        return false;
    for (size_t i = 0; i < sizeof(idle) / sizeof(*idle); i++)
        if (slice_equal_nocase(word, slice_of(idle[i])))
            return true;
    return false;
}
