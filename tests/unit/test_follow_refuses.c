#include "follow_script.h"

/* The last packet offends. Whatever came before is passed, and an ERR can take its place unless a
 * part of it has gone. */
static void check_refused(const struct script *s, size_t good, unsigned good_packets,
                          enum follow_state last)
{
    struct follow f;
    size_t used;

    for (size_t cut = 0; cut < s->size; cut++) {
        unsigned char bytes[ROOM];
        memcpy(bytes, s->server, s->size);
        begin(&f, s);
        enum follow_state first = follow_walk(&f, bytes, cut, &used);
        size_t passed = used;
        if (first == FOLLOW_MORE) {
            assert_int_equal(used, cut);
            assert_int_equal(follow_walk(&f, bytes + cut, s->size - cut, &used), last);
            passed += used;
        } else {
            assert_int_equal(first, last);
        }
        bool gone = first == FOLLOW_MORE && cut > good;
        assert_int_equal(f.at_boundary, !gone);
        assert_int_equal(passed, gone ? cut : good);
        if (!gone)
            assert_int_equal(f.next_sequence, (uint8_t)(CLIENT_FIRST + good_packets));
        assert_memory_equal(bytes, s->client, good);
    }
}

static void a_request_for_a_local_file_is_refused(void **state)
{
    static struct script s;

    (void)state;
    start(&s, FOLLOW_QUERY);
    SAY(&s, "\xfb/etc/passwd");

    for (size_t cut = 0; cut < s.size; cut++) {
        unsigned char bytes[64];
        struct follow f;
        size_t used;
        memcpy(bytes, s.server, s.size);
        begin(&f, &s);
        enum follow_state first = follow_walk(&f, bytes, cut, &used);
        assert_int_equal(first, cut < 5 ? FOLLOW_MORE : FOLLOW_INFILE);
        if (cut < 5)
            assert_int_equal(follow_walk(&f, bytes + cut, s.size - cut, &used), FOLLOW_INFILE);
        assert_int_equal(used, 0);
        assert_int_equal(f.at_boundary, cut == 0 || cut >= 5);
    }
}

/* No cut behind the point where the offence shows may change the verdict. */
static void what_is_no_reply_is_refused(void **state)
{
    static const struct {
        enum follow_what what;
        struct slice bytes;
    } cases[] = {
        {FOLLOW_QUERY, {"", 0}},
        {FOLLOW_QUERY, {"\0\0\0\0\0\0", 6}},
        {FOLLOW_QUERY, {"\0\xfb\0\0\0\0\0", 7}},
        {FOLLOW_QUERY, {"\0\xff\0\0\0\0\0", 7}},
        {FOLLOW_QUERY, {"\0\xfe\0\0\0\0\0", 7}},
        {FOLLOW_QUERY, {"\0\0\xfe\0\0\0\0\0\0\0\0\0", 12}},
        {FOLLOW_QUERY, {"\xff\x28", 2}},
        {FOLLOW_QUERY, {"\xfe\0\0\0\0", 5}},
        {FOLLOW_QUERY, {"\x01\x01", 2}},
        {FOLLOW_QUERY, {"\xfc\0\0", 3}},
        {FOLLOW_QUERY, {"\xfc\x01", 2}},
        {FOLLOW_QUERY, {"\xfd\0\0\x01", 4}},
        {FOLLOW_QUERY, {"\xfe\0\0\0\0\x01\0\0\0", 9}},
        {FOLLOW_QUERY, {"\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 9}},
        {FOLLOW_SIMPLE, {"\x01", 1}},
        {FOLLOW_SIMPLE, {"\xfb/etc/passwd", 12}},
        {FOLLOW_SIMPLE, {"\xfe\0\0\0", 4}},
        {FOLLOW_PREPARE, {"\0\0\0\0\0\0\0", 7}},
        {FOLLOW_PREPARE, {"\x01", 1}},
        {FOLLOW_FIELDS, {"\xfe\0\0\0", 4}},
        {FOLLOW_EXECUTE, {"\xfe\0\0\0\0", 5}},
    };
    static struct script s;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(&s, cases[i].what);
        say(&s, cases[i].bytes.data, cases[i].bytes.size, 0);
        check_refused(&s, 0, 0, FOLLOW_BROKEN);
    }
}

static void an_offence_inside_a_result_set_is_refused_at_its_packet(void **state)
{
    static struct script s;

    (void)state;
    for (unsigned shape = 0; shape < 6; shape++) {
        start(&s, FOLLOW_QUERY);
        SAY(&s, "\x01");
        if (shape > 0)
            SAY(&s, DEFINITION);
        if (shape > 1) {
            SAY_STATUS(&s, EOF_OF("\0"), 3);
            SAY(&s, "\x01"
                    "a");
        }
        size_t good = s.size;
        unsigned packets = s.packets;
        if (shape == 0)
            SAY(&s, EOF_OF("\0")); /* too early */
        else if (shape == 1)
            SAY(&s, DEFINITION); /* one too many */
        else if (shape == 2)
            SAY(&s, "");
        else if (shape == 3)
            SAY(&s, "\xfe\0\0\0");
        else if (shape == 4)
            SAY(&s, "\xff");
        else
            SAY(&s, "\xfe\0\0\0\0\0\0\0");
        check_refused(&s, good, packets, FOLLOW_BROKEN);
    }
}

static void a_wrong_sequence_id_is_refused(void **state)
{
    static struct script s;

    (void)state;
    for (size_t wrong = 0; wrong < 6; wrong++) {
        size_t at = 0, good;
        start(&s, FOLLOW_QUERY);
        SAY(&s, "\x01");
        SAY(&s, DEFINITION);
        SAY_STATUS(&s, EOF_OF("\0"), 3);
        SAY(&s, "\x01"
                "a");
        SAY(&s, "\x01"
                "b");
        SAY_STATUS(&s, EOF_OF("\0"), 3);
        for (size_t i = 0; i < wrong; i++)
            at += 4u + s.server[at];
        good = at;
        s.server[at + 3]++;
        s.size = at + 4; /* known with the header */
        check_refused(&s, good, (unsigned)wrong, FOLLOW_BROKEN);
    }
}

static void a_text_row_among_binary_ones_is_refused(void **state)
{
    static struct script s;

    (void)state;
    start(&s, FOLLOW_EXECUTE);
    SAY(&s, "\x01");
    SAY(&s, DEFINITION);
    SAY_STATUS(&s, EOF_OF("\x02"), 3);
    size_t good = s.size;
    SAY(&s, "\x01"
            "a text row");
    check_refused(&s, good, 3, FOLLOW_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_for_a_local_file_is_refused),
        cmocka_unit_test(what_is_no_reply_is_refused),
        cmocka_unit_test(an_offence_inside_a_result_set_is_refused_at_its_packet),
        cmocka_unit_test(a_wrong_sequence_id_is_refused),
        cmocka_unit_test(a_text_row_among_binary_ones_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
