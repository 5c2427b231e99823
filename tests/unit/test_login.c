#include "check.h"

#include "base/writer.h"
#include "protocol/mysql/mysql.h"

static const char scramble[] = "01234567890123456789";

enum { OFFERED = GATEWAY_CAPABILITIES, ROOM = 4096 };

/* A login packet of all fields, made field by field, so that it does not share code with login_put.
 */
static struct slice whole_login(char *room, uint32_t capabilities)
{
    struct writer w = writer_over(room, ROOM);

    put_uint(&w, capabilities, 4);
    put_uint(&w, 1024, 4);
    put_uint(&w, 45, 1);
    put_fill(&w, 0, 23);
    put_cstring(&w, SLICE("ana"));
    put_uint(&w, 20, 1);
    put_bytes(&w, SLICE("01234567890123456789"));
    put_cstring(&w, SLICE("sales"));
    put_cstring(&w, SLICE("mysql_native_password"));
    put_uint(&w, 22, 1);
    put_bytes(&w, SLICE("\x04_pid\x02"
                        "42\x08priority\x04high"));
    return writer_bytes(&w);
}

static void every_field_of_a_login_is_read(void **state)
{
    char room[ROOM];
    struct slice value;
    struct login l;

    (void)state;
    assert_true(login_read(&l, whole_login(room, OFFERED), OFFERED));
    assert_int_equal(l.capabilities, OFFERED);
    assert_int_equal(l.max_packet, 1024);
    assert_int_equal(l.charset, 45);
    assert_slice(l.user, "ana");
    assert_slice(l.response, scramble);
    assert_true(l.has_database);
    assert_slice(l.database, "sales");
    assert_slice(l.plugin, "mysql_native_password");
    assert_true(attribute_find(l.attributes, SLICE("priority"), &value));
    assert_slice(value, "high");
    assert_false(attribute_find(l.attributes, SLICE("Priority"), &value));
    assert_false(l.is_tls_request);
}

/* Two cuts are whole logins of careless drivers: without attributes, and without method name. */
static void a_short_login_is_refused_at_every_cut(void **state)
{
    char room[ROOM];
    struct slice whole = whole_login(room, OFFERED);
    unsigned accepted = 0;

    (void)state;
    for (size_t n = 0; n < whole.size; n++) {
        char *exact = malloc(n ? n : 1);
        struct login l = {.charset = 99};
        assert_non_null(exact);
        memcpy(exact, whole.data, n);
        if (login_read(&l, slice_make(exact, n), OFFERED))
            accepted++;
        else
            assert_int_equal(l.charset, 99);
        free(exact);
    }
    assert_int_equal(accepted, 2);
}

static void bits_that_were_not_offered_do_not_count(void **state)
{
    char room[ROOM];
    struct login l;

    (void)state;
    assert_true(login_read(&l, whole_login(room, 0xffffffff), OFFERED));
    assert_int_equal(l.capabilities, OFFERED);
    assert_slice(l.database, "sales");
    assert_false(login_read(&l, whole_login(room, OFFERED), 0));
    assert_false(login_read(&l, whole_login(room, 0), OFFERED));
    assert_true(login_is_old(whole_login(room, 0)));
    assert_false(login_is_old(whole_login(room, OFFERED)));
    assert_false(login_is_old(SLICE("\0")));
}

static void any_single_bit_parses_or_is_refused(void **state)
{
    char room[ROOM];
    struct login l;

    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        struct slice packet = whole_login(room, 1u << bit | CAPABILITY_PROTOCOL_41);
        (void)login_read(&l, packet, 0xffffffff);
        (void)login_read(&l, packet, OFFERED);
        packet = whole_login(room, (uint32_t)OFFERED & ~(1u << bit));
        (void)login_read(&l, packet, 0xffffffff);
    }
}

static void a_response_with_lying_length_is_refused(void **state)
{
    static const struct slice lies[] = {
        {"\xfb", 1},
        {"\xff", 1},
        {"\xfc\xff\xff", 3},
        {"\xfd\xff\xff\xff", 4},
        {"\xfe\0\0\0\0\x01\0\0\0", 9},
        {"\xfe\0\0\0\0\0\0\0\x80", 9},
        {"\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 9},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        for (unsigned in_attributes = 0; in_attributes < 2; in_attributes++) {
            char room[ROOM];
            struct writer w = writer_over(room, sizeof(room));
            struct login l;
            put_uint(&w, OFFERED, 4);
            put_fill(&w, 0, 28);
            put_cstring(&w, SLICE("ana"));
            if (in_attributes) {
                put_uint(&w, 0, 1);
                put_cstring(&w, SLICE("sales"));
                put_cstring(&w, SLICE("mysql_native_password"));
            }
            put_bytes(&w, lies[i]);
            put_fill(&w, 'x', 64);
            put_uint(&w, 0, 1);
            assert_false(login_read(&l, writer_bytes(&w), OFFERED));
        }
    }
}

