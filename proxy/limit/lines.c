/* Lines of lines: project, its users, each user's tickets. Those who have just been served go to
 * the end of their list. */
#include "proxy/limit/limit.h"

#include "base/memory.h"

struct line { /* of one project */
    struct link link;
    const struct tally *project; /* for a statement that is of none, its compute source */
    struct list users;
    size_t count; /* tickets */
};

struct turns { /* of one user in it */
    struct link link;
    const struct tally *user;
    struct list tickets;
    struct link *next; /* lines_number's own */
};

void lines_init(struct lines *l)
{
    list_init(&l->projects);
    l->count = 0;
}

static const struct tally *key_of(const struct claim *c)
{
    return c->at[LIMIT_PROJECT] ? c->at[LIMIT_PROJECT] : c->at[LIMIT_SOURCE];
}

static struct line *line_of(const struct lines *l, const struct claim *c)
{
    list_each(&l->projects, struct line, link, line)
    {
        if (line->project == key_of(c))
            return line;
    }
    return NULL;
}

static struct turns *turns_of(const struct line *line, const struct claim *c)
{
    list_each(&line->users, struct turns, link, turns)
    {
        if (turns->user == c->at[LIMIT_USER])
            return turns;
    }
    return NULL;
}

static struct line *line_new(struct lines *l, const struct claim *c)
{
    struct line *line = memory_new(1, sizeof(*line));

    line->project = key_of(c);
    link_init(&line->link);
    list_init(&line->users);
    list_push_back(&l->projects, &line->link);
    return line;
}

static struct turns *turns_new(struct line *line, const struct claim *c)
{
    struct turns *turns = memory_new(1, sizeof(*turns));

    turns->user = c->at[LIMIT_USER];
    link_init(&turns->link);
    list_init(&turns->tickets);
    list_push_back(&line->users, &turns->link);
    return turns;
}

void lines_join(struct lines *l, struct ticket *t)
{
    struct line *line = line_of(l, &t->claim);
    struct turns *turns = line ? turns_of(line, &t->claim) : NULL;

    if (!line)
        line = line_new(l, &t->claim);
    if (!turns)
        turns = turns_new(line, &t->claim);
    link_init(&t->link);
    list_push_back(&turns->tickets, &t->link);
    line->count++;
    l->count++;
}

static void take_out(struct lines *l, struct line *line, struct turns *turns, struct ticket *t)
{
    list_remove(&turns->tickets, &t->link);
    line->count--;
    l->count--;
    if (list_is_empty(&turns->tickets)) {
        list_remove(&line->users, &turns->link);
        free(turns);
    }
    if (line->count == 0) {
        list_remove(&l->projects, &line->link);
        free(line);
    }
}

void lines_leave(struct lines *l, struct ticket *t)
{
    struct line *line = line_of(l, &t->claim);

    take_out(l, line, turns_of(line, &t->claim), t);
}

static void to_the_end(struct list *list, struct link *link)
{
    list_remove(list, link);
    list_push_back(list, link);
}

static struct ticket *first_of(const struct turns *turns)
{
    return link_object(list_first(&turns->tickets), struct ticket, link);
}

/* A ticket of this line that has a place now. */
static struct ticket *next_of(struct lines *l, struct line *line)
{
    enum limit_level full;

    list_each(&line->users, struct turns, link, turns)
    {
        struct ticket *t = first_of(turns);
        if (claim_take(&t->claim, &full)) {
            to_the_end(&line->users, &turns->link);
            to_the_end(&l->projects, &line->link);
            take_out(l, line, turns, t);
            return t;
        }
    }
    return NULL;
}

struct ticket *lines_next(struct lines *l)
{
    list_each(&l->projects, struct line, link, line)
    {
        struct ticket *t = next_of(l, line);
        if (t)
            return t;
    }
    return NULL;
}

static void number_line(struct line *line)
{
    unsigned place = 0;

    list_each(&line->users, struct turns, link, turns)
    {
        turns->next = list_first(&turns->tickets);
    }
    while (place < line->count) /* one turn of every user */
        list_each(&line->users, struct turns, link, turns)
        {
            if (turns->next == &turns->tickets.head)
                continue;
            struct ticket *t = link_object(turns->next, struct ticket, link);
            atomic_store_explicit(&t->place, ++place, memory_order_relaxed);
            atomic_store_explicit(&t->of, (unsigned)line->count, memory_order_relaxed);
            turns->next = turns->next->next;
        }
}

void lines_number(struct lines *l)
{
    list_each(&l->projects, struct line, link, line)
    {
        number_line(line);
    }
}
