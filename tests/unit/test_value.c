/* Values of the binary protocol as text, for a frontend, and rows of text in binary. */
#include "check.h"

#include <math.h>

#include "base/arena.h"
#include "protocol/mysql/mysql.h"

static struct arena arena;

static int close_arena(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

#define BYTES(literal) slice_make(literal, sizeof(literal) - 1)

static const struct {
    unsigned type;
    struct slice value;
    enum value_kind kind;
    const char *text;
} values[] = {
    {1, {"\xfb", 1}, VALUE_INTEGER, "-5"},
    {1 | 0x8000, {"\xfb", 1}, VALUE_INTEGER, "251"},
    {2, {"\xd4\xfe", 2}, VALUE_INTEGER, "-300"},
    {2 | 0x8000, {"\xff\xff", 2}, VALUE_INTEGER, "65535"},
    {3, {"\x90\xee\xfe\xff", 4}, VALUE_INTEGER, "-70000"},
    {8, {"\0\0\0\0\0\0\0\x80", 8}, VALUE_INTEGER, "-9223372036854775808"},
    {8 | 0x8000, {"\1\0\0\0\0\0\0\x80", 8}, VALUE_INTEGER, "9223372036854775809"},
    {13, {"\xe8\x07", 2}, VALUE_INTEGER, "2024"},
    {9, {"\xff\xff\xff\xff", 4}, VALUE_INTEGER, "-1"},
    {4, {"\0\0\0\x3f", 4}, VALUE_DOUBLE, "0.5E0"},
    {4, {"\xcd\xcc\xcc\x3d", 4}, VALUE_DOUBLE, "0.10000000149011612E0"},
    {5, {"\x9a\x99\x99\x99\x99\x99\xb9\x3f", 8}, VALUE_DOUBLE, "0.1E0"},
    {5, {"\x9c\x75\x00\x88\x3c\xe4\x37\x7e", 8}, VALUE_DOUBLE, "1E+300"},
    {0, {"12.50", 5}, VALUE_DECIMAL, "12.50"},
    {246,
     {"-0.000000000000000000000000000001", 33},
     VALUE_DECIMAL,
     "-0.000000000000000000000000000001"},
    {246, {"1E+2", 4}, VALUE_BYTES, "1E+2"},
    {246, {"1; DROP", 7}, VALUE_BYTES, "1; DROP"},
    {246, {"-", 1}, VALUE_BYTES, "-"},
    {246, {"1.", 2}, VALUE_BYTES, "1."},
    {246, {"", 0}, VALUE_BYTES, ""},
    {10, {"\xe8\x07\x02\x1d", 4}, VALUE_TIME, "2024-02-29"},
    {10, {"\xe8\x07\x02\x1d\x0c\x22\x38", 7}, VALUE_TIME, "2024-02-29"},
    {12, {"", 0}, VALUE_TIME, "0000-00-00 00:00:00"},
    {12, {"\xe8\x07\x02\x1d", 4}, VALUE_TIME, "2024-02-29 00:00:00"},
    {7, {"\xe8\x07\x02\x1d\x0c\x22\x38", 7}, VALUE_TIME, "2024-02-29 12:34:56"},
    {12, {"\xe8\x07\x02\x1d\x0c\x22\x38\x01\0\0\0", 11}, VALUE_TIME, "2024-02-29 12:34:56.000001"},
    {11, {"", 0}, VALUE_TIME, "00:00:00"},
    {11, {"\0\0\0\0\0\x0c\x22\x38", 8}, VALUE_TIME, "12:34:56"},
    {11, {"\1\2\0\0\0\1\2\3\x40\x42\x0f\0", 12}, VALUE_TIME, "-49:02:03.1000000"},
    {253, {"x'y", 3}, VALUE_BYTES, "x'y"},
    {252, {"\xff", 1}, VALUE_BYTES, "\xff"},
};

static void a_parameter_has_a_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        struct parameter p = {.type = (uint16_t)values[i].type, .value = values[i].value};
        struct value v;
        assert_true(value_read(&v, &p, &arena));
        assert_slice(v.text, values[i].text);
        assert_int_equal(v.kind, values[i].kind);
    }
}

static void every_double_is_read_back_as_it_was(void **state)
{
    (void)state;
    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        double value, back;
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &bits, sizeof(value));
        struct parameter p = {.type = 5, .value = slice_make((const char *)&bits, 8)};
        struct value v;
        assert_int_equal(value_read(&v, &p, &arena), isfinite(value) != 0);
        if (!isfinite(value))
            continue;
        back = strtod(v.text.data, NULL);
        assert_memory_equal(&back, &value, sizeof(value));
        assert_non_null(memchr(v.text.data, 'E', v.text.size));
        arena_clear(&arena);
    }
}

