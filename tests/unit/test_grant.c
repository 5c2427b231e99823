#include "check.h"

#include "auth/grant.h"
#include "base/arena.h"

/* A project "sales": ana is developer, the group analysts are viewers, lim is limited to orders and
 * tables that start with order_. */
static struct slice limited_tables[] = {{"orders", 6}, {"order_*", 7}};
static struct grant prod_read[] = {{READ, {NULL, 0}}};
static struct grant dev_all[] = {{READ | WRITE | DDL, {NULL, 0}}};
static struct grant limited[] = {{READ, {limited_tables, 2}}};

static const struct role developer = {
    .name = {"developer", 9}, .grants = {prod_read, dev_all}, .grant_count = {1, 1}};
static const struct role viewer = {
    .name = {"viewer", 6}, .grants = {prod_read, prod_read}, .grant_count = {1, 1}};
static const struct role orders_only = {
    .name = {"orders_only", 11}, .grants = {limited, NULL}, .grant_count = {1, 0}};

static const struct role *developers[] = {&developer};
static const struct role *viewers[] = {&viewer};
static const struct role *limited_roles[] = {&orders_only};

static struct membership as_developer = {developers, 1};
static struct membership as_viewer = {viewers, 1};
static struct membership as_limited = {limited_roles, 1};

static struct slice groups[] = {{"@analysts", 9}};
static const struct user ana = {.name = {"ana", 3}};
static const struct user bo = {.name = {"bo", 2}, .groups = {groups, 1}};
static const struct user lim = {.name = {"lim", 3}};
static const struct user nobody = {.name = {"nobody", 6}};
static const struct user anabo = {.name = {"ana", 3}, .groups = {groups, 1}};

static struct project sales = {.name = {"sales", 5}};

static int set_up(void **state)
{
    (void)state;
    map_init(&sales.members, MAP_EXACT);
    map_put(&sales.members, SLICE("ana"), &as_developer);
    map_put(&sales.members, SLICE("@analysts"), &as_viewer);
    map_put(&sales.members, SLICE("lim"), &as_limited);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    map_fini(&sales.members);
    return 0;
}

static void privileges_differ_by_environment(void **state)
{
    (void)state;
    assert_int_equal(grant_privileges(&ana, &sales, PROD, SLICE("t")), READ);
    assert_int_equal(grant_privileges(&ana, &sales, DEV, SLICE("t")), READ | WRITE | DDL);
}

static void a_group_gives_its_role_to_members(void **state)
{
    (void)state;
    assert_int_equal(grant_privileges(&bo, &sales, DEV, SLICE("")), READ);
    assert_true(grant_is_member(&bo, &sales));
}

static void roles_of_user_and_group_add_up(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, NULL);
    assert_int_equal(grant_privileges(&anabo, &sales, PROD, SLICE("t")), READ);
    assert_slice(grant_role_names(&anabo, &sales, &a), "developer, viewer");
    arena_clear(&a);
}

static void who_is_no_member_has_nothing(void **state)
{
    (void)state;
    assert_int_equal(grant_privileges(&nobody, &sales, PROD, SLICE("t")), 0);
    assert_false(grant_is_member(&nobody, &sales));
    assert_false(grant_sees(&nobody, &sales, PROD));
}

static void a_limited_role_covers_its_tables_only(void **state)
{
    (void)state;
    assert_int_equal(grant_privileges(&lim, &sales, PROD, SLICE("orders")), READ);
    assert_int_equal(grant_privileges(&lim, &sales, PROD, SLICE("order_items")), READ);
    assert_int_equal(grant_privileges(&lim, &sales, PROD, SLICE("ORDERS")), 0);
    assert_int_equal(grant_privileges(&lim, &sales, PROD, SLICE("items")), 0);
}

static void a_limited_role_is_none_on_the_whole_side(void **state)
{
    (void)state;
    assert_int_equal(grant_privileges(&lim, &sales, PROD, SLICE("")), 0);
    assert_int_equal(grant_privileges_somewhere(&lim, &sales, PROD), READ);
    assert_true(grant_sees(&lim, &sales, PROD));
    assert_false(grant_sees(&lim, &sales, DEV));
}

static void a_shared_project_is_judged_as_prod(void **state)
{
    (void)state;
    sales.is_shared = true;
    assert_int_equal(grant_privileges(&ana, &sales, DEV, SLICE("t")), READ);
    sales.is_shared = false;
}

