/* What the tests of names in replies share: the statement that was asked, and by whom. */
#ifndef TESTS_UNIT_NAMES_CASE_H
#define TESTS_UNIT_NAMES_CASE_H

#include "plan_case.h"
#include "proxy/virtual/names.h"

static inline struct names names_of(const char *user, const char *database, const char *sql)
{
    struct plan_context *here = arena_alloc(&arena, sizeof *here);
    struct plan *plan = arena_alloc(&arena, sizeof *plan);

    *here = session_of(user, database);
    *plan = made(here, sql);
    return (struct names){.config = config, .user = here->user, .plan = plan, .arena = &arena};
}

#endif
