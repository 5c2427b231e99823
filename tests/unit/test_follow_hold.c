/* Packets that the follower leaves to its caller. */
#include "follow_script.h"

#include "base/queue.h"

#define NAMED_DEFINITION                                                                           \
    "\x03"                                                                                         \
    "def\x02"                                                                                      \
    "dw\x01t\x01t\x01"                                                                             \
    "a\x01"                                                                                        \
    "a\x0c\x21\0\x0a\0\0\0\xfd\0\0\0\0\0"

static struct chunk_pool pool;

struct seen {
    char held[32]; /* E error, D definition, R row */
    size_t held_count, passed;
    enum follow_state state;
};

/* The script arrives in two pieces; what is held is taken whole and not passed on. */
static struct seen walk(const struct script *s, unsigned holds, size_t cut)
{
    struct seen seen = {.state = FOLLOW_MORE};
    struct queue in;
    struct follow f;
    size_t arrived = 0;

    queue_init(&in, &pool);
    begin(&f, s);
    follow_hold(&f, holds);
    while (seen.state == FOLLOW_MORE && (arrived < s->size || in.size)) {
        size_t n, used, part = arrived ? s->size - arrived : cut ? cut : s->size, before = in.size;
        if (arrived < s->size && !(in.size >= f.wants && in.size)) {
            queue_put(&in, slice_make(s->server + arrived, part));
            queue_reserve(&in, &n); /* the next piece begins a chunk of its own */
            arrived += part;
        }
        unsigned char *bytes = queue_front_bytes(&in, &n);
        seen.state = follow_walk(&f, bytes, n, &used);
        queue_drop(&in, used);
        seen.passed += used;
        if (seen.state == FOLLOW_HELD) {
            struct packet_header h;
            unsigned char head[4];
            queue_peek(&in, 0, head, 4);
            h = packet_header_read(head);
            if (in.size < h.length + 4u) {
                seen.state = FOLLOW_MORE;
                f.wants = h.length + 4u;
                continue;
            }
            queue_drop(&in, h.length + 4u);
            seen.held[seen.held_count++] = "EDR"[f.held];
            seen.state = follow_taken(&f, (uint8_t)(h.sequence + 1), f.next_sequence);
        } else if (seen.state == FOLLOW_MORE && used < n && in.size >= f.wants) {
            queue_join(&in, f.wants);
        } else if (seen.state == FOLLOW_MORE) {
            assert_true(in.size < before || arrived < s->size || in.size == 0);
        }
    }
    assert_int_equal(f.ended, seen.state == FOLLOW_END);
    queue_clear(&in);
    return seen;
}

static void check(const struct script *s, unsigned holds, const char *held, size_t bytes_held)
{
    for (size_t cut = 0; cut < s->size; cut++) {
        struct seen seen = walk(s, holds, cut);

        assert_int_equal(seen.state, FOLLOW_END);
        assert_int_equal(seen.held_count, strlen(held));
        assert_memory_equal(seen.held, held, strlen(held));
        assert_int_equal(seen.passed, s->size - bytes_held);
    }
}

static void say_result(struct script *s)
{
    SAY(s, "\x02");
    SAY(s, DEFINITION);
    SAY(s, NAMED_DEFINITION);
    SAY_STATUS(s, EOF_OF("\x02"), 3);
    SAY(s, "\x01x\x01y");
    SAY(s, "\xfb\xfb");
}

static void only_what_is_asked_for_is_held_at_every_cut(void **state)
{
    static struct script s;
    const size_t plain = sizeof DEFINITION + 3, named = sizeof NAMED_DEFINITION + 3;

    (void)state;
    start(&s, FOLLOW_QUERY);
    say_result(&s);
    SAY_STATUS(&s, EOF_OF("\x02"), 3);
    check(&s, 0, "", 0);
    check(&s, HOLD_ERRORS, "", 0);
    check(&s, HOLD_ERRORS | HOLD_SCHEMAS, "D", named);
    check(&s, HOLD_DEFINITIONS | HOLD_SCHEMAS, "DD", plain + named);
    check(&s, HOLD_ROWS, "RR", 8 + 6);
    check(&s, HOLD_ERRORS | HOLD_SCHEMAS | HOLD_DEFINITIONS | HOLD_ROWS, "DDRR",
          plain + named + 8 + 6);
}

static void an_error_is_held_wherever_it_stands(void **state)
{
    static const char error[] = "\xff\x48\x04#HY000gone";
    static struct script s;

    (void)state;
    start(&s, FOLLOW_QUERY);
    SAY(&s, "\xff\x48\x04#HY000gone");
    check(&s, HOLD_ERRORS, "E", sizeof error + 3);
    start(&s, FOLLOW_QUERY);
    SAY(&s, "\x02");
    SAY(&s, DEFINITION);
    SAY(&s, "\xff\x48\x04#HY000gone");
    check(&s, HOLD_ERRORS | HOLD_SCHEMAS, "E", sizeof error + 3);
    start(&s, FOLLOW_QUERY);
    say_result(&s);
    SAY(&s, "\xff\x48\x04#HY000gone");
    check(&s, HOLD_ERRORS, "E", sizeof error + 3);
    start(&s, FOLLOW_PREPARE);
    SAY(&s, "\xff\x48\x04#HY000gone");
    check(&s, HOLD_ERRORS, "E", sizeof error + 3);
}

static void what_is_left_out_takes_no_number(void **state)
{
    static struct script s;
    struct follow f;
    size_t used;

    (void)state;
    start(&s, FOLLOW_QUERY);
    say_result(&s);
    SAY_STATUS(&s, EOF_OF("\x02"), 3);
    begin(&f, &s);
    follow_hold(&f, HOLD_ROWS);
    assert_int_equal(follow_walk(&f, s.server, s.size, &used), FOLLOW_HELD);
    uint8_t next = f.next_sequence;
    assert_int_equal(follow_taken(&f, (uint8_t)(f.server_sequence + 1), next), FOLLOW_MORE);
    assert_int_equal(f.next_sequence, next);
    assert_int_equal(f.rows, 1);
    used += MYSQL_HEADER + packet_header_read(s.server + used).length;
    assert_true(follow_holds(&f, s.server + used, s.size - used)); /* the next one as well */
    assert_false(follow_holds(&f, s.server + used, MYSQL_HEADER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_asked_for_is_held_at_every_cut),
        cmocka_unit_test(an_error_is_held_wherever_it_stands),
        cmocka_unit_test(what_is_left_out_takes_no_number),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    chunk_pool_fini(&pool);
    return failed;
}
