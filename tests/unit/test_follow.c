#include "follow_script.h"

/* Feeds the script in two pieces, or byte by byte for a cut of 0, with bytes of a next reply
 * behind. */
static void check_cut(const struct script *s, size_t cut, enum follow_state last, struct follow *f)
{
    unsigned char bytes[ROOM];
    size_t at = 0, used;

    memcpy(bytes, s->server, s->size);
    begin(f, s);
    while (at < s->size) {
        size_t n = cut == 0 ? 1 : at < cut ? cut - at : s->size - at;
        enum follow_state state = follow_walk(f, bytes + at, n, &used);
        at += n;
        assert_int_equal(state, at == s->size ? last : FOLLOW_MORE);
        assert_int_equal(used, n);
    }
    assert_memory_equal(bytes, s->client, s->size);
    assert_true(f->at_boundary);
    assert_int_equal(f->next_sequence, (uint8_t)(CLIENT_FIRST + s->packets));
}

/* One byte of a packet, then always what is surely of the same one: no walk goes past its end. */
static void check_packets(const struct script *s)
{
    unsigned char bytes[ROOM];
    struct follow f;
    uint64_t packets = 0;
    size_t used;

    memcpy(bytes, s->server, s->size);
    begin(&f, s);
    for (size_t at = 0, n; at < s->size; at += n) {
        n = f.at_boundary ? 1 : follow_left(&f);
        assert_in_range(n, 1, s->size - at);
        follow_walk(&f, bytes + at, n, &used);
        assert_int_equal(follow_left(&f) == 0, f.at_boundary);
        assert_true(f.packets == packets || f.at_boundary);
        packets = f.packets;
    }
    assert_int_equal(packets, s->packets);
}

static void check(const struct script *s, enum follow_state last, struct follow *f)
{
    unsigned char bytes[ROOM + 8] = {0};
    size_t used;

    memcpy(bytes, s->server, s->size);
    begin(f, s);
    if (last == FOLLOW_END) { /* bytes behind the end are not this reply's */
        assert_int_equal(follow_walk(f, bytes, s->size + 8, &used), FOLLOW_END);
        assert_int_equal(used, s->size);
    }
    for (size_t cut = 0; cut <= s->size; cut++)
        check_cut(s, cut, last, f);
    check_packets(s);
    assert_int_equal(f->packets, s->packets);
}

static void an_ok_ends_a_query(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    start(&s, FOLLOW_QUERY);
    SAY_STATUS(&s, "\0\x05\0\x02\0\x01\0\x04info", 3);
    check(&s, FOLLOW_END, &f);
    assert_int_equal(f.affected, 5);
    assert_int_equal(f.status, STATUS_AUTOCOMMIT);
    assert_int_equal(f.warnings, 1);
    assert_false(f.failed);
}

static void an_ok_with_wide_numbers_is_patched_at_the_right_place(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    start(&s, FOLLOW_SIMPLE);
    SAY_STATUS(&s, "\0\xfe\1\2\3\4\5\6\7\x08\xfc\x11\x22\x02\x40\0\0", 13);
    check(&s, FOLLOW_END, &f);
    assert_true(f.affected == 0x0807060504030201ull);
    assert_int_equal(f.status, 0x4002);
    start(&s, FOLLOW_QUERY);
    SAY_STATUS(&s, "\0\xfe\1\2\3\4\5\6\7\x08\xfe\1\2\3\4\5\6\7\x08\x02\0\0\0", 19);
    check(&s, FOLLOW_END, &f);
    start(&s, FOLLOW_QUERY);
    SAY_STATUS(&s, "\0\xfd\1\2\3\xfd\1\2\3\x02\0\0\0", 9);
    check(&s, FOLLOW_END, &f);
}

