#include "base/histogram.h"

enum { PARTS = 4 }; /* ranges to each doubling */

static size_t range_of(uint64_t micros)
{
    uint64_t units = micros / HISTOGRAM_UNIT;

    if (units < PARTS)
        return (size_t)units;
    unsigned power = 63U - (unsigned)__builtin_clzll(units); /* 2 or more */
    size_t range = PARTS * (power - 1) + (units >> (power - 2)) % PARTS;
    return range < HISTOGRAM_RANGES ? range : HISTOGRAM_RANGES - 1;
}

/* Where a range begins, in microseconds. */
static uint64_t start_of(size_t range)
{
    if (range < PARTS)
        return range * HISTOGRAM_UNIT;
    return (uint64_t)(PARTS + range % PARTS) * HISTOGRAM_UNIT << (range / PARTS - 1);
}

void histogram_note(struct histogram *h, uint64_t micros)
{
    h->count++;
    h->sum += micros;
    if (micros > h->most)
        h->most = micros;
    h->counts[range_of(micros)]++;
}

void histogram_add(struct histogram *to, const struct histogram *from)
{
    to->count += from->count;
    to->sum += from->sum;
    if (from->most > to->most)
        to->most = from->most;
    for (size_t i = 0; i < HISTOGRAM_RANGES; i++)
        to->counts[i] += from->counts[i];
}

uint64_t histogram_at(const struct histogram *h, double share)
{
    double wanted = share * (double)h->count;
    uint64_t below = 0;

    for (size_t i = 0; i < HISTOGRAM_RANGES; i++) {
        uint32_t here = h->counts[i];
        if (!here || (double)(below + here) < wanted) {
            below += here;
            continue;
        }
        uint64_t start = start_of(i), width = start_of(i + 1) - start;
        double part = (wanted - (double)below) / here;
        uint64_t at = start + (uint64_t)((double)width * part);
        return at < h->most ? at : h->most;
    }
    return h->most;
}

uint64_t histogram_under(const struct histogram *h, uint64_t micros)
{
    size_t end = range_of(micros);
    uint64_t count = 0;

    for (size_t i = 0; i < end; i++)
        count += h->counts[i];
    return count;
}
