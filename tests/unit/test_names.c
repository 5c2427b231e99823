/* Names of certificates as text. */
#include "check.h"

#include "protocol/tls/tls.h"

#define CN SLICE("\x55\x04\x03")
#define O  SLICE("\x55\x04\x0a")
#define OU SLICE("\x55\x04\x0b")

static struct tls_names names;

static int clear(void **state)
{
    (void)state;
    names_clear(&names);
    return 0;
}

static void a_subject_is_written_last_part_first(void **state)
{
    (void)state;
    names_put_attribute(&names, O, SLICE("Example"), false);
    names_put_attribute(&names, CN, SLICE("ana"), false);
    names_put_attribute(&names, OU, SLICE("data"), true);
    assert_slice(names.subject, "OU=data+CN=ana,O=Example");
    assert_true(names_have_subject(&names, SLICE("OU=data+CN=ana,O=Example")));
    assert_false(names_have_subject(&names, SLICE("CN=ana")));
    assert_false(names_have_subject(&names, SLICE("")));
}

static void a_value_cannot_pass_for_a_part(void **state)
{
    (void)state;
    names_put_attribute(&names, CN, SLICE("ana,O=Example"), false);
    assert_slice(names.subject, "CN=ana\\,O=Example");
    clear(NULL);
    names_put_attribute(&names, CN, SLICE(" #a+b\"c\\d<e>f;g "), false);
    assert_slice(names.subject, "CN=\\ #a\\+b\\\"c\\\\d\\<e\\>f\\;g\\ ");
    clear(NULL);
    names_put_attribute(&names, CN, SLICE("#x"), false);
    assert_slice(names.subject, "CN=\\#x");
    clear(NULL);
    names_put_attribute(&names, CN, SLICE("ana\0.evil\n\x7f"), false);
    assert_slice(names.subject, "CN=ana\\00.evil\\0A\\7F");
    clear(NULL);
    names_put_attribute(&names, CN, SLICE("\xc3\xa4na"), false);
    assert_slice(names.subject, "CN=\xc3\xa4na");
}

static void an_unknown_or_endless_part_spoils_the_subject(void **state)
{
    static char much[TLS_NAMES_ROOM];

    (void)state;
    names_put_attribute(&names, CN, SLICE("ana"), false);
    names_put_attribute(&names, SLICE("\x55\x04\x63"), SLICE("x"), false);
    assert_false(names_have_subject(&names, SLICE("CN=ana")));
    names_put_attribute(&names, O, SLICE("Example"), true);
    assert_false(names_have_subject(&names, SLICE("CN=ana")));
    assert_null(names.subject.data);
    clear(NULL);
    memset(much, 'x', sizeof(much));
    names_put_attribute(&names, CN, slice_make(much, sizeof(much)), false);
    assert_null(names.subject.data);
    clear(NULL);
    for (size_t i = 0; i < 10; i++)
        names_put_attribute(&names, CN, slice_make(much, 500), false);
    assert_null(names.subject.data);
    names_put_san(&names, "DNS", SLICE("a.example"));
    assert_true(names_have_san(&names, SLICE("a.example")));
}

static void alternative_names_go_with_and_without_their_kind(void **state)
{
    (void)state;
    names_put_attribute(&names, CN, SLICE("ana"), false);
    names_put_san(&names, "DNS", SLICE("a.example"));
    names_put_san(&names, "email", SLICE("ana@example.com"));
    names_put_san(&names, "URI", SLICE("spiffe://x:1/ana"));
    assert_slice(names.subject, "CN=ana");
    assert_true(names_have_san(&names, SLICE("a.example")));
    assert_true(names_have_san(&names, SLICE("DNS:a.example")));
    assert_true(names_have_san(&names, SLICE("spiffe://x:1/ana")));
    assert_false(names_have_san(&names, SLICE("email:a.example")));
    assert_false(names_have_san(&names, SLICE("//x:1/ana")));
    assert_false(names_have_san(&names, SLICE("")));
    assert_false(names_have_san(&names, SLICE("DNS")));
}

static void names_beyond_the_room_and_odd_ones_are_left_out(void **state)
{
    static char much[TLS_NAMES_ROOM];

    (void)state;
    memset(much, 'x', sizeof(much));
    names_put_san(&names, "DNS", SLICE("a\0b"));
    names_put_san(&names, "DNS", SLICE(""));
    names_put_san(&names, "DNS", slice_make(much, sizeof(much)));
    assert_int_equal(names.san_count, 0);
    for (size_t i = 0; i < 2 * TLS_NAMES_MAX; i++)
        names_put_san(&names, "DNS", slice_make(much, 20 + i));
    assert_int_equal(names.san_count, TLS_NAMES_MAX);
    assert_true(names_have_san(&names, slice_make(much, 20)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_subject_is_written_last_part_first, clear),
        cmocka_unit_test_setup(a_value_cannot_pass_for_a_part, clear),
        cmocka_unit_test_setup(an_unknown_or_endless_part_spoils_the_subject, clear),
        cmocka_unit_test_setup(alternative_names_go_with_and_without_their_kind, clear),
        cmocka_unit_test_setup(names_beyond_the_room_and_odd_ones_are_left_out, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