static void an_err_ends_every_kind_of_reply(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    for (int what = FOLLOW_QUERY; what <= FOLLOW_EXECUTE; what++) {
        start(&s, (enum follow_what)what);
        SAY(&s, "\xff\x28\x04#42000No such thing");
        check(&s, FOLLOW_END, &f);
        assert_true(f.failed);
        assert_int_equal(f.error_number, 1064);
    }
}

static void a_result_set_ends_with_its_second_eof(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    start(&s, FOLLOW_QUERY);
    SAY(&s, "\x02");
    SAY(&s, DEFINITION);
    SAY(&s, DEFINITION);
    SAY_STATUS(&s, EOF_OF("\x02"), 3);
    SAY(&s, "\x01"
            "a\xfb");
    SAY(&s, "\0\0");
    SAY(&s, "\xfb\xfb");
    SAY_STATUS(&s, EOF_OF("\x22"), 3);
    check(&s, FOLLOW_END, &f);
    assert_int_equal(f.rows, 3);
    assert_int_equal(f.status, 0x22);
}

static void many_rows_are_numbered_round_and_round(void **state)
{
    static const char row[] = "\x08 of them";
    static struct script s;
    struct follow f;

    (void)state;
    start(&s, FOLLOW_QUERY);
    SAY(&s, "\x01");
    SAY(&s, DEFINITION);
    SAY_STATUS(&s, EOF_OF("\x02"), 3);
    for (size_t i = 0; i < 600; i++)
        say(&s, row, 1 + i % 9, 0); /* rows are not looked into */
    SAY_STATUS(&s, EOF_OF("\x02"), 3);
    check(&s, FOLLOW_END, &f);
    assert_int_equal(f.rows, 600);
}

static void an_empty_result_set_has_no_rows(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    start(&s, FOLLOW_QUERY);
    SAY(&s, "\x01");
    SAY(&s, DEFINITION);
    SAY_STATUS(&s, EOF_OF("\0"), 3);
    SAY_STATUS(&s, EOF_OF("\0"), 3);
    check(&s, FOLLOW_END, &f);
    assert_int_equal(f.rows, 0);
}

static void more_results_chain_replies_of_all_shapes(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    start(&s, FOLLOW_QUERY);
    SAY_STATUS(&s, "\0\x02\0\x0a\0\0\0", 3);
    SAY(&s, "\x01");
    SAY(&s, DEFINITION);
    SAY_STATUS(&s, EOF_OF("\x08"), 3);
    SAY(&s, "\x01"
            "a");
    SAY_STATUS(&s, EOF_OF("\x0a"), 3);
    SAY_STATUS(&s, "\0\x03\0\x08\0\0\0", 3);
    check(&s, FOLLOW_MORE, &f);
    SAY_STATUS(&s, "\0\0\0\x02\0\0\0", 3);
    check(&s, FOLLOW_END, &f);
    assert_int_equal(f.affected, 5);
    assert_int_equal(f.rows, 1);
}

static void an_err_may_take_the_place_of_rows_or_of_definitions(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    for (unsigned stop = 1; stop <= 4; stop++) {
        start(&s, FOLLOW_QUERY);
        SAY(&s, "\x02");
        if (stop > 1)
            SAY(&s, DEFINITION);
        if (stop > 2)
            SAY(&s, DEFINITION);
        if (stop > 3) {
            SAY_STATUS(&s, EOF_OF("\0"), 3);
            SAY(&s, "\x01"
                    "a\x01"
                    "b");
        }
        SAY(&s, "\xff\x28\x04#HY000killed manually: KILL 17");
        check(&s, FOLLOW_END, &f);
        assert_true(f.failed);
    }
}

