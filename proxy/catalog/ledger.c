/* A file is locked under another name before it gets its own: there is no moment in which a living
 * process's file could be taken for a dead one's. */
#include "proxy/catalog/ledger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fnv.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/config.h"

#define PREFIX "connections-"
#define DRAFT  ".draft-"

enum state { FREE, BEING_WRITTEN, GOOD };

static const struct log_context who = {.worker = "ledger"};

struct page {
    char magic[128]; /* as long as a line */
    struct ledger_line lines[LEDGER_LINES];
};

static const char magic[] = "starbind connections 1\n";

_Static_assert(sizeof(struct ledger_line) == 128, "the file's layout is part of its magic");

struct ledger {
    char *folder, *path; /* owned */
    int fd;
    struct page *page;
    atomic_uint hint; /* where a free line may be */
    atomic_bool was_full;
};

/* ---- this process's ---- */

static char *path_of(const char *folder, const char *prefix, const char *name)
{
    size_t size = strlen(folder) + strlen(prefix) + strlen(name) + 2;
    char *path = memory_new(size, 1);

    snprintf(path, size, "%s/%s%s", folder, prefix, name);
    return path;
}

static void *map(int fd)
{
    void *mapped = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return mapped == MAP_FAILED ? NULL : mapped;
}

/* Its blocks are reserved at once: a write to a mapping of a full disk would be a signal. */
static bool make(struct ledger *l)
{
    char *draft = path_of(l->folder, DRAFT, "XXXXXX");

    l->fd = mkostemp(draft, O_CLOEXEC);
    if (l->fd >= 0) {
        l->path = path_of(l->folder, PREFIX, draft + strlen(draft) - 6);
        int full = posix_fallocate(l->fd, 0, sizeof(struct page));
        if (full)
            errno = full;
        else if (flock(l->fd, LOCK_EX | LOCK_NB) == 0 && (l->page = map(l->fd))) {
            memcpy(l->page->magic, magic, sizeof(magic));
            if (rename(draft, l->path) == 0) {
                free(draft);
                return true;
            }
        }
        int why = errno;
        unlink(draft);
        errno = why;
    }
    free(draft);
    return false;
}

static void ledger_free(struct ledger *l)
{
    if (l->page)
        munmap(l->page, sizeof(*l->page));
    if (l->fd >= 0)
        close(l->fd);
    free(l->folder);
    free(l->path);
    free(l);
}

bool ledger_open(struct ledger **made, const char *folder, struct error *e)
{
    struct ledger *l = memory_new(1, sizeof(*l));

    l->folder = memory_copy(slice_of(folder));
    if (!make(l)) {
        refuse(e, ERROR_CONFIG, "settings.state_folder: cannot make a file in %s: %s", folder,
               strerror(errno));
        ledger_free(l);
        return false;
    }
    *made = l;
    return true;
}

void ledger_close(struct ledger *l)
{
    if (!l)
        return;
    unlink(l->path);
    ledger_free(l);
}

uint64_t ledger_name(struct slice source)
{
    return fnv_bytes(FNV_START, source);
}

static struct ledger_line *take_line(struct ledger *l)
{
    unsigned start = atomic_load_explicit(&l->hint, memory_order_relaxed);

    for (unsigned i = 0; i < LEDGER_LINES; i++) {
        struct ledger_line *line = &l->page->lines[(start + i) % LEDGER_LINES];
        unsigned expected = FREE;
        if (!atomic_compare_exchange_strong(&line->state, &expected, BEING_WRITTEN))
            continue;
        atomic_store_explicit(&l->hint, start + i + 1, memory_order_relaxed);
        return line;
    }
    return NULL;
}

struct ledger_line *ledger_note(struct ledger *l, struct slice source, const struct endpoint *at,
                                uint32_t connection, uint16_t from)
{
    struct ledger_line *line = l && at->host.size <= LEDGER_HOST_MAX ? take_line(l) : NULL;

    if (!line) {
        if (l && !atomic_exchange(&l->was_full, true))
            log_warning(&who, "ledger",
                        "no room for a connection to %.*s; after a crash some would be left there",
                        SHOW(at->host));
        return NULL;
    }
    line->connection = connection;
    line->source = ledger_name(source);
    line->from = from;
    line->port = at->port;
    memcpy(line->host, at->host.data, at->host.size);
    line->host[at->host.size] = '\0';
    atomic_store_explicit(&line->state, GOOD, memory_order_release);
    return line;
}

void ledger_strike(struct ledger_line *line)
{
    if (line)
        atomic_store_explicit(&line->state, FREE, memory_order_release);
}

/* ---- of those who are dead ---- */

/* Whoever was quicker may have removed it in between. */
static bool is_there(int fd)
{
    struct stat about;

    return fstat(fd, &about) == 0 && about.st_nlink > 0;
}

static bool is_sound(int fd, struct page **page)
{
    struct stat about;

    if (fstat(fd, &about) != 0 || about.st_size != (off_t)sizeof(struct page) || !(*page = map(fd)))
        return false;
    if (memcmp((*page)->magic, magic, sizeof(magic)) == 0)
        return true;
    munmap(*page, sizeof(struct page));
    return false;
}

static bool take(struct estate *found, const struct ledger *l, const char *name)
{
    char *path = path_of(l->folder, "", name);
    int fd = strcmp(path, l->path) == 0 ? -1 : open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct page *page;

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_there(fd)) {
        if (is_sound(fd, &page)) {
            *found = (struct estate){.lines = page->lines, .mapped = page, .fd = fd, .path = path};
            return true;
        }
        log_warning(&who, "ledger", "%s is not one of this version's files and was removed", path);
        unlink(path);
    }
    if (fd >= 0)
        close(fd);
    free(path);
    return false;
}

bool estate_find(struct estate *found, const struct ledger *l)
{
    DIR *folder = opendir(l->folder);
    const struct dirent *entry;
    bool is_found = false;

    while (folder && !is_found && (entry = readdir(folder)))
        is_found =
            strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 && take(found, l, entry->d_name);
    if (folder)
        closedir(folder);
    return is_found;
}

void estate_close(struct estate *e)
{
    bool is_done = true;

    for (size_t i = 0; i < LEDGER_LINES; i++)
        is_done &= atomic_load(&e->lines[i].state) != GOOD;
    if (is_done)
        unlink(e->path);
    munmap(e->mapped, sizeof(struct page));
    close(e->fd);
    free(e->path);
}
