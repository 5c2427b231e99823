/* Histograms of times: percentiles within their ranges, sums, bounds. */
#include "check.h"

#include "base/histogram.h"

static void an_empty_one_is_zero(void **state)
{
    struct histogram h = {.count = 0};

    (void)state;
    assert_int_equal(histogram_at(&h, 0.5), 0);
    assert_int_equal(histogram_under(&h, 256), 0);
}

static void percentiles_are_right_within_an_eighth(void **state)
{
    struct histogram h = {.count = 0};

    (void)state;
    for (uint64_t i = 1; i <= 100000; i++)
        histogram_note(&h, i * 10);
    for (int percent = 1; percent <= 99; percent++) {
        double got = (double)histogram_at(&h, percent / 100.0), want = percent * 10000.0;
        assert_true(got > want * 0.875 && got < want * 1.125);
    }
    assert_int_equal(histogram_at(&h, 1), 1000000);
    assert_int_equal(h.most, 1000000);
    assert_int_equal(h.count, 100000);
}

static void any_value_has_a_range(void **state)
{
    struct histogram h = {.count = 0};

    (void)state;
    histogram_note(&h, 0);
    histogram_note(&h, UINT64_MAX);
    assert_int_equal(h.counts[0], 1);
    assert_int_equal(h.counts[HISTOGRAM_RANGES - 1], 1);
}

static void bounds_split_exactly(void **state)
{
    struct histogram h = {.count = 0};

    (void)state;
    for (uint64_t bound = 256; bound <= 67108864; bound *= 4) {
        histogram_note(&h, bound - 1);
        assert_int_equal(histogram_under(&h, bound), h.count);
        histogram_note(&h, bound);
        assert_int_equal(histogram_under(&h, bound), h.count - 1);
    }
}

static void sums_are_as_if_all_were_one(void **state)
{
    struct histogram a = {.count = 0}, b = a, both = a;

    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        histogram_note(i % 3 ? &a : &b, i * i);
        histogram_note(&both, i * i);
    }
    histogram_add(&a, &b);
    assert_memory_equal(&a, &both, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_one_is_zero),
        cmocka_unit_test(percentiles_are_right_within_an_eighth),
        cmocka_unit_test(any_value_has_a_range),
        cmocka_unit_test(bounds_split_exactly),
        cmocka_unit_test(sums_are_as_if_all_were_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
