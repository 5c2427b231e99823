/* Who may do what: the privileges that a user's roles give on a project, and the privileges that a
 * kind of statement asks.
 *
 * Pure look-ups in the snapshot and in one table; no state. DESIGN.md section 5. */
#ifndef AUTH_GRANT_H
#define AUTH_GRANT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/slice.h"
#include "config/config.h"
#include "protocol/sql/sql.h"

struct arena;

/* The privileges (enum privilege, or-ed) that the user's roles give on a table of a project's side.
 * An empty table asks for the whole side: grants limited to tables do not count. A shared project
 * is judged as PROD whatever environment is asked. */
unsigned grant_privileges(const struct user *user, const struct project *project,
                          enum environment environment, struct slice table);

/* The same for whatever part of the side the roles are limited to: what the user has on some table.
 */
unsigned grant_privileges_somewhere(const struct user *user, const struct project *project,
                                    enum environment environment);

/* True when the user has any grant on that side: its name is known to the user and listed. */
bool grant_sees(const struct user *user, const struct project *project,
                enum environment environment);

/* The tables of that side that the user has any privilege on: true when it is all of them, else
 * *tables holds names and patterns, in the arena. */
bool grant_tables(const struct user *user, const struct project *project,
                  enum environment environment, struct arena *arena, struct slices *tables);

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

/* Who may run a kind of statement. */
enum policy_gate {
    GATE_CLOSED,             /* nobody */
    GATE_HERE,               /* everybody; the gateway answers it */
    GATE_OPEN,               /* everybody with the privileges */
    GATE_ADMIN,              /* administrators */
    GATE_SWITCH,             /* administrators, when "allow_statements" names the rule */
    GATE_SWITCH_FOR_MEMBERS, /* everybody with the privileges, when "allow_statements" does */
    POLICY_GATES
};

enum policy_flag {
    POLICY_SHARES = 1,       /* stores a body: what it reads in other projects asks SHARE besides */
    POLICY_ONE_DATABASE = 2, /* further names of one part belong to the first name's database */
    POLICY_NAMED = 4,    /* always names what it is about; without a name it is another statement */
    POLICY_EITHER = 8,   /* any one privilege of `target` will do */
    POLICY_FILTERED = 16 /* rows of tables that the user may not see are left out of the reply, so
                            that a role on some tables will do */
};

/* What a kind of statement asks of the names in it. */
struct policy {
    enum policy_gate gate;
    unsigned target;  /* privileges on what it writes, makes or changes */
    unsigned source;  /* on what it reads or shows; 0: any privilege there will do */
    unsigned flags;   /* enum policy_flag, or-ed */
    const char *side; /* words; behind the first that comes, FROM and the session's database are
                         written when the statement names none. NULL: it speaks of no database */
    const char *note; /* what is refused or done besides, for the documents; NULL: nothing */
    const char *hint; /* what a refusal advises; NULL: what its class does */
};

/* The row of a rule; every rule has one. */
const struct policy *policy_find(enum sql_rule rule);

/* What a refusal of the rule advises, without a full stop; never NULL. */
const char *policy_hint(enum sql_rule rule);

/* The page of all rows, in Markdown. */
void policy_print(FILE *out);

#endif
