#include "base/logtail.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t lines; /* guarded by mutex, like all below */
static struct {
    size_t size;
    char text[LOGTAIL_LINE_MAX];
} ring[LOGTAIL_LINES];

/* At the end of a character. */
static size_t cut(struct slice line)
{
    size_t size = LOGTAIL_LINE_MAX;

    if (line.size <= size)
        return line.size;
    while (size && ((unsigned char)line.data[size] & 0xc0) == 0x80)
        size--;
    return size;
}

void logtail_put(struct slice line)
{
    if (line.size && line.data[line.size - 1] == '\n')
        line.size--;
    pthread_mutex_lock(&mutex);
    size_t at = (size_t)(lines++ % LOGTAIL_LINES);
    ring[at].size = cut(line);
    memcpy(ring[at].text, line.data, ring[at].size);
    pthread_mutex_unlock(&mutex);
}

void logtail_walk(void (*take)(void *owner, uint64_t number, struct slice line), void *owner)
{
    pthread_mutex_lock(&mutex);
    uint64_t first = lines > LOGTAIL_LINES ? lines - LOGTAIL_LINES : 0;
    for (uint64_t i = first; i < lines; i++) {
        size_t at = (size_t)(i % LOGTAIL_LINES);
        take(owner, i + 1, slice_make(ring[at].text, ring[at].size));
    }
    pthread_mutex_unlock(&mutex);
}
