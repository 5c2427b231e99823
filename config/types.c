/* What one value may look like: the columns `type` of the field tables. */
#include "config/fields.h"

#include <sys/stat.h>

#include "base/utf8.h"

/* --- strings --- */

static bool text_fits(struct load *l, const struct field *f, struct slice text)
{
    size_t size = utf8_count(text);

    if (size < f->least && size == 0)
        load_wrong(l, "must not be empty");
    else if (f->most && size > f->most)
        load_wrong(l, "has %zu characters, at most %llu are allowed", size,
                   (unsigned long long)f->most);
    else
        return true;
    return false;
}

static void read_text(struct load *l, const struct field *f, json_t *value, void *member)
{
    if (load_expects(l, value, JSON_STRING, f->type->what) && text_fits(l, f, json_slice(value)))
        *(struct slice *)member = arena_copy(l->arena, json_slice(value));
}

static json_t *write_text(const struct field *f, const void *member, struct arena *scratch)
{
    const struct slice *text = member;

    (void)f, (void)scratch;
    return text->size ? slice_json(*text) : NULL;
}

static json_t *schema_text(const struct field *f)
{
    json_t *schema = json_pack("{s:s}", "type", "string");

    if (f->least)
        json_object_set_new(schema, "minLength", json_integer((json_int_t)f->least));
    if (f->most)
        json_object_set_new(schema, "maxLength", json_integer((json_int_t)f->most));
    return schema;
}

const struct field_type type_text = {"a string", NULL, read_text, write_text, schema_text};
const struct field_type type_name = {"a name", NULL, read_text, write_text, schema_text};

/* --- paths of files that must be there --- */

static void check_readable(struct load *l, const struct field *f, const char *path)
{
    char *bytes = NULL;
    size_t size = 0;
    mode_t mode = 0;
    const char *problem = file_read(path, 1 << 20, &bytes, &size, &mode);

    if (problem)
        load_wrong(l, "%s: %s", shown(l, slice_of(path)), problem);
    else if (f->type == &type_key_file)
        load_warn_open(l, path, mode);
    if (bytes)
        secret_wipe(bytes, size);
    free(bytes);
}

static void read_file(struct load *l, const struct field *f, json_t *value, void *member)
{
    if (!load_expects(l, value, JSON_STRING, f->type->what))
        return;
    struct slice text = json_slice(value);
    if (slice_starts_with(text, SLICE("file:")))
        text = slice_after(text, strlen("file:"));
    if (text.size == 0) {
        load_wrong(l, "must not be empty");
        return;
    }
    const char *path = path_beside(l, text);
    check_readable(l, f, path);
    *(struct slice *)member = arena_copy(l->arena, slice_of(path));
}

const struct field_type type_file = {"a path", NULL, read_file, write_text, schema_text};
const struct field_type type_key_file = {"a path", NULL, read_file, write_text, schema_text};

/* --- numbers --- */

static bool read_number(struct load *l, const struct field *f, json_t *value, uint64_t *number)
{
    if (!load_expects(l, value, JSON_INTEGER, f->type->what))
        return false;
    json_int_t given = json_integer_value(value);
    if (given < 0 || (uint64_t)given < f->least || (uint64_t)given > f->most) {
        load_wrong(l, "%lld is out of range: %llu to %llu", (long long)given,
                   (unsigned long long)f->least, (unsigned long long)f->most);
        return false;
    }
    *number = (uint64_t)given;
    return true;
}

static uint64_t preset_number(const struct field *f)
{
    return f->fallback ? strtoull(f->fallback, NULL, 10) : 0;
}

static json_t *write_number(const struct field *f, uint64_t number)
{
    return number || f->fallback ? json_integer((json_int_t)number) : NULL;
}

static json_t *schema_number(const struct field *f)
{
    return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)f->least,
                     "maximum", (json_int_t)f->most);
}

#define NUMBER_TYPE(name, type)                                                                    \
    static void preset_##name(const struct field *f, void *member)                                 \
    {                                                                                              \
        *(type *)member = (type)preset_number(f);                                                  \
    }                                                                                              \
    static void read_##name(struct load *l, const struct field *f, json_t *value, void *member)    \
    {                                                                                              \
        uint64_t number;                                                                           \
                                                                                                   \
        if (read_number(l, f, value, &number))                                                     \
            *(type *)member = (type)number;                                                        \
    }                                                                                              \
    static json_t *write_##name(const struct field *f, const void *member, struct arena *scratch)  \
    {                                                                                              \
        (void)scratch;                                                                             \
        return write_number(f, *(const type *)member);                                             \
    }

