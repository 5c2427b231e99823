/* SQL texts through the planner, over the world of tests/rewrite: what would be sent is read again.
 * It holds no name but databases that this user has something on, has the tokens of what was asked
 * but for the names, and is the same statements with the same references. */
#include "auth/grant.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"
#include "proxy/plan/plan.h"
#include "looked_up.h"
#include "same_tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct config *world(void)
{
    static const struct config *config; /* lives as long as the process */

    if (!config) {
        struct findings findings;

        findings_init(&findings);
        config = config_load("tests/rewrite/world.json", &findings);
        findings_fini(&findings);
        must(config != NULL);
    }
    return config;
}

/* What ana may reach; she is no member of hr, fin, vault and wild. */
static bool is_hers(struct slice database)
{
    static const char *const databases[] = {"dw_sales", "dw_sales_dev",  "dw_dim",  "dw_dim_dev",
                                            "dw_crm",   "dw_shop",       "dw_solo", "orders_db",
                                            "ods",      "orders_db_dev", "dwd"};

    for (size_t i = 0; i < sizeof databases / sizeof *databases; i++)
        if (slice_equal(database, slice_of(databases[i])))
            return true;
    return false;
}

static bool is_information(struct slice database)
{
    return slice_equal_nocase(database, SLICE("information_schema"));
}

static bool is_open(struct slice database)
{
    return is_hers(database) || is_information(database);
}

static bool is_bare_by_grammar(const struct sql_statement *s, const struct sql_reference *r)
{
    return r->in_database || policy_find(s->rule)->flags & POLICY_ONE_DATABASE;
}

static void check_reference(const struct sql_statement *s, const struct sql_reference *r)
{
    bool has_catalog =
        r->count > 1 && slice_equal_nocase(r->parts[0].value, SLICE("default_catalog"));
    const struct sql_part *database = &r->parts[has_catalog];

    switch (r->kind) {
    case KIND_TABLE:
    case KIND_VIEW:
    case KIND_MV:
    case KIND_PIPE:
    case KIND_ROUTINE_LOAD:
    case KIND_STREAM_LOAD:
    case KIND_LOAD_LABEL:
        must(r->count == 2u + has_catalog || (r->count == 1 && is_bare_by_grammar(s, r)));
        must(r->count == 1 || is_open(database->value));
        break;
    case KIND_TABLE_IN_STRING:
        must(r->count == 2 && is_hers(database->value));
        break;
    case KIND_DATABASE:
        must(is_hers(database->value));
        break;
    case KIND_FUNCTION:
        must(r->count == 1 || is_hers(database->value));
        break;
    case KIND_COLUMN:
        if (r->scope == SCOPE_DB || r->scope == SCOPE_CATALOG)
            must(is_hers(database->value));
        break;
    case KIND_CTE:
        break;
    default:
        must(r->kind == KIND_CATALOG || r->kind == KIND_BROKER);
    }
}

/* Columns are told or not by whether a macro stands in them. */
static size_t count_objects(const struct sql_statement *s)
{
    size_t count = 0;

    for (uint32_t i = 0; i < s->reference_count; i++)
        count += s->references[i]->kind != KIND_COLUMN;
    return count;
}

/* A derived table stands where a table of information_schema was asked. */
static bool has_derived(const struct plan *p)
{
    for (size_t i = 0; i < p->reference_count; i++)
        if (p->references[i].derived)
            return true;
    return false;
}

/* The same statements; SHOW may have its database added, nothing else comes or goes. */
static void check_same(const struct sql_text *asked, const struct sql_text *sent)
{
    must(asked->count == sent->count);
    for (uint32_t i = 0; i < asked->count; i++) {
        const struct sql_statement *a = &asked->statements[i], *b = &sent->statements[i];

        must(a->rule == b->rule && a->is_explain == b->is_explain);
        must(count_objects(a) == count_objects(b)
             || (policy_find(a->rule)->side && count_objects(a) + 1 == count_objects(b)));
        must(a->call_count >= b->call_count && a->hint_count >= b->hint_count);
    }
}

static void check_sent_reference(const struct plan *p, const struct sql_statement *s,
                                 const struct sql_reference *r, struct arena *arena)
{
    check_reference(s, r);
    if (r->kind == KIND_TABLE && r->count > 1 && is_information(r->parts[r->count - 2].value)
        && s->rule == RULE_queryStatement)
        must_be_limited(p->text, s, r, is_open, arena);
}

static void check_sent(const struct plan *p, const struct sql_options *options, struct arena *arena)
{
    struct sql_text again;
    struct error e;

    must(p->source != NULL
         && is_hers(p->source->database.size ? p->source->database : SLICE("ods")));
    must(sql_read(p->text, options, arena, &again, &e));
    if (p->steps[0].set_count) /* a SET is sent without what is the gateway's */
        return;
    if (!has_derived(p)) {
        check_same(&p->read, &again);
        must_have_same_tokens(p, p->read.text, arena);
    }
    for (uint32_t i = 0; i < again.count; i++)
        for (uint32_t k = 0; k < again.statements[i].reference_count; k++)
            check_sent_reference(p, &again.statements[i], again.statements[i].references[k], arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const databases[] = {"sales", "sales_dev", "lake.ods", "shop", ""};
    const struct sql_options options = {.max_depth = 400};
    struct plan_context here = {.config = world(), .multi_statements = true};
    struct slice database = SLICE("sales");
    struct arena arena;
    struct error e;
    struct plan p;

    arena_init(&arena, NULL);
    here.user = config_find_user(here.config, SLICE("ana"));
    if (size)
        database = slice_of(databases[data[0] % (sizeof databases / sizeof *databases)]);
    must(plan_select(here.config, here.user, PROD, database, &here.at, &e));
    if (plan_make(&p, &here, slice_make(data, size), &arena, &e) && p.decision == PLAN_FORWARD)
        check_sent(&p, &options, &arena);
    arena_clear(&arena);
    return 0;
}
