/* What probes and discoveries add up to. */
#include "check.h"

#include "base/memory.h"
#include "proxy/catalog/catalog_private.h"

static struct endpoint query[] = {{{"fe1", 3}, 9030}, {{"fe2", 3}, 9030}};
static struct endpoint load[] = {{{"fe2", 3}, 8030}};
static struct cluster cluster = {.name = {"main", 4},
                                 .query = query,
                                 .query_count = 2,
                                 .load = load,
                                 .load_count = 1,
                                 .monitor = {.username = {"monitor", 7}}};
static struct config config = {.clusters = &cluster, .cluster_count = 1};

static struct roster roster;
static struct topology *topology;

static int set_up(void **state)
{
    (void)state;
    roster_init(&roster, 1, &cluster);
    topology = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    roster_fini(&roster);
    topology_unref(topology);
    return 0;
}

static void probed(const char *host, struct probe_result result)
{
    struct endpoint at = {slice_of(host), 9030};
    struct member *m = roster_find(&roster, &at);

    assert_non_null(m);
    roster_probed(&roster, m, &result);
}

#define UP(n)  ((struct probe_result){.is_up = true, .kind = CLUSTER_STARROCKS, .number = (n)})
#define DOWN   ((struct probe_result){.reason = "refused"})
#define SILENT ((struct probe_result){.is_silent = true, .reason = "silent"})
#define ENDING ((struct probe_result){.is_up = true, .is_ending = true, .kind = CLUSTER_STARROCKS})

/* Rows of host and Id, the first one the leader; `rows` ends with a NULL. */
static void discovered(const char *const *hosts)
{
    struct announced at[8] = {0};
    struct discovery d = {.at = at};

    for (; hosts[d.count]; d.count++)
        at[d.count] = (struct announced){.query = {slice_of(hosts[d.count]), 9030},
                                         .number = (uint32_t)d.count + 1,
                                         .is_leader = d.count == 0};
    roster_discovered(&roster, &d);
}

/* "host/number health leader" of each frontend, in order. */
static const char *written(void)
{
    static char text[512];
    size_t size = 0;

    topology_unref(topology);
    topology = topology_empty(&config);
    roster_write(&roster, topology, 0);
    text[0] = '\0';
    for (size_t i = 0; i < topology->clusters[0].count; i++) {
        const struct frontend *f = &topology->clusters[0].frontends[i];
        size += (size_t)snprintf(text + size, sizeof(text) - size, "%s%.*s/%u %s%s", i ? ", " : "",
                                 SHOW(f->query.host), f->number, frontend_health_name(f->health),
                                 f->is_leader ? " leader" : "");
    }
    return text;
}

static void before_any_probe_the_listed_ones_count_as_up(void **state)
{
    (void)state;
    assert_string_equal(written(), "fe1/0 up, fe2/0 up");
    assert_false(topology->clusters[0].is_probed);
    assert_int_equal(topology->clusters[0].frontends[0].http.port, 0);
    assert_int_equal(topology->clusters[0].frontends[1].http.port, 8030);
}

static void probes_tell_up_down_and_draining(void **state)
{
    (void)state;
    probed("fe1", DOWN);
    probed("fe2", ENDING);
    assert_string_equal(written(), "fe1/0 down, fe2/0 draining");
    assert_int_equal(topology->clusters[0].kind, CLUSTER_STARROCKS);
    assert_string_equal(topology->clusters[0].frontends[0].reason, "refused");
    probed("fe1", UP(0));
    assert_string_equal(written(), "fe1/0 up, fe2/0 draining");
}

static void silence_counts_when_it_lasts(void **state)
{
    (void)state;
    probed("fe1", UP(1));
    probed("fe1", SILENT);
    assert_string_equal(written(), "fe1/0 up, fe2/0 up");
    probed("fe1", SILENT);
    assert_string_equal(written(), "fe1/0 down, fe2/0 up");
    probed("fe1", UP(1));
    probed("fe1", SILENT);
    assert_string_equal(written(), "fe1/0 up, fe2/0 up");
    probed("fe2", SILENT); /* never seen before: nothing speaks for it */
    assert_string_equal(written(), "fe1/0 up, fe2/0 down");
}

