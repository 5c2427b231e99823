/* `starbind explain -c FILE`: judges SQL from standard input, one JSON object a line, by the code
 * that sessions run, and connects to nothing. DESIGN.md section 9 has the format. */
#include <getopt.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"
#include "config/config.h"
#include "proxy/commands.h"
#include "proxy/plan/plan.h"
#include "proxy/virtual/plain.h"

struct explain {
    const struct config *config;
    const char *user, *database; /* for lines that name none; may be NULL */
    struct arena arena;
};

/* One line of input. The strings are the JSON's. */
struct question {
    json_t *line; /* owned */
    json_t *id;   /* borrowed */
    struct slice user, database, sql;
};

/* Text as JSON; bytes that are no UTF-8 become question marks. */
static json_t *text_of(struct explain *x, struct slice text)
{
    json_t *value = json_stringn(text.size ? text.data : "", text.size);
    char *copy;

    if (value)
        return value;
    copy = arena_alloc(&x->arena, text.size + 1);
    for (size_t i = 0; i < text.size; i++)
        copy[i] = (unsigned char)text.data[i] < 0x80 ? text.data[i] : '?';
    return json_stringn(copy, text.size);
}

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

static bool decode_base64(struct explain *x, struct slice text, struct slice *bytes)
{
    char *out = arena_alloc(&x->arena, text.size + 1);
    unsigned held = 0, bits = 0;
    size_t n = 0, i = 0;

    for (; i < text.size && text.data[i] != '='; i++) {
        int digit = digit_of(text.data[i]);

        if (digit < 0)
            return false;
        held = (held << 6 | (unsigned)digit) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (char)(unsigned char)(held >> bits & 0xff);
        }
    }
    for (; i < text.size; i++)
        if (text.data[i] != '=')
            return false;
    *bytes = slice_make(out, n);
    return true;
}

static struct slice member(const json_t *line, const char *key, const char *otherwise)
{
    const json_t *value = json_object_get(line, key);

    return json_is_string(value) ? slice_make(json_string_value(value), json_string_length(value))
                                 : slice_of(otherwise);
}

static bool read_question(struct explain *x, struct slice text, struct question *q, struct error *e)
{
    json_error_t wrong;
    const json_t *encoded;

    q->line = json_loadb(text.data, text.size, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &wrong);
    if (!q->line)
        return refuse(e, ERROR_SYNTAX, "not JSON: %s", wrong.text);
    if (!json_is_object(q->line))
        return refuse(e, ERROR_SYNTAX, "not a JSON object");
    q->id = json_object_get(q->line, "id");
    q->user = member(q->line, "user", x->user);
    q->database = member(q->line, "database", x->database);
    q->sql = member(q->line, "sql", NULL);
    encoded = json_object_get(q->line, "sql_b64");
    if (json_is_string(encoded) && !decode_base64(x, member(q->line, "sql_b64", NULL), &q->sql))
        return refuse(e, ERROR_SYNTAX, "\"sql_b64\" is not base64");
    if (!json_is_string(encoded) && !json_is_string(json_object_get(q->line, "sql")))
        return refuse(e, ERROR_SYNTAX, "\"sql\" is missing");
    return true;
}

static json_t *parts_of(struct explain *x, const struct sql_reference *r)
{
    json_t *parts = json_array();

    for (uint32_t i = 0; i < r->count; i++) {
        const struct sql_part *part = &r->parts[i];
        struct slice value = part->value;

        if (part->is_macro)
            value = arena_print(&x->arena, "${%.*s}", SHOW(value));
        json_array_append_new(parts, text_of(x, value));
    }
    return parts;
}

static json_t *reference_of(struct explain *x, const struct plan_reference *bound)
{
    const struct sql_reference *r = bound->reference;
    json_t *one = json_object();

    json_object_set_new(one, "kind", json_string(sql_kind_name(r->kind)));
    json_object_set_new(one, "parts", parts_of(x, r));
    json_object_set_new(one, "access", json_string(sql_access_name(r->access)));
    json_object_set_new(one, "start", json_integer(r->start));
    json_object_set_new(one, "end", json_integer(r->end));
    json_object_set_new(one, "project", text_of(x, bound->binding->project->name));
    json_object_set_new(one, "environment",
                        json_string(environment_name(bound->binding->environment)));
    json_object_set_new(one, "database", text_of(x, bound->binding->database));
    return one;
}

/* One by one: a long statement has a hundred thousand. */
static void references_write(struct explain *x, const struct plan *p)
{
    const char *before = "";

    for (size_t i = 0; i < p->reference_count; i++) {
        if (!p->references[i].binding)
            continue;
        json_t *one = reference_of(x, &p->references[i]);

        fputs(before, stdout);
        json_dumpf(one, stdout, 0);
        json_decref(one);
        before = ", ";
    }
}

/* The keys in DESIGN's order; what the gateway answers by itself has empty texts, for nothing is
 * sent. */
