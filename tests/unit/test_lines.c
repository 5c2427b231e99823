/* Who is next: claims on several levels, and the lines of the usher. */
#include "check.h"

#include "base/memory.h"
#include "proxy/limit/limit.h"

static struct tally ana = {.level = LIMIT_USER, .name = "ana"};
static struct tally bo = {.level = LIMIT_USER, .name = "bo"};
static struct tally cy = {.level = LIMIT_USER, .name = "cy"};
static struct tally sales = {.level = LIMIT_PROJECT, .name = "sales"};
static struct tally crm = {.level = LIMIT_PROJECT, .name = "crm"};
static struct tally source = {.level = LIMIT_SOURCE, .name = "warehouse"};
static struct tally cluster = {.level = LIMIT_CLUSTER, .name = "main"};

static struct tally *const all[] = {&ana, &bo, &cy, &sales, &crm, &source, &cluster};

static int reset(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        *all[i] = (struct tally){.level = all[i]->level, .name = all[i]->name};
    return 0;
}

static int nothing_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        assert_int_equal(all[i]->running, 0);
        assert_int_equal(all[i]->queued, 0);
    }
    return 0;
}

static struct claim claim_on(struct tally *user, struct tally *project)
{
    return (struct claim){.at = {user, project, &source, &cluster}};
}

static void a_claim_takes_all_levels_or_none(void **state)
{
    struct claim of_ana = claim_on(&ana, &sales), of_bo = claim_on(&bo, &sales);
    enum limit_level full = LIMIT_USER;

    (void)state;
    cluster.max_concurrent_queries = 2;
    sales.max_concurrent_queries = 1;
    assert_true(claim_take(&of_ana, &full));
    assert_false(claim_take(&of_bo, &full));
    assert_int_equal(full, LIMIT_PROJECT);
    assert_ptr_equal(claim_full(&of_bo), &sales);
    assert_int_equal(bo.running, 0);
    assert_int_equal(cluster.running, 1);
    claim_force(&of_bo);
    assert_int_equal(sales.running, 2);
    claim_give(&of_ana);
    assert_false(claim_take(&of_ana, &full));
    claim_give(&of_bo);
    assert_null(claim_full(&of_bo));
    assert_true(claim_take(&of_ana, &full));
    claim_give(&of_ana);
}

static void a_level_without_a_tally_is_left_out(void **state)
{
    struct claim claim = {.at = {&ana, NULL, NULL, NULL}};
    enum limit_level full;

    (void)state;
    assert_true(claim_take(&claim, &full));
    assert_true(claim_queue(&claim, &full));
    assert_true(claim_has_waiters(&claim));
    claim_unqueue(&claim);
    assert_false(claim_give(&claim));
}

static void no_more_wait_than_may(void **state)
{
    struct claim of_ana = claim_on(&ana, &sales), of_bo = claim_on(&bo, &sales);
    enum limit_level full = LIMIT_USER;

    (void)state;
    sales.max_queued = 2;
    ana.max_queued = 1;
    assert_true(claim_queue(&of_ana, &full));
    assert_false(claim_queue(&of_ana, &full));
    assert_int_equal(full, LIMIT_USER);
    assert_true(claim_queue(&of_bo, &full));
    assert_false(claim_queue(&of_bo, &full));
    assert_int_equal(full, LIMIT_PROJECT);
    assert_int_equal(bo.queued, 1);
    claim_unqueue(&of_ana);
    claim_unqueue(&of_bo);
}

static void the_least_limit_of_time_holds(void **state)
{
    struct claim claim = claim_on(&ana, &sales);
    unsigned seconds = 0;

    (void)state;
    assert_null(claim_time_limit(&claim, &seconds));
    cluster.max_query_seconds = 60;
    assert_ptr_equal(claim_time_limit(&claim, &seconds), &cluster);
    sales.max_query_seconds = 5;
    ana.max_query_seconds = 600;
    assert_ptr_equal(claim_time_limit(&claim, &seconds), &sales);
    assert_int_equal(seconds, 5);
}

/* ---- lines ---- */

enum { MOST = 12 };

struct crowd {
    struct lines lines;
    struct ticket tickets[MOST];
    size_t count;
};

static void join(struct crowd *c, struct tally *user, struct tally *project)
{
    struct ticket *t = &c->tickets[c->count++];

    t->claim = claim_on(user, project);
    lines_join(&c->lines, t);
}

