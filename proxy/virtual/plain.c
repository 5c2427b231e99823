#include "proxy/virtual/plain.h"

#include <errno.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"
#include "base/utf8.h"
#include "protocol/sql/sql.h"

/* A name that came in quotes may hold bytes that JSON strings cannot: those are left out. */
static json_t *json_text(struct slice text)
{
    json_t *made = json_stringn(text.data ? text.data : "", text.size);

    return made ? made : json_string("");
}

static json_t *part_json(const struct sql_part *part, struct arena *arena)
{
    if (!part->is_macro)
        return json_text(part->value);
    return json_text(arena_print(arena, "${%.*s}", SHOW(part->value)));
}

static json_t *reference_json(const struct sql_reference *r, struct arena *arena)
{
    json_t *parts = json_array();
    json_t *made = json_object();

    for (uint32_t i = 0; i < r->count; i++)
        json_array_append_new(parts, part_json(&r->parts[i], arena));
    json_object_set_new(made, "kind", json_string(sql_kind_name(r->kind)));
    json_object_set_new(made, "access", json_string(sql_access_name(r->access)));
    json_object_set_new(made, "parts", parts);
    json_object_set_new(made, "start", json_integer(r->start));
    json_object_set_new(made, "end", json_integer(r->end));
    if (r->scope != SCOPE_NONE)
        json_object_set_new(made, "res", json_string(sql_scope_name(r->scope)));
    return made;
}

static void write_free(json_t *value, FILE *out)
{
    must(value);
    json_dumpf(value, out, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
}

/* Its references one by one: a long statement has a hundred thousand. */
static void statement_write(const struct sql_statement *s, FILE *out, struct arena *arena)
{
    fprintf(out, "{\"kind\":\"%s\",\"refs\":[", sql_rule_name(s->rule));
    for (uint32_t i = 0; i < s->reference_count; i++) {
        fputs(i ? "," : "", out);
        write_free(reference_json(s->references[i], arena), out);
    }
    fputs("]}", out);
}

static void answer(json_t *id, struct slice text, FILE *out, unsigned max_depth,
                   struct arena *arena)
{
    struct sql_options options = {.max_depth = max_depth, .every_column = true};
    struct sql_text read;
    struct error e;

    if (!sql_read(text, &options, arena, &read, &e)) {
        write_free(json_pack("{s:O?, s:b, s:s}", "id", id, "ok", 0, "error", e.text), out);
        return;
    }
    fputs("{\"id\":", out);
    write_free(id ? json_incref(id) : json_null(), out);
    fputs(",\"ok\":true,\"statements\":[", out);
    for (uint32_t i = 0; i < read.count; i++) {
        fputs(i ? "," : "", out);
        statement_write(&read.statements[i], out, arena);
    }
    fputs("]}", out);
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Base64, padding optional; bytes that are no digits of it are skipped. */
static struct slice decoded(struct slice text, struct arena *arena)
{
    unsigned char *made = arena_alloc(arena, text.size);
    uint32_t bits = 0;
    unsigned count = 0;
    size_t size = 0;

    for (size_t i = 0; i < text.size; i++) {
        int value = digit_value(text.data[i]);
        if (value < 0)
            continue;
        bits = (bits << 6 | (uint32_t)value) & 0xffffffU;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        made[size++] = (unsigned char)(bits >> count);
    }
    return slice_make(made, size);
}

static bool line_answer(struct slice line, FILE *out, unsigned max_depth, struct arena *arena)
{
    json_t *object = json_loadb(line.data, line.size, JSON_ALLOW_NUL, NULL);
    json_t *sql = json_object_get(object, "sql"), *coded = json_object_get(object, "sql_b64");
    struct slice text = {NULL, 0};

    if (json_is_string(sql))
        text = slice_make(json_string_value(sql), json_string_length(sql));
    else if (json_is_string(coded))
        text = decoded(slice_make(json_string_value(coded), json_string_length(coded)), arena);
    bool ok = json_is_string(sql) || json_is_string(coded);
    if (ok)
        answer(json_object_get(object, "id"), text, out, max_depth, arena);
    else
        write_free(json_pack("{s:b, s:s}", "ok", 0, "error",
                             "a line must be an object with \"id\" and \"sql\" or \"sql_b64\""),
                   out);
    fputc('\n', out);
    json_decref(object);
    return ok;
}

int plain_explain(FILE *in, FILE *out, unsigned max_depth)
{
    struct arena arena;
    char *line = NULL;
    size_t room = 0;
    int status = 0;

    arena_init(&arena, NULL);
    for (ssize_t size; (size = getline(&line, &room, in)) > 0;) {
        if (line[0] == '\n')
            continue;
        if (!line_answer(slice_make(line, (size_t)size), out, max_depth, &arena))
            status = 1;
        arena_clear(&arena);
    }
    free(line);
    return ferror(in) || fflush(out) ? 1 : status;
}
