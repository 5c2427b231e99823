/* What a line of the log looks like, and what it never holds. */
#include "check.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"

static char seen[8192];

/* Everything that was logged since the last call. */
static const char *logged(int fd)
{
    ssize_t n = read(fd, seen, sizeof(seen) - 1);

    seen[n > 0 ? n : 0] = '\0';
    return seen;
}

static int pipe_of(void **state)
{
    return *(int *)*state;
}

static void a_line_names_worker_session_client_user_and_project(void **state)
{
    struct log_context who = {.worker = "w0",
                              .session = 17,
                              .client = SLICE("10.0.0.5:3306"),
                              .user = SLICE("ana"),
                              .project = SLICE("sales")};

    log_info(&who, "login", "via=%s", "native");
    const char *line = logged(pipe_of(state));
    assert_non_null(strstr(line, "Z info w0 s17 10.0.0.5:3306 ana@sales login: via=native\n"));
}

static void a_hostile_name_cannot_forge_a_line(void **state)
{
    struct log_context who = {.user = SLICE("x\n2026 error \x1b[31m\xff")};

    log_info(&who, "login", "refused: %s", "a\rb");
    const char *line = logged(pipe_of(state));
    assert_non_null(strstr(line, "x\\x0a2026 error \\x1b[31m\\xff"));
    assert_non_null(strstr(line, "a\\x0db"));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void repeated_lines_are_counted(void **state)
{
    for (unsigned i = 0; i < 5; i++)
        log_info(NULL, "pool", "the same");
    log_info(NULL, "pool", "another");
    const char *lines = logged(pipe_of(state));
    assert_non_null(strstr(lines, "repeated 4 times\n"));
    const char *first = strstr(lines, "the same");
    assert_null(strstr(first + 1, "the same"));
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

static void lines_of_one_kind_are_limited_and_debug_ones_are_not(void **state)
{
    log_set_limit(3);
    for (unsigned i = 0; i < 10; i++)
        log_info(NULL, "limited", "number %u", i);
    log_error(NULL, "other", "number %u", 77u);
    const char *lines = logged(pipe_of(state));
    assert_int_equal(count_of(lines, "limited: number"), 3);
    assert_null(strstr(lines, "repeated"));
    assert_non_null(strstr(lines, "other: number 77"));
    log_set_level(LOG_DEBUG);
    for (unsigned i = 0; i < 10; i++)
        log_debug(NULL, "limited", "detail %u", i);
    log_set_level(LOG_INFO);
    log_set_limit(100);
    assert_int_equal(count_of(logged(pipe_of(state)), "detail"), 10);
}

static void a_line_of_json_is_an_object(void **state)
{
    struct log_context who = {
        .worker = "w0", .session = 17, .client = SLICE("[::1]:5"), .user = SLICE("a\"b")};

    log_set_form(LOG_JSON);
    log_warning(&who, "login", "refused: %s", "x\n\xff");
    log_set_form(LOG_TEXT);
    const char *line = logged(pipe_of(state));
    assert_non_null(strstr(line,
                           "Z\", \"level\": \"warning\", \"thread\": \"w0\", \"session\": 17, "
                           "\"client\": \"[::1]:5\", \"user\": \"a\\\"b\", \"about\": \"login\", "
                           "\"text\": \"refused: x\\u000a\\ufffd\"}\n"));
    assert_memory_equal(line, "{\"time\": \"20", 12);
}

static void the_journal_gets_priorities_and_no_time(void **state)
{
    log_set_form(LOG_JOURNAL);
    log_error(NULL, "pool", "bad");
    log_info(NULL, "pool", "good");
    log_set_form(LOG_TEXT);
    assert_string_equal(logged(pipe_of(state)), "<3>pool: bad\n<6>pool: good\n");
}

static void what_could_not_be_written_is_counted(void **state)
{
    int full = open("/dev/full", O_WRONLY), back = ((int *)*state)[1];

    assert_true(full >= 0);
    log_open(full, LOG_INFO);
    for (unsigned i = 0; i < 4; i++)
        log_info(NULL, "disk", "line %u", i);
    log_open(back, LOG_INFO);
    log_info(NULL, "disk", "there is room again");
    const char *lines = logged(pipe_of(state));
    assert_non_null(strstr(lines, "error log: 4 lines could not be written\n"));
    assert_non_null(strstr(lines, "there is room again"));
    close(full);
}

static void a_file_that_cannot_be_opened_changes_nothing(void **state)
{
    assert_false(log_to_file("/no/such/folder/log"));
    log_info(NULL, "log", "still here");
    assert_non_null(strstr(logged(pipe_of(state)), "still here"));
}

static void lines_below_the_level_are_not_written(void **state)
{
    enum log_level level;

    log_debug(NULL, "pool", "hidden");
    log_error(NULL, "pool", "shown");
    const char *lines = logged(pipe_of(state));
    assert_null(strstr(lines, "hidden"));
    assert_non_null(strstr(lines, "error pool: shown"));
    assert_true(log_level_named("warning", &level) && level == LOG_WARNING);
    assert_false(log_level_named("loud", &level));
}

static int open_log(void **state)
{
    static int ends[2];

    if (pipe(ends) != 0)
        return -1;
    log_open(ends[1], LOG_INFO);
    *state = ends;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_names_worker_session_client_user_and_project),
        cmocka_unit_test(a_hostile_name_cannot_forge_a_line),
        cmocka_unit_test(repeated_lines_are_counted),
        cmocka_unit_test(lines_of_one_kind_are_limited_and_debug_ones_are_not),
        cmocka_unit_test(a_line_of_json_is_an_object),
        cmocka_unit_test(the_journal_gets_priorities_and_no_time),
        cmocka_unit_test(what_could_not_be_written_is_counted),
        cmocka_unit_test(a_file_that_cannot_be_opened_changes_nothing),
        cmocka_unit_test(lines_below_the_level_are_not_written),
    };

    return cmocka_run_group_tests(tests, open_log, NULL);
}
