/* cmocka, with the headers that it wants before itself. */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* IWYU pragma: export */

#include "base/slice.h"

/* Fails unless a slice holds exactly this text. */
#define assert_slice(actual, expected)                                                             \
    do {                                                                                           \
        struct slice check_slice = (actual);                                                       \
        assert_int_equal(check_slice.size, strlen(expected));                                      \
        assert_memory_equal(check_slice.data, expected, strlen(expected));                         \
    } while (0)

#endif
