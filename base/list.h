/* Intrusive doubly linked lists: the link lives inside the object, the list owns nothing. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *next, *previous; /* both point to the link itself while it is in no list */
};

struct list {
    struct link head;
    size_t count;
};

/* The object that holds this link as member `name`. */
#define link_object(link, type, name) ((type *)(void *)((char *)(link)-offsetof(type, name)))

/* Walks objects; the current one may be removed in the body. */
#define list_each(list, type, name, it)                                                            \
    for (struct link *it##_at = (list)->head.next, *it##_next = it##_at->next;                     \
         it##_at != &(list)->head; it##_at = it##_next, it##_next = it##_at->next)                 \
        for (type *it = link_object(it##_at, type, name); it; it = NULL)

static inline void link_init(struct link *l)
{
    l->next = l->previous = l;
}

static inline bool link_is_listed(const struct link *l)
{
    return l->next != l;
}

static inline void list_init(struct list *l)
{
    link_init(&l->head);
    l->count = 0;
}

static inline bool list_is_empty(const struct list *l)
{
    return l->count == 0;
}

static inline void list_put_between(struct list *l, struct link *it, struct link *a, struct link *b)
{
    it->previous = a;
    it->next = b;
    a->next = it;
    b->previous = it;
    l->count++;
}

static inline void list_push_back(struct list *l, struct link *it)
{
    list_put_between(l, it, l->head.previous, &l->head);
}

static inline void list_push_front(struct list *l, struct link *it)
{
    list_put_between(l, it, &l->head, l->head.next);
}

static inline void list_remove(struct list *l, struct link *it)
{
    it->previous->next = it->next;
    it->next->previous = it->previous;
    link_init(it);
    l->count--;
}

/* First and last link, or NULL when the list is empty. */
static inline struct link *list_first(const struct list *l)
{
    return l->count ? l->head.next : NULL;
}

static inline struct link *list_last(const struct list *l)
{
    return l->count ? l->head.previous : NULL;
}

#endif
