/* Who may do what: roles of a user on a project, through membership and groups.
 *
 * Pure look-ups in the snapshot; no memory, no state. DESIGN.md section 5. */
#ifndef AUTH_GRANT_H
#define AUTH_GRANT_H

#include <stdbool.h>

#include "base/slice.h"
#include "config/config.h"

struct arena;
struct error;

/* The privileges (enum privilege, or-ed) that the user's roles give on a table of a project's side.
 * An empty table asks for the whole side: grants limited to tables do not count. A shared project
 * is judged as PROD whatever environment is asked. */
unsigned grant_privileges(const struct user *user, const struct project *project,
                          enum environment environment, struct slice table);

/* True when the user has any grant on that side: its name is known to the user and listed. */
bool grant_sees(const struct user *user, const struct project *project,
                enum environment environment);

/* True when the user has a role on the project at all, in whichever environment. */
bool grant_is_member(const struct user *user, const struct project *project);

/* The names of the user's roles on the project, comma-separated in the arena; empty for none. */
struct slice grant_role_names(const struct user *user, const struct project *project,
                              struct arena *arena);

/* What a session of one environment may do, by explicit name, in the other: the privileges that
 * "cross_environment" leaves. */
unsigned grant_across(const struct config *config, const struct project *project);

/* True when name matches a pattern in which '*' stands for any bytes. Case counts. */
bool grant_pattern_matches(struct slice pattern, struct slice name);

#endif
