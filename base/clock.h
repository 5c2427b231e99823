/* Monotonic time, and the date. Deadlines are computed from it, never from the wall clock, which
 * may jump. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

typedef uint64_t millis; /* milliseconds, a point of the monotonic clock or a span */

/* Milliseconds of the monotonic clock. A loop's own time of its turn is cheaper: loop_now. */
millis clock_now(void);

/* Microseconds of the monotonic clock, for durations in logs and metrics. */
uint64_t clock_micros(void);

/* Seconds since 1970 by the wall clock: for what is dated, never for a span. */
uint64_t clock_wall(void);

#endif
