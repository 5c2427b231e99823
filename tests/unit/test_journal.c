#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "proxy/journal/journal.h"

enum { THREADS = 4, LINES = 20000, LIMIT = 1 << 20 };

static char folder[] = "/tmp/starbind-journal-XXXXXX", path[64], moved[64];

static int set_up(void **state)
{
    (void)state;
    unlink(path);
    unlink(moved);
    return 0;
}

static struct journal *open_journal(const char *at, size_t limit)
{
    struct journal *j;
    struct error e;

    assert_true(journal_open(&j, "test log", at, limit, &e));
    return j;
}

static void write_line(struct pen *p, unsigned thread, unsigned number)
{
    char *room = pen_insist(p, 64);

    pen_commit(p, (size_t)snprintf(room, 64, "%u %u\n", thread, number));
}

static void *write_many(void *argument)
{
    struct pen *p = argument;

    for (unsigned i = 0; i < LINES; i++) {
        write_line(p, (unsigned)(uintptr_t)p->journal % 7, i);
        if (i % 50 == 0)
            pen_flush(p);
        while (journal_is_clogged(p->journal)) {
            pen_flush(p);
            usleep(100);
        }
    }
    return NULL;
}

static size_t count_lines(const char *at)
{
    FILE *file = fopen(at, "r");
    char line[4096];
    size_t count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        assert_non_null(strchr(line, '\n'));
        count++;
    }
    fclose(file);
    return count;
}

static void every_line_of_every_thread_is_written_once(void **state)
{
    struct journal *j = open_journal(path, LIMIT);
    pthread_t threads[THREADS];
    struct pen pens[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        pen_init(&pens[i], j);
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &pens[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        pen_fini(&pens[i]);
    }
    journal_close(j);
    assert_int_equal(count_lines(path), THREADS * LINES);
}

static void lines_of_one_pen_keep_their_order(void **state)
{
    struct journal *j = open_journal(path, LIMIT);
    unsigned thread, number;
    struct pen p;

    (void)state;
    pen_init(&p, j);
    for (unsigned i = 0; i < LINES; i++) {
        write_line(&p, 0, i);
        if (i % 3 == 0)
            pen_flush(&p);
    }
    pen_fini(&p);
    journal_close(j);
    FILE *file = fopen(path, "r");
    for (unsigned i = 0; i < LINES; i++) {
        assert_int_equal(fscanf(file, "%u %u", &thread, &number), 2);
        assert_int_equal(number, i);
    }
    fclose(file);
}

/* Whether the thread waits, rests or writes when the line comes: nobody wakes it afterwards. */
static void no_line_waits_for_another(void **state)
{
    struct journal *j = open_journal(path, LIMIT);
    struct stat status = {0};
    off_t before = 0;
    struct pen p;

    (void)state;
    pen_init(&p, j);
    for (unsigned i = 0; i < 60; i++) {
        write_line(&p, 0, i);
        pen_flush(&p);
        for (unsigned k = 0; k < 50000 && status.st_size == before; k++) {
            usleep(100);
            assert_int_equal(stat(path, &status), 0);
        }
        assert_true(status.st_size > before);
        before = status.st_size;
        usleep(i % 10 * 700);
    }
    pen_fini(&p);
    journal_close(j);
}

static void a_long_line_has_a_block_of_its_own(void **state)
{
    struct journal *j = open_journal(path, 4 * LIMIT);
    struct stat status;
    struct pen p;

    (void)state;
    pen_init(&p, j);
    write_line(&p, 1, 2);
    char *room = pen_insist(&p, JOURNAL_LINE_MAX);
    memset(room, 'x', JOURNAL_LINE_MAX - 1);
    room[JOURNAL_LINE_MAX - 1] = '\n';
    pen_commit(&p, JOURNAL_LINE_MAX);
    write_line(&p, 3, 4);
    pen_fini(&p);
    journal_close(j);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, JOURNAL_LINE_MAX + 8);
}

