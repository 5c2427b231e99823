/* Any bytes as a configuration: each finding has its line, and what loads is printed in a form that
 * loads again and prints the same. */
#include <stdint.h>
#include <unistd.h>

#include "base/must.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/starbind-fuzz-XXXXXX";
static char path[64];

static void clean(void)
{
    unlink(path);
    rmdir(folder);
}

static struct config *load(const void *data, size_t size)
{
    struct findings findings;

    if (!path[0]) {
        must(mkdtemp(folder));
        snprintf(path, sizeof(path), "%s/config.json", folder);
        atexit(clean);
    }
    FILE *file = fopen(path, "w");
    must(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
    findings_init(&findings);
    struct config *config = config_load(path, &findings);
    must((config != NULL) == (findings.errors == 0));
    if (config)
        config_can_run(config, &findings);
    for (size_t i = 0; i < findings.count; i++)
        must(findings.at[i].line > 0 && findings.at[i].text.size > 0);
    findings_fini(&findings);
    return config;
}

static char *printed(const struct config *config, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);

    config_print(config, out);
    fclose(out);
    return text;
}

/* A hash that is not shown is the one thing that does not load again. */
static void load_again(const char *text, size_t size)
{
    struct config *config =
        strstr(text, "_password\": \"***\"") || strstr(text, "\n          \"***\"")
            ? NULL
            : load(text, size);
    size_t again_size = 0;

    if (!config)
        return;
    char *again = printed(config, &again_size);
    must(again_size == size && memcmp(again, text, size) == 0);
    free(again);
    config_unref(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t text_size = 0;
    struct config *config = load(data, size);

    if (!config)
        return 0;
    char *text = printed(config, &text_size);
    config_unref(config);
    load_again(text, text_size);
    free(text);
    return 0;
}
