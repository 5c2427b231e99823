/* What reading, judging and rewriting SQL costs: MB/s and microseconds per statement on one core,
 * next to the bare tokenizer in the same run. Nothing is cached: each statement is planned from its
 * bytes.
 *
 *   sql CONFIG FILE…      FILE: a long statement each
 *
 * BENCH_SQL=long,point,metadata,linear runs some of it. Times are CPU times of the thread, so
 * others on the machine cost caches only; a figure is the median of ROUNDS rounds, in which the
 * three ways take turns. Fails when a statement is refused. */
#include <time.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"
#include "protocol/sql/sql_private.h"
#include "proxy/plan/plan.h"

enum { ROUNDS = 15, TEXTS = 64 };

enum way { CUTTING, READING, PLANNING, WAYS };
static const char *const way_names[WAYS] = {"tokens only", "read", "plan and rewrite"};

struct bench {
    struct plan_context here;
    struct arena arena;
    uint64_t sum;  /* keeps the work from being left out */
    size_t memory; /* of the arena, after the last statement */
};

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void once(struct bench *b, struct slice text, enum way way)
{
    const struct sql_options options = {.max_depth = b->here.config->settings.max_statement_depth};
    struct vector hints = {0};
    struct token_run run;
    struct sql_text read;
    struct plan p;
    struct error e;
    bool ok = false;

    switch (way) {
    case CUTTING:
        ok = tokens_read(text, 0, (uint32_t)text.size, &b->arena, &hints, &run, &e);
        b->sum += ok ? run.count : 0;
        break;
    case READING:
        ok = sql_read(text, &options, &b->arena, &read, &e);
        b->sum += ok ? read.count : 0;
        break;
    case PLANNING:
        ok = plan_make(&p, &b->here, text, &b->arena, &e) && p.decision == PLAN_FORWARD;
        b->sum += ok ? p.text.size : 0;
        break;
    case WAYS:
        break;
    }
    if (!ok) {
        fprintf(stderr, "refused: %s\n%.*s\n", e.text, (int)(text.size < 200 ? text.size : 200),
                text.data);
        exit(1);
    }
    b->memory = b->arena.used;
    arena_clear(&b->arena);
}

/* Seconds that one pass over the texts takes, of `times` passes. */
static double pass(struct bench *b, const struct slice *texts, size_t count, enum way way,
                   unsigned times)
{
    double from = seconds();

    for (unsigned i = 0; i < times; i++)
        for (size_t k = 0; k < count; k++)
            once(b, texts[k], way);
    return (seconds() - from) / times;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

static size_t total(const struct slice *texts, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += texts[i].size;
    return size;
}

/* Passes that take some 30 ms. */
static unsigned times_for(struct bench *b, const struct slice *texts, size_t count)
{
    double one = pass(b, texts, count, PLANNING, 3);

    return one > 0.01 ? 3 : (unsigned)(0.03 / one) + 1;
}

/* A table of the three ways; gives the seconds of one pass of PLANNING. */
static double compare(struct bench *b, const char *title, const struct slice *texts, size_t count)
{
    unsigned times = times_for(b, texts, count);
    double taken[WAYS][ROUNDS], ratio[WAYS][ROUNDS], plan = 0;
    double size = (double)total(texts, count);

    for (size_t round = 0; round < ROUNDS; round++)
        for (int way = 0; way < WAYS; way++)
            taken[way][round] = pass(b, texts, count, (enum way)way, times);
    for (int way = 0; way < WAYS; way++)
        for (size_t round = 0; round < ROUNDS; round++)
            ratio[way][round] = taken[CUTTING][round] / taken[way][round];
    printf("\n**%s**: %zu, %.0f bytes on average\n\n", title, count, size / (double)count);
    printf("|                  |   MB/s | µs per statement | speed to tokens |\n"
           "| ---------------- | -----: | ---------------: | --------------: |\n");
    for (int way = 0; way < WAYS; way++) {
        plan = median(taken[way], ROUNDS);
        printf("| %-16s | %6.1f | %16.2f | %15.2f |\n", way_names[way], size / plan / 1e6,
               plan / (double)count * 1e6, median(ratio[way], ROUNDS));
    }
    return plan;
}

/* A statement of about that size: the unit again and again, joined by a word. */
static struct slice repeated(const char *head, const char *unit, const char *glue, size_t size)
{
    char *text = malloc(size + 4096);
    size_t at, one = strlen(unit), between = strlen(glue);

    must(text);
    at = strlen(head);
    memcpy(text, head, at);
    for (bool first = true; first || at + one + between < size; first = false) {
        if (!first)
            memcpy(text + at, glue, between), at += between;
        memcpy(text + at, unit, one);
        at += one;
    }
    if (strchr(head, '('))
        text[at++] = ')';
    return slice_make(text, at);
}

static void linear(struct bench *b, const char *title, const char *head, const char *unit,
                   const char *glue)
{
    struct slice small = repeated(head, unit, glue, 100 * 1024),
                 large = repeated(head, unit, glue, 1024 * 1024);
    double ratios[ROUNDS], factor;

    for (size_t i = 0; i < ROUNDS; i++)
        ratios[i] = 1 / pass(b, &small, 1, PLANNING, 10) * pass(b, &large, 1, PLANNING, 1);
    factor = median(ratios, ROUNDS);
    printf("| %-34s | %15.1f | %17.1f |\n", title, factor, (double)b->memory / (double)large.size);
    free((void *)(uintptr_t)small.data);
    free((void *)(uintptr_t)large.data);
}

static void all_linear(struct bench *b)
{
    printf("\n| 1 MiB of statement                 | cost to 100 KiB | memory, to its size |\n"
           "| ---------------------------------- | --------------: | ------------------: |\n");
    linear(b, "a list of numbers", "SELECT * FROM sales.orders WHERE id IN (", "1234567", ", ");
    linear(b, "rows of VALUES", "INSERT INTO sales.orders VALUES ",
           "(17, 'a text', 3.25, NULL, '2024-02-29')", ", ");
    linear(b, "UNION ALL of joins", "",
           "SELECT o.id, sales.items.name, count(*) FROM sales.orders o JOIN sales.items "
           "ON sales.items.id = o.item_id WHERE o.day > '2024-01-01' GROUP BY 1, 2",
           "\nUNION ALL\n");
    linear(b, "conditions on qualified columns", "SELECT 1 FROM sales.orders WHERE ",
           "sales.orders.amount * 1.2 > orders.tax", " OR ");
    linear(b, "tables joined by commas", "SELECT 1 FROM sales.first, ", "dim.orders", ", ");
}

static struct slice file_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(65536);
    size_t size;

    if (!file || !text) {
        perror(path);
        exit(1);
    }
    size = fread(text, 1, 65536, file);
    fclose(file);
    while (size && (text[size - 1] == '\n' || text[size - 1] == ';'))
        size--;
    return slice_make(text, size);
}

