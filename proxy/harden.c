#include "proxy/harden.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"

static const struct log_context who = {.worker = "main"};

static bool become(const char *name, struct error *e)
{
    errno = 0;
    const struct passwd *user = getpwnam(name);

    if (!user)
        return refuse(e, ERROR_CONFIG, "settings.run_as: there is no user '%s' on this machine",
                      name);
    if (user->pw_uid == 0)
        return refuse(e, ERROR_CONFIG, "settings.run_as: '%s' is root under another name", name);
    if (geteuid() == user->pw_uid)
        return true;
    if (initgroups(name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0
        || setuid(user->pw_uid) != 0)
        return refuse(e, ERROR_CONFIG, "settings.run_as: cannot become '%s': %s; start as root",
                      name, strerror(errno));
    if (setuid(0) == 0 || seteuid(0) == 0) /* it must be for good */
        return refuse(e, ERROR_CONFIG, "settings.run_as: root's rights could not be given up");
    return true;
}

static void forbid_dumps(void)
{
    const struct rlimit none = {0, 0};

    bool is_limited = setrlimit(RLIMIT_CORE, &none) == 0; /* of no use without the other */
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || !is_limited)
        log_warning(&who, "start", "core dumps could not be turned off: %s", strerror(errno));
}

bool process_harden(const struct config *c, struct error *e)
{
    const struct settings *settings = &c->settings;

    if (settings->run_as.size && !become(settings->run_as.data, e))
        return false;
    if (geteuid() == 0)
        log_warning(&who, "start",
                    "runs as root; \"settings\": {\"run_as\": \"starbind\"} gives that up");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        log_warning(&who, "start", "PR_SET_NO_NEW_PRIVS: %s", strerror(errno));
    if (!settings->core_dumps)
        forbid_dumps();
    return true;
}

void process_take_files(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        log_warning(&who, "start", "the limit of open files stays as it is: %s", strerror(errno));
}
