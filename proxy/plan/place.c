/* Where a statement runs, as whom, in which resource group. DESIGN.md section 4, "Cluster, account,
 * group": the cluster of what it references; the account of the one binding, else of the target,
 * else of the session's binding when that is on the cluster, else of the first reference. What only
 * administrators may ask runs with the cluster's account for that (section 3), if it has one. */
#include "proxy/plan/plan_private.h"

#include "base/error.h"

struct place {
    const struct compute_source *source;
    const struct project *project;
    enum environment environment;
    struct slice group;
    const struct compute_source *nominal; /* as plan.nominal, if it is not the source; else NULL */
};

static struct place place_of(const struct binding *b)
{
    return (struct place){
        .source = b->source, .project = b->project, .environment = b->environment};
}

const struct compute_source *session_side(const struct plan_context *here)
{
    const struct project *project = here->at.project;

    return project ? project->sides[project->is_shared ? PROD : here->at.environment] : NULL;
}

/* When there is one. */
static struct place place_of_session(const struct plan_context *here)
{
    return (struct place){.source = session_side(here),
                          .project = here->at.project,
                          .environment = here->at.project->is_shared ? PROD : here->at.environment};
}

/* The first project, by name, that the user has something on in the session's environment. */
static const struct project *first_project(const struct making *m)
{
    const struct config *config = m->here->config;
    enum environment environment = m->here->at.environment;
    const struct project *first = NULL;

    for (size_t i = 0; i < config->project_count; i++) {
        const struct project *p = &config->projects[i];

        if (p->sides[p->is_shared ? PROD : environment] && grant_sees(m->here->user, p, environment)
            && (!first || slice_compare(p->name, first->name) < 0))
            first = p;
    }
    return first;
}

/* What drivers begin with, of nobody's data. */
static bool is_opening(const struct sql_statement *s)
{
    return s->reference_count == 0 && !s->has_outfile
           && (s->rule == RULE_queryStatement || s->rule == RULE_setStatement
               || s->rule == RULE_showVariablesStatement || s->rule == RULE_showCharsetStatement
               || s->rule == RULE_showCollationStatement || s->rule == RULE_showEnginesStatement);
}

/* Users without a project who may see all metadata run it where they read those: it does nothing
 * that could not stand beside a table of information_schema. NULL: not this one, or not so. */
static const struct compute_source *opening_source(const struct plan_context *here,
                                                   const struct sql_statement *s)
{
    const struct cluster *cluster = is_opening(s) ? plan_cluster(here) : NULL;

    return cluster && (here->user->is_admin || here->user->sees_all_metadata)
               ? cluster->metadata_source
               : NULL;
}

/* Where no project is selected. */
static bool place_anywhere(const struct making *m, const struct sql_statement *s,
                           struct place *place)
{
    enum environment environment = m->here->at.environment;
    const struct project *first = first_project(m);

    *place = (struct place){.environment = environment};
    if (!first) {
        place->source = opening_source(m->here, s);
        return place->source
               || refuse(
                   m->e, ERROR_NO_PROJECT,
                   "No database selected, and user '%.*s' has no project in %s to run this on; a "
                   "role on one is needed%s",
                   SHOW(m->here->user->name), environment_name(environment),
                   m->here->user->is_admin
                       ? ", or for what only administrators ask clusters.NAME.admin of one cluster"
                       : "");
    }
    place->project = first;
    place->environment = first->is_shared ? PROD : environment;
    place->source = first->sides[place->environment];
    return true;
}

/* Of the session, or the first that the user has on the cluster. */
static bool place_on_cluster(struct making *m, const struct cluster *cluster, struct place *place)
{
    const struct compute_source *side = session_side(m->here);
    const struct visible *all;
    size_t count;

    if (side && side->cluster == cluster) {
        *place = place_of_session(m->here);
        return true;
    }
    all = visible_all(m, &count);
    for (size_t i = 0; i < count; i++) {
        const struct visible *v = &all[i];
        struct binding b = {
            .project = v->project, .environment = v->environment, .source = v->source};

        if (v->source->cluster != cluster)
            continue;
        *place = place_of(&b);
        return true;
    }
    return refuse(m->e, ERROR_NO_PROJECT,
                  "No database selected, and user '%.*s' has no project to ask for metadata with",
                  SHOW(m->here->user->name));
}

/* What reads nothing but metadata runs with the cluster's account for that. Without one, with the
 * account whose databases it is about, if that is one account: another one may not see them. What
 * `starbind explain` tells is then the session's all the same (DESIGN.md section 3). */
static bool place_metadata(struct making *m, const struct plan_step *step, struct place *place)
{
    const struct cluster *cluster = step->information;

    if (cluster->metadata_source) {
        *place = (struct place){.source = cluster->metadata_source,
                                .project = m->here->at.project,
                                .environment = m->here->at.environment};
        return true;
    }
    if (!place_on_cluster(m, cluster, place))
        return false;
    place->nominal = place->source;
    if (step->covered)
        place->source = step->covered;
    return true;
}

static bool refuse_span(const struct making *m, const struct binding *a, const struct binding *b)
{
    return refuse(
        m->e, ERROR_NOT_SUPPORTED,
        "starbind: the statement spans clusters: '%.*s' (%s) is on '%.*s', '%.*s' (%s) on "
        "'%.*s'",
        SHOW(a->project->name), environment_name(a->environment), SHOW(a->source->cluster->name),
        SHOW(b->project->name), environment_name(b->environment), SHOW(b->source->cluster->name));
}