static void attributes_may_not_leave_their_block(void **state)
{
    static const struct slice blocks[] = {
        {"\x03\x01"
         "a\x02",
         4},
        {"\x02\x01"
         "a",
         3},
        {"\x01\x00", 2},
        {"\x0b\x01"
         "a\xfe\xff\xff\xff\xff\xff\xff\xff\xff",
         12},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        char room[ROOM];
        struct writer w = writer_over(room, sizeof(room));
        struct login l;
        put_uint(&w, OFFERED & ~CAPABILITY_CONNECT_WITH_DB, 4);
        put_fill(&w, 0, 28);
        put_cstring(&w, SLICE("ana"));
        put_uint(&w, 0, 1);
        put_cstring(&w, SLICE("mysql_native_password"));
        put_bytes(&w, blocks[i]);
        put_bytes(&w, SLICE("beyond the block"));
        assert_false(login_read(&l, writer_bytes(&w), OFFERED));
    }
}

static void a_long_attribute_is_cut_to_its_bound(void **state)
{
    char block[2048], text[1000];
    struct writer w = writer_over(block, sizeof(block));
    struct slice rest, name, value;

    (void)state;
    memset(text, 'v', sizeof(text));
    attribute_put(&w, SLICE("long"), slice_make(text, sizeof(text)));
    attribute_put(&w, SLICE("next"), SLICE(""));
    rest = writer_bytes(&w);
    assert_true(attribute_next(&rest, &name, &value));
    assert_int_equal(value.size, ATTRIBUTE_MAX);
    assert_true(attribute_next(&rest, &name, &value));
    assert_slice(name, "next");
    assert_int_equal(value.size, 0);
    assert_false(attribute_next(&rest, &name, &value));
}

static bool read_with(size_t user, size_t database, size_t plugin, size_t attributes)
{
    char *room = malloc(128 * 1024), *value = malloc(attributes + 1);
    struct writer w = writer_over(room, 128 * 1024);
    struct login l;

    memset(value, 'v', attributes);
    put_uint(&w, OFFERED, 4);
    put_fill(&w, 0, 28);
    put_fill(&w, 'u', user);
    put_fill(&w, 0, 2);
    put_fill(&w, 'd', database);
    put_fill(&w, 0, 1);
    put_fill(&w, 'p', plugin);
    put_fill(&w, 0, 1);
    if (attributes) {
        put_lenenc(&w, attributes + 1 + (attributes < 251 ? 1 : attributes < 65536 ? 3 : 4));
        put_lenenc_bytes(&w, SLICE(""));
        put_lenenc_bytes(&w, slice_make(value, attributes));
    } else {
        put_uint(&w, 0, 1);
    }
    assert_true(writer_done(&w));
    bool good = login_read(&l, writer_bytes(&w), OFFERED);
    free(room);
    free(value);
    return good;
}

static void names_over_their_bounds_are_refused(void **state)
{
    (void)state;
    assert_true(read_with(128, 256, 64, 0));
    assert_false(read_with(129, 256, 64, 0));
    assert_false(read_with(128, 257, 64, 0));
    assert_false(read_with(128, 256, 65, 0));
    assert_true(read_with(1, 1, 1, 65532));
    assert_false(read_with(1, 1, 1, 65533));
}

static void the_length_of_a_response_is_written_as_both_sides_can(void **state)
{
    static const uint32_t kinds[] = {
        OFFERED, OFFERED & ~CAPABILITY_PLUGIN_AUTH_LENENC,
        OFFERED & ~(CAPABILITY_PLUGIN_AUTH_LENENC | CAPABILITY_PLUGIN_AUTH),
        OFFERED & ~(CAPABILITY_CONNECT_WITH_DB | CAPABILITY_CONNECT_ATTRS)};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct login l = {.capabilities = kinds[i],
                                .charset = 33,
                                .user = SLICE("sales_rw"),
                                .response = SLICE("01234567890123456789"),
                                .database = SLICE("dw_sales"),
                                .plugin = SLICE("mysql_native_password"),
                                .attributes = SLICE("\x01k\x01v")};
        char room[ROOM];
        struct writer w = writer_over(room, sizeof(room));
        struct login again;
        assert_true(login_put(&w, &l));
        assert_true(login_read(&again, writer_bytes(&w), 0xffffffff));
        assert_slice(again.user, "sales_rw");
        assert_slice(again.response, scramble);
        assert_slice(again.database, kinds[i] & CAPABILITY_CONNECT_WITH_DB ? "dw_sales" : "");
        assert_slice(again.plugin,
                     kinds[i] & CAPABILITY_PLUGIN_AUTH ? "mysql_native_password" : "");
        for (size_t n = 0; n < w.size; n++) {
            struct writer small = writer_over(room, n);
            assert_false(login_put(&small, &l));
        }
    }
}

