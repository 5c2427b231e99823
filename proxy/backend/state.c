/* What SET has changed: a short list in one block, compared byte by byte. A list and not one flag
 * per variable, so that a new variable needs no code here.
 *
 *   entry: is_user (1 byte), size of the name (2), size of the value (4), name, value
 *
 * Entries stand in the order of their last SET and are sent in that order: a server that takes @a
 * and @A for one variable ends with the value that the client gave it last. */
#include "proxy/backend/backend.h"

#include "base/fnv.h"
#include "base/arena.h"
#include "base/memory.h"
#include "protocol/sql/sql.h"

enum { HEAD = 7, NAME_MAX_SIZE = UINT16_MAX };

static bool is_unknown(struct slice value)
{
    return value.size && value.data[0] == '?';
}

/* ---- entries ---- */

static struct state_entry entry_at(const struct state *s, size_t at)
{
    uint16_t name_size;
    uint32_t value_size;

    memcpy(&name_size, s->data + at + 1, sizeof(name_size));
    memcpy(&value_size, s->data + at + 3, sizeof(value_size));
    return (struct state_entry){
        .is_user = s->data[at],
        .name = slice_make(s->data + at + HEAD, name_size),
        .value = slice_make(s->data + at + HEAD + name_size, value_size),
    };
}

static size_t entry_size(const struct state_entry *entry)
{
    return HEAD + entry->name.size + entry->value.size;
}

bool state_next(const struct state *s, size_t *at, struct state_entry *entry)
{
    if (*at >= s->size)
        return false;
    *entry = entry_at(s, *at);
    *at += entry_size(entry);
    return true;
}

/* A mark only advises which connection to take; nothing rests on it. */
uint64_t state_mark_of(bool is_user, struct slice name, struct slice value)
{
    uint64_t h = fnv_bytes(FNV_START + is_user, name);

    return fnv_bytes(h * FNV_PRIME, value);
}

/* The entry's offset; the state's size when it has none. */
static size_t find(const struct state *s, bool is_user, struct slice name)
{
    struct state_entry entry;
    size_t at = 0, start = 0;

    while (state_next(s, &at, &entry)) {
        if (entry.is_user == is_user && slice_equal(entry.name, name))
            return start;
        start = at;
    }
    return s->size;
}

bool state_find(const struct state *s, bool is_user, struct slice name, struct slice *value)
{
    size_t at = find(s, is_user, name);

    if (at == s->size)
        return false;
    *value = entry_at(s, at).value;
    return true;
}

bool state_has_user(const struct state *s)
{
    struct state_entry entry;
    size_t at = 0;

    while (state_next(s, &at, &entry))
        if (entry.is_user)
            return true;
    return false;
}

void state_drop(struct state *s, bool is_user, struct slice name)
{
    size_t at = find(s, is_user, name);

    if (at == s->size)
        return;
    struct state_entry entry = entry_at(s, at);
    size_t size = entry_size(&entry);
    s->mark -= state_mark_of(is_user, entry.name, entry.value);
    s->unknown -= is_unknown(entry.value);
    memmove(s->data + at, s->data + at + size, s->size - at - size);
    s->size -= size;
    s->count--;
    if (s->count == 0)
        state_clear(s);
}

static void append(struct state *s, bool is_user, struct slice name, struct slice value)
{
    uint16_t name_size = (uint16_t)name.size;
    uint32_t value_size = (uint32_t)value.size;

    s->data = memory_resize(s->data, s->size + HEAD + name.size + value.size, 1);
    char *at = s->data + s->size;
    at[0] = is_user;
    memcpy(at + 1, &name_size, sizeof(name_size));
    memcpy(at + 3, &value_size, sizeof(value_size));
    memcpy(at + HEAD, name.data, name.size);
    memcpy(at + HEAD + name.size, value.data, value.size);
    s->size += HEAD + name.size + value.size;
    s->count++;
    s->mark += state_mark_of(is_user, name, value);
    s->unknown += is_unknown(value);
}

bool state_put(struct state *s, bool is_user, struct slice name, struct slice value)
{
    struct state_entry entry = {0};
    size_t at = find(s, is_user, name);

    if (at < s->size)
        entry = entry_at(s, at);
    if (at < s->size && slice_equal(entry.value, value) && at + entry_size(&entry) == s->size)
        return true;
    size_t before = at < s->size ? entry_size(&entry) : 0;
    if (name.size > NAME_MAX_SIZE || value.size > STATE_BYTES_MAX
        || s->size - before + HEAD + name.size + value.size > STATE_BYTES_MAX
        || s->count - (before > 0) >= STATE_VARIABLES_MAX)
        return false;
    state_drop(s, is_user, name);
    append(s, is_user, name, value);
    return true;
}

void state_clear(struct state *s)
{
    free(s->data);
    *s = (struct state){0};
}

/* ---- wishes ---- */

