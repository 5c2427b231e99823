#include "proxy/virtual/virtual.h"

#include "base/arena.h"
#include "proxy/plan/plan.h"

enum { COLUMNS = 10 };

static const struct slice null = {NULL, 0};

static struct slice text_or_null(struct slice text)
{
    return text.size ? text : null;
}

static struct slice decision_of(const struct plan_explained *x)
{
    if (!x->is_allowed)
        return SLICE("refused");
    return x->plan.decision == PLAN_ANSWER ? SLICE("answered by the gateway") : SLICE("sent");
}

/* What was sent has a project of its own; all else concerns the selected one. */
static void fill_place(const struct plan_explained *x, struct slice *row)
{
    bool is_sent = x->is_allowed && x->plan.decision == PLAN_FORWARD;
    const struct project *project = is_sent ? x->plan.project : x->at.project;

    if (project)
        row[1] = project->name;
    row[2] = slice_of(environment_name(is_sent ? x->plan.environment : x->at.environment));
    if (is_sent)
        row[3] = text_or_null(x->plan.resource_group);
}

static void fill_private(const struct plan_explained *x, struct slice *row)
{
    if (!x->is_allowed || x->plan.decision != PLAN_FORWARD)
        return;
    row[7] = x->plan.text;
    row[8] = x->plan.source->cluster->name;
    row[9] = x->plan.source->account.username;
}

void show_explained(struct result_writer *r, const struct plan_explained *x,
                    const struct user *user, uint16_t status, struct arena *a)
{
    static const struct column columns[COLUMNS] = {
        {.name = {"Decision", 8}},        {.name = {"Project", 7}}, {.name = {"Environment", 11}},
        {.name = {"Resource Group", 14}}, {.name = {"Rule", 4}},    {.name = {"Class", 5}},
        {.name = {"Message", 7}},         {.name = {"SQL", 3}},     {.name = {"Cluster", 7}},
        {.name = {"Account", 7}}};
    struct slice row[COLUMNS] = {{NULL, 0}};

    row[0] = decision_of(x);
    fill_place(x, row);
    if (x->plan.step_count) {
        row[4] = slice_of(sql_rule_name(x->plan.rule));
        row[5] = slice_of(sql_class_name(sql_rule_class(x->plan.rule)));
    }
    if (!x->is_allowed)
        row[6] = arena_print(a, "%u: %.*s", x->number, SHOW(x->message));
    if (user->is_admin)
        fill_private(x, row);
    result_open(r, r->out, r->sequence, columns, COLUMNS, status);
    result_row(r, row);
    result_close(r, status);
}
