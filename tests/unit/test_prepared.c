#include "check.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/queue.h"
#include "base/writer.h"
#include "protocol/mysql/mysql.h"

static struct arena arena;

static int close_arena(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

#define HEAD(flags) "\x07\0\0\0" flags "\x01\0\0\0"

/* Every kind of value, with types; the last parameter is NULL. */
#define ALL_TYPES                                                                                  \
    "\x01\0\x02\0\x03\0\x08\x80\x04\0\x05\0\x0c\0\x0b\0\xf6\0\xfd\0\x06\0\x0a\0\xfc\0\x08\0"
#define ALL_VALUES                                                                                 \
    "\x01"                                                                                         \
    "\x02\x03"                                                                                     \
    "abcd"                                                                                         \
    "ABCDEFGH"                                                                                     \
    "ffff"                                                                                         \
    "dddddddd"                                                                                     \
    "\x07"                                                                                         \
    "datetim"                                                                                      \
    "\x08timetime"                                                                                 \
    "\x04"                                                                                         \
    "12.5"                                                                                         \
    "\x02hi"                                                                                       \
    "\0"                                                                                           \
    "\x04"                                                                                         \
    "blob"
#define ALL SLICE(HEAD("\0") "\0\x20\x01" ALL_TYPES ALL_VALUES)

enum { ALL_COUNT = 14 };

static const char *const all_values[ALL_COUNT] = {
    "\x01",     "\x02\x03", "abcd", "ABCDEFGH", "ffff", "dddddddd", "datetim",
    "timetime", "12.5",     "hi",   NULL,       "",     "blob",     NULL};

static void values_of_every_type_are_found(void **state)
{
    struct execute x;

    (void)state;
    assert_true(execute_read(&x, ALL, ALL_COUNT, NULL, NULL, &arena));
    assert_int_equal(x.statement, 7);
    assert_int_equal(x.count, ALL_COUNT);
    assert_true(x.has_types);
    for (size_t i = 0; i < ALL_COUNT; i++) {
        assert_int_equal(x.at[i].is_null, all_values[i] == NULL);
        assert_false(x.at[i].is_long);
        if (all_values[i])
            assert_slice(x.at[i].value, all_values[i]);
    }
    assert_int_equal(x.at[3].type, 0x8008);
}

static void a_packet_that_is_cut_is_refused_at_every_byte(void **state)
{
    struct execute x = {.statement = 99};

    (void)state;
    for (size_t n = 0; n < ALL.size; n++) {
        char *cut = malloc(n ? n : 1); /* its own memory, so that an overrun is seen */
        memcpy(cut, ALL.data, n);
        assert_false(execute_read(&x, slice_make(cut, n), ALL_COUNT, NULL, NULL, &arena));
        assert_int_equal(x.statement, 99);
        free(cut);
    }
    assert_false(execute_read(&x, ALL, ALL_COUNT + 3, NULL, NULL, &arena));
    assert_false(execute_read(&x, ALL, PARAMETERS_MAX, NULL, NULL, &arena));
    assert_false(execute_read(&x, ALL, (size_t)-1, NULL, NULL, &arena));
}

static void what_is_put_is_read_as_the_same(void **state)
{
    struct execute x, again;
    char room[256];
    struct writer w = writer_over(room, sizeof(room));

    (void)state;
    assert_true(execute_read(&x, ALL, ALL_COUNT, NULL, NULL, &arena));
    assert_true(execute_put(&w, 0x01020304, &x));
    assert_int_equal(w.size, execute_size(&x));
    assert_true(execute_read(&again, writer_bytes(&w), ALL_COUNT, NULL, NULL, &arena));
    assert_int_equal(again.statement, 0x01020304);
    for (size_t i = 0; i < ALL_COUNT; i++) {
        assert_int_equal(again.at[i].type, x.at[i].type);
        assert_int_equal(again.at[i].is_null, x.at[i].is_null);
        assert_true(slice_equal(again.at[i].value, x.at[i].value));
    }
    struct writer tight = writer_over(room, execute_size(&x) - 1);
    assert_false(execute_put(&tight, 1, &x));
}

static void types_are_remembered_by_who_asks(void **state)
{
    const struct slice bare = SLICE(HEAD("\0") "\0\0\x05\0\0\0");
    const uint16_t types[] = {3};
    char room[64];
    struct writer w = writer_over(room, sizeof(room));
    struct execute x;

    (void)state;
    assert_false(execute_read(&x, bare, 1, NULL, NULL, &arena));
    assert_true(execute_read(&x, bare, 1, types, NULL, &arena));
    assert_false(x.has_types);
    assert_slice(slice_head(x.at[0].value, 1), "\x05");
    assert_int_equal(x.at[0].value.size, 4);
    assert_true(execute_put(&w, 0, &x)); /* with types all the same */
    assert_int_equal(w.size, 17);
    assert_memory_equal(room, "\0\0\0\0\0\x01\0\0\0\0\x01\x03\0\x05\0\0\0", 17);
}

static void a_statement_without_parameters_has_only_a_head(void **state)
{
    char room[16];
    struct writer w = writer_over(room, sizeof(room));
    struct execute x;

    (void)state;
    assert_true(execute_read(&x, SLICE(HEAD("\0") "rest"), 0, NULL, NULL, &arena));
    assert_int_equal(x.count, 0);
    assert_true(execute_put(&w, 9, &x));
    assert_int_equal(w.size, execute_size(&x));
    assert_memory_equal(room, "\x09\0\0\0\0\x01\0\0\0", 9);
}

static void no_cursor_is_asked_for_whatever_the_client_would_like(void **state)
{
    struct execute x;
    char room[16];
    struct writer w = writer_over(room, sizeof(room));

    (void)state;
    assert_true(execute_read(&x, SLICE(HEAD("\x05")), 0, NULL, NULL, &arena));
    assert_int_equal(x.flags, 5);
    assert_true(execute_put(&w, 1, &x));
    assert_int_equal(room[4], 0);
}

static void long_data_takes_its_place_as_a_string(void **state)
{
    static const char expected[] = HEAD("\0") "\0\x01\x03\0\xfd\0\xfd\0\x05\0\0\0"
                                              "\x04long\0";
    /* an INT, a BLOB and a BLOB; the packet holds the INT's value only */
    const struct slice argument = SLICE(HEAD("\0") "\x02\x01\x03\0\xfc\0\xfb\0\x05\0\0\0");
    const struct slice long_data[] = {{NULL, 0}, {"long", 4}, {"", 0}};
    char room[64];
    struct writer w = writer_over(room, sizeof(room));
    struct execute x;

    (void)state;
    assert_true(execute_read(&x, argument, 3, NULL, long_data, &arena));
    assert_false(x.at[0].is_long);
    assert_true(x.at[1].is_long && !x.at[1].is_null && x.at[2].is_long);
    assert_int_equal(x.at[1].type, 0xfc); /* what the client named, to be remembered */
    assert_true(execute_put(&w, 7, &x));
    assert_int_equal(w.size, execute_size(&x));
    assert_int_equal(w.size, sizeof(expected) - 1);
    assert_memory_equal(room, expected, sizeof(expected) - 1);
}

static void long_data_may_be_longer_than_a_byte_counts(void **state)
{
    static const size_t sizes[] = {250, 251, 65535, 65536, 1 << 24};
    const struct slice argument = SLICE(HEAD("\0") "\0\x01\xfc\0");
    char *bytes = memory_new(1, 1 << 24), *room = memory_new(1, (1 << 24) + 64);
    struct execute x, again;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct slice data = slice_make(bytes, sizes[i]);
        assert_true(execute_read(&x, argument, 1, NULL, &data, &arena));
        struct writer w = writer_over(room, execute_size(&x));
        assert_true(execute_put(&w, 7, &x));
        assert_int_equal(w.size, execute_size(&x));
        assert_true(execute_read(&again, writer_bytes(&w), 1, NULL, NULL, &arena));
        assert_int_equal(again.at[0].value.size, sizes[i]);
    }
    free(bytes);
    free(room);
}

