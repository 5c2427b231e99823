#include "check.h"

#include "auth/auth.h"

static struct proxied told;

static enum proxied_state read_text(const char *text)
{
    return proxied_read(slice_of(text), &told);
}

static size_t make_binary(unsigned char *out, unsigned command, unsigned family,
                          const void *addresses, size_t length, size_t more)
{
    memcpy(out, "\r\n\r\n\0\r\nQUIT\n", 12);
    out[12] = (unsigned char)(0x20 | command);
    out[13] = (unsigned char)family;
    out[14] = (unsigned char)((length + more) >> 8);
    out[15] = (unsigned char)(length + more);
    if (length)
        memcpy(out + 16, addresses, length);
    memset(out + 16 + length, 0xee, more);
    return 16 + length + more;
}

static enum proxied_state read_bytes(const unsigned char *bytes, size_t size)
{
    return proxied_read(slice_make((const char *)bytes, size), &told);
}

static const unsigned char v4[] = {10, 1, 2, 3, 10, 0, 0, 1, 0xc8, 0x22, 0x23, 0xaa};

static void a_line_names_the_client(void **state)
{
    (void)state;
    assert_int_equal(read_text("PROXY TCP4 10.1.2.3 10.0.0.1 51234 9130\r\nrest"), PROXIED_YES);
    assert_true(told.has_peer);
    assert_string_equal(told.peer.text, "10.1.2.3");
    assert_int_equal(told.port, 51234);
    assert_int_equal(told.size, strlen("PROXY TCP4 10.1.2.3 10.0.0.1 51234 9130\r\n"));
    assert_int_equal(read_text("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n"), PROXIED_YES);
    assert_string_equal(told.peer.text, "2001:db8::7");
    assert_int_equal(read_text("PROXY TCP6 ::ffff:10.1.2.3 ::1 1 2\r\n"), PROXIED_YES);
    assert_string_equal(told.peer.text, "10.1.2.3");
}

static void an_unknown_line_leaves_the_socket_s_address(void **state)
{
    (void)state;
    assert_int_equal(read_text("PROXY UNKNOWN\r\n"), PROXIED_YES);
    assert_false(told.has_peer);
    assert_int_equal(read_text("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\nx"), PROXIED_YES);
    assert_int_equal(told.size, strlen("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"));
}

static void a_bad_line_is_bad(void **state)
{
    static const char *const lines[] = {
        "PROXY \r\n",
        "PROXY\t\r\n",
        "PROXY TCP4 10.1.2.3 10.0.0.1 51234\r\n",
        "PROXY TCP4 10.1.2.3 10.0.0.1 51234 9130 1\r\n",
        "PROXY TCP4 10.1.2.3 10.0.0.1 51234 65536\r\n",
        "PROXY TCP4 10.1.2.3 10.0.0.1 -1 9130\r\n",
        "PROXY TCP4 10.1.2.3 10.0.0.1  9130\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP6 10.1.2.3 10.0.0.1 1 2\r\n",
        "PROXY TCP5 10.1.2.3 10.0.0.1 1 2\r\n",
        "PROXY TCP4 10.1.2.03x 10.0.0.1 1 2\r\n",
        "PROXY TCP4 10.1.2.3 10.0.0.1 1 2\n",
        "PROXY UNKNOWNX\r\n",
        "PROXY TCP4 10.1.2.3 10.0.0.1 1 2 and so on, longer than any line may be, and longer, and "
        "longer, and then no end",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        enum proxied_state got = read_text(lines[i]);
        if (got != PROXIED_BAD && got != PROXIED_NO)
            fail_msg("%s", lines[i]);
        assert_false(told.has_peer);
    }
    assert_int_equal(proxied_read(slice_make("PROXY UNKNOWN \0\r\n", 17), &told), PROXIED_BAD);
}

static void every_cut_of_a_header_waits_for_more(void **state)
{
    static const char line[] = "PROXY TCP4 10.1.2.3 10.0.0.1 51234 9130\r\n";
    unsigned char bytes[64];
    size_t size = make_binary(bytes, 1, 0x11, v4, sizeof(v4), 5);

    (void)state;
    for (size_t i = 0; i + 1 < strlen(line); i++)
        assert_int_equal(proxied_read(slice_make(line, i), &told), PROXIED_MORE);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(read_bytes(bytes, i), PROXIED_MORE);
    assert_int_equal(read_bytes(bytes, size), PROXIED_YES);
    assert_int_equal(told.size, size);
}

static void a_binary_header_names_the_client(void **state)
{
    unsigned char bytes[128], v6[36] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9, [31] = 1, [33] = 80};

    (void)state;
    assert_int_equal(read_bytes(bytes, make_binary(bytes, 1, 0x11, v4, sizeof(v4), 0)),
                     PROXIED_YES);
    assert_string_equal(told.peer.text, "10.1.2.3");
    assert_int_equal(told.port, 51234);
    assert_false(told.is_local);
    assert_int_equal(read_bytes(bytes, make_binary(bytes, 1, 0x21, v6, sizeof(v6), 0)),
                     PROXIED_YES);
    assert_string_equal(told.peer.text, "2001:db8::9");
    assert_int_equal(told.port, 80);
}

static void a_proxy_that_speaks_for_itself_is_a_health_check(void **state)
{
    unsigned char bytes[128];

    (void)state;
    assert_int_equal(read_bytes(bytes, make_binary(bytes, 0, 0x11, v4, sizeof(v4), 0)),
                     PROXIED_YES);
    assert_true(told.is_local);
    assert_false(told.has_peer);
    assert_int_equal(read_bytes(bytes, make_binary(bytes, 1, 0x31, v4, sizeof(v4), 0)),
                     PROXIED_YES);
    assert_false(told.is_local);
    assert_false(told.has_peer);
}

static void a_bad_binary_header_is_bad(void **state)
{
    unsigned char bytes[128];
    size_t size = make_binary(bytes, 1, 0x11, v4, sizeof(v4), 0);

    (void)state;
    bytes[12] = 0x11; /* version 1 in binary */
    assert_int_equal(read_bytes(bytes, size), PROXIED_BAD);
    bytes[12] = 0x22; /* a command that does not exist */
    assert_int_equal(read_bytes(bytes, size), PROXIED_BAD);
    assert_int_equal(read_bytes(bytes, make_binary(bytes, 1, 0x11, v4, 11, 0)), PROXIED_BAD);
    size = make_binary(bytes, 1, 0x11, v4, sizeof(v4), 0);
    bytes[14] = 0xff; /* more than anybody needs */
    assert_int_equal(read_bytes(bytes, size), PROXIED_BAD);
}

static void a_login_packet_is_no_header(void **state)
{
    (void)state;
    assert_int_equal(proxied_read(slice_make("P\0\0\1\x85", 5), &told), PROXIED_NO);
    assert_int_equal(proxied_read(slice_make("\r\0\0\1\x85", 5), &told), PROXIED_NO);
    assert_int_equal(proxied_read(slice_make("\x20\0\0\1\x85", 5), &told), PROXIED_NO);
    assert_int_equal(proxied_read(slice_make("", 0), &told), PROXIED_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_names_the_client),
        cmocka_unit_test(an_unknown_line_leaves_the_socket_s_address),
        cmocka_unit_test(a_bad_line_is_bad),
        cmocka_unit_test(every_cut_of_a_header_waits_for_more),
        cmocka_unit_test(a_binary_header_names_the_client),
        cmocka_unit_test(a_proxy_that_speaks_for_itself_is_a_health_check),
        cmocka_unit_test(a_bad_binary_header_is_bad),
        cmocka_unit_test(a_login_packet_is_no_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