static void a_file_that_was_moved_is_opened_anew(void **state)
{
    struct journal *j = open_journal(path, LIMIT);
    struct pen p;

    (void)state;
    pen_init(&p, j);
    write_line(&p, 0, 1);
    pen_flush(&p);
    for (int i = 0; i < 1000 && access(path, R_OK) == 0 && count_lines(path) == 0; i++)
        usleep(1000);
    assert_int_equal(rename(path, moved), 0);
    journal_reopen(j);
    write_line(&p, 0, 2);
    pen_fini(&p);
    journal_close(j);
    assert_int_equal(count_lines(moved), 1);
    assert_int_equal(count_lines(path), 1);
}

static void a_full_disk_clogs_and_is_told_of(void **state)
{
    struct journal *j = open_journal("/dev/full", LIMIT);
    struct pen p;

    (void)state;
    pen_init(&p, j);
    write_line(&p, 0, 1);
    pen_flush(&p);
    for (int i = 0; i < 2000 && !journal_is_clogged(j); i++)
        usleep(1000);
    assert_true(journal_is_clogged(j));
    assert_null(pen_reserve(&p, 64));
    assert_null(pen_reserve(&p, 64));
    assert_int_equal(journal_lost(j), 2);
    assert_non_null(pen_insist(&p, 64));
    pen_commit(&p, 0);
    pen_fini(&p);
    journal_close(j);
}

static void what_was_lost_is_told_in_the_file(void **state)
{
    struct journal *j = open_journal(path, 1); /* one block clogs it until that is written */
    size_t lost = 0;
    struct pen p;

    (void)state;
    pen_init(&p, j);
    for (unsigned i = 0; i < LINES; i++) {
        char *room = pen_reserve(&p, 64);
        if (room)
            pen_commit(&p, (size_t)snprintf(room, 64, "x\n"));
        else
            lost++;
        pen_flush(&p);
    }
    assert_int_equal(journal_lost(j), lost);
    pen_fini(&p);
    journal_close(j);
    FILE *file = fopen(path, "r");
    char line[128];
    unsigned long long told = 0, n;
    size_t written = 0;
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "{\"lost\": %llu}", &n) == 1)
            told += n;
        else
            written++;
    }
    fclose(file);
    assert_int_equal(told, lost);
    assert_int_equal(written + lost, LINES);
}

static void a_path_that_cannot_be_opened_is_an_error(void **state)
{
    struct journal *j;
    struct error e;

    (void)state;
    assert_false(journal_open(&j, "test log", "/nonexistent/file", LIMIT, &e));
    assert_string_equal(e.text,
                        "cannot open the test log /nonexistent/file: No such file or directory");
}

static void a_pen_without_a_journal_has_nothing(void **state)
{
    struct pen p;

    (void)state;
    pen_init(&p, NULL);
    pen_flush(&p);
    pen_fini(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_line_of_every_thread_is_written_once, set_up),
        cmocka_unit_test_setup(lines_of_one_pen_keep_their_order, set_up),
        cmocka_unit_test_setup(no_line_waits_for_another, set_up),
        cmocka_unit_test_setup(a_long_line_has_a_block_of_its_own, set_up),
        cmocka_unit_test_setup(a_file_that_was_moved_is_opened_anew, set_up),
        cmocka_unit_test_setup(a_full_disk_clogs_and_is_told_of, set_up),
        cmocka_unit_test_setup(what_was_lost_is_told_in_the_file, set_up),
        cmocka_unit_test_setup(a_path_that_cannot_be_opened_is_an_error, set_up),
        cmocka_unit_test_setup(a_pen_without_a_journal_has_nothing, set_up),
    };

    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof(path), "%s/log", folder);
    snprintf(moved, sizeof(moved), "%s/log.1", folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    unlink(moved);
    rmdir(folder);
    return failed;
}
