/* How long things took: counts by ranges of microseconds, four ranges to each doubling, so that a
 * percentile is right within an eighth or so. Sums of histograms are histograms. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum {
    HISTOGRAM_UNIT = 16, /* microseconds: the width of the first ranges */
    HISTOGRAM_RANGES = 124
};

struct histogram {
    uint64_t count, sum, most; /* sum and most in microseconds */
    uint32_t counts[HISTOGRAM_RANGES];
};

void histogram_note(struct histogram *h, uint64_t micros);
void histogram_add(struct histogram *to, const struct histogram *from);

/* Microseconds under which this share of the values lies (0.5: the median); 0 without values. */
uint64_t histogram_at(const struct histogram *h, double share);

/* How many values lie under a bound, which has to be one of the ranges': HISTOGRAM_UNIT times a
 * power of two that is at least 4. */
uint64_t histogram_under(const struct histogram *h, uint64_t micros);

#endif