static bool is_wanted(const char *part)
{
    const char *only = getenv("BENCH_SQL");

    return !only || !*only || strstr(only, part);
}

int main(int argc, char **argv)
{
    static const char point[] = "SELECT id, customer, amount, state FROM sales.orders WHERE id = "
                                "184467 AND day = '2024-02-29' LIMIT 1";
    static const char macro[] = "SELECT id, customer, amount, state FROM ${sales}.orders WHERE id "
                                "= 184467 AND day = '24-02-29' LIMIT 1";
    static const char bare[] = "SELECT id, customer, amount, state FROM orders WHERE id = 184467 "
                               "AND day = '2024-02-29' AND x < 3 LIMIT 1";
    static const char one[] = "SELECT TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA "
                              "= 'sales' AND TABLE_NAME = 'orders'";
    static const char columns[] =
        "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.columns WHERE TABLE_SCHEMA = "
        "'sales' AND TABLE_NAME = 'orders' ORDER BY ORDINAL_POSITION";
    static const char views[] = "SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.views";
    struct slice texts[TEXTS], points[] = {SLICE(point), SLICE(macro), SLICE(bare)},
                               metadata[] = {SLICE(one), SLICE(columns), SLICE(views),
                                             SLICE("SHOW FULL TABLES FROM sales LIKE 'o%'")};
    struct arena_pool pool = {.keep = 64};
    struct bench b = {.here = {.multi_statements = true}};
    struct findings findings;
    struct config *config;
    struct error e;
    size_t count = 0;

    findings_init(&findings);
    config = argc > 2 ? config_load(argv[1], &findings) : NULL;
    if (!config) {
        findings_print(&findings, stderr);
        fprintf(stderr, "usage: sql CONFIG FILE…\n");
        return 2;
    }
    b.here.config = config;
    b.here.user = config_find_user(config, SLICE("own"));
    must(b.here.user && plan_select(config, b.here.user, PROD, SLICE("sales"), &b.here.at, &e));
    arena_init(&b.arena, &pool);
    for (int i = 2; i < argc && count < TEXTS; i++)
        texts[count++] = file_read(argv[i]);
    if (is_wanted("long"))
        compare(&b, "long analytic statements", texts, count);
    if (is_wanted("point"))
        compare(&b, "point selects", points, sizeof points / sizeof *points);
    if (is_wanted("metadata"))
        compare(&b, "metadata statements", metadata, sizeof metadata / sizeof *metadata);
    if (is_wanted("linear"))
        all_linear(&b);
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)texts[i].data);
    arena_pool_fini(&pool);
    config_unref(config);
    findings_fini(&findings);
    return b.sum ? 0 : 1;
}
