#include "base/metrics.h"

const struct metric_row *metric_row(enum metric which)
{
    static const struct metric_row rows[METRICS] = {
#define COUNTER(name, meaning) {#name, meaning, false},
#define GAUGE(name, meaning)   {#name, meaning, true},
#include "base/metrics.def"
#undef COUNTER
#undef GAUGE
    };

    return &rows[which];
}