static json_t *allow(struct explain *x, const struct question *q, const struct plan *p)
{
    json_t *out = json_object();
    struct slice none = {"", 0};

    json_object_set(out, "id", q->id ? q->id : json_null());
    json_object_set_new(out, "decision", json_string("allow"));
    json_object_set_new(out, "kind", json_string(sql_class_name(sql_rule_class(p->rule))));
    json_object_set_new(out, "sql", text_of(x, p->text));
    json_object_set_new(out, "cluster", text_of(x, p->nominal ? p->nominal->cluster->name : none));
    json_object_set_new(out, "account",
                        text_of(x, p->nominal ? p->nominal->account.username : none));
    json_object_set_new(out, "resource_group", text_of(x, p->resource_group));
    return out;
}

static json_t *deny(struct explain *x, const struct question *q, const struct plan *p,
                    const struct error *e)
{
    json_t *out = json_object();
    bool is_read = p && p->step_count > 0;

    json_object_set(out, "id", q->id ? q->id : json_null());
    json_object_set_new(out, "decision", json_string("deny"));
    json_object_set_new(out, "kind",
                        json_string(is_read ? sql_class_name(sql_rule_class(p->rule)) : "unknown"));
    json_object_set_new(out, "errno", json_integer(e->number));
    json_object_set_new(out, "sqlstate", json_string(e->sqlstate));
    json_object_set_new(out, "message", text_of(x, slice_of(e->text)));
    return out;
}

/* The references of *p are those to be told; they borrow from `here`. */
static json_t *judge(struct explain *x, const struct question *q, struct plan_context *here,
                     struct plan *p)
{
    struct error e;
    json_t *out;

    here->user = config_find_user(x->config, q->user);
    if (!here->user) {
        refuse(&e, ERROR_LOGIN, "Access denied for user '%.*s'", SHOW(q->user));
        return deny(x, q, NULL, &e);
    }
    if (!plan_select(x->config, here->user, PROD,
                     q->database.size ? q->database : here->user->default_project, &here->at, &e))
        return deny(x, q, NULL, &e);
    if (q->sql.size > x->config->settings.max_statement_bytes) {
        refuse(&e, ERROR_PACKET_SIZE, "The statement is longer than max_statement_bytes (%zu)",
               x->config->settings.max_statement_bytes);
        return deny(x, q, NULL, &e);
    }
    if (plan_make(p, here, q->sql, &x->arena, &e))
        return allow(x, q, p);
    out = deny(x, q, p, &e);
    p->reference_count = 0;
    return out;
}

static void explain_line(struct explain *x, struct slice text)
{
    struct question q = {.line = NULL};
    struct plan_context here = {
        .config = x->config, .listener = PROD, .at.environment = PROD, .multi_statements = true};
    struct plan p = {.reference_count = 0};
    struct error e;
    json_t *out = read_question(x, text, &q, &e) ? judge(x, &q, &here, &p) : deny(x, &q, NULL, &e);
    char *head = json_dumps(out, 0);

    must(head);
    fwrite(head, 1, strlen(head) - 1, stdout); /* up to its last brace */
    fputs(", \"references\": [", stdout);
    references_write(x, &p);
    fputs("]}\n", stdout);
    free(head);
    json_decref(out);
    json_decref(q.line);
    arena_clear(&x->arena);
}

static int explain_lines(struct explain *x)
{
    struct arena_pool pool = {.keep = 64};
    size_t room = 0;
    char *line = NULL;
    ssize_t n;

    arena_init(&x->arena, &pool);
    while ((n = getline(&line, &room, stdin)) >= 0) {
        struct slice text = slice_make(line, (size_t)n);

        while (text.size && strchr("\r\n\t ", text.data[text.size - 1]))
            text.size--;
        if (text.size)
            explain_line(x, text);
    }
    free(line);
    arena_pool_fini(&pool);
    return fflush(stdout) == 0 && !ferror(stdin) ? 0 : 1;
}

static int explain_with(const char *path, struct explain *x)
{
    struct findings findings;
    struct config *config;
    int status = 1;

    findings_init(&findings);
    config = config_load(path, &findings);
    if (config) {
        x->config = config;
        status = explain_lines(x);
    } else {
        findings_print(&findings, stderr);
    }
    config_unref(config);
    findings_fini(&findings);
    return status;
}

int explain_command(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"user", required_argument, NULL, 'u'},
                                            {"database", required_argument, NULL, 'd'},
                                            {"plain", no_argument, NULL, 'p'},
                                            {NULL, 0, NULL, 0}};
    struct explain x = {.config = NULL};
    const char *path = NULL;
    bool is_plain = false, is_wrong = false;
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "c:u:d:", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            path = optarg;
            break;
        case 'u':
            x.user = optarg;
            break;
        case 'd':
            x.database = optarg;
            break;
        case 'p':
            is_plain = true;
            break;
        default:
            is_wrong = true;
        }
    }
    is_wrong |= optind != argc;
    if (is_plain && !path && !is_wrong)
        return plain_explain(stdin, stdout, 0);
    if (path && !is_plain && !is_wrong)
        return explain_with(path, &x);
    fprintf(stderr, "usage: starbind explain -c FILE [--user NAME] [--database NAME] < LINES\n"
                    "       starbind explain --plain < LINES\n");
    return 2;
}
