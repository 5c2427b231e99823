/* Alarms. A session changes its deadline with every phase, nearly always to a later one; so the
 * timer is left as it stands and looks at the real deadline when it fires. */
#include "proxy/net/net.h"

static void arm(struct alarm *a);

static void fired(uv_timer_t *timer)
{
    struct alarm *a = timer->data;

    a->armed = 0;
    if (a->due == 0)
        return;
    if (a->due > uv_now(timer->loop)) {
        arm(a);
        return;
    }
    a->due = 0;
    a->ring(a->owner);
}

static void arm(struct alarm *a)
{
    millis now = uv_now(a->timer.loop);

    a->armed = a->due;
    uv_timer_start(&a->timer, fired, a->due > now ? a->due - now : 0, 0);
}

void alarm_init(struct alarm *a, struct loop *l, void *owner, void (*ring)(void *owner))
{
    *a = (struct alarm){.ring = ring, .owner = owner};
    uv_timer_init(&l->uv, &a->timer);
    a->timer.data = a;
}

void alarm_set(struct alarm *a, millis due)
{
    a->due = due ? due : 1;
    if (a->armed == 0 || a->due < a->armed)
        arm(a);
}

void alarm_clear(struct alarm *a)
{
    a->due = 0;
}

static void closed(uv_handle_t *handle)
{
    struct alarm *a = handle->data;

    if (a->closed)
        a->closed(a->owner);
}

void alarm_close(struct alarm *a, void (*then)(void *owner))
{
    a->due = 0;
    a->closed = then;
    uv_close((uv_handle_t *)&a->timer, closed);
}
