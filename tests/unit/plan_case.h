/* Plans over the world of tests/rewrite, which has the cases of what texts become. */
#ifndef TESTS_UNIT_PLAN_CASE_H
#define TESTS_UNIT_PLAN_CASE_H

#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "proxy/plan/plan.h"

static const struct config *config;
static struct config *owned;
static struct arena arena;

static int set_up(void **state)
{
    struct findings findings;

    (void)state;
    findings_init(&findings);
    owned = config_load("tests/rewrite/world.json", &findings);
    config = owned;
    if (!config)
        findings_print(&findings, stderr);
    findings_fini(&findings);
    arena_init(&arena, NULL);
    return config ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    config_unref(owned);
    return 0;
}

__attribute__((unused)) static struct plan_context session_of(const char *user,
                                                              const char *database)
{
    struct plan_context here = {.config = config,
                                .user = config_find_user(config, slice_of(user)),
                                .listener = PROD,
                                .at.environment = PROD};
    struct error e;

    assert_non_null(here.user);
    assert_true(plan_select(config, here.user, PROD, slice_of(database), &here.at, &e));
    return here;
}

static struct plan made(const struct plan_context *here, const char *sql)
{
    struct plan p;
    struct error e = {.text = ""};
    bool ok = plan_make(&p, here, slice_of(sql), &arena, &e);

    if (!ok)
        print_error("%s: %s\n", sql, e.text);
    assert_true(ok);
    return p;
}

static inline void assert_refused(const struct plan_context *here, const char *sql, unsigned number)
{
    struct plan p;
    struct error e;

    assert_false(plan_make(&p, here, slice_of(sql), &arena, &e));
    assert_int_equal(e.number, number);
}

#endif
