#include "check.h"

#include <jansson.h>

#include "base/jsonline.h"

static char room[4096];

static json_t *read_line(size_t size)
{
    json_error_t error;
    json_t *json = json_loadb(room, size, JSON_ALLOW_NUL, &error);

    assert_int_equal(room[size - 1], '\n');
    assert_null(memchr(room, '\n', size - 1));
    if (!json)
        fail_msg("%s in %.*s", error.text, (int)size, room);
    return json;
}

static void members_come_in_order(void **state)
{
    struct jsonline l = jsonline_over(room, sizeof(room));

    (void)state;
    jsonline_text(&l, "user", SLICE("ana"));
    jsonline_number(&l, "rows", 17);
    jsonline_hex(&l, "digest", 0xabc);
    size_t size = jsonline_end(&l);
    room[size] = '\0';
    assert_string_equal(room,
                        "{\"user\": \"ana\", \"rows\": 17, \"digest\": \"0000000000000abc\"}\n");
    l = jsonline_over(room, sizeof(room));
    json_decref(read_line(jsonline_end(&l)));
}

static void every_byte_gives_valid_json(void **state)
{
    char every[256];

    (void)state;
    for (size_t i = 0; i < sizeof(every); i++)
        every[i] = (char)i;
    struct jsonline l = jsonline_over(room, sizeof(room));
    jsonline_text(&l, "text", slice_make(every, sizeof(every)));
    jsonline_text(&l, "more", SLICE("订单 \"quoted\" back\\slash\nline"));
    json_t *json = read_line(jsonline_end(&l));
    assert_string_equal(json_string_value(json_object_get(json, "more")),
                        "订单 \"quoted\" back\\slash\nline");
    json_decref(json);
}

/* Wherever it stands among the eight bytes that are looked at together, and beside whichever. */
static void each_byte_is_escaped_at_every_place(void **state)
{
    static const char neighbours[] = {'!', '#', '[', ']', '~'};
    char text[24], expected[JSON_ESCAPED_MAX + 1];
    size_t size;

    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < sizeof(text); at++) {
            memset(text, neighbours[(c + at) % sizeof(neighbours)], sizeof(text));
            text[at] = (char)c;
            json_escape(slice_make(text + at, sizeof(text) - at), expected, &size);
            struct jsonline l = jsonline_over(room, sizeof(room));
            jsonline_text(&l, "a", slice_make(text, sizeof(text)));
            jsonline_end(&l);
            const char *value = room + strlen("{\"a\": \"");
            assert_memory_equal(value, text, at);
            assert_memory_equal(value + at, expected, size);
            assert_memory_equal(value + at + size, text + at + 1, sizeof(text) - at - 1);
            assert_int_equal(value[sizeof(text) - 1 + size], '"');
        }
}

static void members_are_written_again(void **state)
{
    char other[128];
    struct jsonline l = jsonline_over(room, sizeof(room)), m = jsonline_over(other, sizeof(other));

    (void)state;
    jsonline_number(&l, "a", 1);
    size_t before = l.used;
    jsonline_text(&l, "b", SLICE("\"two\""));
    jsonline_number(&l, "c", 3);
    jsonline_again(&m, jsonline_since(&l, before));
    jsonline_again(&m, jsonline_since(&l, 1));
    other[jsonline_end(&m)] = '\0';
    assert_string_equal(other, "{\"b\": \"\\\"two\\\"\", \"c\": 3, "
                               "\"a\": 1, \"b\": \"\\\"two\\\"\", \"c\": 3}\n");
    m = jsonline_over(other, JSONLINE_LEAST);
    jsonline_again(&m, jsonline_since(&l, 1));
    jsonline_again(&m, jsonline_since(&l, 1));
    other[jsonline_end(&m)] = '\0';
    assert_string_equal(other, "{\"a\": 1, \"b\": \"\\\"two\\\"\", \"c\": 3, \"cut\": true}\n");
}

static void whatever_the_room_the_line_is_whole(void **state)
{
    (void)state;
    for (size_t size = JSONLINE_LEAST; size < 400; size++) {
        struct jsonline l = jsonline_over(room, size);
        jsonline_text(&l, "first", SLICE("a text of some length that may not fit at all"));
        jsonline_number(&l, "number", 9223372036854775807u);
        jsonline_word(&l, "word", SLICE("allow"));
        jsonline_long_text(&l, "text",
                           SLICE("订单\x01\xff and so on, longer than most of the rooms "
                                 "that it is tried in, and longer"));
        jsonline_long_word(&l, "plain", SLICE("of the same kind, and longer than most of them"));
        jsonline_number(&l, "last", 1);
        size_t used = jsonline_end(&l);
        assert_true(used <= size);
        json_t *json = read_line(used);
        assert_int_equal(json_is_true(json_object_get(json, "cut")), l.is_cut);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_in_order),
        cmocka_unit_test(every_byte_gives_valid_json),
        cmocka_unit_test(each_byte_is_escaped_at_every_place),
        cmocka_unit_test(members_are_written_again),
        cmocka_unit_test(whatever_the_room_the_line_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
