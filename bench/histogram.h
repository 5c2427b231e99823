/* Durations, counted in buckets that grow with their value: a percentile is exact to 0.8 %. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_FINE = 7, HISTOGRAM_BUCKETS = (64 - HISTOGRAM_FINE + 1) << HISTOGRAM_FINE };

struct histogram {
    uint64_t total, most; /* values counted, the largest of them */
    uint64_t counts[HISTOGRAM_BUCKETS];
};

void histogram_clear(struct histogram *h);
void histogram_add(struct histogram *h, uint64_t value);

/* The value that `share` (0 to 1) of all values do not exceed; 0 when there are none. */
uint64_t histogram_at(const struct histogram *h, double share);

#endif
