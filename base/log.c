#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fnv.h"
#include "base/jsonline.h"
#include "base/logtail.h"
#include "base/utf8.h"
#include "base/writer.h"

enum { STANDARD_ERROR = 2, TEXT_MAX = 2048, LINE_MAX_BYTES = 8192, WINDOW = 10000, KINDS = 256 };

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const char *const priorities[] = {"<3>", "<4>", "<6>", "<7>"}; /* syslog(3) */

/* Lines that come from one place in the code, since this kind's window began. */
struct kind {
    const char *about, *format; /* constants; compared as pointers */
    enum log_level level;
    millis began;
    uint64_t written, suppressed;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_int threshold = LOG_INFO;
static int out = STANDARD_ERROR; /* guarded by mutex, like all below */
static bool is_own;              /* out is a file that was opened here */
static enum log_form form = LOG_TEXT;
static unsigned limit = 100;
static uint64_t last_hash, repetitions; /* of the line written last */
static uint64_t lost;                   /* lines that could not be written and were not told of */
static bool is_torn;                    /* the last write ended within a line */
static struct kind kinds[KINDS];
static size_t kind_count;
static millis swept;

/* ---- settings ---- */

static void direct(int fd, bool own)
{
    if (is_own)
        close(out);
    out = fd;
    is_own = own;
    is_torn = false;
}

void log_open(int fd, enum log_level level)
{
    pthread_mutex_lock(&mutex);
    direct(fd, false);
    pthread_mutex_unlock(&mutex);
    log_set_level(level);
}

void log_to_standard_error(void)
{
    pthread_mutex_lock(&mutex);
    direct(STANDARD_ERROR, false);
    pthread_mutex_unlock(&mutex);
}

bool log_to_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);

    if (fd < 0)
        return false;
    pthread_mutex_lock(&mutex);
    direct(fd, true);
    pthread_mutex_unlock(&mutex);
    return true;
}

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, (int)level);
}