static void a_prepare_reply_has_the_definitions_that_it_announces(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    for (unsigned shape = 0; shape < 4; shape++) {
        char first[] = "\0\x07\0\0\0\0\0\0\0\0\x03\0";
        start(&s, FOLLOW_PREPARE);
        first[5] = shape & 1 ? 2 : 0; /* columns */
        first[7] = shape & 2 ? 1 : 0; /* parameters */
        say(&s, first, 12, 0);
        if (shape & 2) {
            SAY(&s, DEFINITION);
            SAY_STATUS(&s, EOF_OF("\x02"), 3);
        }
        if (shape & 1) {
            SAY(&s, DEFINITION);
            SAY(&s, DEFINITION);
            SAY_STATUS(&s, EOF_OF("\x02"), 3);
        }
        check(&s, FOLLOW_END, &f);
        assert_int_equal(f.statement, 7);
        assert_int_equal(f.columns, shape & 1 ? 2 : 0);
        assert_int_equal(f.parameters, shape & 2 ? 1 : 0);
    }
}

static void a_list_of_fields_ends_with_eof(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    start(&s, FOLLOW_FIELDS);
    SAY(&s, DEFINITION "\xfb");
    SAY(&s, DEFINITION "\xfb");
    SAY_STATUS(&s, EOF_OF("\x02"), 3);
    check(&s, FOLLOW_END, &f);
    assert_int_equal(f.rows, 0);
}

static void binary_rows_are_followed_and_a_cursor_ends_the_reply(void **state)
{
    static struct script s;
    struct follow f;

    (void)state;
    start(&s, FOLLOW_EXECUTE);
    SAY(&s, "\x01");
    SAY(&s, DEFINITION);
    SAY_STATUS(&s, EOF_OF("\x02"), 3);
    SAY(&s, "\0\0\xfe\xff\xff\xff");
    SAY(&s, "\0\x04");
    SAY_STATUS(&s, EOF_OF("\x02"), 3);
    check(&s, FOLLOW_END, &f);
    assert_int_equal(f.rows, 2);
    start(&s, FOLLOW_EXECUTE);
    SAY(&s, "\x01");
    SAY(&s, DEFINITION);
    SAY_STATUS(&s, EOF_OF("\x42"), 3);
    check(&s, FOLLOW_END, &f);
}

static void more_of_ours_can_be_announced(void **state)
{
    unsigned char ok[] = "\x07\0\0\x01\0\0\0\x02\0\0\0";
    struct follow f;
    size_t used;

    (void)state;
    follow_start(&f, FOLLOW_QUERY, 1, 1, 0, STATUS_MORE_RESULTS);
    assert_int_equal(follow_walk(&f, ok, sizeof(ok) - 1, &used), FOLLOW_END);
    assert_int_equal(ok[7], STATUS_AUTOCOMMIT | STATUS_MORE_RESULTS);
}

/* ---- packets of 16 MiB and more: fed from a generator in pieces ---- */

struct giant {
    struct follow f;
    uint8_t sequence;
    unsigned char *part;
};

static enum follow_state give(struct giant *g, size_t length, unsigned char first, size_t step)
{
    unsigned char header[] = {(unsigned char)length, (unsigned char)(length >> 8),
                              (unsigned char)(length >> 16), g->sequence++};
    enum follow_state state;
    size_t used;

    state = follow_walk(&g->f, header, 4, &used);
    assert_int_equal(header[3], (uint8_t)(g->sequence - 1 + 10));
    if (length)
        g->part[0] = first;
    for (size_t at = 0; at < length && state == FOLLOW_MORE; at += used)
        state = follow_walk(&g->f, g->part + at, length - at < step ? length - at : step, &used);
    return state;
}

static struct giant giant_open(enum follow_what what)
{
    struct giant g = {.part = malloc(MYSQL_PACKET_MAX)};
    unsigned char head[] = "\x01\0\0\x00\x01";
    unsigned char definition[] = "\x02\0\0\x01\x03x";
    unsigned char eof[] = "\x05\0\0\x02\xfe\0\0\0\0";
    size_t used;

    assert_non_null(g.part);
    memset(g.part, 0xff,
           MYSQL_PACKET_MAX); /* bodies that would mean something were they looked at */
    follow_start(&g.f, what, 0, 10, 0, 0);
    assert_int_equal(follow_walk(&g.f, head, 5, &used), FOLLOW_MORE);
    assert_int_equal(follow_walk(&g.f, definition, 6, &used), FOLLOW_MORE);
    assert_int_equal(follow_walk(&g.f, eof, 9, &used), FOLLOW_MORE);
    g.sequence = 3;
    return g;
}

