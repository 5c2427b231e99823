/* The table of statement kinds: policies.def, by rule. What it does not list is closed. */
#include "auth/grant.h"

static const struct policy policies[SQL_RULES] = {
#define POLICY(rule, gate, target, source, flags, side, note, hint)                                \
    [RULE_##rule] = {gate, target, source, flags, side, note, hint},
#include "auth/policies.def"
#undef POLICY
};

const struct policy *policy_find(enum sql_rule rule)
{
    return &policies[rule];
}

const char *policy_hint(enum sql_rule rule)
{
    if (policies[rule].hint)
        return policies[rule].hint;
    switch (sql_rule_class(rule)) {
    case CLASS_ADMIN:
        return "it concerns the whole cluster; ask its administrator";
    case CLASS_DANGEROUS:
        return "it could reach beyond the projects; \"allow_statements\" may open it for "
               "administrators";
    default:
        return "this build does not serve it yet";
    }
}

/* ---- the page ---- */

static const char *const gates[POLICY_GATES] = {
    [GATE_CLOSED] = "nobody",
    [GATE_HERE] = "everybody, answered here",
    [GATE_OPEN] = "everybody",
    [GATE_ADMIN] = "administrators",
    [GATE_SWITCH] = "administrators, switched",
    [GATE_SWITCH_FOR_MEMBERS] = "everybody, switched",
};

static void print_privileges(FILE *out, unsigned privileges, const char *join, const char *none)
{
    const char *before = "";

    for (unsigned bit = READ; bit <= SHARE; bit <<= 1) {
        if (!(privileges & bit))
            continue;
        fprintf(out, "%s%s", before, privilege_name((enum privilege)bit));
        before = join;
    }
    fputs(privileges ? "" : none, out);
}

static void print_row(FILE *out, enum sql_rule rule)
{
    const struct policy *p = &policies[rule];
    bool is_asked = p->gate != GATE_CLOSED && p->gate != GATE_HERE;
    bool is_refusing = p->gate != GATE_OPEN && p->gate != GATE_HERE;

    fprintf(out, "| %s | %s | %s | ", sql_rule_name(rule), sql_class_name(sql_rule_class(rule)),
            gates[p->gate]);
    if (is_asked)
        print_privileges(out, p->target, p->flags & POLICY_EITHER ? " or " : ", ", "");
    fputs(" | ", out);
    if (is_asked)
        print_privileges(out, p->source, ", ", "any");
    fprintf(out, " | %s%s%s | %s |\n", p->note ? p->note : "", p->note && p->side ? "; " : "",
            p->side ? "the session's database is written in" : "",
            is_refusing || p->hint ? policy_hint(rule) : "");
}

void policy_print(FILE *out)
{
    fputs("# Statements\n\n"
          "Every rule of StarRocks' grammar and what the gateway does with it, from\n"
          "[policies.def](../../auth/policies.def); [statements.md](../statements.md) explains the "
          "words. "
          "\"Switched\" is: when\n"
          "`allow_statements` names the rule.\n\n"
          "| rule | class | open to | its target asks | other names ask | besides | a refusal "
          "says |\n"
          "|---|---|---|---|---|---|---|\n",
          out);
    for (enum sql_rule rule = 0; rule < SQL_RULES; rule++)
        print_row(out, rule);
}
