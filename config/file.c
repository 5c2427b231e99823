/* The files of a configuration: the one that was named, and what it includes, depth first. */
#include "config/config_private.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

static const char *read_all(int fd, size_t most, size_t expected, char **bytes, size_t *size)
{
    size_t room = expected + 1, got = 0;
    char *made = memory_new(room + 1, 1);

    for (;;) {
        ssize_t n = read(fd, made + got, room - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || got + (size_t)n > most) {
            int why = errno;
            if (n == 0) {
                made[got] = '\0';
                *bytes = made;
                *size = got;
                return NULL;
            }
            secret_wipe(made, room);
            free(made);
            return n < 0 ? strerror(why) : "the file is too long";
        }
        got += (size_t)n;
        if (got == room) {
            char *larger = memory_new(room * 2 + 1, 1);
            memcpy(larger, made, got);
            secret_wipe(made, room);
            free(made);
            made = larger;
            room *= 2;
        }
    }
}

const char *file_read(const char *path, size_t most, char **bytes, size_t *size, mode_t *mode)
{
    struct stat about;
    const char *problem = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* never wait for a pipe's writer */

    if (fd < 0)
        return strerror(errno);
    if (fstat(fd, &about) != 0)
        problem = strerror(errno);
    else if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode))
        problem = "not a regular file";
    else if (about.st_size > 0 && (size_t)about.st_size > most)
        problem = "the file is too long";
    else if (fcntl(fd, F_SETFL, 0) != 0)
        problem = strerror(errno);
    else
        problem = read_all(fd, most, about.st_size > 0 ? (size_t)about.st_size : 4096, bytes, size);
    if (!problem && mode)
        *mode = S_ISREG(about.st_mode) ? about.st_mode : 0;
    close(fd);
    return problem;
}

const char *path_beside(struct load *l, struct slice path)
{
    struct slice here = l->document ? l->document->path : SLICE("");
    const char *slash = here.size ? memrchr(here.data, '/', here.size) : NULL;

    if ((path.size && path.data[0] == '/') || !slash)
        return arena_text(&l->scratch, path);
    return arena_print(&l->scratch, "%.*s/%.*s", (int)(slash - here.data), here.data, SHOW(path))
        .data;
}

static void note_repeat(void *context, struct slice path, unsigned line, unsigned first)
{
    struct load *l = context;
    struct place at = {l->document, arena_copy(&l->scratch, path)};

    load_blame(l, at, (struct place){0}, "this key stands twice in its object, first in line %u",
               first);
    l->remarks[l->remark_count - 1].line = line;
}

/* jansson stops at the first repeated key; ours finds them all and lets the reading go on. */
static void parse(struct load *l, struct document *d)
{
    json_error_t error;

    d->root = json_loadb(d->bytes, d->size, JSON_REJECT_DUPLICATES, &error);
    if (!d->root && json_error_code(&error) == json_error_duplicate_key) {
        struct walker walker = {.context = l, .repeat = note_repeat};
        d->root = json_loadb(d->bytes, d->size, 0, &error);
        if (d->root)
            locate_walk(slice_make(d->bytes, d->size), &walker);
    }
    if (d->root)
        return;
    char *near = strstr(error.text, " near "); /* the bytes nearby may be a password's */
    if (near)
        *near = '\0';
    load_wrong(l, "no JSON: %s, column %d", error.text, error.column);
    l->remarks[l->remark_count - 1].line = (unsigned)(error.line > 0 ? error.line : 1);
}

static const struct document *same_file(const struct load *l, const struct stat *about)
{
    for (size_t i = 0; i < l->document_count; i++)
        if (l->documents[i]->inode == about->st_ino && l->documents[i]->device == about->st_dev)
            return l->documents[i];
    return NULL;
}

static void load_document(struct load *l, const char *path);

static bool may_include(struct load *l, const char *path)
{
    struct stat about;
    const struct document *same = stat(path, &about) == 0 ? same_file(l, &about) : NULL;
    unsigned depth = 0;

    for (const struct document *d = l->document; d; d = d->parent) {
        if (d == same) {
            load_wrong(l, "%s is included by itself", shown(l, slice_of(path)));
            return false;
        }
        depth++;
    }
    if (same)
        load_wrong(l, "%s is included twice", shown(l, slice_of(path)));
    else if (depth > INCLUDE_DEPTH_MAX)
        load_wrong(l, "included files nest deeper than %d", INCLUDE_DEPTH_MAX);
    else if (l->document_count >= DOCUMENTS_MAX)
        load_wrong(l, "there are more than %d files", DOCUMENTS_MAX);
    else
        return true;
    return false;
}

