/* What the table of phases allows. */
#include "check.h"

#include "proxy/session/session_private.h"

static void nobody_gets_past_the_login_but_by_it(void **state)
{
    (void)state;
    assert_int_equal(phase_next(GREET), 1u << LOGIN | 1u << BYE);
    assert_int_equal(phase_next(LOGIN), 1u << READY | 1u << BYE);
}

static void every_phase_but_the_last_may_end_the_session(void **state)
{
    (void)state;
    for (unsigned phase = 0; phase < PHASES; phase++)
        assert_true(phase_next((enum phase)phase) & 1u << BYE);
    assert_int_equal(phase_next(BYE), 1u << BYE);
}

/* Follows every edge from `phase` and returns what can be reached. */
static unsigned reachable(enum phase phase, unsigned seen)
{
    for (unsigned next = 0; next < PHASES; next++)
        if (phase_next(phase) & 1u << next && !(seen & 1u << next))
            seen |= reachable((enum phase)next, seen | 1u << next);
    return seen;
}

static void every_phase_is_reached_and_a_statement_always_returns_to_ready(void **state)
{
    (void)state;
    assert_int_equal(reachable(GREET, 1u << GREET), (1u << PHASES) - 1);
    for (unsigned phase = READY; phase < BYE; phase++)
        assert_true(reachable((enum phase)phase, 0) & 1u << READY);
}

static void no_statement_reaches_a_frontend_without_a_plan_and_a_place(void **state)
{
    const unsigned planned = 1u << ALIGN | 1u << RELAY | 1u << COLLECT; /* may be run elsewhere */

    (void)state;
    for (unsigned phase = 0; phase < PHASES; phase++) {
        if (phase != PLAN)
            assert_false(phase_next((enum phase)phase) & 1u << ADMIT);
        if (phase != ADMIT && !(planned & 1u << phase))
            assert_false(phase_next((enum phase)phase) & 1u << ACQUIRE);
        if (phase != ACQUIRE)
            assert_false(phase_next((enum phase)phase) & 1u << ALIGN);
        if (phase != ALIGN)
            assert_false(phase_next((enum phase)phase) & 1u << FORWARD);
        if (phase != FORWARD)
            assert_false(phase_next((enum phase)phase) & (1u << RELAY | 1u << COLLECT));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_gets_past_the_login_but_by_it),
        cmocka_unit_test(every_phase_but_the_last_may_end_the_session),
        cmocka_unit_test(every_phase_is_reached_and_a_statement_always_returns_to_ready),
        cmocka_unit_test(no_statement_reaches_a_frontend_without_a_plan_and_a_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
