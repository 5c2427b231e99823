#include "proxy/net/net.h"

#include <string.h>

#include "base/must.h"

enum { SPARE_CHUNKS = 256, SPARE_BLOCKS = 64 }; /* 4 MiB and 1 MiB kept by an idle loop at most */

void loop_init(struct loop *l, const char *name)
{
    memset(l, 0, sizeof(*l));
    must(uv_loop_init(&l->uv) == 0);
    l->chunks.keep = SPARE_CHUNKS;
    l->arenas.keep = SPARE_BLOCKS;
    snprintf(l->name, sizeof(l->name), "%s", name);
}

void loop_run(struct loop *l)
{
    uv_run(&l->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *l)
{
    uv_stop(&l->uv);
}

static void turn_over(uv_prepare_t *turn)
{
    struct loop *l = turn->data;

    l->turned(l->turned_owner);
}

void loop_on_turn(struct loop *l, void (*turned)(void *owner), void *owner)
{
    l->turned = turned;
    l->turned_owner = owner;
    l->turn.data = l;
    uv_prepare_init(&l->uv, &l->turn);
    uv_prepare_start(&l->turn, turn_over);
    uv_unref((uv_handle_t *)&l->turn);
}

void loop_off_turn(struct loop *l)
{
    if (l->turned)
        uv_close((uv_handle_t *)&l->turn, NULL);
    l->turned = NULL;
}

void loop_fini(struct loop *l)
{
    uv_run(&l->uv, UV_RUN_DEFAULT); /* close callbacks only: every handle is closing */
    must(uv_loop_close(&l->uv) == 0);
    chunk_pool_fini(&l->chunks);
    arena_pool_fini(&l->arenas);
}

millis loop_now(const struct loop *l)
{
    return uv_now(&l->uv);
}
