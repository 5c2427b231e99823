#include "check.h"

#include <stdio.h>

#include "auth/auth.h"

static const struct settings settings = {.max_login_failures = 10,
                                         .login_failure_window_ms = 60000};
static const millis start = 123456789;
static struct throttle *throttle;

static int set_up(void **state)
{
    (void)state;
    throttle = throttle_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    throttle_free(throttle);
    return 0;
}

static struct peer ipv4(unsigned number)
{
    struct peer p = {.address = {[10] = 0xff,
                                 [11] = 0xff,
                                 10,
                                 (unsigned char)(number >> 16),
                                 (unsigned char)(number >> 8),
                                 (unsigned char)number}};
    return p;
}

static millis attempt(struct peer peer, const char *user, millis now)
{
    return throttle_charge(throttle, &settings, &peer, slice_of(user), now);
}

/* How many attempts at once go on. */
static unsigned admitted(struct peer peer, const char *user, millis now)
{
    unsigned count = 0;

    while (count < 1000 && attempt(peer, user, now) == 0)
        count++;
    return count;
}

static void an_address_has_so_many_attempts_as_one_user(void **state)
{
    (void)state;
    assert_int_equal(admitted(ipv4(1), "ana", start), 10);
    assert_int_equal(attempt(ipv4(2), "ana", start), 0);
    assert_int_equal(attempt(ipv4(1), "bo", start), 0);
    assert_int_equal(attempt(ipv4(1), "ana", start), 6000);
    assert_int_equal(attempt(ipv4(1), "ana", start + 5999), 1);
    assert_int_equal(admitted(ipv4(1), "ana", start + 6000), 1);
    assert_int_equal(admitted(ipv4(1), "ana", start + 6000 + 60000), 10);
}

static void an_address_has_five_times_as_many_as_whoever(void **state)
{
    unsigned count = 0;
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "u%u", i);
        count += attempt(ipv4(1), name, start) == 0;
    }
    assert_int_equal(count, 50);
    assert_int_equal(attempt(ipv4(2), "u99", start), 0);
}

static void a_user_has_ten_times_as_many_from_wherever(void **state)
{
    unsigned count = 0;

    (void)state;
    for (unsigned i = 0; i < 200; i++)
        count += attempt(ipv4(i), "ana", start) == 0;
    assert_int_equal(count, 100);
    assert_int_equal(attempt(ipv4(300), "bo", start), 0);
}

static void success_gives_the_attempt_back(void **state)
{
    struct peer peer = ipv4(1);

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(attempt(peer, "ana", start), 0);
        throttle_forgive(throttle, &settings, &peer, SLICE("ana"), start);
    }
    assert_int_equal(admitted(peer, "ana", start), 10);
}

static void who_was_in_before_is_not_locked_out_by_others(void **state)
{
    struct peer home = ipv4(1);

    (void)state;
    assert_int_equal(attempt(home, "ana", start), 0);
    throttle_forgive(throttle, &settings, &home, SLICE("ana"), start);
    for (unsigned i = 2; i < 400; i++)
        admitted(ipv4(i), "ana", start);
    assert_true(attempt(ipv4(500), "ana", start) > 0);
    assert_int_equal(admitted(home, "ana", start), 10); /* its own count holds */
}

static void ipv6_addresses_count_by_their_network(void **state)
{
    struct peer one = {.address = {0x20, 1, 0xd, 0xb8, [15] = 1}}, other = one, far = one;

    (void)state;
    other.address[15] = 2;
    far.address[7] = 1;
    assert_int_equal(admitted(one, "ana", start), 10);
    assert_true(attempt(other, "ana", start) > 0);
    assert_int_equal(attempt(far, "ana", start), 0);
}

static void a_flood_of_addresses_takes_no_more_memory_and_hides_nobody(void **state)
{
    (void)state;
    assert_int_equal(admitted(ipv4(7), "ana", start), 10);
    for (unsigned i = 0; i < 5000; i++) /* each once: less than what is full */
        attempt(ipv4(1000 + i), "zoe", start);
    assert_true(attempt(ipv4(7), "ana", start) > 0);
}

static void no_limit_admits_all(void **state)
{
    const struct settings off = {.max_login_failures = 0, .login_failure_window_ms = 60000};
    struct peer peer = ipv4(1);

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(throttle_charge(throttle, &off, &peer, SLICE("ana"), start), 0);
    throttle_forgive(throttle, &off, &peer, SLICE("ana"), start);
}

static void long_names_are_counted_too(void **state)
{
    char name[1024];

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(admitted(ipv4(1), name, start), 10);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_address_has_so_many_attempts_as_one_user),
        CASE(an_address_has_five_times_as_many_as_whoever),
        CASE(a_user_has_ten_times_as_many_from_wherever),
        CASE(success_gives_the_attempt_back),
        CASE(who_was_in_before_is_not_locked_out_by_others),
        CASE(ipv6_addresses_count_by_their_network),
        CASE(a_flood_of_addresses_takes_no_more_memory_and_hides_nobody),
        CASE(no_limit_admits_all),
        CASE(long_names_are_counted_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
