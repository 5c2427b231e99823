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

static void set_load(size_t which, unsigned busy, size_t lent)
{
    atomic_store(&of(which)->traffic->busy, busy);
    of(which)->lent = lent;
}

static bool fails(size_t which, millis now)
{
    return traffic_leave_out(of(which)->traffic, now, EJECTION);
}

static void fewest_statements_come_before_fewest_connections_in_use(void **state)
{
    (void)state;
    set_load(0, 3, 3);
    set_load(1, 1, 50);
    set_load(2, 2, 2);
    assert_ptr_equal(choose(&any, START), of(1));
    set_load(1, 2, 50);
    assert_ptr_equal(choose(&any, START), of(2));
}

static void an_ejection_doubles_and_ends(void **state)
{
    millis now = START;

    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        millis length = (millis)EJECTION << (i < 6 ? i : 6);
        assert_true(fails(0, now));
        assert_false(fails(0, now + 1));
        assert_int_equal(chosen(0, 9, now), 0);
        assert_int_equal(chosen(0, 9, now + length - 1), 0);
        now += length;
        assert_int_not_equal(chosen(0, 200, now), 0);
    }
    now += (millis)EJECTION << 7; /* well for long: the next one is a first one */
    assert_true(fails(0, now));
    assert_int_equal(atomic_load(&of(0)->traffic->out_until), now + EJECTION);
}

static void the_last_one_is_never_ejected(void **state)
{
    (void)state;
    assert_true(routes_have_good(&routes, START));
    for (size_t i = 0; i < 3; i++)
        fails(i, START);
    assert_false(routes_have_good(&routes, START));
    assert_non_null(choose(&any, START));
    frontends[0].health = frontends[1].health = FRONTEND_DOWN;
    learn(3, START);
    assert_int_equal(chosen(2, 9, START), 9);
    assert_true(routes_have_other(&routes, 0));
    frontends[2].health = FRONTEND_DOWN;
    learn(3, START);
    assert_false(routes_have_other(&routes, 0));
    assert_null(choose(&any, START));
}

static void one_that_is_back_gets_a_growing_share(void **state)
{
    (void)state;
    frontends[1].health = FRONTEND_DOWN;
    learn(3, START);
    set_load(0, 100, 0);
    set_load(2, 100, 0);
    assert_int_equal(chosen(1, 10, START), 0);
    frontends[1].health = FRONTEND_UP;
    learn(3, START + 5);
    assert_in_range(chosen(1, 100, START + 5), 5, 15);
    assert_in_range(chosen(1, 100, START + 5 + SLOW_START / 2), 45, 60);
    assert_int_equal(chosen(1, 100, START + 5 + SLOW_START), 100);
}

static void nothing_new_goes_to_one_that_drains(void **state)
{
    (void)state;
    frontends[0].health = frontends[1].health = FRONTEND_DRAINS;
    learn(3, START);
    set_load(2, 1000, 0);
    assert_int_equal(chosen(2, 10, START), 10);
    assert_false(route_is_usable(of(0)));
    frontends[2].health = FRONTEND_DOWN;
    learn(3, START);
    assert_null(choose(&any, START));
    assert_true(routes_drain(&routes));
}

static void one_to_be_avoided_is_taken_when_there_is_no_other(void **state)
{
    struct wish wish = {.avoid = of(0)->id};

    (void)state;
    set_load(1, 1000, 0);
    set_load(2, 1000, 0);
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

/* Two workers: each has its routes, the frontend is one. */
static void what_one_worker_learns_another_knows(void **state)
{
    struct routes other;
    uint64_t other_ids = 0;
    struct traffic *traffic = traffic_new();

    (void)state;
    frontends[0].traffic = traffic;
    routes_init(&other, &other_ids);
    other.ejection = EJECTION;
    route_count(of(0), true); /* under way before the control thread has named its traffic */
    learn(3, START);
    assert_ptr_equal(of(0)->traffic, traffic);
    assert_int_equal(atomic_load(&traffic->busy), 1);
    routes_learn(&other, &(struct cluster_view){.frontends = frontends, .count = 2}, START);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(route_choose(&other, &any, START)->at.number, 2); /* that one is idle */
    route_count(of(0), false);
    assert_int_equal(route_choose(&other, &any, START)->at.number, 1);
    assert_false(traffic_broke(of(0)->traffic, START, EJECTION));
    assert_false(traffic_broke(of(0)->traffic, START, EJECTION));
    traffic_answered(of(0)->traffic); /* not in a row */
    assert_false(traffic_broke(of(0)->traffic, START, EJECTION));
    assert_false(traffic_broke(of(0)->traffic, START, EJECTION));
    assert_true(traffic_broke(of(0)->traffic, START, EJECTION));
    assert_int_equal(route_choose(&other, &any, START)->at.number, 2);
    assert_int_equal(route_choose(&other, &any, START + EJECTION)->at.number, 1);
    routes_fini(&other);
    traffic_unref(traffic);
    frontends[0].traffic = NULL;
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
        TEST(nothing_new_goes_to_one_that_drains),
        TEST(one_to_be_avoided_is_taken_when_there_is_no_other),
        TEST(what_one_worker_learns_another_knows),
        TEST(one_that_the_topology_no_longer_names_stays_while_it_is_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
