/* A number in decimal digits, for what is written too often for printf. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stddef.h>

enum { DECIMAL_MAX = 20 }; /* digits of the largest number */

/* Writes the digits of n, without a NUL; gives the place behind them. */
static inline char *decimal_put(char *to, unsigned long long n)
{
    char digits[DECIMAL_MAX];
    size_t first = DECIMAL_MAX;

    do {
        digits[--first] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    while (first < DECIMAL_MAX)
        *to++ = digits[first++];
    return to;
}

#endif
