/* Values below 128 have a bucket each. Above, every power of two is cut into 128 buckets:
 *
 *      value   1xxxxxxx yyy…      x: which of the 128, y: what is lost
 */
#include "bench/histogram.h"

#include <string.h>

static unsigned bucket_of(uint64_t value)
{
    if (value >> HISTOGRAM_FINE == 0)
        return (unsigned)value;
    unsigned lost = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_FINE;
    return ((lost + 1) << HISTOGRAM_FINE)
           + (unsigned)(value >> lost & ((1u << HISTOGRAM_FINE) - 1));
}

/* The middle of a bucket. */
static uint64_t value_of(unsigned bucket)
{
    if (bucket >> HISTOGRAM_FINE == 0)
        return bucket;
    unsigned lost = (bucket >> HISTOGRAM_FINE) - 1;
    uint64_t head = (1u << HISTOGRAM_FINE) + (bucket & ((1u << HISTOGRAM_FINE) - 1));
    return (head << lost) + ((UINT64_C(1) << lost) >> 1);
}

void histogram_clear(struct histogram *h)
{
    memset(h, 0, sizeof(*h));
}

void histogram_add(struct histogram *h, uint64_t value)
{
    h->total++;
    h->counts[bucket_of(value)]++;
    if (value > h->most)
        h->most = value;
}

uint64_t histogram_at(const struct histogram *h, double share)
{
    uint64_t seen = 0, wanted = (uint64_t)((double)h->total * share);

    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->counts[i];
        if (seen && seen >= wanted)
            return value_of(i) < h->most ? value_of(i) : h->most;
    }
    return h->most;
}
