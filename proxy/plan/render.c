/* The text in real names: pieces are replaced where names stand, every other byte is kept. Names
 * are always written in backquotes, so that none can be taken for a keyword or a number. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

void change_put(struct making *m, uint32_t start, uint32_t end, struct slice text)
{
    if (m->change_count == m->change_room) {
        size_t room = m->change_room ? m->change_room * 2 : 16;

        m->changes = arena_grow(m->arena, m->changes, m->change_room * sizeof *m->changes,
                                room * sizeof *m->changes);
        m->change_room = room;
    }
    m->changes[m->change_count++] = (struct sql_replacement){start, end, text};
}

bool can_be_written(struct slice name)
{
    return sql_name_can_be_quoted(name)
           && (!memchr(name.data, '$', name.size) || !memmem(name.data, name.size, "$$", 2));
}

static bool refuse_unwritable(const struct making *m)
{
    return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: this database cannot be written in SQL");
}

/* The first `count` parts of a name become the database: x, default_catalog.x, code.schema. */
bool render_database(struct making *m, const struct sql_reference *r, uint32_t count,
                     struct slice database)
{
    const struct sql_part *part = &r->parts[count - 1];

    if (!can_be_written(database))
        return refuse_unwritable(m);
    if (count == 2 && !is_default_catalog(&r->parts[0]))
        change_put(m, r->parts[0].start, part->start, SLICE("")); /* the code and its dot go */
    change_put(m, part->start, part->end, sql_quote_name(database, m->arena));
    return true;
}

/* `database`.`name` */
static struct slice quoted(struct making *m, struct slice database, struct slice name)
{
    char *text = arena_alloc(m->arena, database.size + name.size + 5), *at = text;

    *at++ = '`';
    memcpy(at, database.data, database.size);
    at += database.size;
    memcpy(at, "`.`", 3);
    at += 3;
    memcpy(at, name.data, name.size);
    at += name.size;
    *at++ = '`';
    return slice_make(text, (size_t)(at - text));
}

/* The usual case, database.name with nothing but the dot between, is one change. */
bool render_names(struct making *m, const struct sql_reference *r, const struct binding *b)
{
    const struct sql_part *last = &r->parts[r->count - 1];
    bool is_plain = r->count == 1 || (r->count == 2 && r->parts[0].end + 1 == last->start);

    if (is_plain) {
        if (!can_be_written(b->database))
            return refuse_unwritable(m);
        change_put(m, r->parts[0].start, last->end, quoted(m, b->database, last->value));
        return true;
    }
    if (!render_database(m, r, r->count - 1, b->database))
        return false;
    change_put(m, last->start, last->end, sql_quote_name(last->value, m->arena));
    return true;
}

/* A name that stands in a string literal of its own: 't' becomes 'database.t', plain as typed. */
bool render_string(struct making *m, const struct sql_reference *r, const struct binding *b)
{
    static const char special[] = "'\"\\.`$";
    const struct sql_part *part = &r->parts[0];
    char first = part->value.size ? m->text.data[part->start] : '\'';

    for (size_t i = 0; i + 1 < sizeof special; i++)
        if (first == '\'' || first == '"' || memchr(b->database.data, special[i], b->database.size)
            || memchr(part->value.data, special[i], part->value.size))
            return refuse(m->e, ERROR_NOT_SUPPORTED,
                          "starbind: this name cannot be written inside a string");
    change_put(m, part->start, part->end,
               arena_print(m->arena, "%.*s.%.*s", SHOW(b->database), SHOW(part->value)));
    return true;
}

static int order_changes(const void *a, const void *b)
{
    const struct sql_replacement *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* The end of the run in order that begins there. */
static size_t run_end(const struct making *m, size_t from)
{
    size_t i = from + 1;

    while (i < m->change_count && order_changes(&m->changes[i - 1], &m->changes[i]) <= 0)
        i++;
    return i < m->change_count ? i : m->change_count;
}

static void merge(struct making *m, size_t first, size_t second)
{
    struct sql_replacement *all = m->changes, *other;
    size_t count = second - first, i = 0, j = second, to = first;

    other = arena_array(m->arena, count, sizeof *other);
    memcpy(other, all + first, count * sizeof *other);
    while (i < count)
        all[to++] =
            j < m->change_count && order_changes(&all[j], &other[i]) < 0 ? all[j++] : other[i++];
}

/* Mostly in order; or tables, and then the columns that follow them. */
void changes_sort(struct making *m, size_t first)
{
    size_t second = run_end(m, first);

    if (second >= m->change_count)
        return;
    if (run_end(m, second) == m->change_count)
        merge(m, first, second);
    else
        qsort(m->changes + first, m->change_count - first, sizeof *m->changes, order_changes);
}

static bool is_name_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
           || c == '$' || (unsigned char)c >= 0x80;
}

/* Would two bytes that now meet be read as one word? orders`x` is a name and an alias, but
 * `orders``x` is the name ordersx. */
static bool would_join(char last, char first)
{
    if (last == '`')
        return first == '`' || (unsigned char)first >= 0x80; /* U+3000 is a blank or a letter */
    if (last == '\'' || last == '"')
        return first == last;
    return is_name_byte(last) && is_name_byte(first);
}

/* Changes are sorted and do not overlap. A blank goes where words would join. */
static void part_words(struct making *m)
{
    char last = ' ';

    for (size_t i = 0; i < m->change_count; i++) {
        struct sql_replacement *c = &m->changes[i];
        uint32_t before = i ? m->changes[i - 1].end : 0;
        bool has_next =
            c->end < m->text.size && (i + 1 == m->change_count || m->changes[i + 1].start > c->end);

        if (c->start > before)
            last = m->text.data[c->start - 1];
        if (c->text.size) {
            if (would_join(last, c->text.data[0]))
                c->text = arena_print(m->arena, " %.*s", SHOW(c->text));
            last = c->text.data[c->text.size - 1];
        }
        if (has_next && would_join(last, m->text.data[c->end]))
            c->text = arena_print(m->arena, "%.*s ", SHOW(c->text));
    }
}

bool render_text(struct making *m)
{
    changes_sort(m, 0);
    for (size_t i = 1; i < m->change_count; i++)
        if (m->changes[i].start < m->changes[i - 1].end)
            return refuse(m->e, ERROR_NOT_SUPPORTED,
                          "starbind: names that stand inside each other are not served");
    part_words(m);
    m->plan->text = sql_replace(m->text, m->changes, m->change_count, m->arena);
    m->plan->changes = m->changes;
    m->plan->change_count = m->change_count;
    return true;
}