static void rows_of_many_parts_count_once_and_are_not_looked_at(void **state)
{
    struct giant g = giant_open(FOLLOW_QUERY);

    (void)state;
    assert_int_equal(give(&g, MYSQL_PACKET_MAX, 0xfe, 65536), FOLLOW_MORE);
    assert_false(g.f.at_boundary);
    assert_int_equal(give(&g, MYSQL_PACKET_MAX, 0xff, 100000), FOLLOW_MORE);
    assert_false(g.f.at_boundary);
    assert_int_equal(give(&g, 5, 0xfe, 1), FOLLOW_MORE); /* the rest, which looks like an EOF */
    assert_true(g.f.at_boundary);
    assert_int_equal(g.f.rows, 1);
    assert_int_equal(give(&g, MYSQL_PACKET_MAX, 0xfd, 65536), FOLLOW_MORE);
    assert_int_equal(give(&g, 0, 0, 1), FOLLOW_MORE); /* an exact multiple */
    assert_int_equal(g.f.rows, 2);
    assert_int_equal(g.f.packets, 5);
    g.part[1] = g.part[2] = g.part[3] = g.part[4] = 0;
    assert_int_equal(give(&g, 5, 0xfe, 5), FOLLOW_END);
    assert_int_equal(g.f.next_sequence, (uint8_t)(g.sequence + 10));
    free(g.part);
}

static void an_err_of_many_parts_is_followed_to_its_end(void **state)
{
    struct giant g = giant_open(FOLLOW_QUERY);

    (void)state;
    assert_int_equal(give(&g, MYSQL_PACKET_MAX, 0xff, 65536), FOLLOW_MORE);
    assert_int_equal(give(&g, 9, 0, 9), FOLLOW_END);
    assert_true(g.f.failed);
    free(g.part);
}

static void a_wide_count_of_columns_is_bounded(void **state)
{
    unsigned char most[] = "\x03\0\0\x01\xfc\xff\xff", over[] = "\x04\0\0\x01\xfd\0\0\x01";
    struct follow f;
    size_t used;

    (void)state;
    follow_start(&f, FOLLOW_QUERY, 1, 1, 0, 0);
    assert_int_equal(follow_walk(&f, most, 7, &used), FOLLOW_MORE);
    assert_int_equal(f.definitions, 65535);
    follow_start(&f, FOLLOW_QUERY, 1, 1, 0, 0);
    assert_int_equal(follow_walk(&f, over, 8, &used), FOLLOW_BROKEN);
    assert_int_equal(used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ok_ends_a_query),
        cmocka_unit_test(an_ok_with_wide_numbers_is_patched_at_the_right_place),
        cmocka_unit_test(an_err_ends_every_kind_of_reply),
        cmocka_unit_test(a_result_set_ends_with_its_second_eof),
        cmocka_unit_test(many_rows_are_numbered_round_and_round),
        cmocka_unit_test(an_empty_result_set_has_no_rows),
        cmocka_unit_test(more_results_chain_replies_of_all_shapes),
        cmocka_unit_test(an_err_may_take_the_place_of_rows_or_of_definitions),
        cmocka_unit_test(a_prepare_reply_has_the_definitions_that_it_announces),
        cmocka_unit_test(a_list_of_fields_ends_with_eof),
        cmocka_unit_test(binary_rows_are_followed_and_a_cursor_ends_the_reply),
        cmocka_unit_test(more_of_ours_can_be_announced),
        cmocka_unit_test(rows_of_many_parts_count_once_and_are_not_looked_at),
        cmocka_unit_test(an_err_of_many_parts_is_followed_to_its_end),
        cmocka_unit_test(a_wide_count_of_columns_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
