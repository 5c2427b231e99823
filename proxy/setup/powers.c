/* SHOW GRANTS, followed through roles: each role is asked for once. */
#include "proxy/setup/powers.h"

#include "base/arena.h"
#include "protocol/sql/sql.h"

enum { ROLES_MAX = 64, EXCESS_MAX = 8 };

/* What the roles that every cluster has mean; facts/fe-metadata.md, section 5. */
static const struct {
    const char *name;
    bool is_root, is_database_all, operates;
} built_in[] = {
    {"root", true, true, true},
    {"db_admin", false, true, false},
    {"cluster_admin", false, false, true},
    {"user_admin", false, false, false},
    {"security_admin", false, false, false},
};

static bool take_built_in(struct powers *p, struct slice role)
{
    for (size_t i = 0; i < sizeof(built_in) / sizeof(*built_in); i++)
        if (slice_equal(role, slice_of(built_in[i].name))) {
            p->is_root |= built_in[i].is_root;
            p->is_database_all |= built_in[i].is_database_all;
            p->operates |= built_in[i].operates;
            return true;
        }
    return false;
}

static void add_role(struct powers *p, struct slice role, struct arena *arena)
{
    if (role.size >= 2 && role.data[0] == '\'')
        role = slice_make(role.data + 1, role.size - 2);
    if (role.size && !slice_equal(role, SLICE("public")) && !slices_have(&p->roles, role)
        && p->roles.count < ROLES_MAX)
        slices_add(&p->roles, role, arena);
}

static void take_row(struct powers *p, struct slice text, struct arena *arena)
{
    struct held h;

    if (!held_read(&h, text))
        return;
    p->operates |= h.operates;
    add_role(p, h.role, arena);
    while (h.more.size) {
        const char *comma = memchr(h.more.data, ',', h.more.size);
        size_t size = comma ? (size_t)(comma - h.more.data) : h.more.size;
        add_role(p, slice_head(h.more, size), arena);
        h.more = slice_after(h.more, size + (comma != NULL));
        while (h.more.size && h.more.data[0] == ' ')
            h.more = slice_after(h.more, 1);
    }
    if (h.role.size)
        return;
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 8;
        p->held = arena_grow(arena, p->held, p->room * sizeof(h), room * sizeof(h));
        p->room = room;
    }
    p->held[p->count++] = h;
}

static bool ask(struct powers *p, struct inquiry *q, const char *sql, struct arena *arena,
                struct slice *why)
{
    struct reply_table t;

    if (!inquiry_ask(q, sql, arena, &t)) {
        *why = arena_print(arena, "%s: error %u: %.*s", sql, t.error, SHOW(t.text));
        return false;
    }
    for (size_t i = 0; i < t.rows; i++)
        take_row(p, reply_cell(&t, i, "Grants"), arena);
    return true;
}

bool powers_read(struct powers *p, struct inquiry *q, struct slice identity, struct arena *arena,
                 struct slice *why)
{
    struct slice ignored;

    *p = (struct powers){0};
    if (!ask(p, q,
             identity.size ? arena_print(arena, "SHOW GRANTS FOR %.*s", SHOW(identity)).data
                           : "SHOW GRANTS",
             arena, why))
        return false;
    for (size_t i = 0; i < p->roles.count; i++) {
        struct slice role = p->roles.at[i];
        if (take_built_in(p, role))
            continue;
        struct slice quoted = sql_quote_string(role, arena);
        if (!ask(p, q, arena_print(arena, "SHOW GRANTS FOR ROLE %.*s", SHOW(quoted)).data, arena,
                 &ignored))
            slices_add(&p->unknown, role, arena);
    }
    return true;
}

static bool is_of(const struct held *h, struct slice database)
{
    return !h->database.size || slice_equal(h->database, database);
}

rights powers_on(const struct powers *p, struct slice database)
{
    rights set = 0;

    for (size_t i = 0; i < p->count; i++)
        if (!p->held[i].object.size && is_of(&p->held[i], database))
            set |= p->held[i].set;
    return set;
}

bool powers_select(const struct powers *p, struct slice database, struct slice table)
{
    rights select = rights_needed(READ) & rights_of_kind(OBJECT_TABLE);
    bool has = p->is_database_all;

    for (size_t i = 0; i < p->count; i++)
        has |= p->held[i].set & select && is_of(&p->held[i], database)
               && (!p->held[i].object.size || slice_equal(p->held[i].object, table));
    return has;
}

/* The rights of one grant that nobody needs there. */
static rights needless(const struct held *h, const struct want_account *a)
{
    void *known = h->database.size ? map_find(&a->by_database, h->database) : NULL;

    if (a->statistics && slice_equal(h->database, SLICE("_statistics_")))
        return 0;
    return known ? h->set & ~a->rights[(uintptr_t)known - 1].set : h->set;
}

struct slice powers_excess(const struct powers *p, const struct want_account *a,
                           struct arena *arena)
{
    struct slice text = {"", 0};
    size_t count = 0;

    for (size_t i = 0; i < p->roles.count; i++)
        if (take_built_in(&(struct powers){0}, p->roles.at[i]))
            text = arena_print(arena, "%.*s%sthe role %.*s", SHOW(text), text.size ? "; " : "",
                               SHOW(p->roles.at[i]));
    for (size_t i = 0; i < p->count; i++) {
        const struct held *h = &p->held[i];
        rights more = needless(h, a);
        bool is_excess = more || h->is_other || (h->operates && !a->operates);
        if (!is_excess || ++count > EXCESS_MAX)
            continue;
        struct slice what = more ? rights_text(more, arena) : h->text;
        text = arena_print(arena, "%.*s%s%.*s%s%.*s", SHOW(text), text.size ? "; " : "", SHOW(what),
                           !more              ? ""
                           : h->database.size ? " of "
                                              : " of all databases",
                           SHOW(more ? h->database : (struct slice){0}));
    }
    if (count > EXCESS_MAX)
        text = arena_print(arena, "%.*s; and %zu more grants", SHOW(text), count - EXCESS_MAX);
    return text;
}
