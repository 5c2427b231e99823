/* Numbers without printf: the same as with it. */
#include "check.h"

#include <inttypes.h>

#include "base/digits.h"

static void check_number(uint64_t number)
{
    char expected[32], room[DIGITS_DECIMAL];
    size_t size = (size_t)snprintf(expected, sizeof(expected), "%" PRIu64, number);

    assert_int_equal(digits_decimal(room, number), size);
    assert_memory_equal(room, expected, size);
    snprintf(expected, sizeof(expected), "%016" PRIx64, number);
    digits_hex(room, number);
    assert_memory_equal(room, expected, DIGITS_HEX);
    snprintf(expected, sizeof(expected), "%020" PRIu64, number);
    for (size_t count = 0; count <= DIGITS_DECIMAL; count++) {
        digits_fixed(room, count, number);
        assert_memory_equal(room, expected + DIGITS_DECIMAL - count, count);
    }
}

static void numbers_of_every_length_are_as_printf_has_them(void **state)
{
    (void)state;
    check_number(0);
    check_number(UINT64_MAX);
    for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10) {
        check_number(power - 1);
        check_number(power);
        check_number(power + 7);
        check_number(power * 9);
    }
    for (unsigned bit = 0; bit < 64; bit++)
        check_number(0x9e3779b97f4a7c15 >> bit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_every_length_are_as_printf_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