static void impossible_values_are_refused(void **state)
{
    static const struct slice arguments[] = {
        {HEAD("\0") "\0\x02\x01\0\x01", 14},   /* types follow: neither yes nor no */
        {HEAD("\0") "\0\x01\x0e\0\x01", 14},   /* no such type */
        {HEAD("\0") "\0\x01\xf4\0\x01", 14},   /* nor this */
        {HEAD("\0") "\0\x01\x01\x40\x01", 14}, /* an odd bit in it */
        {HEAD("\0") "\0\x01\x0c\0\x0d"
                    "0123456789abc",
         27}, /* a datetime of 13 bytes */
        {HEAD("\0") "\0\x01\x0c\0\x08"
                    "01234567",
         22}, /* of 8, as a time has */
        {HEAD("\0") "\0\x01\x0b\0\x07"
                    "0123456",
         21},                                /* a time of 7 */
        {HEAD("\0") "\0\x01\x0c\0\xff", 14}, /* of 255 */
        {HEAD("\0") "\0\x01\xfd\0\xfb", 14}, /* a string of length NULL */
        {HEAD("\0") "\0\x01\xfd\0\xff", 14},
        {HEAD("\0") "\0\x01\xfd\0\x05"
                    "abcd",
         18},
        {HEAD("\0") "\0\x01\xfd\0\xfe\xff\xff\xff\xff\xff\xff\xff\xff"
                    "abcd",
         26},
        {HEAD("\0") "\0\x01\xfd\0\xfe\0\0\0\0\x01\0\0\0"
                    "abcd",
         26},
    };
    struct execute x;

    (void)state;
    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
        assert_false(execute_read(&x, arguments[i], 1, NULL, NULL, &arena));
}

