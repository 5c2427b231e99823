#include "check.h"

#include "base/arena.h"
#include "base/queue.h"
#include "base/reader.h"
#include "base/writer.h"
#include "protocol/mysql/mysql.h"

enum { PART = MYSQL_PACKET_MAX, LIMIT = 64 * 1024 * 1024 };

static struct chunk_pool pool;

struct bench {
    struct queue q;
    struct arena arena;
    struct slice payload;
    uint8_t sequence;
};

static struct bench bench_open(void)
{
    struct bench b = {.payload = {0}};

    queue_init(&b.q, &pool);
    arena_init(&b.arena, NULL);
    return b;
}

static void bench_close(struct bench *b)
{
    queue_clear(&b->q);
    arena_clear(&b->arena);
    chunk_pool_fini(&pool);
}

static enum packet_state take(struct bench *b, size_t limit)
{
    return packet_take(&b->q, &b->sequence, limit, &b->arena, &b->payload);
}

static char *pattern(size_t size)
{
    char *bytes = malloc(size + 1);

    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 31 + (i >> 13));
    return bytes;
}

static void a_packet_is_taken_whole_or_not_at_all(void **state)
{
    static const char bytes[] = "\x05\0\0\0\x03hell";
    struct bench b = bench_open();

    (void)state;
    for (size_t n = 0; n < 9; n++) {
        queue_put(&b.q, slice_make(bytes + n, n == 8 ? 2 : 1));
        assert_int_equal(take(&b, LIMIT), n < 8 ? PACKET_NONE : PACKET_WHOLE);
    }
    assert_int_equal(b.payload.size, 5);
    assert_memory_equal(b.payload.data, "\x03hell", 5);
    assert_int_equal(b.sequence, 1);
    assert_int_equal(b.q.size, 1);
    bench_close(&b);
}

static void an_empty_packet_is_a_packet(void **state)
{
    struct bench b = bench_open();

    (void)state;
    queue_put(&b.q, slice_make("\0\0\0\0", 4));
    assert_int_equal(take(&b, 0), PACKET_WHOLE);
    assert_int_equal(b.payload.size, 0);
    assert_int_equal(b.q.size, 0);
    bench_close(&b);
}

static void a_wrong_sequence_id_is_seen_with_the_header(void **state)
{
    struct bench b = bench_open();

    (void)state;
    b.sequence = 3;
    queue_put(&b.q, slice_make("\xff\0\0\x04", 4));
    assert_int_equal(take(&b, LIMIT), PACKET_BAD_SEQUENCE);
    assert_int_equal(b.sequence, 3);
    bench_close(&b);
}

static void sequence_ids_wrap(void **state)
{
    struct bench b = bench_open();

    (void)state;
    b.sequence = 255;
    queue_put(&b.q, slice_make("\0\0\0\xff", 4));
    assert_int_equal(take(&b, LIMIT), PACKET_WHOLE);
    assert_int_equal(b.sequence, 0);
    bench_close(&b);
}

static void an_announced_size_over_the_limit_is_refused_before_its_bytes_come(void **state)
{
    struct bench b = bench_open();

    (void)state;
    queue_put(&b.q, slice_make("\x01\0\x01\0", 4));
    assert_int_equal(take(&b, 0x10000), PACKET_TOO_LARGE);
    assert_int_equal(take(&b, 0x10001), PACKET_NONE);
    bench_close(&b);
}

static void the_limit_holds_for_the_sum_of_parts(void **state)
{
    struct bench b = bench_open();
    char *part = pattern(PART);

    (void)state;
    queue_put(&b.q, slice_make("\xff\xff\xff\0", 4));
    queue_put(&b.q, slice_make(part, PART));
    assert_int_equal(take(&b, PART + 4), PACKET_NONE);
    queue_put(&b.q, slice_make("\x05\0\0\x01", 4));
    assert_int_equal(take(&b, PART + 4), PACKET_TOO_LARGE);
    assert_int_equal(take(&b, PART + 5), PACKET_NONE);
    free(part);
    bench_close(&b);
}

static void a_second_part_with_a_wrong_id_is_refused(void **state)
{
    struct bench b = bench_open();
    char *part = pattern(PART);

    (void)state;
    queue_put(&b.q, slice_make("\xff\xff\xff\0", 4));
    queue_put(&b.q, slice_make(part, PART));
    queue_put(&b.q, slice_make("\x05\0\0\x02", 4));
    assert_int_equal(take(&b, LIMIT), PACKET_BAD_SEQUENCE);
    free(part);
    bench_close(&b);
}

