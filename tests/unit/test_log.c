/* What a line of the log looks like, and what it never holds. */
#include "check.h"

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

static void lines_below_the_level_are_not_written(void **state)
{
    log_debug(NULL, "pool", "hidden");
    log_error(NULL, "pool", "shown");
    const char *lines = logged(pipe_of(state));
    assert_null(strstr(lines, "hidden"));
    assert_non_null(strstr(lines, "error pool: shown"));
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
        cmocka_unit_test(lines_below_the_level_are_not_written),
    };

    return cmocka_run_group_tests(tests, open_log, NULL);
}
