/* Which frontend gets the next statement: load, slow start, ejection, and what the topology says.
 */
#include "check.h"

#include "proxy/backend/backend_private.h"

enum { START = 1000, EJECTION = 1000, SLOW_START = 10000 };

static const struct wish any;

static struct frontend frontends[] = {
    {.query = {{"fe1", sizeof("fe1") - 1}, 9030}, .number = 1, .is_leader = true},
    {.query = {{"fe2", sizeof("fe2") - 1}, 9030}, .number = 2},
    {.query = {{"2001:db8::3", sizeof("2001:db8::3") - 1}, 9030}, .number = 3},
};
static struct routes routes;
static uint64_t last_id;

static void learn(size_t count, millis now)
{
    struct cluster_view view = {.frontends = frontends, .count = count};

    routes_learn(&routes, &view, now);
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        frontends[i].health = FRONTEND_UP;
    routes_init(&routes, &last_id);
    routes.ejection = EJECTION;
    routes.slow_start = SLOW_START;
    learn(3, START);
    return 0;
}

static struct route *choose(const struct wish *wish, millis now)
{
    struct route *r = route_choose(&routes, wish, now);

    if (r)
        route_commit(&routes, r, now);
    return r;
}

static int tear_down(void **state)
{
    (void)state;
    list_each(&routes.all, struct route, link, r)
    {
        r->lent = r->busy = 0;
    }
    routes_fini(&routes);
    return 0;
}

static struct route *of(size_t which)
{
    list_each(&routes.all, struct route, link, r)
    {
        if (frontend_is_same(&r->at, &frontends[which]))
            return r;
    }
    return NULL;
}

/* How many of `rounds` choices fall on a frontend. */
static unsigned chosen(size_t which, unsigned rounds, millis now)
{
    unsigned count = 0;

    for (unsigned i = 0; i < rounds; i++)
        count += choose(&any, now) == of(which);
    return count;
}

static void equal_ones_take_turns(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(chosen(i, 30, START), 10);
}

static void fewest_statements_come_before_fewest_connections_in_use(void **state)
{
    (void)state;
    of(0)->busy = 3, of(0)->lent = 3;
    of(1)->busy = 1, of(1)->lent = 50;
    of(2)->busy = 2, of(2)->lent = 2;
    assert_ptr_equal(choose(&any, START), of(1));
    of(1)->busy = 2;
    assert_ptr_equal(choose(&any, START), of(2));
}

static void an_ejection_doubles_and_ends(void **state)
{
    millis now = START;

    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        millis length = (millis)EJECTION << (i < 6 ? i : 6);
        assert_true(route_failed(&routes, of(0), now));
        assert_false(route_failed(&routes, of(0), now + 1));
        assert_int_equal(chosen(0, 9, now), 0);
        assert_int_equal(chosen(0, 9, now + length - 1), 0);
        now += length;
        assert_int_not_equal(chosen(0, 200, now), 0);
    }
    now += (millis)EJECTION << 7; /* well for long: the next one is a first one */
    assert_true(route_failed(&routes, of(0), now));
    assert_int_equal(of(0)->ejected_until, now + EJECTION);
}

static void the_last_one_is_never_ejected(void **state)
{
    (void)state;
    assert_true(routes_have_good(&routes, START));
    for (size_t i = 0; i < 3; i++)
        route_failed(&routes, of(i), START);
    assert_false(routes_have_good(&routes, START));
    assert_non_null(choose(&any, START));
    frontends[0].health = frontends[1].health = FRONTEND_DOWN;
    learn(3, START);
    assert_int_equal(chosen(2, 9, START), 9);
    assert_false(routes_are_down(&routes));
    frontends[2].health = FRONTEND_DOWN;
    learn(3, START);
    assert_true(routes_are_down(&routes));
    assert_null(choose(&any, START));
}

static void one_that_is_back_gets_a_growing_share(void **state)
{
    (void)state;
    frontends[1].health = FRONTEND_DOWN;
    learn(3, START);
    of(0)->busy = of(2)->busy = 100;
    assert_int_equal(chosen(1, 10, START), 0);
    frontends[1].health = FRONTEND_UP;
    learn(3, START + 5);
    assert_in_range(chosen(1, 100, START + 5), 5, 15);
    assert_in_range(chosen(1, 100, START + 5 + SLOW_START / 2), 45, 60);
    assert_int_equal(chosen(1, 100, START + 5 + SLOW_START), 100);
}

static void nothing_new_goes_to_one_that_drains_while_there_is_another(void **state)
{
    (void)state;
    frontends[0].health = frontends[1].health = FRONTEND_DRAINS;
    learn(3, START);
    of(2)->busy = 1000;
    assert_int_equal(chosen(2, 10, START), 10);
    assert_false(route_is_usable(of(0)));
    frontends[2].health = FRONTEND_DOWN;
    learn(3, START);
    assert_int_equal(chosen(2, 10, START), 0);
}

static void one_to_be_avoided_is_taken_when_there_is_no_other(void **state)
{
    struct wish wish = {.avoid = of(0)->id};

    (void)state;
    of(1)->busy = of(2)->busy = 1000;
    for (unsigned i = 0; i < 9; i++)
        assert_ptr_not_equal(choose(&wish, START), of(0));
    frontends[1].health = frontends[2].health = FRONTEND_DOWN;
    learn(3, START);
    assert_ptr_equal(choose(&wish, START), of(0));
}

static void one_that_the_topology_no_longer_names_stays_while_it_is_held(void **state)
{
    struct route *gone = of(2);
    uint64_t id = gone->id;

    (void)state;
    route_hold(gone);
    learn(2, START);
    assert_int_equal(routes.all.count, 2);
    assert_true(gone->is_gone);
    assert_false(route_is_usable(gone));
    assert_slice(gone->at.query.host, "2001:db8::3");
    assert_null(route_by_id(&routes, id));
    route_release(gone);
    learn(3, START); /* it comes back as another one, with a slow start */
    assert_int_not_equal(of(2)->id, id);
    assert_int_equal(of(2)->recovered_at, START);
    assert_ptr_equal(route_by_id(&routes, of(2)->id), of(2));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_ones_take_turns),
        TEST(fewest_statements_come_before_fewest_connections_in_use),
        TEST(an_ejection_doubles_and_ends),
        TEST(the_last_one_is_never_ejected),
        TEST(one_that_is_back_gets_a_growing_share),
        TEST(nothing_new_goes_to_one_that_drains_while_there_is_another),
        TEST(one_to_be_avoided_is_taken_when_there_is_no_other),
        TEST(one_that_the_topology_no_longer_names_stays_while_it_is_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
