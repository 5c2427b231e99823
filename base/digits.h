/* Numbers as text where printf would be too slow. The digits begin at the start of the room; no NUL
 * follows. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stddef.h>
#include <stdint.h>

enum {
    DIGITS_DECIMAL = 20, /* of the largest number */
    DIGITS_HEX = 16
};

/* Gives how many there are. */
size_t digits_decimal(char room[DIGITS_DECIMAL], uint64_t number);

/* The last `count` ones of a number, zeroes in front included. */
void digits_fixed(char *room, size_t count, uint64_t number);

/* All sixteen, in small letters. */
void digits_hex(char room[DIGITS_HEX], uint64_t number);

#endif
