/* Counters of one worker: relaxed atomics with a single writer, so an add compiles to load, add,
 * store. Readers in other threads sum over workers. The rows stand in metrics.def. */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum metric {
#define COUNTER(name, meaning) METRIC_##name,
#define GAUGE(name, meaning)   METRIC_##name,
#include "base/metrics.def"
#undef COUNTER
#undef GAUGE
    METRICS
};

/* One row of metrics.def. */
struct metric_row {
    const char *name, *meaning;
    bool is_gauge;
};

const struct metric_row *metric_row(enum metric which);

struct metrics {
    _Atomic uint64_t values[METRICS];
};

/* Only the owning thread adds; n may be negative for a gauge. */
static inline void metric_add(struct metrics *m, enum metric which, int64_t n)
{
    uint64_t old = atomic_load_explicit(&m->values[which], memory_order_relaxed);
    atomic_store_explicit(&m->values[which], old + (uint64_t)n, memory_order_relaxed);
}

static inline uint64_t metric_read(const struct metrics *m, enum metric which)
{
    return atomic_load_explicit(&m->values[which], memory_order_relaxed);
}

#endif
