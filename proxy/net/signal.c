#include "proxy/net/net.h"

#include "base/must.h"

static void raised(uv_signal_t *signal, int number)
{
    struct signal_watch *w = signal->data;

    w->raised(w->owner, number);
}

void signal_open(struct signal_watch *w, struct loop *l, int number, void *owner,
                 void (*then)(void *owner, int number))
{
    *w = (struct signal_watch){.raised = then, .owner = owner};
    must(uv_signal_init(&l->uv, &w->signal) == 0);
    w->signal.data = w;
    must(uv_signal_start(&w->signal, raised, number) == 0);
}

void signal_close(struct signal_watch *w)
{
    uv_close((uv_handle_t *)&w->signal, NULL);
}
