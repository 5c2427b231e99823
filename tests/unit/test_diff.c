/* Differences of texts by lines: the smallest one, with the lines that it stands under. */
#include "check.h"

#include <stdio.h>

#include "base/arena.h"
#include "proxy/admin/diff.h"

enum { LINES = 2048 };

static size_t split(const char *text, struct slice *lines)
{
    size_t count = 0;

    while (*text) {
        size_t n = strcspn(text, "|");
        lines[count++] = slice_make(text, n);
        text += n + (text[n] == '|');
    }
    return count;
}

static void differs_as(const char *a, const char *b, const char *wanted)
{
    static struct slice x[LINES], y[LINES];
    char got[4096] = "";
    struct arena arena;
    size_t count;

    arena_init(&arena, NULL);
    size_t n = split(a, x), m = split(b, y);
    struct slice *lines = lines_difference(x, n, y, m, &arena, &count);
    for (size_t i = 0; i < count; i++)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s", i ? "|" : "",
                 SHOW(lines[i]));
    assert_string_equal(got, wanted);
    arena_clear(&arena);
}

static void equal_texts_do_not_differ(void **state)
{
    (void)state;
    differs_as("", "", "");
    differs_as("a|b|c", "a|b|c", "");
}

static void lines_come_and_go(void **state)
{
    (void)state;
    differs_as("", "a|b", "+ a|+ b");
    differs_as("a|b", "", "- a|- b");
    differs_as("a|b|c", "a|c", "- b");
    differs_as("a|c", "a|b|c", "+ b");
    differs_as("a|b|c", "a|x|c", "- b|+ x");
    differs_as("a|b|c|a|b|b|a", "c|b|a|b|a|c", "- a|- b|+ b|- b|+ c");
}

static void the_place_of_a_change_is_shown(void **state)
{
    (void)state;
    differs_as("{|  users: {|    ana: {|      x: 1|    }|    bo: {|      x: 1|    }|  }|}",
               "{|  users: {|    ana: {|      x: 1|    }|    bo: {|      x: 2|    }|  }|}",
               "  {|    users: {|      bo: {|-       x: 1|+       x: 2");
}

static void texts_with_little_in_common_are_shown_whole(void **state)
{
    static struct slice x[LINES], y[LINES];
    static char room[2 * LINES][8];
    struct arena arena;
    size_t count;

    (void)state;
    arena_init(&arena, NULL);
    for (int i = 0; i < LINES; i++) {
        x[i] = slice_make(room[i], (size_t)snprintf(room[i], 8, "a%d", i));
        y[i] = slice_make(room[LINES + i], (size_t)snprintf(room[LINES + i], 8, "b%d", i));
    }
    struct slice *lines = lines_difference(x, LINES, y, LINES, &arena, &count);
    assert_int_equal(count, 2 * LINES);
    assert_slice(lines[0], "- a0");
    assert_slice(lines[count - 1], "+ b2047");
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_do_not_differ),
        cmocka_unit_test(lines_come_and_go),
        cmocka_unit_test(the_place_of_a_change_is_shown),
        cmocka_unit_test(texts_with_little_in_common_are_shown_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