static void cross_environment_falls_back_to_the_settings(void **state)
{
    struct config config = {.settings.cross_environment = CROSS_READ};
    struct project p = {.cross_environment = CROSS_INHERIT};

    (void)state;
    assert_int_equal(grant_across(&config, &p) & (READ | WRITE), READ);
    p.cross_environment = CROSS_WRITE;
    assert_int_equal(grant_across(&config, &p), READ | WRITE | DDL | LOAD | SHARE);
    p.cross_environment = CROSS_NONE;
    assert_int_equal(grant_across(&config, &p), 0);
}

static void patterns_match_with_stars_anywhere(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } cases[] = {
        {"orders", "orders", true},
        {"orders", "orders2", false},
        {"order_*", "order_", true},
        {"*", "", true},
        {"*", "anything", true},
        {"a*c", "abc", true},
        {"a*c", "abcd", false},
        {"*_bak", "t_bak", true},
        {"*_bak", "t_bak2", false},
        {"a*b*c", "aXbYbZc", true},
        {"a**b", "ab", true},
        {"", "", true},
        {"", "x", false},
        {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaa", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(grant_pattern_matches(slice_of(cases[i].pattern), slice_of(cases[i].name)),
                         cases[i].matches);
}

static void every_rule_asks_something_sensible(void **state)
{
    (void)state;
    for (enum sql_rule rule = 0; rule < SQL_RULES; rule++) {
        const struct policy *p = policy_find(rule);
        enum sql_class class = sql_rule_class(rule);

        assert_non_null(policy_hint(rule));
        if (p->gate == GATE_CLOSED || p->gate == GATE_HERE)
            continue;
        if (class == CLASS_WRITE)
            assert_true(p->target & (WRITE | LOAD));
        if (class == CLASS_DDL)
            assert_true(p->target & DDL);
        if (class == CLASS_ADMIN)
            assert_int_equal(p->gate, GATE_ADMIN);
        if (class == CLASS_DANGEROUS)
            assert_true(p->gate == GATE_SWITCH || p->gate == GATE_SWITCH_FOR_MEMBERS);
        if (class != CLASS_ADMIN && class != CLASS_DANGEROUS)
            assert_int_equal(p->gate, GATE_OPEN);
    }
}

/* A rule that statements.def has and policies.def has not would be closed without a word. */
static void every_rule_has_one_row(void **state)
{
    static const enum sql_rule rows[] = {
#define POLICY(rule, ...) RULE_##rule,
#include "auth/policies.def"
#undef POLICY
    };
    unsigned count[SQL_RULES] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        count[rows[i]]++;
    for (unsigned rule = 0; rule < SQL_RULES; rule++)
        assert_int_equal(count[rule], 1);
}

static void the_page_of_the_statements_is_up_to_date(void **state)
{
    enum { ROOM = 256 * 1024 };
    static const char path[] = "docs/generated/statements.md";
    static char there[ROOM];
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size), *file = fopen(path, "r");

    (void)state;
    policy_print(out);
    fclose(out);
    if (file) {
        there[fread(there, 1, ROOM - 1, file)] = '\0';
        fclose(file);
    }
    if (strcmp(there, text) && getenv("STARBIND_UPDATE")) {
        assert_non_null(file = fopen(path, "w"));
        fputs(text, file);
        assert_int_equal(fclose(file), 0);
    } else if (strcmp(there, text)) {
        fail_msg("%s is older than auth/policies.def: STARBIND_UPDATE=1 renews it", path);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(privileges_differ_by_environment),
        cmocka_unit_test(a_group_gives_its_role_to_members),
        cmocka_unit_test(roles_of_user_and_group_add_up),
        cmocka_unit_test(who_is_no_member_has_nothing),
        cmocka_unit_test(a_limited_role_covers_its_tables_only),
        cmocka_unit_test(a_limited_role_is_none_on_the_whole_side),
        cmocka_unit_test(a_shared_project_is_judged_as_prod),
        cmocka_unit_test(cross_environment_falls_back_to_the_settings),
        cmocka_unit_test(patterns_match_with_stars_anywhere),
        cmocka_unit_test(every_rule_asks_something_sensible),
        cmocka_unit_test(every_rule_has_one_row),
        cmocka_unit_test(the_page_of_the_statements_is_up_to_date),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
