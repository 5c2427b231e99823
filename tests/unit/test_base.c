/* Slices, readers, writers, errors, UTF-8, secrets, lists. */
#include "check.h"

#include "base/error.h"
#include "base/list.h"
#include "base/reader.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "base/writer.h"

static void slices_compare_by_bytes_and_without_case(void **state)
{
    (void)state;
    assert_true(slice_equal(SLICE("abc"), SLICE("abc")));
    assert_false(slice_equal(SLICE("abc"), SLICE("abC")));
    assert_true(slice_equal_nocase(SLICE("abc"), SLICE("aBC")));
    assert_false(slice_equal_nocase(SLICE("\xc3\xa4"), SLICE("\xc3\x84"))); /* ä, Ä: ASCII only */
    assert_true(slice_compare(SLICE("ab"), SLICE("abc")) < 0);
    assert_true(slice_compare(SLICE("b"), SLICE("abc")) > 0);
    assert_true(slice_starts_with(SLICE("sales_dev"), SLICE("sales")));
    assert_true(slice_ends_with(SLICE("sales_dev"), SLICE("_dev")));
    assert_false(slice_ends_with(SLICE("dev"), SLICE("_dev")));
    assert_true(slice_equal(slice_of(NULL), (struct slice){0}));
}

static void the_first_overrun_of_a_reader_sticks(void **state)
{
    struct reader r = reader_over(SLICE("\x01\x02\x03"));

    (void)state;
    assert_int_equal(take_uint(&r, 2), 0x0201);
    assert_int_equal(take_uint(&r, 2), 0);
    assert_false(reader_done(&r));
    assert_int_equal(take_uint(&r, 1), 0);
    assert_int_equal(take_rest(&r).size, 0);
}

static void a_length_that_would_wrap_is_an_overrun(void **state)
{
    struct reader r = reader_over(SLICE("abc"));

    (void)state;
    assert_int_equal(take_bytes(&r, UINT64_MAX).size, 0);
    assert_false(reader_done(&r));
}

static void a_cstring_without_its_nul_is_an_overrun(void **state)
{
    struct reader r = reader_over(slice_make("ab\0cd", 5));

    (void)state;
    assert_slice(take_cstring(&r), "ab");
    assert_int_equal(take_cstring(&r).size, 0);
    assert_false(reader_done(&r));
}

static void a_writer_keeps_to_its_buffer(void **state)
{
    unsigned char room[4] = {0, 0, 0, 0xee};
    struct writer w = writer_over(room, 3);

    (void)state;
    put_uint(&w, 0x0201, 2);
    assert_true(writer_done(&w));
    put_uint(&w, 0x0201, 2);
    assert_false(writer_done(&w));
    put_uint(&w, 1, 1);
    assert_int_equal(w.size, 2);
    assert_int_equal(room[3], 0xee);
}

static void a_refusal_carries_number_sqlstate_and_text(void **state)
{
    struct error e;

    (void)state;
    assert_false(refuse(&e, ERROR_DENIED, "no '%s'", "write"));
    assert_int_equal(e.number, 5203);
    assert_string_equal(e.sqlstate, "42000");
    assert_string_equal(e.text, "no 'write'");
}

static void a_long_refusal_is_cut_between_characters(void **state)
{
    char text[ERROR_TEXT_MAX + 8];
    struct error e;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text + ERROR_TEXT_MAX - 2, "\xe2\x82\xac", 3); /* a three-byte character over the edge */
    text[sizeof(text) - 1] = '\0';
    refuse(&e, ERROR_BUG, "%s", text);
    assert_int_equal(strlen(e.text), ERROR_TEXT_MAX - 2);
    assert_true(utf8_is_valid(slice_of(e.text)));
}

static void every_error_has_a_number_and_a_five_byte_sqlstate(void **state)
{
    (void)state;
    for (unsigned code = 0; code < ERRORS; code++) {
        const struct error_row *row = error_row((enum error_code)code);
        assert_true(row->number >= 1000);
        assert_int_equal(strlen(row->sqlstate), 5);
        assert_true(strlen(row->meaning) > 10);
    }
}

static void only_well_formed_utf8_is_valid(void **state)
{
    (void)state;
    assert_true(utf8_is_valid(SLICE("plain ascii, longer than eight bytes")));
    assert_true(utf8_is_valid(SLICE("\xe8\xae\xa2\xe5\x8d\x95\xe5\xba\x93 \xf0\x9f\x98\x80")));
    assert_false(utf8_is_valid(SLICE("\xc0\xae")));         /* overlong '.' */
    assert_false(utf8_is_valid(SLICE("\xed\xa0\x80")));     /* a surrogate */
    assert_false(utf8_is_valid(SLICE("\xf4\x90\x80\x80"))); /* beyond U+10FFFF */
    assert_false(utf8_is_valid(SLICE("abcdefgh\xe2\x82"))); /* cut short */
    assert_false(utf8_is_valid(SLICE("\x80")));             /* a tail alone */
    assert_int_equal(utf8_count(SLICE("\xe8\xae\xa2 a")), 3);
    assert_int_equal(utf8_code(SLICE("\xe3\x80\x80")), 0x3000);
}

static void a_secret_is_wiped_and_compared(void **state)
{
    struct secret s = {0};

    (void)state;
    secret_set(&s, SLICE("hunter2"));
    assert_slice(secret_bytes(&s), "hunter2");
    assert_true(secret_equal(s.data, "hunter2", 7));
    assert_false(secret_equal(s.data, "hunter3", 7));
    secret_fini(&s);
    assert_null(s.data);
    assert_int_equal(s.size, 0);
}

struct item {
    int value;
    struct link link;
};

static void a_list_keeps_order_and_survives_removal_while_walked(void **state)
{
    struct item items[4] = {{.value = 0}, {.value = 1}, {.value = 2}, {.value = 3}};
    struct list list;
    int sum = 0;

    (void)state;
    list_init(&list);
    for (size_t i = 0; i < 4; i++) {
        link_init(&items[i].link);
        list_push_back(&list, &items[i].link);
    }
    list_each(&list, struct item, link, it)
    {
        sum = sum * 10 + it->value;
        if (it->value % 2)
            list_remove(&list, &it->link);
    }
    assert_int_equal(sum, 123);
    assert_int_equal(list.count, 2);
    assert_ptr_equal(list_first(&list), &items[0].link);
    assert_ptr_equal(list_last(&list), &items[2].link);
    assert_false(link_is_listed(&items[1].link));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_compare_by_bytes_and_without_case),
        cmocka_unit_test(the_first_overrun_of_a_reader_sticks),
        cmocka_unit_test(a_length_that_would_wrap_is_an_overrun),
        cmocka_unit_test(a_cstring_without_its_nul_is_an_overrun),
        cmocka_unit_test(a_writer_keeps_to_its_buffer),
        cmocka_unit_test(a_refusal_carries_number_sqlstate_and_text),
        cmocka_unit_test(a_long_refusal_is_cut_between_characters),
        cmocka_unit_test(every_error_has_a_number_and_a_five_byte_sqlstate),
        cmocka_unit_test(only_well_formed_utf8_is_valid),
        cmocka_unit_test(a_secret_is_wiped_and_compared),
        cmocka_unit_test(a_list_keeps_order_and_survives_removal_while_walked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