bool log_level_named(const char *name, enum log_level *level)
{
    for (unsigned i = 0; i < sizeof(level_names) / sizeof(*level_names); i++)
        if (strcmp(level_names[i], name) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    return false;
}

void log_set_form(enum log_form wanted)
{
    pthread_mutex_lock(&mutex);
    form = wanted;
    pthread_mutex_unlock(&mutex);
}

void log_set_limit(unsigned lines)
{
    pthread_mutex_lock(&mutex);
    limit = lines;
    pthread_mutex_unlock(&mutex);
}

bool log_is_on(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

enum log_level log_level_now(void)
{
    return (enum log_level)atomic_load(&threshold);
}

const char *log_level_name(enum log_level level)
{
    return level_names[level];
}

/* ---- what a line looks like ---- */

static void put_text(struct writer *w, const char *text)
{
    put_bytes(w, slice_of(text));
}

/* Printable UTF-8 as it is, anything else as \xNN. */
static void put_escaped(struct writer *w, struct slice text)
{
    static const char digits[] = "0123456789abcdef";

    while (text.size) {
        unsigned char first = (unsigned char)text.data[0];
        size_t n = utf8_length(text);
        if (n && first >= 0x20 && first != 0x7f) {
            put_bytes(w, slice_head(text, n));
        } else {
            char escaped[] = {'\\', 'x', digits[first >> 4], digits[first & 15]};
            put_bytes(w, slice_make(escaped, sizeof(escaped)));
            n = 1;
        }
        text = slice_after(text, n);
    }
}

static void put_context(struct writer *w, const struct log_context *who)
{
    char number[24];

    if (who->worker) {
        put_text(w, who->worker);
        put_text(w, " ");
    }
    if (who->session) {
        snprintf(number, sizeof(number), "s%lu ", who->session);
        put_text(w, number);
    }
    if (who->client.size) {
        put_escaped(w, who->client);
        put_text(w, " ");
    }
    if (who->user.size) {
        put_escaped(w, who->user);
        if (who->project.size) {
            put_text(w, "@");
            put_escaped(w, who->project);
        }
        put_text(w, " ");
    }
}

static struct slice time_text(char text[40])
{
    struct timespec now;
    struct tm parts;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t n = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + n, 40 - n, ".%03dZ", (int)(now.tv_nsec / 1000000));
    return slice_of(text);
}

static size_t write_json(char *room, size_t size, enum log_level level,
                         const struct log_context *who, const char *about, struct slice text)
{
    struct jsonline l = jsonline_over(room, size);
    char now[40];

    jsonline_text(&l, "time", time_text(now));
    jsonline_text(&l, "level", slice_of(level_names[level]));
    if (who->worker)
        jsonline_text(&l, "thread", slice_of(who->worker));
    if (who->session)
        jsonline_number(&l, "session", who->session);
    if (who->client.size)
        jsonline_text(&l, "client", who->client);
    if (who->user.size)
        jsonline_text(&l, "user", who->user);
    if (who->project.size)
        jsonline_text(&l, "project", who->project);
    jsonline_text(&l, "about", slice_of(about));
    jsonline_long_text(&l, "text", text);
    return jsonline_end(&l);
}

static size_t write_plain(char *room, size_t size, enum log_level level,
                          const struct log_context *who, const char *about, struct slice text)
{
    struct writer w = writer_over(room, size - 1);
    char now[40];

    if (form == LOG_JOURNAL) {
        put_text(&w, priorities[level]);
    } else {
        put_bytes(&w, time_text(now));
        put_text(&w, " ");
        put_text(&w, level_names[level]);
        put_text(&w, " ");
    }
    put_context(&w, who);
    put_text(&w, about);
    put_text(&w, ": ");
    put_escaped(&w, text);
    room[w.size++] = '\n';
    return w.size;
}

static bool write_bytes(struct slice bytes)
{
    ssize_t n = write(out, bytes.data, bytes.size);

    if (n > 0)
        is_torn = bytes.data[n - 1] != '\n';
    return n == (ssize_t)bytes.size;
}

static bool put_line(enum log_level level, const struct log_context *who, const char *about,
                     struct slice text)
{
    static const struct log_context nobody;
    char line[LINE_MAX_BYTES];
    size_t size = (form == LOG_JSON ? write_json : write_plain)(line, sizeof(line), level,
                                                                who ? who : &nobody, about, text);

    logtail_put(slice_make(line, size));
    return (!is_torn || write_bytes(SLICE("\n"))) && write_bytes(slice_make(line, size));
}

/* A line about lines. */
static bool put_count(enum log_level level, const char *about, const char *format, uint64_t count,
                      const char *like)
{
    char text[256];

    snprintf(text, sizeof(text), format, (unsigned long long)count, like);
    return put_line(level, NULL, about, slice_of(text));
}

/* ---- what is not written, and how that is told ---- */

static struct kind *kind_of(enum log_level level, const char *about, const char *format)
{
    for (size_t i = 0; i < kind_count; i++)
        if (kinds[i].format == format && kinds[i].about == about)
            return &kinds[i];
    if (kind_count == KINDS)
        return NULL;
    kinds[kind_count] = (struct kind){.about = about, .format = format, .level = level};
    return &kinds[kind_count++];
}

static bool is_full(struct kind *k, millis now)
{
    if (!k || limit == 0)
        return false;
    if (now - k->began >= WINDOW && !k->suppressed) {
        k->began = now;
        k->written = 0;
    }
    return k->written >= limit;
}

static void tell_repetitions(void)
{
    if (repetitions)
        put_count(LOG_INFO, "log", "the line before repeated %llu times%s", repetitions, "");
    repetitions = 0;
    last_hash = 0;
}

/* Of windows that are over. */
static void sweep(millis now)
{
    if (now - swept < WINDOW / 10)
        return;
    swept = now;
    for (size_t i = 0; i < kind_count; i++) {
        struct kind *k = &kinds[i];
        if (!k->suppressed || now - k->began < WINDOW)
            continue;
        tell_repetitions();
        put_count(k->level, k->about, "%llu more lines like this one were not written: %s",
                  k->suppressed, k->format);
        k->suppressed = 0;
    }
}

void log_tell_suppressed(void)
{
    pthread_mutex_lock(&mutex);
    tell_repetitions();
    sweep(clock_now());
    pthread_mutex_unlock(&mutex);
}

static void tell_lost(void)
{
    if (lost && put_count(LOG_ERROR, "log", "%llu lines could not be written%s", lost, ""))
        lost = 0;
}

static uint64_t hash_of(enum log_level level, const struct log_context *who, const char *about,
                        struct slice text)
{
    uint64_t hash = fnv_bytes(FNV_START, text);

    hash = fnv_bytes(hash, slice_of(about));
    hash = fnv_bytes(hash, slice_of(level_names[level]));
    if (!who)
        return hash;
    hash = fnv_bytes(hash, slice_make((const char *)&who->session, sizeof(who->session)));
    hash = fnv_bytes(hash, who->client);
    hash = fnv_bytes(hash, who->user);
    return fnv_bytes(hash, who->project);
}

/* The kind of a line that is to be written; false when there were too many of them, and this one is
 * counted: before it costs anything, for of a flood that is nearly all. */
static bool admit(enum log_level level, const char *about, const char *format, struct kind **kind)
{
    millis now = clock_now();

    sweep(now);
    *kind = level == LOG_DEBUG ? NULL : kind_of(level, about, format);
    if (!is_full(*kind, now))
        return true;
    (*kind)->suppressed++;
    return false;
}

static void take_line(enum log_level level, const struct log_context *who, const char *about,
                      struct kind *kind, struct slice text)
{
    uint64_t hash = hash_of(level, who, about, text);

    if (hash == last_hash) {
        repetitions++;
        return;
    }
    if (kind)
        kind->written++;
    tell_repetitions();
    tell_lost();
    last_hash = hash;
    lost += !put_line(level, who, about, text);
}

void log_line(enum log_level level, const struct log_context *who, const char *about,
              const char *format, ...)
{
    char text[TEXT_MAX];
    struct kind *kind;
    va_list values;

    if (!log_is_on(level))
        return;
    pthread_mutex_lock(&mutex);
    if (admit(level, about, format, &kind)) {
        va_start(values, format);
        int size = vsnprintf(text, sizeof(text), format, values);
        va_end(values);
        size_t length = (size_t)size < sizeof(text) ? (size_t)size : sizeof(text) - 1;
        if (size >= 0)
            take_line(level, who, about, kind, slice_make(text, length));
    }
    pthread_mutex_unlock(&mutex);
}