static void remembered_types_are_checked_as_well(void **state)
{
    const struct slice argument = SLICE(HEAD("\0") "\0\0\x05\0\0\0");
    const uint16_t types[] = {200};
    struct execute x;

    (void)state;
    assert_false(execute_read(&x, argument, 1, types, NULL, &arena));
}

static void the_small_commands_are_read_whole_or_not_at_all(void **state)
{
    const struct slice argument = SLICE("\x01\0\0\0\x02\0\0\0");
    struct long_data d;
    struct fetch f;
    uint32_t id;

    (void)state;
    for (size_t n = 0; n <= argument.size; n++) {
        struct slice cut = slice_head(argument, n);
        assert_int_equal(statement_id_read(&id, cut), n >= 4);
        assert_int_equal(long_data_read(&d, cut), n >= 6);
        assert_int_equal(fetch_read(&f, cut), n >= 8);
    }
    assert_int_equal(id, 1);
    assert_int_equal(d.statement, 1);
    assert_int_equal(d.parameter, 2);
    assert_int_equal(d.piece.size, 2);
    assert_int_equal(f.rows, 2);
}

/* ---- the reply to PREPARE ---- */

static void the_client_knows_the_statement_by_its_own_id(void **state)
{
    static const char reply[] = "\x0c\0\0\x01\0\x07\0\0\0\0\0\0\0\0\0\0",
                      wanted[] = "\x0c\0\0\x01\0\x04\x03\x02\x01\0\0\0\0\0\0\0";
    unsigned char bytes[sizeof(reply)];
    struct follow f;
    size_t used;

    (void)state;
    for (size_t cut = 0; cut < sizeof(reply) - 1; cut++) {
        memcpy(bytes, reply, sizeof(reply));
        follow_start(&f, FOLLOW_PREPARE, 1, 1, 0, 0);
        follow_rename(&f, 0x01020304);
        if (cut)
            assert_int_equal(follow_walk(&f, bytes, cut, &used), FOLLOW_MORE);
        assert_int_equal(follow_walk(&f, bytes + cut, sizeof(reply) - 1 - cut, &used), FOLLOW_END);
        assert_memory_equal(bytes, wanted, sizeof(wanted) - 1);
        assert_int_equal(f.statement, 7);
    }
    memcpy(bytes, "\x03\0\0\x01\xff\x28\x04", 7); /* an ERR has no id */
    follow_start(&f, FOLLOW_PREPARE, 1, 1, 0, 0);
    follow_rename(&f, 0x01020304);
    assert_int_equal(follow_walk(&f, bytes, 7, &used), FOLLOW_END);
    assert_memory_equal(bytes, "\x03\0\0\x01\xff\x28\x04", 7);
}