#define GROUP SLICE("resource_group")

uint64_t state_wish_mark(const struct state_wish *w)
{
    uint64_t group = w->resource_group.size ? state_mark_of(false, GROUP, w->resource_group) : 0;

    return w->variables->mark + group;
}

/* Walks the variables of a wish, the resource group last. */
static bool wish_next(const struct state_wish *w, size_t *at, struct state_entry *entry)
{
    if (state_next(w->variables, at, entry))
        return true;
    if (*at > w->variables->size || !w->resource_group.size)
        return false;
    *at = w->variables->size + 1; /* no more */
    *entry = (struct state_entry){.name = GROUP, .value = w->resource_group};
    return true;
}

static bool is_wished(const struct state_wish *w, const struct state_entry *entry)
{
    struct slice value;

    if (!entry->is_user && slice_equal(entry->name, GROUP))
        return w->resource_group.size > 0;
    return state_find(w->variables, entry->is_user, entry->name, &value);
}

static bool is_carried(const struct state *carried, const struct state_entry *entry)
{
    struct slice value;

    return state_find(carried, entry->is_user, entry->name, &value)
           && slice_equal(value, entry->value);
}

/* Most connections come back to a session that wants just what they carry. */
static bool is_same(const struct state_wish *w, const struct state *carried)
{
    size_t size = w->variables->size;
    struct state_entry last;

    if (carried->size < size || (size && memcmp(w->variables->data, carried->data, size) != 0))
        return false;
    if (!w->resource_group.size)
        return carried->size == size;
    return state_next(carried, &size, &last) && size == carried->size && !last.is_user
           && slice_equal(last.name, GROUP) && slice_equal(last.value, w->resource_group);
}

/* ---- texts ---- */

static bool is_plain(struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')
            && c != '_')
            return false;
    }
    return name.size > 0;
}

struct slice state_assignment(const struct state_entry *entry, struct arena *a)
{
    struct slice name = is_plain(entry->name) ? entry->name : sql_quote_string(entry->name, a);

    return arena_print(a, "%s%.*s = %.*s", entry->is_user ? "@" : "", SHOW(name),
                       SHOW(entry->value));
}

/* What takes it back to the login. A frontend knows no other way to be rid of a user variable. */
static struct slice undoing(const struct state *originals, const struct state_entry *entry,
                            struct arena *a)
{
    struct state_entry original = *entry;

    original.value = entry->is_user ? SLICE("NULL") : SLICE("DEFAULT");
    if (!entry->is_user)
        state_find(originals, false, entry->name, &original.value);
    return state_assignment(&original, a);
}

size_t state_difference(const struct state_wish *w, const struct state *carried,
                        const struct state *originals, struct arena *a, struct slice **assignments)
{
    struct state_entry entry;
    size_t at = 0, count = 0;

    if (is_same(w, carried))
        return 0;
    *assignments = arena_array(a, carried->count + w->variables->count + 1, sizeof(**assignments));
    while (state_next(carried, &at, &entry))
        if (!is_wished(w, &entry))
            (*assignments)[count++] = undoing(originals, &entry, a);
    at = 0;
    while (wish_next(w, &at, &entry))
        if (!is_unknown(entry.value) && !is_carried(carried, &entry))
            (*assignments)[count++] = state_assignment(&entry, a);
    return count;
}

size_t state_unknown(const struct state_wish *w, const struct state *carried,
                     const struct state *originals, struct arena *a, struct slice **names)
{
    struct state_entry entry;
    struct slice value;
    size_t at = 0, count = 0;

    if (is_same(w, carried))
        return 0;
    *names = arena_array(a, w->variables->count + 1, sizeof(**names));
    while (wish_next(w, &at, &entry))
        if (!entry.is_user && !is_unknown(entry.value)
            && !state_find(originals, false, entry.name, &value))
            (*names)[count++] = entry.name;
    return count;
}

void state_adopt(struct state *carried, const struct state_wish *w)
{
    struct state before = *carried;
    struct state_entry entry;
    size_t at = 0;

    *carried = (struct state){0};
    while (wish_next(w, &at, &entry))
        if (!is_unknown(entry.value) || is_carried(&before, &entry))
            append(carried, entry.is_user, entry.name, entry.value);
    state_clear(&before);
}

bool state_lacks(const struct state *wanted, const struct state *carried, struct state_entry *entry)
{
    size_t at = 0;

    while (wanted->unknown && state_next(wanted, &at, entry))
        if (is_unknown(entry->value) && !is_carried(carried, entry))
            return true;
    return false;
}

bool state_shares_unknown(const struct state *wanted, const struct state *carried)
{
    struct state_entry entry;
    size_t at = 0;

    while (wanted->unknown && carried->unknown && state_next(wanted, &at, &entry))
        if (is_unknown(entry.value) && is_carried(carried, &entry))
            return true;
    return false;
}
