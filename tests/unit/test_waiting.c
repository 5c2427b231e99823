/* Who waits for a connection: users take turns. */
#include "check.h"

#include "proxy/backend/backend_private.h"

enum { WAITERS = 2000 };

static struct pool pool;
static struct borrower waiters[WAITERS];
static size_t count;
static char users[4]; /* nothing but addresses */

static int set_up(void **state)
{
    (void)state;
    memset(&pool, 0, sizeof(pool));
    memset(waiters, 0, sizeof(waiters));
    list_init(&pool.waiters);
    count = 0;
    return 0;
}

static struct borrower *join(char user)
{
    struct borrower *b = &waiters[count++];

    b->user = &users[user - 'a'];
    b->owner = &users[user - 'a'];
    waiting_join(&pool, b);
    return b;
}

static void join_all(const char *these)
{
    while (*these)
        join(*these++);
}

/* Serves so many, or all, and says whose they were. */
static const char *served(size_t most)
{
    static char whose[WAITERS + 1];
    size_t n = 0;

    for (; n < most && pool.waiters.count; n++) {
        struct borrower *b = link_object(list_first(&pool.waiters), struct borrower, link);
        whose[n] = (char)('a' + ((char *)b->owner - users));
        waiting_served(b);
        assert_null(b->pool);
    }
    whose[n] = '\0';
    return whose;
}

static void users_take_turns(void **state)
{
    (void)state;
    join_all("aaaabb");
    assert_string_equal(served(WAITERS), "ababaa");
}

static void one_users_own_are_served_in_order_of_arrival(void **state)
{
    struct borrower *first = join('a'), *second = join('a'), *third = join('a');

    (void)state;
    assert_ptr_equal(list_first(&pool.waiters), &first->link);
    waiting_leave(second);
    waiting_served(first);
    assert_ptr_equal(list_first(&pool.waiters), &third->link);
    assert_int_equal(pool.waiters.count, 1);
}

static void a_flood_does_not_hold_up_who_comes_later(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        join('a');
    assert_string_equal(served(10), "aaaaaaaaaa");
    join_all("bc");
    assert_string_equal(served(4), "bcaa");
    join('b');
    assert_string_equal(served(3), "baa");
}

static void waiting_once_more_is_no_punishment(void **state)
{
    (void)state;
    join_all("aaa");
    served(WAITERS);
    join_all("ab");
    assert_string_equal(served(WAITERS), "ba"); /* a has had its turn of this round */
    join_all("ba");
    assert_string_equal(served(WAITERS), "ba");
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(users_take_turns),
        TEST(one_users_own_are_served_in_order_of_arrival),
        TEST(a_flood_does_not_hold_up_who_comes_later),
        TEST(waiting_once_more_is_no_punishment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
