/* Hints. One passes when StarRocks would take it for a comment, or when every variable in it is one
 * that a session may SET, by the same table. A hint that names a resource group decides the group
 * of the statement, if its source has that group; one that names none ('' or DEFAULT) goes back to
 * the configured group, and the pair is taken out of the text, since a frontend would run without
 * any. */
#include "proxy/plan/plan_private.h"

#include "base/error.h"

static bool refuse_hint(const struct making *m, const char *why, struct slice what)
{
    return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: hint refused: %s%.*s", why, SHOW(what));
}

/* One SET_VAR hint in the reading. */
struct pairs {
    const struct sql_hint *hint;
    struct words w;
    size_t previous_end, dropped_from, dropped_to; /* of the pair to take out; to 0: none */
    size_t kept;
    bool is_open_end; /* the pair to take out reaches to the start of the next one */
};

static bool is_configured(struct slice group)
{
    return group.size == 0 || slice_equal_nocase(group, SLICE("default"));
}

static bool take_group(const struct making *m, struct slice value,
                       const struct compute_source *chooser, struct hinted *hinted)
{
    if (hinted->is_given && !slice_equal(hinted->group, is_configured(value) ? SLICE("") : value))
        return refuse_hint(m, "two hints name different resource groups", SLICE(""));
    hinted->is_given = true;
    hinted->group = is_configured(value) ? SLICE("") : value;
    if (is_configured(value) || (chooser && source_allows_group(chooser, value)))
        return true;
    return refuse(m->e, ERROR_DENIED, "starbind: resource group '%.*s' is not open to this project",
                  SHOW(value));
}

/* A plain value: a word, a number with its sign, or a string without escapes. */
static bool take_value(struct words *w, struct word *last, struct slice *value)
{
    struct word first = word_next(w);

    if (word_is(first, "-") || word_is(first, "+"))
        first = word_next(w);
    *value = first.text;
    *last = first;
    if (first.kind == WORD_STRING && first.text.size >= 2) {
        *value = slice_make(first.text.data + 1, first.text.size - 2);
        return !value->size || !memchr(value->data, '\\', value->size);
    }
    if (first.kind != WORD_NAME)
        return false;
    while (w->at + 1 < w->end && w->text.data[w->at] == '.') { /* 0.5 */
        word_next(w);
        *last = word_next(w);
        if (last->kind != WORD_NAME)
            return false;
        value->size = (size_t)(last->text.data + last->text.size - value->data);
    }
    return true;
}

/* name = value */
static bool take_pair(const struct making *m, struct pairs *p, const struct compute_source *chooser,
                      struct hinted *hinted)
{
    struct word name = word_next(&p->w), last;
    size_t start = name.end - name.text.size;
    struct slice folded, value;
    enum variable_class class;

    if (name.kind != WORD_NAME || !word_is(word_next(&p->w), "=")
        || !take_value(&p->w, &last, &value))
        return refuse_hint(m, "SET_VAR takes name = value pairs", SLICE(""));
    if (p->is_open_end) /* the pair before is taken out up to here */
        p->dropped_to = start;
    p->is_open_end = false;
    folded = fold(name.text, m->arena);
    if (slice_equal(folded, SLICE("resource_group"))) {
        if (!take_group(m, value, chooser, hinted))
            return false;
        if (is_configured(value)) {
            if (p->dropped_to)
                return refuse_hint(m, "resource_group is named twice", SLICE(""));
            p->dropped_from = p->kept ? p->previous_end : start;
            p->dropped_to = last.end;
            p->is_open_end = !p->kept;
            return true;
        }
    } else {
        class = variable_class(folded);
        if (class != VARIABLE_TRACK && class != VARIABLE_IGNORE)
            return refuse_hint(m, "SET_VAR may not set ", folded);
    }
    p->kept++;
    p->previous_end = last.end;
    return true;
}

/* SET_VAR(name = value, …) and nothing else. */
static bool read_set_var(struct making *m, const struct sql_hint *hint,
                         const struct compute_source *chooser, struct hinted *hinted)
{
    size_t start = (size_t)(hint->text.data - m->text.data);
    struct pairs p = {.hint = hint, .w = words_over(m->text, start, start + hint->text.size)};
    struct word next = word_next(&p.w);

    if (!word_is(next, "set_var") || !word_is(word_next(&p.w), "("))
        return refuse_hint(m, "SET_VAR must stand alone in its hint", SLICE(""));
    do {
        if (!take_pair(m, &p, chooser, hinted))
            return false;
        next = word_next(&p.w);
    } while (word_is(next, ","));
    if (!word_is(next, ")") || word_next(&p.w).kind != WORD_END)
        return refuse_hint(m, "SET_VAR takes name = value pairs", SLICE(""));
    if (p.dropped_to && p.kept)
        change_put(m, (uint32_t)p.dropped_from, (uint32_t)p.dropped_to, SLICE(""));
    else if (p.dropped_to) /* nothing is left of it; a comment still parts the words beside it */
        change_put(m, hint->start, hint->end, SLICE("/* */"));
    return true;
}

static bool holds(struct slice text, const char *word)
{
    return text.size && memmem(text.data, text.size, word, strlen(word)) != NULL;
}

bool hints_judge(struct making *m, const struct sql_statement *s,
                 const struct compute_source *chooser, struct hinted *hinted)
{
    *hinted = (struct hinted){.is_given = false};
    for (uint32_t i = 0; i < s->hint_count; i++) {
        struct slice folded = fold(s->hints[i].text, m->arena);

        if (holds(folded, "set_user_variable"))
            return refuse_hint(m, "SET_USER_VARIABLE is not served", SLICE(""));
        if (holds(folded, "set_var") && !read_set_var(m, &s->hints[i], chooser, hinted))
            return false;
    }
    return true;
}
