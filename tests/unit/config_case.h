/* A folder of configuration files that a test makes, loads and throws away. */
#ifndef TESTS_UNIT_CONFIG_CASE_H
#define TESTS_UNIT_CONFIG_CASE_H

#include "check.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "config/config.h"

struct config_case {
    char folder[64];
    struct findings findings;
    struct config *config;
};

#define A_HASH "*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9"

static inline void case_open(struct config_case *c)
{
    *c = (struct config_case){.folder = "/tmp/starbind-config-XXXXXX"};
    assert_non_null(mkdtemp(c->folder));
    findings_init(&c->findings);
    assert_int_equal(setenv("STARBIND_TEST_PASSWORD", "from the environment", 1), 0);
    assert_int_equal(setenv("STARBIND_TEST_SHORT", "short", 1), 0);
    assert_int_equal(unsetenv("STARBIND_TEST_UNSET"), 0);
}

static inline int case_remove(const char *path, const struct stat *about, int kind,
                              struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    return remove(path);
}

static inline void case_close(struct config_case *c)
{
    config_unref(c->config);
    findings_fini(&c->findings);
    assert_int_equal(nftw(c->folder, case_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* The path of a file in the folder; good until the next call but three. */
static inline const char *case_path(const struct config_case *c, const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", c->folder, name);
    return path;
}

static inline void case_write(const struct config_case *c, const char *name, const char *text)
{
    FILE *file = fopen(case_path(c, name), "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(case_path(c, name), 0600), 0);
}

static inline void case_load(struct config_case *c, const char *name)
{
    config_unref(c->config);
    findings_fini(&c->findings);
    findings_init(&c->findings);
    c->config = config_load(case_path(c, name), &c->findings);
}

/* Writes and loads main.json. */
static inline void case_try(struct config_case *c, const char *text)
{
    case_write(c, "main.json", text);
    case_load(c, "main.json");
}

/* Loads and wants no error. */
static inline void case_good(struct config_case *c, const char *text)
{
    case_try(c, text);
    if (!c->config)
        findings_print(&c->findings, stderr);
    assert_non_null(c->config);
    assert_int_equal(c->findings.errors, 0);
}

static inline bool case_contains(struct slice text, const char *part)
{
    return memmem(text.data, text.size, part, strlen(part)) != NULL;
}

/* The finding at a line of a file and a path whose text contains a part, or NULL. */
static inline const struct finding *case_find(const struct config_case *c, const char *file,
                                              unsigned line, const char *path, const char *part)
{
    for (size_t i = 0; i < c->findings.count; i++) {
        const struct finding *f = &c->findings.at[i];
        if (f->line == line && slice_equal(f->path, slice_of(path))
            && slice_ends_with(f->file, slice_of(file)) && case_contains(f->text, part))
            return f;
    }
    return NULL;
}

/* Fails, and shows what was found, unless that finding is there. */
static inline void case_wants(const struct config_case *c, const char *file, unsigned line,
                              const char *path, const char *part)
{
    if (case_find(c, file, line, path, part))
        return;
    findings_print(&c->findings, stderr);
    fail_msg("no finding %s:%u: %s: …%s…", file, line, path, part);
}

#endif