/* The pattern beside the including file, whose own directory is no pattern. */
static const char *pattern_beside(struct load *l, struct slice pattern)
{
    struct slice directory = slice_of(path_beside(l, SLICE("")));
    char *made, *at;

    if (pattern.data[0] == '/')
        return arena_text(&l->scratch, pattern);
    made = at = arena_alloc(&l->scratch, directory.size * 2 + pattern.size + 1);
    for (size_t i = 0; i < directory.size; i++) {
        if (strchr("*?[\\", directory.data[i]))
            *at++ = '\\';
        *at++ = directory.data[i];
    }
    memcpy(at, pattern.data, pattern.size);
    return made;
}

/* A folder that is not there matches nothing; one that cannot be read is told. */
static int is_unreadable(const char *path, int why)
{
    (void)path;
    return why != ENOENT && why != ENOTDIR;
}

static void include(struct load *l, struct slice pattern)
{
    glob_t found = {0};
    bool is_pattern = pattern.size && strpbrk(pattern.data, "*?[");

    if (pattern.size == 0) {
        load_wrong(l, "a path must not be empty");
        return;
    }
    int result = glob(pattern_beside(l, pattern), 0, is_unreadable, &found);
    if (result == GLOB_NOMATCH && !is_pattern)
        load_wrong(l, "%s: no such file", shown(l, pattern));
    else if (result != 0 && result != GLOB_NOMATCH)
        load_wrong(l, "%s: the folder cannot be read", shown(l, pattern));
    for (size_t i = 0; result == 0 && i < found.gl_pathc; i++)
        if (may_include(l, found.gl_pathv[i]))
            load_document(l, found.gl_pathv[i]);
    globfree(&found);
}

static void include_all(struct load *l, json_t *list)
{
    size_t at = load_enter(l, "include"), i;
    json_t *element;

    if (list && load_expects(l, list, JSON_ARRAY, "a list of paths"))
        json_array_foreach(list, i, element)
        {
            size_t inner = load_enter_index(l, i);
            if (load_expects(l, element, JSON_STRING, "a path"))
                include(l, json_slice(element));
            load_leave(l, inner);
        }
    load_leave(l, at);
}

static struct document *document_new(struct load *l, const char *path)
{
    struct document *d = arena_alloc(&l->scratch, sizeof(*d));
    size_t room = l->document_count + 1;

    d->path = arena_copy(&l->scratch, slice_of(path));
    d->order = l->document_count;
    d->parent = l->document;
    if ((room & l->document_count) == 0) /* a power of two is full */
        l->documents = memory_resize(l->documents, room * 2, sizeof(struct document *));
    l->documents[l->document_count++] = d;
    return d;
}

/* The bytes, now the document's, and what they include. */
static void take_document(struct load *l, struct document *d, char *bytes, size_t size)
{
    d->bytes = bytes;
    d->size = size;
    l->bytes += size;
    parse(l, d);
    if (d->root && load_expects(l, d->root, JSON_OBJECT, "an object"))
        include_all(l, json_object_get(d->root, "include"));
}

/* Reads one file and what it includes. An unreadable file is told where it was included, if it was.
 */
static void load_document(struct load *l, const char *path)
{
    char *bytes = NULL;
    size_t size = 0;
    struct stat about;
    const char *problem = file_read(path, FILE_BYTES_MAX, &bytes, &size, NULL);

    if (!problem && l->bytes + size > ALL_BYTES_MAX) {
        secret_wipe(bytes, size);
        free(bytes);
        problem = "all files together are too long";
    }
    if (problem && l->document) {
        load_wrong(l, "%s: %s", shown(l, slice_of(path)), problem);
        return;
    }
    const struct document *outer = l->document;
    struct path outer_path = l->path;
    struct document *d = document_new(l, path);
    l->document = d;
    l->path = (struct path){0};
    if (!problem && stat(path, &about) == 0) {
        d->device = about.st_dev;
        d->inode = about.st_ino;
    }
    if (problem)
        load_wrong(l, "%s", problem);
    else
        take_document(l, d, bytes, size);
    path_fini(&l->path);
    l->document = outer;
    l->path = outer_path;
}

static bool are_objects(const struct load *l)
{
    for (size_t i = 0; i < l->document_count; i++)
        if (!json_is_object(l->documents[i]->root))
            return false;
    return true;
}

bool load_bytes(struct load *l, const char *name, struct slice text)
{
    l->document = document_new(l, name);
    take_document(l, (struct document *)(uintptr_t)l->document, memory_copy(text), text.size);
    return are_objects(l);
}

bool load_documents(struct load *l, const char *path)
{
    load_document(l, path);
    return are_objects(l);
}

void documents_free(struct load *l)
{
    for (size_t i = 0; i < l->document_count; i++) {
        struct document *d = l->documents[i];
        json_decref(d->root);
        if (d->bytes)
            secret_wipe(d->bytes, d->size);
        free(d->bytes);
    }
    free(l->documents);
}
