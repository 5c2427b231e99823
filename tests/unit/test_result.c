#include "check.h"

#include "base/arena.h"
#include "base/queue.h"
#include "protocol/mysql/mysql.h"

static struct chunk_pool pool;

struct bench {
    struct queue q;
    struct arena arena;
    uint8_t sequence;
};

static struct bench bench_open(void)
{
    struct bench b = {.sequence = 1};

    queue_init(&b.q, &pool);
    arena_init(&b.arena, NULL);
    return b;
}

static struct slice next(struct bench *b)
{
    struct slice payload = {0};

    assert_int_equal(packet_take(&b->q, &b->sequence, 1u << 30, &b->arena, &payload), PACKET_WHOLE);
    return payload;
}

static void bench_close(struct bench *b)
{
    assert_int_equal(b->q.size, 0);
    arena_clear(&b->arena);
    chunk_pool_fini(&pool);
}

static void check_bytes(struct slice got, const char *bytes, size_t n)
{
    assert_int_equal(got.size, n);
    assert_memory_equal(got.data, bytes, n);
}

#define CHECK(got, literal) check_bytes(got, literal, sizeof(literal) - 1)

static void a_result_set_is_written_as_a_frontend_writes_it(void **state)
{
    const struct column columns[] = {{.name = SLICE("n"), .type = COLUMN_LONGLONG},
                                     {.name = SLICE("Database")}};
    const struct slice row[] = {SLICE("17"), {NULL, 0}}, empty[] = {{NULL, 0}, {"", 0}};
    struct bench b = bench_open();
    struct result_writer r;

    (void)state;
    result_open(&r, &b.q, 1, columns, 2, STATUS_AUTOCOMMIT | STATUS_MORE_RESULTS);
    result_row(&r, row);
    result_row(&r, empty);
    result_close(&r, STATUS_AUTOCOMMIT | STATUS_MORE_RESULTS);
    CHECK(next(&b), "\x02");
    CHECK(next(&b), "\x03"
                    "def\0\0\0\x01n\x01n\x0c\x3f\0\x14\0\0\0\x08\0\0\0\0\0");
    CHECK(next(&b), "\x03"
                    "def\0\0\0\x08"
                    "Database\x08"
                    "Database\x0c\x21\0\xc0\0\0\0\xfd\0\0\0\0\0");
    CHECK(next(&b), "\xfe\0\0\x02\0");
    CHECK(next(&b), "\x02"
                    "17\xfb");
    CHECK(next(&b), "\xfb\0");
    CHECK(next(&b), "\xfe\0\0\x0a\0");
    assert_int_equal(r.sequence, b.sequence);
    bench_close(&b);
}

static void the_follower_agrees_about_the_end(void **state)
{
    const struct column column = {.name = SLICE("x"), .schema = SLICE("sales"), .decimals = 31};
    struct bench b = bench_open();
    struct result_writer r;
    unsigned char bytes[8192];
    struct follow f;
    size_t used;

    (void)state;
    result_open(&r, &b.q, 1, &column, 1, 0);
    for (int i = 0; i < 300; i++) {
        struct slice cell = slice_make(bytes, (size_t)i % 7);
        memset(bytes, 'c', 7);
        result_row(&r, &cell);
    }
    result_close(&r, 0);
    size_t size = b.q.size;
    assert_true(size <= sizeof(bytes));
    queue_peek(&b.q, 0, bytes, size);
    queue_clear(&b.q);
    follow_start(&f, FOLLOW_QUERY, 1, 1, 0, 0);
    assert_int_equal(follow_walk(&f, bytes, size, &used), FOLLOW_END);
    assert_int_equal(used, size);
    assert_int_equal(f.rows, 300);
    assert_int_equal(f.next_sequence, r.sequence);
    bench_close(&b);
}

static void a_row_over_16_mib_is_split(void **state)
{
    enum { BIG = MYSQL_PACKET_MAX - 4 }; /* with its length of 4 bytes an exact multiple */
    const struct column column = {.name = SLICE("big"), .type = COLUMN_STRING};
    struct bench b = bench_open();
    struct result_writer r;
    char *big = malloc(BIG);
    struct slice cell = {big, BIG};

    (void)state;
    assert_non_null(big);
    memset(big, 'x', BIG);
    result_open(&r, &b.q, 1, &column, 1, 0);
    result_row(&r, &cell);
    result_close(&r, 0);
    next(&b);
    next(&b);
    next(&b);
    struct slice row = next(&b);
    assert_int_equal(row.size, MYSQL_PACKET_MAX);
    assert_memory_equal(row.data, "\xfd\xfb\xff\xff", 4);
    assert_memory_equal(row.data + 4, big, BIG);
    assert_int_equal(b.sequence, 6); /* two parts */
    CHECK(next(&b), "\xfe\0\0\0\0");
    free(big);
    bench_close(&b);
}

static void many_columns_take_a_wide_count(void **state)
{
    struct column *columns = calloc(COLUMNS_MAX, sizeof(*columns));
    struct bench b = bench_open();
    struct result_writer r;

    (void)state;
    assert_non_null(columns);
    result_open(&r, &b.q, 1, columns, COLUMNS_MAX, 0);
    CHECK(next(&b), "\xfc\xff\xff");
    queue_clear(&b.q);
    free(columns);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_set_is_written_as_a_frontend_writes_it),
        cmocka_unit_test(the_follower_agrees_about_the_end),
        cmocka_unit_test(a_row_over_16_mib_is_split),
        cmocka_unit_test(many_columns_take_a_wide_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
