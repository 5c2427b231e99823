/* What a process has noted is found after its death, and only then. */
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "config/config.h"
#include "proxy/catalog/ledger.h"

static char folder[] = "/tmp/starbind-ledger-XXXXXX";

static struct ledger *opened(void)
{
    struct ledger *l = NULL;
    struct error e;

    assert_true(ledger_open(&l, folder, &e));
    return l;
}

static struct ledger_line *note(struct ledger *l, const char *host, uint32_t connection)
{
    struct endpoint at = {slice_of(host), 9030};

    return ledger_note(l, SLICE("sales"), &at, connection, (uint16_t)(40000 + connection));
}

/* A process that notes three connections, strikes the second, and dies. */
static void live_and_die(void)
{
    pid_t child = fork();

    if (child == 0) {
        struct ledger *l = opened();
        note(l, "fe1", 1);
        ledger_strike(note(l, "fe1", 2));
        note(l, "fe2", 3);
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_the_dead_have_noted_is_found(void **state)
{
    struct ledger *own = opened();
    struct estate found;

    (void)state;
    note(own, "fe1", 77);
    assert_false(estate_find(&found, own));
    live_and_die();
    assert_true(estate_find(&found, own));
    struct estate second;
    assert_false(estate_find(&second, own)); /* it has one heir */
    unsigned good = 0;
    for (size_t i = 0; i < LEDGER_LINES; i++) {
        struct ledger_line *line = &found.lines[i];
        if (atomic_load(&line->state) == 0)
            continue;
        good++;
        assert_true(line->connection == 1 || line->connection == 3);
        assert_int_equal(line->from, 40000 + line->connection);
        assert_int_equal(line->port, 9030);
        assert_string_equal(line->host, line->connection == 1 ? "fe1" : "fe2");
        assert_true(line->source == ledger_name(SLICE("sales")));
        if (line->connection == 1)
            ledger_strike(line);
    }
    assert_int_equal(good, 2);
    estate_close(&found); /* one is left to do */
    assert_true(estate_find(&found, own));
    for (size_t i = 0; i < LEDGER_LINES; i++)
        ledger_strike(&found.lines[i]);
    estate_close(&found);
    assert_false(estate_find(&found, own));
    ledger_close(own);
}

static void without_room_nothing_is_noted(void **state)
{
    struct ledger *l = opened();
    struct ledger_line *last = NULL;
    char host[LEDGER_HOST_MAX + 2];

    (void)state;
    memset(host, 'h', sizeof(host) - 1);
    host[sizeof(host) - 1] = '\0';
    assert_null(note(l, host, 1));
    for (uint32_t i = 0; i < LEDGER_LINES; i++)
        assert_non_null(last = note(l, "fe1", i));
    assert_null(note(l, "fe1", 1));
    ledger_strike(last);
    assert_ptr_equal(note(l, "fe1", 2), last);
    assert_null(note(NULL, "fe1", 1));
    ledger_strike(NULL);
    ledger_close(l);
}

static void a_process_that_ends_in_peace_leaves_no_file(void **state)
{
    (void)state;
    ledger_close(opened());
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_dead_have_noted_is_found),
        cmocka_unit_test(without_room_nothing_is_noted),
        cmocka_unit_test(a_process_that_ends_in_peace_leaves_no_file), /* the last: folder goes */
    };

    if (!mkdtemp(folder))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