static void what_is_no_number_has_no_text(void **state)
{
    const double none[] = {INFINITY, -INFINITY, NAN};
    struct value v;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct parameter p = {.type = 5, .value = slice_make((const char *)&none[i], 8)};
        assert_false(value_read(&v, &p, &arena));
    }
}

static void null_and_long_data_have_no_type(void **state)
{
    struct parameter null = {.type = 8, .is_null = true};
    struct parameter joined = {.type = 8, .is_long = true, .value = SLICE("a piece")};
    struct value v;

    (void)state;
    assert_true(value_read(&v, &null, &arena));
    assert_int_equal(v.kind, VALUE_NULL);
    assert_true(value_read(&v, &joined, &arena));
    assert_int_equal(v.kind, VALUE_BYTES);
    assert_slice(v.text, "a piece");
}

/* ---- for a frontend ---- */

static const struct {
    unsigned type;
    struct slice value;
    unsigned wanted;
    struct slice as;
} adapted[] = {
    {1, {"\xfb", 1}, 1, {"\xfb", 1}},
    {1 | 0x8000, {"\xfb", 1}, 2, {"\xfb\0", 2}},
    {1 | 0x8000, {"\x7f", 1}, 1, {"\x7f", 1}},
    {2, {"\x2c\x01", 2}, 2, {"\x2c\x01", 2}},
    {2 | 0x8000, {"\xff\xff", 2}, 3, {"\xff\xff\0\0", 4}},
    {2, {"\xd4\xfe", 2}, 3, {"\xd4\xfe\xff\xff", 4}},
    {3, {"abcd", 4}, 3, {"abcd", 4}},
    {3 | 0x8000, {"\xff\xff\xff\xff", 4}, 8, {"\xff\xff\xff\xff\0\0\0\0", 8}},
    {8 | 0x8000, {"\1\0\0\0\0\0\0\0", 8}, 8, {"\1\0\0\0\0\0\0\0", 8}},
    {8 | 0x8000, {"\1\0\0\0\0\0\0\x80", 8}, 0, {"9223372036854775809", 19}},
    {9, {"\xff\xff\xff\xff", 4}, 3, {"\xff\xff\xff\xff", 4}},
    {13, {"\xe8\x07", 2}, 2, {"\xe8\x07", 2}},
    {4, {"ffff", 4}, 4, {"ffff", 4}},
    {246, {"1.5", 3}, 0, {"1.5", 3}},
    {10, {"\xe8\x07\x02\x1d\x0c\x22\x38", 7}, 10, {"\xe8\x07\x02\x1d", 4}},
    {7, {"\xe8\x07\x02\x1d\x0c\x22\x38", 7}, 12, {"\xe8\x07\x02\x1d\x0c\x22\x38", 7}},
    {12, {"\xe8\x07\x02\x1d\x0c\x22\x38\x01\0\0\0", 11}, 253, {"2024-02-29 12:34:56.000001", 26}},
    {11, {"\0\0\0\0\0\x0c\x22\x38", 8}, 253, {"12:34:56", 8}},
    {252, {"bytes", 5}, 253, {"bytes", 5}},
    {245, {"{}", 2}, 253, {"{}", 2}},
    {253 | 0x8000, {"x", 1}, 253, {"x", 1}},
};

static void a_frontend_gets_types_that_it_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(adapted) / sizeof(*adapted); i++) {
        struct parameter p = {.type = (uint16_t)adapted[i].type, .value = adapted[i].value};
        struct execute x = {.at = &p, .count = 1};
        assert_true(execute_adapt(&x, &arena));
        assert_int_equal(p.type, adapted[i].wanted);
        assert_true(slice_equal(p.value, adapted[i].as));
    }
}

static void a_null_is_adapted_whatever_its_type_is(void **state)
{
    struct parameter p = {.type = 6, .is_null = true};
    struct execute x = {.at = &p, .count = 1};

    (void)state;
    assert_true(execute_adapt(&x, &arena));
    assert_true(p.is_null);
    assert_int_equal(p.type, 253);
}

static void bytes_that_a_frontend_would_replace_are_refused(void **state)
{
    struct parameter p = {.type = 252, .value = SLICE("a\xff")};
    struct execute x = {.at = &p, .count = 1};

    (void)state;
    assert_false(execute_adapt(&x, &arena));
    p = (struct parameter){.type = 3, .is_long = true, .value = SLICE("a\xff")};
    assert_false(execute_adapt(&x, &arena));
}

