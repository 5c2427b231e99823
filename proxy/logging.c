#include "proxy/logging.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"

enum { STANDARD_ERROR = 2 };

static bool has_fixed_level;

/* systemd tells in JOURNAL_STREAM which file the journal is; standard error may be another one. */
static bool writes_to_journal(void)
{
    const char *told = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat about;

    return told && sscanf(told, "%llu:%llu", &device, &inode) == 2
           && fstat(STANDARD_ERROR, &about) == 0 && about.st_dev == device && about.st_ino == inode;
}

static enum log_form form_of(const struct settings *settings)
{
    switch (settings->log_format) {
    case LOG_FORMAT_TEXT:
        return LOG_TEXT;
    case LOG_FORMAT_JSON:
        return LOG_JSON;
    case LOG_FORMAT_JOURNAL:
        return LOG_JOURNAL;
    case LOG_FORMAT_AUTO:
        break;
    }
    return !settings->log_file.size && writes_to_journal() ? LOG_JOURNAL : LOG_TEXT;
}

void logging_fix_level(void)
{
    has_fixed_level = true;
}

bool logging_apply(const struct settings *settings, const struct settings *before, struct error *e)
{
    const char *path = settings->log_file.data;

    if (settings->log_file.size && !log_to_file(path))
        return refuse(e, ERROR_CONFIG, "cannot open the log %s: %s", path, strerror(errno));
    if (!settings->log_file.size && before && before->log_file.size)
        log_to_standard_error();
    log_set_form(form_of(settings));
    log_set_limit(settings->log_limit);
    if (!has_fixed_level && (!before || before->log_level != settings->log_level))
        log_set_level(settings->log_level);
    return true;
}
