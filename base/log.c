#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "base/fnv.h"
#include "base/utf8.h"
#include "base/writer.h"

enum { LINE_MAX_BYTES = 4096 };

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_int threshold = LOG_INFO;
static int out = 2;                     /* guarded by mutex, like all below */
static uint64_t last_hash, repetitions; /* of the line written last */

void log_open(int fd, enum log_level level)
{
    pthread_mutex_lock(&mutex);
    out = fd;
    pthread_mutex_unlock(&mutex);
    atomic_store(&threshold, (int)level);
}

bool log_is_on(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

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
        put_text(w, " ");
        put_text(w, who->worker);
    }
    if (who->session) {
        snprintf(number, sizeof(number), " s%lu", who->session);
        put_text(w, number);
    }
    if (who->client.size) {
        put_text(w, " ");
        put_escaped(w, who->client);
    }
    if (who->user.size) {
        put_text(w, " ");
        put_escaped(w, who->user);
        if (who->project.size) {
            put_text(w, "@");
            put_escaped(w, who->project);
        }
    }
}

static void put_time(struct writer *w)
{
    struct timespec now;
    struct tm parts;
    char text[40];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + n, sizeof(text) - n, ".%03dZ ", (int)(now.tv_nsec / 1000000));
    put_text(w, text);
}

/* The log has nowhere to report its own failures. */
static void write_line(struct slice line)
{
    ssize_t written = write(out, line.data, line.size);

    (void)written;
}

static void write_repetitions(void)
{
    char line[96];
    struct writer w = writer_over(line, sizeof(line));
    char text[48];

    put_time(&w);
    snprintf(text, sizeof(text), "info the line before repeated %llu times\n",
             (unsigned long long)repetitions);
    put_text(&w, text);
    write_line(writer_bytes(&w));
    repetitions = 0;
}

void log_line(enum log_level level, const struct log_context *who, const char *about,
              const char *format, ...)
{
    char text[2048], line[LINE_MAX_BYTES];
    struct writer w = writer_over(line, sizeof(line) - 1);
    va_list values;

    if (!log_is_on(level))
        return;
    va_start(values, format);
    int size = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (size < 0)
        return;
    size_t length = (size_t)size < sizeof(text) ? (size_t)size : sizeof(text) - 1;
    put_time(&w);
    size_t stamp = w.size;
    put_text(&w, level_names[level]);
    if (who)
        put_context(&w, who);
    put_text(&w, " ");
    put_text(&w, about);
    put_text(&w, ": ");
    put_escaped(&w, slice_make(text, length));
    line[w.size++] = '\n';

    struct slice whole = writer_bytes(&w);
    uint64_t hash = fnv_bytes(FNV_START, slice_after(whole, stamp));
    pthread_mutex_lock(&mutex);
    if (hash == last_hash) {
        repetitions++;
    } else {
        if (repetitions)
            write_repetitions();
        last_hash = hash;
        write_line(whole);
    }
    pthread_mutex_unlock(&mutex);
}