static void a_nul_in_a_name_cannot_smuggle_fields(void **state)
{
    char room[ROOM];
    struct writer w = writer_over(room, sizeof(room)), again = w;
    struct login l = {.capabilities = OFFERED, .user = SLICE("a\0b")};

    (void)state;
    assert_false(login_put(&w, &l));
    l.user = SLICE("a");
    l.database = SLICE("x\0y");
    assert_false(login_put(&again, &l));
}

static void a_tls_request_counts_only_where_tls_is_offered(void **state)
{
    char room[ROOM];
    struct writer w = writer_over(room, sizeof(room));
    struct login l = {.capabilities = OFFERED | CAPABILITY_SSL, .is_tls_request = true};

    (void)state;
    assert_true(login_put(&w, &l));
    assert_int_equal(w.size, 32);
    assert_true(login_read(&l, writer_bytes(&w), OFFERED | CAPABILITY_SSL));
    assert_true(l.is_tls_request);
    assert_int_equal(l.user.size, 0);
    assert_false(login_read(&l, writer_bytes(&w), OFFERED));
    put_uint(&w, 'x', 1);
    assert_false(login_read(&l, writer_bytes(&w), OFFERED | CAPABILITY_SSL));
}

static void a_change_of_user_is_read_and_refused_at_cuts(void **state)
{
    static const char bytes[] = "bo\0\x03xyzsales\0\x2d\0mysql_native_password\0\x04\x01k\x01v";
    struct login l;
    unsigned accepted = 0;

    (void)state;
    assert_true(change_user_read(&l, slice_make(bytes, sizeof(bytes) - 1), OFFERED));
    assert_slice(l.user, "bo");
    assert_slice(l.response, "xyz");
    assert_slice(l.database, "sales");
    assert_int_equal(l.charset, 45);
    assert_slice(l.plugin, "mysql_native_password");
    assert_slice(l.attributes, "\x01k\x01v");
    for (size_t n = 0; n + 1 < sizeof(bytes); n++)
        accepted += change_user_read(&l, slice_make(bytes, n), OFFERED);
    assert_int_equal(accepted, 3); /* without charset, without method, without attributes */
}

static void a_switch_of_method_is_read_as_it_is_put(void **state)
{
    const struct auth_switch s = {SLICE("mysql_native_password"), SLICE("abcdefghijklmnopqrst")};
    char room[ROOM];
    struct writer w = writer_over(room, sizeof(room));
    struct auth_switch got;
    struct slice data;

    (void)state;
    assert_true(auth_switch_put(&w, &s));
    assert_int_equal(reply_kind(writer_bytes(&w)), REPLY_AUTH_SWITCH);
    assert_true(auth_switch_read(&got, writer_bytes(&w)));
    assert_slice(got.plugin, "mysql_native_password");
    assert_slice(got.data, "abcdefghijklmnopqrst");
    for (size_t n = 0; n < 23; n++)
        assert_false(auth_switch_read(&got, slice_make(room, n)));
    assert_true(auth_switch_read(&got, SLICE("\xfemysql_clear_password\0\0")));
    assert_int_equal(got.data.size, 0);
    assert_true(auth_more_read(&data, SLICE("\x01\x03")));
    assert_slice(data, "\x03");
    assert_false(auth_more_read(&data, SLICE("")));
}

static void unknown_collations_count_as_utf8mb4(void **state)
{
    (void)state;
    assert_string_equal(charset_find(33)->name, "utf8");
    assert_string_equal(charset_find(255)->collation, "utf8mb4_0900_ai_ci");
    assert_int_equal(charset_find(45)->id, 45);
    assert_int_equal(charset_find(28)->id, 45);
    assert_int_equal(charset_find(70000)->id, 45);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_a_login_is_read),
        cmocka_unit_test(a_short_login_is_refused_at_every_cut),
        cmocka_unit_test(bits_that_were_not_offered_do_not_count),
        cmocka_unit_test(any_single_bit_parses_or_is_refused),
        cmocka_unit_test(a_response_with_lying_length_is_refused),
        cmocka_unit_test(attributes_may_not_leave_their_block),
        cmocka_unit_test(a_long_attribute_is_cut_to_its_bound),
        cmocka_unit_test(names_over_their_bounds_are_refused),
        cmocka_unit_test(the_length_of_a_response_is_written_as_both_sides_can),
        cmocka_unit_test(a_nul_in_a_name_cannot_smuggle_fields),
        cmocka_unit_test(a_tls_request_counts_only_where_tls_is_offered),
        cmocka_unit_test(a_change_of_user_is_read_and_refused_at_cuts),
        cmocka_unit_test(a_switch_of_method_is_read_as_it_is_put),
        cmocka_unit_test(unknown_collations_count_as_utf8mb4),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