/* ---- COM_FIELD_LIST ---- */

static void a_field_list_names_a_table_and_perhaps_a_pattern(void **state)
{
    struct field_list l;

    (void)state;
    assert_true(field_list_read(&l, SLICE("orders\0a%")));
    assert_slice(l.table, "orders");
    assert_slice(l.pattern, "a%");
    assert_true(field_list_read(&l, SLICE("orders\0")));
    assert_slice(l.pattern, "");
    assert_false(field_list_read(&l, SLICE("orders")));
    assert_false(field_list_read(&l, SLICE("")));
}

static void fields_are_written_as_a_frontend_writes_them(void **state)
{
    /* as recorded: the first field of COM_FIELD_LIST 'orders' */
    static const char recorded[] = "\x03"
                                   "def\x05sales\x06orders\x06orders\x08order_id\x08order_id"
                                   "\x0c\x3f\0\x14\0\0\0\x08\0\0\0\0\0\0";
    const struct column column = {.schema = SLICE("sales"),
                                  .table = SLICE("orders"),
                                  .name = SLICE("order_id"),
                                  .type = COLUMN_LONGLONG};
    const struct slice fallbacks[] = {{"", 0}, {NULL, 0}, {"17", 2}};
    const char *const ends[] = {"", "\xfb", "\x02\x31\x37"};
    struct chunk_pool pool = {0};
    struct queue q;
    uint8_t sequence = 1;

    (void)state;
    queue_init(&q, &pool);
    for (size_t i = 0; i < 3; i++) {
        struct slice got;
        uint8_t expected = (uint8_t)(i + 1);
        size_t end = i ? strlen(ends[i]) : 1;
        field_put(&q, &sequence, &column, fallbacks[i]);
        assert_int_equal(packet_take(&q, &expected, 1024, &arena, &got), PACKET_WHOLE);
        assert_int_equal(got.size, sizeof(recorded) - 2 + end);
        assert_memory_equal(got.data, recorded, sizeof(recorded) - 2);
        assert_memory_equal(got.data + sizeof(recorded) - 2, ends[i], end);
    }
    assert_int_equal(sequence, 4);
    queue_clear(&q);
    chunk_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_type_are_found),
        cmocka_unit_test(a_packet_that_is_cut_is_refused_at_every_byte),
        cmocka_unit_test(what_is_put_is_read_as_the_same),
        cmocka_unit_test(types_are_remembered_by_who_asks),
        cmocka_unit_test(a_statement_without_parameters_has_only_a_head),
        cmocka_unit_test(no_cursor_is_asked_for_whatever_the_client_would_like),
        cmocka_unit_test(long_data_takes_its_place_as_a_string),
        cmocka_unit_test(long_data_may_be_longer_than_a_byte_counts),
        cmocka_unit_test(impossible_values_are_refused),
        cmocka_unit_test(remembered_types_are_checked_as_well),
        cmocka_unit_test(the_small_commands_are_read_whole_or_not_at_all),
        cmocka_unit_test(the_client_knows_the_statement_by_its_own_id),
        cmocka_unit_test(a_field_list_names_a_table_and_perhaps_a_pattern),
        cmocka_unit_test(fields_are_written_as_a_frontend_writes_them),
    };

    return cmocka_run_group_tests(tests, NULL, close_arena);
}