NUMBER_TYPE(count, unsigned)
NUMBER_TYPE(size, size_t)
NUMBER_TYPE(millis, millis)

const struct field_type type_count = {"a number", preset_count, read_count, write_count,
                                      schema_number};
const struct field_type type_size = {"a number of bytes", preset_size, read_size, write_size,
                                     schema_number};
const struct field_type type_millis = {"a number of milliseconds", preset_millis, read_millis,
                                       write_millis, schema_number};

/* --- truths --- */

static void read_bool(struct load *l, const struct field *f, json_t *value, void *member)
{
    if (!json_is_boolean(value))
        load_expects(l, value, JSON_TRUE, f->type->what);
    else
        *(bool *)member = json_is_true(value);
}

static json_t *write_bool(const struct field *f, const void *member, struct arena *scratch)
{
    (void)f, (void)scratch;
    return *(const bool *)member ? json_true() : NULL;
}

static json_t *schema_bool(const struct field *f)
{
    (void)f;
    return json_pack("{s:s}", "type", "boolean");
}

const struct field_type type_bool = {"true or false", NULL, read_bool, write_bool, schema_bool};

/* --- one of a few words; the member is an enum, which gcc and clang keep in an unsigned --- */

static void preset_word(const struct field *f, void *member)
{
    for (const struct word *w = f->more; f->fallback && w->text; w++)
        if (strcmp(w->text, f->fallback) == 0)
            *(unsigned *)member = w->value;
}

static void read_word(struct load *l, const struct field *f, json_t *value, void *member)
{
    if (!load_expects(l, value, JSON_STRING, f->type->what))
        return;
    const struct word *word = word_read(l, f->more, json_slice(value));
    if (word)
        *(unsigned *)member = word->value;
}

static json_t *write_word(const struct field *f, const void *member, struct arena *scratch)
{
    const char *word = word_of(f->more, *(const unsigned *)member);

    (void)scratch;
    return *word ? json_string(word) : NULL;
}

static json_t *schema_word(const struct field *f)
{
    json_t *words = json_array();

    for (const struct word *w = f->more; w->text; w++)
        json_array_append_new(words, json_string(w->text));
    return json_pack("{s:o}", "enum", words);
}

const struct field_type type_word = {"a word", preset_word, read_word, write_word, schema_word};

/* --- the same, kept as text --- */

static void preset_word_text(const struct field *f, void *member)
{
    if (f->fallback)
        *(struct slice *)member = slice_of(f->fallback);
}

static void read_word_text(struct load *l, const struct field *f, json_t *value, void *member)
{
    if (!load_expects(l, value, JSON_STRING, f->type->what))
        return;
    const struct word *word = word_read(l, f->more, json_slice(value));
    if (word)
        *(struct slice *)member = slice_of(word->text);
}

const struct field_type type_word_text = {"a word", preset_word_text, read_word_text, write_text,
                                          schema_word};

/* --- "all", kept as a truth --- */

static void read_all(struct load *l, const struct field *f, json_t *value, void *member)
{
    if (load_expects(l, value, JSON_STRING, f->type->what))
        *(bool *)member = word_read(l, words_of_all, json_slice(value)) != NULL;
}

static json_t *write_all(const struct field *f, const void *member, struct arena *scratch)
{
    (void)f, (void)scratch;
    return *(const bool *)member ? json_string("all") : NULL;
}

const struct field_type type_all = {"\"all\"", NULL, read_all, write_all, schema_word};

/* --- objects inside objects --- */

static void preset_object(const struct field *f, void *member)
{
    object_preset(f->more, member);
}

static void read_object(struct load *l, const struct field *f, json_t *value, void *member)
{
    object_read(l, f->more, value, member);
}

static json_t *write_object(const struct field *f, const void *member, struct arena *scratch)
{
    return object_write(f->more, member, scratch);
}

static json_t *schema_object(const struct field *f)
{
    return object_reference(f->more);
}

const struct field_type type_object = {"an object", preset_object, read_object, write_object,
                                       schema_object};