/* The ones who are let in while there are places, as numbers in the order of their coming. */
static void let_in(struct crowd *c, const char *expected)
{
    char got[MOST + 1] = "";
    size_t size = 0;
    struct ticket *t;

    while ((t = lines_next(&c->lines)))
        got[size++] = (char)('0' + (t - c->tickets));
    assert_string_equal(got, expected);
}

static void leave_all(struct crowd *c, const char *inside)
{
    for (; *inside; inside++)
        claim_give(&c->tickets[*inside - '0'].claim);
}

static void users_take_turns(void **state)
{
    struct crowd c = {.count = 0};

    (void)state;
    lines_init(&c.lines);
    for (unsigned i = 0; i < 4; i++)
        join(&c, &ana, &sales);
    join(&c, &bo, &sales);
    join(&c, &bo, &sales);
    join(&c, &cy, &sales);
    let_in(&c, "0461523");
    assert_int_equal(c.lines.count, 0);
    leave_all(&c, "0123456");
}

static void who_has_had_a_turn_goes_behind_those_who_come(void **state)
{
    struct crowd c = {.count = 0};

    (void)state;
    lines_init(&c.lines);
    sales.max_concurrent_queries = 1;
    join(&c, &ana, &sales);
    join(&c, &ana, &sales);
    let_in(&c, "0");
    join(&c, &bo, &sales);
    leave_all(&c, "0");
    let_in(&c, "1"); /* bo came while ana's second stood first */
    leave_all(&c, "1");
    join(&c, &ana, &sales);
    let_in(&c, "2");
    leave_all(&c, "2");
    let_in(&c, "3");
    leave_all(&c, "3");
}

static void a_user_at_its_limit_is_passed_over(void **state)
{
    struct crowd c = {.count = 0};

    (void)state;
    lines_init(&c.lines);
    ana.max_concurrent_queries = 1;
    join(&c, &ana, &sales);
    join(&c, &ana, &sales);
    join(&c, &bo, &sales);
    join(&c, &bo, &sales);
    let_in(&c, "023");
    let_in(&c, "");
    leave_all(&c, "0");
    let_in(&c, "1");
    leave_all(&c, "123");
}

static void projects_take_turns_on_a_cluster(void **state)
{
    struct crowd c = {.count = 0};

    (void)state;
    lines_init(&c.lines);
    cluster.max_concurrent_queries = 1;
    for (unsigned i = 0; i < 3; i++)
        join(&c, &ana, &sales);
    join(&c, &bo, &crm);
    join(&c, &bo, &crm);
    const char *const order[] = {"0", "3", "1", "4", "2"};
    for (unsigned i = 0; i < 5; i++) {
        let_in(&c, order[i]);
        leave_all(&c, order[i]);
    }
}

static void places_are_numbered_in_the_order_of_turns(void **state)
{
    static const unsigned expected[] = {1, 3, 5, 2, 4, 1};
    struct crowd c = {.count = 0};

    (void)state;
    lines_init(&c.lines);
    for (unsigned i = 0; i < 3; i++)
        join(&c, &ana, &sales);
    join(&c, &bo, &sales);
    join(&c, &bo, &sales);
    join(&c, &bo, &crm);
    lines_number(&c.lines);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(c.tickets[i].place, expected[i]);
    assert_int_equal(c.tickets[0].of, 5);
    assert_int_equal(c.tickets[5].of, 1);
    for (unsigned i = 0; i < 6; i++)
        lines_leave(&c.lines, &c.tickets[i]);
}

static void whoever_leaves_leaves_the_order_of_the_others(void **state)
{
    struct crowd c = {.count = 0};

    (void)state;
    lines_init(&c.lines);
    for (unsigned i = 0; i < 3; i++)
        join(&c, &ana, &sales);
    join(&c, &bo, &sales);
    lines_leave(&c.lines, &c.tickets[0]);
    lines_leave(&c.lines, &c.tickets[3]);
    let_in(&c, "12");
    assert_true(list_is_empty(&c.lines.projects));
    leave_all(&c, "12");
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, reset, nothing_is_left)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_claim_takes_all_levels_or_none),
        FRESH(a_level_without_a_tally_is_left_out),
        FRESH(no_more_wait_than_may),
        FRESH(the_least_limit_of_time_holds),
        FRESH(users_take_turns),
        FRESH(who_has_had_a_turn_goes_behind_those_who_come),
        FRESH(a_user_at_its_limit_is_passed_over),
        FRESH(projects_take_turns_on_a_cluster),
        FRESH(places_are_numbered_in_the_order_of_turns),
        FRESH(whoever_leaves_leaves_the_order_of_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
