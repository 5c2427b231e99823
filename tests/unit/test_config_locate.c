/* Where a JSON path stands. */
#include "check.h"

#include "config/config_private.h"

struct notes {
    char text[1024];
    size_t size;
};

static void put(struct notes *n, const char *sign, struct slice path, unsigned line)
{
    int size = snprintf(n->text + n->size, sizeof(n->text) - n->size, "%s%u:%.*s\n", sign, line,
                        SHOW(path));

    n->size += (size_t)size;
    assert_true(n->size < sizeof(n->text));
}

static void note(void *context, struct slice path, unsigned line)
{
    put(context, "", path, line);
}

static void note_repeat(void *context, struct slice path, unsigned line, unsigned first)
{
    put(context, "again ", path, line);
    put(context, "first ", path, first);
}

static void wants_places(const char *text, const char *wanted)
{
    struct notes n = {0};

    locate_walk(slice_of(text), &(struct walker){.context = &n, .visit = note});
    assert_string_equal(n.text, wanted);
}

static void wants_repeats(const char *text, const char *wanted)
{
    struct notes n = {0};

    locate_walk(slice_of(text), &(struct walker){.context = &n, .repeat = note_repeat});
    assert_string_equal(n.text, wanted);
}

static void members_and_elements_have_lines(void **state)
{
    (void)state;
    wants_places("{\n\"a\": {\"b\": 1,\n\"c\": [true,\n{\"d\": null}, []\n, 5]},\n\n\"e\":\n{}}",
                 "2:a\n2:a.b\n3:a.c\n3:a.c[0]\n4:a.c[1]\n4:a.c[1].d\n4:a.c[2]\n5:a.c[3]\n7:e\n");
}

static void nested_lists_count_on_their_own(void **state)
{
    (void)state;
    wants_places("[[1,[2]],[3,\n4]]",
                 "1:[0]\n1:[0][0]\n1:[0][1]\n1:[0][1][0]\n1:[1]\n1:[1][0]\n2:[1][1]\n");
}

static void signs_inside_strings_are_no_structure(void **state)
{
    (void)state;
    wants_places("{\"a\": \"{\\\"x\\\": [1,\", \"b\": \"\\\\\",\n\"c\": \"]}\"}",
                 "1:a\n1:b\n2:c\n");
}

static void keys_are_compared_with_their_escapes_undone(void **state)
{
    (void)state;
    wants_places("{\"\\u0061\\n\": 1, \"\\u00e9\\ud83d\\ude00\": 2, \"a.b\": 3, \"\": 4, "
                 "\"\\\"\\/\": 5}",
                 "1:[\"a\\u000a\"]\n1:\xc3\xa9\xf0\x9f\x98\x80\n1:[\"a.b\"]\n1:[\"\"]\n"
                 "1:[\"\\\"/\"]\n");
}

static void repeats_are_told_at_every_depth(void **state)
{
    (void)state;
    wants_repeats(
        "{\"a\": {\"x\": 1,\n\"x\": 2, \"\\u0078\": 3},\n\"a\": [{\"y\": 1},\n{\"y\": 1}]}",
        "again 2:a.x\nfirst 1:a.x\nagain 2:a.x\nfirst 1:a.x\nagain 3:a\nfirst 1:a\n");
}

static void no_text_makes_it_leave_its_bounds(void **state)
{
    const char *text = "{\"a\\u12\": [\"b\\\", {\"\\ud800\\u0041\": -1.5e3}, tru]]}}]";

    (void)state;
    for (size_t size = 0; size <= strlen(text); size++) {
        struct notes n = {0}, m = {0};
        char *copy = malloc(size + 1); /* the sanitizer guards its end */
        memcpy(copy, text, size);
        locate_walk(slice_make(copy, size),
                    &(struct walker){.context = &n, .visit = note, .repeat = note_repeat});
        locate_walk(slice_make(copy, size), &(struct walker){.context = &m, .visit = note});
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_elements_have_lines),
        cmocka_unit_test(nested_lists_count_on_their_own),
        cmocka_unit_test(signs_inside_strings_are_no_structure),
        cmocka_unit_test(keys_are_compared_with_their_escapes_undone),
        cmocka_unit_test(repeats_are_told_at_every_depth),
        cmocka_unit_test(no_text_makes_it_leave_its_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