static void packets_of_every_critical_size_survive_the_way_out_and_in(void **state)
{
    static const struct {
        size_t size;
        unsigned parts;
    } cases[] = {{0, 1},        {1, 1},        {PART - 1, 1},    {PART, 2},
                 {PART + 1, 2}, {2 * PART, 3}, {2 * PART + 7, 3}};
    char *bytes = pattern(2 * PART + 7);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench b = bench_open();
        uint8_t out = 0;
        packet_put(&b.q, &out, slice_make(bytes, cases[i].size));
        assert_int_equal(out, cases[i].parts);
        assert_int_equal(b.q.size, cases[i].size + 4 * cases[i].parts);
        assert_int_equal(take(&b, LIMIT), PACKET_WHOLE);
        assert_int_equal(b.sequence, out);
        assert_int_equal(b.payload.size, cases[i].size);
        assert_memory_equal(b.payload.data, bytes, cases[i].size);
        bench_close(&b);
    }
    free(bytes);
}

static void a_command_and_its_argument_make_one_packet(void **state)
{
    struct bench b = bench_open();
    char *text = pattern(PART);
    uint8_t out = 0;

    (void)state;
    packet_put_command(&b.q, &out, COMMAND_QUERY, slice_make(text, PART - 1));
    assert_int_equal(out, 2); /* 1 + (PART - 1) is an exact multiple */
    assert_int_equal(take(&b, LIMIT), PACKET_WHOLE);
    assert_int_equal(b.payload.size, PART);
    assert_int_equal(b.payload.data[0], 3);
    assert_memory_equal(b.payload.data + 1, text, PART - 1);
    free(text);
    bench_close(&b);
}

static void pipelined_packets_are_taken_one_by_one(void **state)
{
    struct bench b = bench_open();

    (void)state;
    queue_put(&b.q, slice_make("\x01\0\0\0\x0e\x01\0\0\0\x01", 10));
    assert_int_equal(take(&b, LIMIT), PACKET_WHOLE);
    assert_int_equal(b.payload.data[0], 0x0e);
    b.sequence = 0;
    assert_int_equal(take(&b, LIMIT), PACKET_WHOLE);
    assert_int_equal(b.payload.data[0], 0x01);
    b.sequence = 0;
    assert_int_equal(take(&b, LIMIT), PACKET_NONE);
    bench_close(&b);
}

static void lenenc_integers_come_back(void **state)
{
    static const struct {
        uint64_t value;
        size_t size;
    } cases[] = {{0, 1},          {0xfa, 1},       {0xfb, 3},       {0xff, 3},
                 {0xffff, 3},     {0x10000, 4},    {0xffffff, 4},   {0x1000000, 9},
                 {0xffffffff, 9}, {1ull << 32, 9}, {1ull << 63, 9}, {UINT64_MAX, 9}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char buffer[9];
        struct writer w = writer_over(buffer, sizeof(buffer));
        put_lenenc(&w, cases[i].value);
        assert_true(writer_done(&w));
        assert_int_equal(w.size, cases[i].size);
        for (size_t n = 0; n <= w.size; n++) {
            struct reader r = reader_over(slice_make(buffer, n));
            uint64_t got = take_lenenc(&r);
            assert_int_equal(reader_done(&r), n == w.size);
            assert_true(got == (n == w.size ? cases[i].value : 0));
        }
    }
}

static void lenenc_strings_longer_than_the_packet_break_the_reader(void **state)
{
    static const char *const bombs[] = {"\xfe\0\0\0\0\x01\0\0\0", "\xfe\0\0\0\0\0\0\0\x80",
                                        "\xfe\xff\xff\xff\xff\xff\xff\xff\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        struct reader r = reader_over(slice_make(bombs[i], 9));
        assert_int_equal(take_lenenc_bytes(&r).size, 0);
        assert_false(reader_done(&r));
    }
    struct reader null = reader_over(SLICE("\xfb"
                                           "abc")),
                  err = reader_over(SLICE("\xff"
                                          "abc"));
    take_lenenc(&null);
    take_lenenc(&err);
    assert_false(reader_done(&null) || reader_done(&err));
}

static void commands_have_names(void **state)
{
    (void)state;
    assert_string_equal(mysql_command_name(COMMAND_QUERY), "Query");
    assert_string_equal(mysql_command_name(0x1f), "Reset Connection");
    assert_null(mysql_command_name(0x21));
    assert_null(mysql_command_name(0xfa));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_is_taken_whole_or_not_at_all),
        cmocka_unit_test(an_empty_packet_is_a_packet),
        cmocka_unit_test(a_wrong_sequence_id_is_seen_with_the_header),
        cmocka_unit_test(sequence_ids_wrap),
        cmocka_unit_test(an_announced_size_over_the_limit_is_refused_before_its_bytes_come),
        cmocka_unit_test(the_limit_holds_for_the_sum_of_parts),
        cmocka_unit_test(a_second_part_with_a_wrong_id_is_refused),
        cmocka_unit_test(packets_of_every_critical_size_survive_the_way_out_and_in),
        cmocka_unit_test(a_command_and_its_argument_make_one_packet),
        cmocka_unit_test(pipelined_packets_are_taken_one_by_one),
        cmocka_unit_test(lenenc_integers_come_back),
        cmocka_unit_test(lenenc_strings_longer_than_the_packet_break_the_reader),
        cmocka_unit_test(commands_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
