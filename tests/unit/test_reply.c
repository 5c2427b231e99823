#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/queue.h"
#include "base/writer.h"
#include "protocol/mysql/mysql.h"

static void the_first_byte_and_the_length_name_a_reply(void **state)
{
    static const struct {
        struct slice bytes;
        enum reply_kind kind;
    } cases[] = {
        {{"", 0}, REPLY_OTHER},
        {{"\0\0\0\0\0\0\0", 7}, REPLY_OK},
        {{"\0\0\0\0\0\0", 6}, REPLY_OTHER},
        {{"\xff\x15\x04", 3}, REPLY_ERR},
        {{"\xff\x15", 2}, REPLY_OTHER},
        {{"\xfe\0\0\0\0", 5}, REPLY_EOF},
        {{"\xfe", 1}, REPLY_OTHER},
        {{"\xfe\0\0\0\0\0\0\0", 8}, REPLY_OTHER},
        {{"\xfe\0\0\0\0\0\0\0\0", 9}, REPLY_AUTH_SWITCH},
        {{"\x01\x04", 2}, REPLY_AUTH_MORE},
        {{"\xfb/etc/passwd", 12}, REPLY_LOCAL_INFILE},
        {{"\x03", 1}, REPLY_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(reply_kind(cases[i].bytes), cases[i].kind);
}

static void an_ok_with_everything_comes_back(void **state)
{
    const struct ok_packet ok = {.affected = UINT64_MAX,
                                 .insert_id = 70000,
                                 .status = 0x4002,
                                 .warnings = 3,
                                 .info = SLICE("{'label':'x', 'status':'VISIBLE', 'txnId':'42'}")};
    char room[128];
    struct writer w = writer_over(room, sizeof(room));
    struct ok_packet got = {.warnings = 9};

    (void)state;
    assert_true(ok_put(&w, &ok));
    assert_true(ok_read(&got, writer_bytes(&w)));
    assert_true(got.affected == UINT64_MAX);
    assert_int_equal(got.insert_id, 70000);
    assert_int_equal(got.status, 0x4002);
    assert_int_equal(got.warnings, 3);
    assert_slice(got.info, "{'label':'x', 'status':'VISIBLE', 'txnId':'42'}");
    got.warnings = 9;
    size_t accepted = 0;
    for (size_t n = 0; n < w.size; n++)
        accepted += ok_read(&got, slice_make(room, n));
    assert_int_equal(accepted, 1); /* the one cut that leaves no info at all */
}

static void a_frontends_plain_ok_is_seven_bytes(void **state)
{
    char room[16];
    struct writer w = writer_over(room, sizeof(room));
    struct ok_packet ok = {0};

    (void)state;
    assert_true(ok_put(&w, &ok));
    assert_int_equal(w.size, 7);
    assert_memory_equal(room, "\0\0\0\0\0\0\0", 7);
}

static void wild_numbers_in_an_ok_are_refused(void **state)
{
    struct ok_packet ok;

    (void)state;
    assert_false(ok_read(&ok, slice_make("\0\xfb\0\0\0\0\0\0", 8)));
    assert_false(ok_read(&ok, slice_make("\0\xff\0\0\0\0\0\0", 8)));
    assert_false(ok_read(&ok, slice_make("\0\xfe\0\0\0\0\0\0", 8)));
    assert_false(
        ok_read(&ok, slice_make("\0\0\0\0\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 16)));
    assert_false(ok_read(&ok, slice_make("\x01\0\0\0\0\0\0", 7)));
}

static void an_err_is_read_with_and_without_sqlstate(void **state)
{
    struct err_packet err;

    (void)state;
    assert_true(err_read(&err, slice_make("\xff\x15\x04#28000Access denied", 22)));
    assert_int_equal(err.number, 1045);
    assert_string_equal(err.sqlstate, "28000");
    assert_slice(err.message, "Access denied");
    assert_true(err_read(&err, slice_make("\xff\x10\x04Too many connections", 23)));
    assert_int_equal(err.number, 1040);
    assert_string_equal(err.sqlstate, "HY000");
    assert_slice(err.message, "Too many connections");
    assert_true(err_read(&err, slice_make("\xff\x10\x04#280", 7)));
    assert_slice(err.message, "#280");
    assert_true(err_read(&err, slice_make("\xff\x10\x04", 3)));
    assert_int_equal(err.message.size, 0);
    assert_false(err_read(&err, slice_make("\xff\x10", 2)));
}

static void an_eof_has_exactly_five_bytes(void **state)
{
    uint16_t status = 77, warnings = 77;

    (void)state;
    assert_true(eof_read(&status, &warnings, slice_make("\xfe\x01\0\x0a\0", 5)));
    assert_int_equal(status, 10);
    assert_int_equal(warnings, 1);
    status = 77;
    assert_false(eof_read(&status, &warnings, slice_make("\xfe\0\0\0", 4)));
    assert_false(eof_read(&status, &warnings, slice_make("\xfe\0\0\0\0\0", 6)));
    assert_int_equal(status, 77);
}

static void replies_go_into_a_queue_with_their_headers(void **state)
{
    static struct chunk_pool pool;
    const struct ok_packet ok = {.status = STATUS_AUTOCOMMIT};
    struct arena arena;
    struct slice payload;
    struct err_packet err;
    struct error e;
    struct queue q;
    uint8_t out = 1, in = 1;

    (void)state;
    queue_init(&q, &pool);
    arena_init(&arena, NULL);
    refuse(&e, ERROR_DENIED, "starbind: %s may not", "bo");
    reply_put_ok(&q, &out, &ok);
    reply_put_err(&q, &out, &e);
    reply_put_eof(&q, &out, STATUS_AUTOCOMMIT);
    assert_int_equal(out, 4);
    assert_int_equal(packet_take(&q, &in, 99, &arena, &payload), PACKET_WHOLE);
    assert_int_equal(reply_kind(payload), REPLY_OK);
    assert_int_equal(packet_take(&q, &in, 99, &arena, &payload), PACKET_WHOLE);
    assert_true(err_read(&err, payload));
    assert_int_equal(err.number, 5203);
    assert_string_equal(err.sqlstate, "42000");
    assert_slice(err.message, "starbind: bo may not");
    assert_int_equal(packet_take(&q, &in, 99, &arena, &payload), PACKET_WHOLE);
    assert_int_equal(reply_kind(payload), REPLY_EOF);
    assert_int_equal(q.size, 0);
    arena_clear(&arena);
    chunk_pool_fini(&pool);
}

static void the_longest_error_fits(void **state)
{
    static struct chunk_pool pool;
    struct error e = {.number = 1064, .sqlstate = "42000"};
    struct queue q;
    uint8_t out = 0;

    (void)state;
    memset(e.text, 'x', sizeof(e.text) - 1);
    queue_init(&q, &pool);
    reply_put_err(&q, &out, &e);
    assert_int_equal(q.size, 4 + 9 + ERROR_TEXT_MAX - 1);
    queue_clear(&q);
    chunk_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_byte_and_the_length_name_a_reply),
        cmocka_unit_test(an_ok_with_everything_comes_back),
        cmocka_unit_test(a_frontends_plain_ok_is_seven_bytes),
        cmocka_unit_test(wild_numbers_in_an_ok_are_refused),
        cmocka_unit_test(an_err_is_read_with_and_without_sqlstate),
        cmocka_unit_test(an_eof_has_exactly_five_bytes),
        cmocka_unit_test(replies_go_into_a_queue_with_their_headers),
        cmocka_unit_test(the_longest_error_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
