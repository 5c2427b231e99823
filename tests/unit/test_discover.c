/* What is made of SHOW FRONTENDS and /api/health, good and bad. */
#include "check.h"

#include "proxy/catalog/catalog_private.h"

static const char *const names[] = {"Id",        "Name",    "IP",   "EditLogPort", "HttpPort",
                                    "QueryPort", "RpcPort", "Role", "Alive"};
enum { COUNT = sizeof(names) / sizeof(*names) };

static struct address addresses[] = {
    {{{"10.0.0.2", 8}, 0}, {{"gate", 4}, 0}},
    {{{"10.0.0.2", 8}, 9030}, {{"gate", 4}, 19032}},
    {{{"2001:db8::3", 11}, 0}, {{"fe3.example.net", 15}, 9033}},
};
static struct endpoint load = {{"fe1", 3}, 8030};
static struct cluster cluster = {
    .addresses = addresses, .address_count = 3, .load = &load, .load_count = 1};

static struct discovery made;

static void columns_of(struct discovery_columns *c)
{
    struct slice cells[COUNT];
    char reason[REASON_MAX];

    for (size_t i = 0; i < COUNT; i++)
        cells[i] = slice_of(names[i]);
    assert_true(discovery_columns_find(c, cells, COUNT, reason));
}

static void take(const char *id, const char *ip, const char *http, const char *query,
                 const char *role)
{
    struct discovery_columns c;
    struct slice cells[COUNT] = {slice_of(id),  SLICE("n"),     slice_of(ip),
                                 SLICE("9010"), slice_of(http), slice_of(query),
                                 SLICE("9020"), slice_of(role), SLICE("true")};

    columns_of(&c);
    discovery_take(&made, &c, cells, &cluster);
}

static int set_up(void **state)
{
    (void)state;
    made = (struct discovery){0};
    arena_init(&made.arena, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&made.arena);
    return 0;
}

static void rows_become_frontends(void **state)
{
    (void)state;
    take("1", "10.0.0.1", "8030", "9030", "LEADER");
    take("300", "fe-2.example.net", "8030", "9031", "FOLLOWER");
    assert_int_equal(made.count, 2);
    assert_slice(made.at[0].query.host, "10.0.0.1");
    assert_int_equal(made.at[0].query.port, 9030);
    assert_int_equal(made.at[0].http.port, 8030);
    assert_true(made.at[0].is_leader);
    assert_slice(made.at[1].query.host, "fe-2.example.net");
    assert_int_equal(made.at[1].number, 300);
    assert_false(made.at[1].is_leader);
}

static void addresses_are_mapped_the_exact_one_first(void **state)
{
    (void)state;
    take("2", "10.0.0.2", "8030", "9030", "FOLLOWER");
    take("3", "2001:db8::3", "8030", "9030", "OBSERVER");
    assert_slice(made.at[0].query.host, "gate");
    assert_int_equal(made.at[0].query.port, 19032);
    assert_slice(made.at[0].http.host, "gate");
    assert_int_equal(made.at[0].http.port, 8030);
    assert_slice(made.at[1].query.host, "fe3.example.net");
    assert_int_equal(made.at[1].query.port, 9033);
}

static void http_ports_are_of_no_use_without_a_load_url(void **state)
{
    (void)state;
    cluster.load_count = 0;
    take("1", "10.0.0.1", "8030", "9030", "LEADER");
    cluster.load_count = 1;
    assert_int_equal(made.at[0].http.port, 0);
}

static void what_is_no_address_is_skipped(void **state)
{
    static const char *const hosts[] = {"",          "a b",  "host/path", "a\nb",
                                        "user@host", "\xff", "[::1]"};
    static const char *const ports[] = {"0", "", "65536", "-1", "9030x", "99999999999999999999"};
    char longest[300];

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
        take("1", hosts[i], "8030", "9030", "LEADER");
    for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
        take("1", "10.0.0.1", "8030", ports[i], "LEADER");
    memset(longest, 'a', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    take("1", longest, "8030", "9030", "LEADER");
    assert_int_equal(made.count, 0);
    assert_int_equal(made.skipped, 14);
}

static void a_flood_of_rows_is_cut(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ANNOUNCED_MAX + 10; i++)
        take("1", "10.0.0.1", "8030", "9030", "FOLLOWER");
    assert_int_equal(made.count, ANNOUNCED_MAX);
    assert_int_equal(made.skipped, 10);
}

static void a_result_without_the_columns_is_refused(void **state)
{
    struct discovery_columns c;
    char reason[REASON_MAX];

    (void)state;
    for (size_t left_out = 0; left_out < COUNT; left_out++) {
        struct slice cells[COUNT];
        for (size_t i = 0; i < COUNT; i++)
            cells[i] = i == left_out ? SLICE("?") : slice_of(names[i]);
        bool is_needed = strchr("0257", '0' + (int)left_out) != NULL;
        assert_int_equal(discovery_columns_find(&c, cells, COUNT, reason), !is_needed);
    }
    assert_false(discovery_columns_find(&c, NULL, 0, reason));
}

static void health_is_told_by_the_status_line(void **state)
{
    (void)state;
    assert_int_equal(health_read(SLICE("HTTP/1.1 200 OK\r\n")), HEALTH_GOOD);
    assert_int_equal(health_read(SLICE("HTTP/1.0 500 Internal")), HEALTH_ENDING);
    assert_int_equal(health_read(SLICE("HTTP/1.1 404 Not Found")), HEALTH_UNKNOWN);
    assert_int_equal(health_read(SLICE("HTTP/1.1 20")), HEALTH_UNKNOWN);
    assert_int_equal(health_read(SLICE("SSH-2.0-OpenSSH 200")), HEALTH_UNKNOWN);
    assert_int_equal(health_read(SLICE("")), HEALTH_UNKNOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_become_frontends),
        TEST(addresses_are_mapped_the_exact_one_first),
        TEST(http_ports_are_of_no_use_without_a_load_url),
        TEST(what_is_no_address_is_skipped),
        TEST(a_flood_of_rows_is_cut),
        TEST(a_result_without_the_columns_is_refused),
        TEST(health_is_told_by_the_status_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