static void announced_ones_are_used_once_they_answer(void **state)
{
    (void)state;
    probed("fe1", UP(1));
    probed("fe2", DOWN);
    discovered((const char *const[]){"fe1", "fe2", "fe3", NULL});
    assert_string_equal(written(), "fe1/1 up leader, fe2/2 down");
    probed("fe3", UP(3));
    assert_string_equal(written(), "fe1/1 up leader, fe2/2 down, fe3/3 up");
}

static void a_listed_address_stands_for_the_frontend_that_answers_by_it(void **state)
{
    struct endpoint second = {SLICE("10.0.0.2"), 9030};

    (void)state;
    probed("fe1", UP(1));
    probed("fe2", UP(2));
    discovered((const char *const[]){"10.0.0.1", "10.0.0.2", "10.0.0.3", NULL});
    probed("10.0.0.3", UP(3));
    assert_string_equal(written(), "fe1/1 up leader, fe2/2 up, 10.0.0.3/3 up");
    assert_true(member_is_covered(&roster, roster_find(&roster, &second)));
    probed("fe2", DOWN); /* by this address only */
    assert_false(member_is_covered(&roster, roster_find(&roster, &second)));
    probed("10.0.0.2", UP(2));
    assert_string_equal(written(), "fe1/1 up leader, 10.0.0.2/2 up, 10.0.0.3/3 up");
}

static void a_balancer_stands_for_no_frontend(void **state)
{
    (void)state;
    probed("fe1", UP(1));
    probed("fe1", UP(2));
    discovered((const char *const[]){"10.0.0.1", "10.0.0.2", NULL});
    probed("10.0.0.1", UP(1));
    probed("10.0.0.2", UP(2));
    assert_string_equal(written(), "10.0.0.1/1 up leader, 10.0.0.2/2 up");
}

static void listed_ones_serve_when_no_announced_one_can_be_reached(void **state)
{
    (void)state;
    probed("fe1", UP(1));
    probed("fe1", UP(2));
    probed("fe2", DOWN);
    discovered((const char *const[]){"10.0.0.1", NULL});
    probed("10.0.0.1", DOWN);
    assert_string_equal(written(), "10.0.0.1/1 down leader, fe1/0 up, fe2/0 down");
}

static void who_is_no_longer_announced_goes(void **state)
{
    struct endpoint third = {SLICE("fe3"), 9030};

    (void)state;
    probed("fe1", UP(1));
    discovered((const char *const[]){"fe1", "fe3", NULL});
    probed("fe3", UP(2));
    assert_string_equal(written(), "fe1/1 up leader, fe3/2 up");
    discovered((const char *const[]){"fe1", NULL});
    assert_string_equal(written(), "fe1/1 up leader");
    assert_null(roster_find(&roster, &third));
    assert_non_null(roster_find(&roster, &query[1])); /* listed: a seed for ever */
}

static void the_leader_speaks_for_all_when_it_answers(void **state)
{
    (void)state;
    assert_null(roster_spokesman(&roster));
    probed("fe2", UP(2));
    assert_slice(roster_spokesman(&roster)->query.host, "fe2");
    probed("fe1", UP(1));
    discovered((const char *const[]){"fe1", "fe2", NULL});
    assert_slice(roster_spokesman(&roster)->query.host, "fe1");
    probed("fe1", DOWN);
    assert_slice(roster_spokesman(&roster)->query.host, "fe2");
    probed("fe2", DOWN);
    assert_null(roster_spokesman(&roster));
}

static void without_a_monitor_the_announced_ones_are_forgotten(void **state)
{
    struct cluster next = cluster;

    (void)state;
    probed("fe1", UP(1));
    discovered((const char *const[]){"fe1", "fe3", NULL});
    probed("fe3", UP(2));
    next.monitor.username.size = 0;
    roster_renew(&roster, &next);
    assert_string_equal(written(), "fe1/0 up, fe2/0 up");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(before_any_probe_the_listed_ones_count_as_up),
        TEST(probes_tell_up_down_and_draining),
        TEST(silence_counts_when_it_lasts),
        TEST(announced_ones_are_used_once_they_answer),
        TEST(a_listed_address_stands_for_the_frontend_that_answers_by_it),
        TEST(a_balancer_stands_for_no_frontend),
        TEST(listed_ones_serve_when_no_announced_one_can_be_reached),
        TEST(who_is_no_longer_announced_goes),
        TEST(the_leader_speaks_for_all_when_it_answers),
        TEST(without_a_monitor_the_announced_ones_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
