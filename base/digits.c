#include "base/digits.h"

#include <endian.h>
#include <string.h>

/* "00" to "99": a division gives two digits. */
static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

static size_t count_of(uint64_t number)
{
    size_t count = 1;

    for (; number >= 100; number /= 100)
        count += 2;
    return count + (number >= 10);
}

void digits_fixed(char *room, size_t count, uint64_t number)
{
    for (; count >= 2; number /= 100) {
        count -= 2;
        memcpy(room + count, pairs + number % 100 * 2, 2);
    }
    if (count)
        room[0] = pairs[number % 10 * 2 + 1];
}

size_t digits_decimal(char room[DIGITS_DECIMAL], uint64_t number)
{
    if (number < 10) { /* many are */
        room[0] = (char)('0' + number);
        return 1;
    }
    size_t count = count_of(number);
    digits_fixed(room, count, number);
    return count;
}

/* Eight digits at once, a nibble in each byte, the first digit's at the top. */
static uint64_t spread(uint32_t number)
{
    uint64_t x = number;

    x = (x | x << 16) & 0x0000ffff0000ffff;
    x = (x | x << 8) & 0x00ff00ff00ff00ff;
    return (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
}

static void put_eight(char *room, uint32_t number)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t nibbles = spread(number);
    uint64_t letters = (nibbles + 6 * ones) >> 4 & ones; /* 1 where it is ten or more */

    nibbles = htobe64(nibbles + '0' * ones + ('a' - '0' - 10) * letters);
    memcpy(room, &nibbles, sizeof(nibbles));
}

void digits_hex(char room[DIGITS_HEX], uint64_t number)
{
    put_eight(room, (uint32_t)(number >> 32));
    put_eight(room + 8, (uint32_t)number);
}