/* ---- rows ---- */

static const struct {
    uint8_t type;
    struct slice cell, binary; /* binary: behind the bits of NULLs */
} cells[] = {
    {1, {"\2-5", 3}, {"\xfb", 1}},
    {1,
     {"\3"
      "255",
      4},
     {"\xff", 1}},
    {2,
     {"\3"
      "300",
      4},
     {"\x2c\x01", 2}},
    {3,
     {"\6"
      "-70000",
      7},
     {"\x90\xee\xfe\xff", 4}},
    {8,
     {"\x14"
      "18446744073709551615",
      21},
     {"\xff\xff\xff\xff\xff\xff\xff\xff", 8}},
    {4,
     {"\3"
      "0.5",
      4},
     {"\0\0\0\x3f", 4}},
    {5,
     {"\3"
      "0.1",
      4},
     {"\x9a\x99\x99\x99\x99\x99\xb9\x3f", 8}},
    {10,
     {"\x0a"
      "2024-02-29",
      11},
     {"\4\xe8\x07\x02\x1d", 5}},
    {10,
     {"\x0a"
      "0000-00-00",
      11},
     {"\0", 1}},
    {12,
     {"\x13"
      "2024-02-29 00:00:00",
      20},
     {"\4\xe8\x07\x02\x1d", 5}},
    {12,
     {"\x13"
      "2024-02-29 12:34:56",
      20},
     {"\7\xe8\x07\x02\x1d\x0c\x22\x38", 8}},
    {12,
     {"\x16"
      "2024-02-29 12:34:56.25",
      23},
     {"\x0b\xe8\x07\x02\x1d\x0c\x22\x38\x90\xd0\3\0", 12}},
    {11,
     {"\x09"
      "-49:02:03",
      10},
     {"\x08\1\2\0\0\0\1\2\3", 9}},
    {11,
     {"\x08"
      "00:00:00",
      9},
     {"\0", 1}},
    {253, {"\2hi", 3}, {"\2hi", 3}},
    {246,
     {"\4"
      "12.5",
      5},
     {"\4"
      "12.5",
      5}},
    {3, {"\xfb", 1}, {NULL, 0}},
};

static void a_row_of_text_has_a_binary_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
        struct slice row = binary_row(cells[i].cell, &cells[i].type, 1, &arena);
        assert_true(row.size >= 2);
        assert_int_equal(row.data[0], 0);
        assert_int_equal(row.data[1], cells[i].binary.data ? 0 : 4);
        assert_true(slice_equal(slice_after(row, 2), cells[i].binary));
    }
}

static void the_bits_of_nulls_begin_at_the_third(void **state)
{
    const uint8_t types[8] = {253, 253, 253, 253, 253, 253, 253, 253};
    struct slice row = binary_row(SLICE("\xfb\1a\1b\1c\1d\1e\xfb\xfb"), types, 8, &arena);

    (void)state;
    assert_true(slice_equal(row, BYTES("\0\x04\x03\1a\1b\1c\1d\1e")));
}

static void what_is_not_of_its_columns_type_makes_no_row(void **state)
{
    static const struct {
        uint8_t type;
        struct slice cell;
    } bad[] = {{3, {"\1x", 2}},
               {3, {"\0", 1}},
               {12, {"\3now", 4}},
               {10,
                {"\x0a"
                 "2024-13-01",
                 11}},
               {253, {"\5hi", 3}},
               {253, {"", 0}},
               {5,
                {"\2"
                 "1x",
                 3}},
               {253, {"\1a\1b", 4}},
               {11,
                {"\5"
                 "12:34",
                 6}},
               {8,
                {"\x15"
                 "184467440737095516150",
                 22}}};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(binary_row(bad[i].cell, &bad[i].type, 1, &arena).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parameter_has_a_text),
        cmocka_unit_test(every_double_is_read_back_as_it_was),
        cmocka_unit_test(what_is_no_number_has_no_text),
        cmocka_unit_test(null_and_long_data_have_no_type),
        cmocka_unit_test(a_frontend_gets_types_that_it_takes),
        cmocka_unit_test(a_null_is_adapted_whatever_its_type_is),
        cmocka_unit_test(bytes_that_a_frontend_would_replace_are_refused),
        cmocka_unit_test(a_row_of_text_has_a_binary_form),
        cmocka_unit_test(the_bits_of_nulls_begin_at_the_third),
        cmocka_unit_test(what_is_not_of_its_columns_type_makes_no_row),
    };

    return cmocka_run_group_tests(tests, NULL, close_arena);
}
