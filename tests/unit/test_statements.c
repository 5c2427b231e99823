/* Templates that sessions share, and what a connection knows of them. */
#include "check.h"

#include "proxy/backend/backend_private.h"
#include "proxy/net/net.h"

enum { BACKENDS = 3 };

static struct world {
    struct loop loop;
    struct cluster_view view;
    struct topology topology;
    struct cluster cluster;
    struct compute_source source;
    struct config config;
    struct pools pools;
    struct pool pool, other;
    struct backend at[BACKENDS];
} w;

static int set_up(void **state)
{
    (void)state;
    w = (struct world){0};
    w.view.kind = CLUSTER_STARROCKS;
    w.topology.clusters = &w.view;
    w.source.cluster = &w.cluster;
    w.config = (struct config){.sources = &w.source, .source_count = 1};
    w.pools = (struct pools){.loop = &w.loop, .config = &w.config, .topology = &w.topology};
    w.pool = (struct pool){.pools = &w.pools, .number = 1, .source = &w.source};
    w.other = (struct pool){.pools = &w.pools, .number = 2, .source = &w.source};
    templates_init(&w.pools.templates);
    for (size_t i = 0; i < BACKENDS; i++) {
        w.at[i] = (struct backend){.pool = &w.pool, .phase = BACKEND_LENT};
        w.at[i].server.loop = &w.loop;
        known_init(&w.at[i].statements);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < BACKENDS; i++)
        known_forget(&w.at[i]);
    assert_int_equal(metric_read(&w.loop.metrics, METRIC_prepared), 0);
    templates_fini(&w.pools.templates);
    return 0;
}

static struct template *use(struct slice text, struct slice meaning)
{
    return template_use(&w.pools.templates, &w.at[0], text, meaning);
}

static void the_same_text_is_one_template(void **state)
{
    struct template *a = use(SLICE("SELECT 1"), SLICE("")), *b = use(SLICE("SELECT 1"), SLICE(""));
    struct template *c = use(SLICE("SELECT 2"), SLICE(""));
    struct template *d = use(SLICE("SELECT 1"), SLICE("sql_mode = 'ANSI'"));

    (void)state;
    assert_ptr_equal(a, b);
    assert_true(a != c && a != d);
    w.at[1].pool = &w.other;
    struct template *e = template_use(&w.pools.templates, &w.at[1], SLICE("SELECT 1"), SLICE(""));
    assert_ptr_not_equal(a, e);
    w.at[1].pool = &w.pool;
    assert_int_equal(w.pools.templates.count, 4);
    template_leave(a);
    assert_int_equal(w.pools.templates.count, 4);
    template_leave(b);
    template_leave(c);
    template_leave(d);
    template_leave(e);
    assert_int_equal(w.pools.templates.count, 0);
}

static void many_templates_are_all_found(void **state)
{
    struct template *all[1000];
    char text[32];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "SELECT %d", i);
        all[i] = use(slice_of(text), SLICE(""));
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "SELECT %d", i);
        assert_ptr_equal(use(slice_of(text), SLICE("")), all[i]);
        template_leave(all[i]);
        template_leave(all[i]);
    }
    assert_int_equal(w.pools.templates.count, 0);
}

static void each_connection_has_numbers_of_its_own(void **state)
{
    struct template *t = use(SLICE("SELECT 1"), SLICE(""));
    uint32_t number = 99;

    (void)state;
    assert_false(known_find(&w.at[0], t, &number));
    known_note(&w.at[0], t, 0, 16);
    known_note(&w.at[1], t, 7, 16);
    assert_true(known_find(&w.at[0], t, &number));
    assert_int_equal(number, 0);
    assert_true(known_find(&w.at[1], t, &number));
    assert_int_equal(number, 7);
    assert_false(known_find(&w.at[2], t, &number));
    known_forget(&w.at[1]);
    assert_false(known_find(&w.at[1], t, &number));
    template_leave(t);
    assert_int_equal(w.at[0].statements.closing.count, 1);
    assert_int_equal(w.at[0].statements.known.count, 0);
}