static bool place_references(struct making *m, const struct plan_step *step,
                             const struct plan_reference *bound, struct place *place)
{
    size_t count = step->statement->reference_count;
    const struct binding *first = NULL, *target = NULL, *b;
    const struct compute_source *session = session_side(m->here);
    bool is_one = true;

    for (size_t i = 0; i < count; i++) {
        b = bound[i].binding;
        if (!b)
            continue;
        if (!first)
            first = b;
        if (b->source->cluster != first->source->cluster)
            return refuse_span(m, first, b);
        is_one &= b->source == first->source;
        if (!target && bound[i].is_target)
            target = b;
    }
    if (!first && step->information)
        return place_metadata(m, step, place);
    if (!first && !session)
        return place_anywhere(m, step->statement, place);
    if (!first || (!is_one && !target && session && session->cluster == first->source->cluster))
        *place = place_of_session(m->here);
    else
        *place = place_of(target ? target : first);
    return true;
}

/* The source whose resource groups hold: the session project's, if it is on the same cluster. */
static const struct compute_source *chooser_of(const struct making *m, const struct place *place)
{
    const struct compute_source *session = session_side(m->here);

    return session && session->cluster == place->source->cluster ? session : place->source;
}

static bool place_group(const struct making *m, struct place *place, const struct hinted *hinted)
{
    const struct plan_context *here = m->here;
    const struct compute_source *chooser = chooser_of(m, place);
    struct slice priority = here->priority.size ? here->priority : here->user->priority;
    struct slice named = hinted->is_given ? hinted->group : here->resource_group;

    if (!named.size) {
        place->group = source_group(chooser, priority);
        return true;
    }
    if (!source_allows_group(chooser, named))
        return refuse(m->e, ERROR_DENIED,
                      "starbind: resource group '%.*s' is not open to this project; SET "
                      "resource_group = DEFAULT goes back to the configured one",
                      SHOW(named));
    place->group = named;
    return true;
}

/* A dangerous one that names something of a project (SUBMIT TASK …) gets no more power than the
 * project's account has. */
static bool is_for_admins(const struct sql_statement *s)
{
    return s->class == CLASS_ADMIN
           || (s->class == CLASS_DANGEROUS && s->reference_count == 0
               && policy_find(s->rule)->gate == GATE_SWITCH);
}

/* Of the one cluster that has an account for administrators; NULL when there are more, or none. */
static const struct compute_source *only_admin_source(const struct config *config)
{
    const struct compute_source *only = NULL;

    for (size_t i = 0; i < config->cluster_count; i++) {
        const struct compute_source *source = config->clusters[i].admin_source;
        if (only && source)
            return NULL;
        only = source ? source : only;
    }
    return only;
}

static bool place_admin(struct making *m, const struct plan_step *step,
                        const struct plan_reference *bound, struct place *place)
{
    bool is_anywhere = !session_side(m->here) && step->statement->reference_count == 0;
    const struct compute_source *only = is_anywhere ? only_admin_source(m->here->config) : NULL;

    if (only) {
        *place = (struct place){.source = only, .environment = m->here->at.environment};
        return true;
    }
    if (!place_references(m, step, bound, place))
        return false;
    if (place->source->cluster->admin_source)
        place->source = place->source->cluster->admin_source;
    return true;
}

static bool place_one(struct making *m, const struct plan_step *step,
                      const struct plan_reference *bound, struct place *place)
{
    struct hinted hinted;

    return (is_for_admins(step->statement) ? place_admin(m, step, bound, place)
                                           : place_references(m, step, bound, place))
           && hints_judge(m, step->statement, chooser_of(m, place), &hinted)
           && place_group(m, place, &hinted);
}

static bool same_place(const struct place *a, const struct place *b)
{
    return a->source == b->source && slice_equal(a->group, b->group);
}

/* Whether the statements so far and the next one may go together. Metadata runs with the session's
 * account, as elsewhere, where it cannot have the one that it is about. */
static bool agree(struct place *so_far, struct place *next)
{
    if (same_place(so_far, next)) {
        so_far->nominal = next->nominal ? so_far->nominal : NULL;
        return true;
    }
    so_far->source = so_far->nominal ? so_far->nominal : so_far->source;
    next->source = next->nominal ? next->nominal : next->source;
    return same_place(so_far, next);
}

bool place_steps(struct making *m, const size_t *firsts)
{
    struct plan *p = m->plan;
    struct place place, next;

    if (!place_one(m, &p->steps[0], &p->references[firsts[0]], &place))
        return false;
    for (size_t i = 1; i < p->step_count; i++) {
        if (!place_one(m, &p->steps[i], &p->references[firsts[i]], &next))
            return false;
        if (!agree(&place, &next))
            return refuse(m->e, ERROR_NOT_SUPPORTED,
                          "starbind: statement %zu of the packet runs with another account or "
                          "cluster than statement 1; send them one by one",
                          i + 1);
    }
    p->source = place.source;
    p->nominal = place.nominal ? place.nominal : place.source;
    p->project = place.project;
    p->environment = place.environment;
    p->resource_group = place.group;
    return true;
}
