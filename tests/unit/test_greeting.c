#include "check.h"

#include "base/writer.h"
#include "protocol/mysql/mysql.h"

/* As a StarRocks FE sends it. */
static const char frontend[] = "\x0a"
                               "8.0.33\0\x19\x02\x00\x01xfSgtRiC\0\x0c\x82\x21\0\0\x38\0\x15"
                               "\0\0\0\0\0\0\0\0\0\0_GVsIU\\AtVap\0mysql_native_password";

static void a_frontends_greeting_is_read(void **state)
{
    struct greeting g;

    (void)state;
    assert_true(greeting_read(&g, slice_make(frontend, sizeof(frontend))));
    assert_int_equal(g.protocol, 10);
    assert_slice(g.version, "8.0.33");
    assert_int_equal(g.connection_id, 0x01000219);
    assert_memory_equal(g.salt, "xfSgtRiC_GVsIU\\AtVap", MYSQL_SALT);
    assert_int_equal(g.capabilities, 0x0038820c);
    assert_int_equal(g.charset, 33);
    assert_int_equal(g.status, 0);
    assert_slice(g.plugin, "mysql_native_password");
}

static void what_was_read_is_put_back_byte_for_byte(void **state)
{
    char buffer[sizeof(frontend)];
    struct writer w = writer_over(buffer, sizeof(buffer));
    struct greeting g;

    (void)state;
    assert_true(greeting_read(&g, slice_make(frontend, sizeof(frontend))));
    assert_true(greeting_put(&w, &g));
    assert_int_equal(w.size, sizeof(frontend));
    assert_memory_equal(buffer, frontend, sizeof(frontend));
}

static void a_short_greeting_is_refused_at_every_cut(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(frontend); n++) {
        char *exact = malloc(n + 1); /* so that a sanitizer sees every overrun */
        struct greeting g = {.protocol = 99};
        assert_non_null(exact);
        memcpy(exact, frontend, n);
        exact = realloc(exact, n ? n : 1);
        assert_false(greeting_read(&g, slice_make(exact, n)));
        assert_int_equal(g.protocol, 99);
        free(exact);
    }
}

static void a_buffer_that_is_too_small_is_told_at_every_size(void **state)
{
    struct greeting g;

    (void)state;
    assert_true(greeting_read(&g, slice_make(frontend, sizeof(frontend))));
    for (size_t n = 0; n < sizeof(frontend); n++) {
        char buffer[sizeof(frontend)];
        struct writer w = writer_over(buffer, n);
        assert_false(greeting_put(&w, &g));
    }
}

static void another_protocol_version_is_refused(void **state)
{
    char bytes[sizeof(frontend)];
    struct greeting g;

    (void)state;
    memcpy(bytes, frontend, sizeof(bytes));
    bytes[0] = 9;
    assert_false(greeting_read(&g, slice_make(bytes, sizeof(bytes))));
    bytes[0] = (char)0xff;
    assert_false(greeting_read(&g, slice_make(bytes, sizeof(bytes))));
}

static void a_server_without_methods_names_none(void **state)
{
    struct greeting g, again;
    char buffer[128];
    struct writer w = writer_over(buffer, sizeof(buffer));

    (void)state;
    assert_true(greeting_read(&g, slice_make(frontend, sizeof(frontend))));
    g.capabilities &= ~CAPABILITY_PLUGIN_AUTH;
    assert_true(greeting_put(&w, &g));
    assert_true(greeting_read(&again, writer_bytes(&w)));
    assert_int_equal(again.plugin.size, 0);
    assert_memory_equal(again.salt, g.salt, MYSQL_SALT);
}

static void every_capability_bit_survives(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        struct greeting g = {.protocol = 10, .capabilities = 1u << bit, .version = SLICE("x")},
                        again;
        char buffer[128];
        struct writer w = writer_over(buffer, sizeof(buffer));
        g.plugin = SLICE("p");
        assert_true(greeting_put(&w, &g));
        assert_true(greeting_read(&again, writer_bytes(&w)));
        assert_int_equal(again.capabilities, 1u << bit);
        assert_int_equal(again.plugin.size, 1u << bit == CAPABILITY_PLUGIN_AUTH);
    }
}

static void we_offer_nothing_that_changes_framing(void **state)
{
    const uint32_t never = CAPABILITY_COMPRESS | CAPABILITY_LOCAL_FILES | CAPABILITY_SESSION_TRACK
                           | CAPABILITY_DEPRECATE_EOF | CAPABILITY_QUERY_ATTRIBUTES
                           | CAPABILITY_ZSTD | CAPABILITY_OPTIONAL_METADATA | CAPABILITY_SSL;

    (void)state;
    assert_int_equal(GATEWAY_CAPABILITIES & never, 0);
    assert_int_equal(BACKEND_CAPABILITIES & never, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frontends_greeting_is_read),
        cmocka_unit_test(what_was_read_is_put_back_byte_for_byte),
        cmocka_unit_test(a_short_greeting_is_refused_at_every_cut),
        cmocka_unit_test(a_buffer_that_is_too_small_is_told_at_every_size),
        cmocka_unit_test(another_protocol_version_is_refused),
        cmocka_unit_test(a_server_without_methods_names_none),
        cmocka_unit_test(every_capability_bit_survives),
        cmocka_unit_test(we_offer_nothing_that_changes_framing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