static void the_statement_used_longest_ago_makes_room(void **state)
{
    struct template *all[5];
    char text[32];
    uint32_t number;

    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        snprintf(text, sizeof(text), "SELECT %u", i);
        all[i] = use(slice_of(text), SLICE(""));
        known_note(&w.at[0], all[i], i, 4);
        assert_true(known_find(&w.at[0], all[0], &number)); /* stays young */
    }
    assert_false(known_find(&w.at[0], all[1], &number));
    assert_true(known_find(&w.at[0], all[2], &number));
    assert_int_equal(w.at[0].statements.known.count, 4);
    assert_int_equal(w.at[0].statements.closing.count, 1);
    assert_int_equal(metric_read(&w.loop.metrics, METRIC_prepared), 5);
    for (int i = 0; i < 5; i++)
        template_leave(all[i]);
}

static void a_number_that_comes_again_is_another_statement(void **state)
{
    struct template *a = use(SLICE("SELECT 1"), SLICE("")), *b = use(SLICE("SELECT 2"), SLICE(""));
    uint32_t number;

    (void)state;
    known_note(&w.at[0], a, 5, 16);
    known_note(&w.at[0], b, 5, 16);
    assert_false(known_find(&w.at[0], a, &number));
    assert_true(known_find(&w.at[0], b, &number));
    assert_int_equal(w.at[0].statements.closing.count, 0);
    template_leave(a);
    template_leave(b);
    assert_int_equal(w.at[0].statements.closing.count, 1);
    struct template *c = use(SLICE("SELECT 3"), SLICE(""));
    known_note(&w.at[0], c, 5, 16); /* closing it now would close the new one */
    assert_int_equal(w.at[0].statements.closing.count, 0);
    template_leave(c);
}

static void a_second_prepare_closes_the_first(void **state)
{
    struct template *t = use(SLICE("SELECT 1"), SLICE(""));
    uint32_t number;

    (void)state;
    known_note(&w.at[0], t, 5, 16);
    known_note(&w.at[0], t, 6, 16);
    assert_true(known_find(&w.at[0], t, &number));
    assert_int_equal(number, 6);
    assert_int_equal(w.at[0].statements.known.count, 1);
    assert_int_equal(w.at[0].statements.closing.count, 1);
    template_leave(t);
}

/* Nothing was executed on the connection, so a frontend would close another statement. */
static void a_connection_on_which_too_many_wait_to_be_closed_is_worn(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 17; i++) {
        struct template *t = use(SLICE("SELECT 1"), SLICE(""));
        assert_false(known_is_worn(&w.at[0]));
        known_note(&w.at[0], t, i, 16);
        template_leave(t);
        known_flush(&w.at[0]);
    }
    assert_int_equal(w.at[0].statements.closing.count, 17);
    assert_true(known_is_worn(&w.at[0]));
}

static void the_meaning_is_what_shapes_a_text(void **state)
{
    struct state wanted = {0};
    struct arena arena = {0};

    (void)state;
    assert_int_equal(statement_meaning(&wanted, &arena).size, 0);
    state_put(&wanted, false, SLICE("query_timeout"), SLICE("5"));
    state_put(&wanted, true, SLICE("sql_mode"), SLICE("1"));
    assert_int_equal(statement_meaning(&wanted, &arena).size, 0);
    state_put(&wanted, false, SLICE("sql_mode"), SLICE("'ANSI'"));
    assert_slice(statement_meaning(&wanted, &arena), "sql_mode = 'ANSI'\n");
    state_clear(&wanted);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_text_is_one_template, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_templates_are_all_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_connection_has_numbers_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_statement_used_longest_ago_makes_room, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_number_that_comes_again_is_another_statement, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_second_prepare_closes_the_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_connection_on_which_too_many_wait_to_be_closed_is_worn,
                                        set_up, tear_down),
        cmocka_unit_test(the_meaning_is_what_shapes_a_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
