#include "proxy/net/work.h"

#include "base/must.h"
#include "proxy/net/net.h"
#include "proxy/net/precedence.h"

static void run(uv_work_t *request)
{
    struct work *w = request->data;

    precedence_leave();
    w->run(w->owner);
}

static void begin_next(struct work_line *line);

static void ran(uv_work_t *request, int status)
{
    struct work *w = request->data;
    struct work_line *line = w->line;

    must(status == 0); /* nothing here cancels what has begun */
    line->running--;
    begin_next(line);
    w->done(w->owner);
}

static void begin_next(struct work_line *line)
{
    while (line->running < line->limit && !list_is_empty(&line->waiting)) {
        struct work *w = link_object(list_first(&line->waiting), struct work, link);
        list_remove(&line->waiting, &w->link);
        line->running++;
        w->request.data = w;
        must(uv_queue_work(&line->loop->uv, &w->request, run, ran) == 0);
    }
}

void work_line_init(struct work_line *line, struct loop *l, unsigned limit)
{
    *line = (struct work_line){.loop = l, .limit = limit};
    list_init(&line->waiting);
}

void work_start(struct work *w, struct work_line *line, void (*run_it)(void *owner),
                void (*done)(void *owner), void *owner)
{
    *w = (struct work){.line = line, .run = run_it, .done = done, .owner = owner};
    link_init(&w->link);
    list_push_back(&line->waiting, &w->link);
    begin_next(line);
}

bool work_give_up(struct work *w)
{
    if (!link_is_listed(&w->link))
        return false;
    list_remove(&w->line->waiting, &w->link);
    return true;
}
