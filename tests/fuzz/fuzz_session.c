/* A whole worker between a scripted client and a scripted frontend: any commands after a login, any
 * replies to what they become. Whatever both say, the worker lives, and says good-bye to the client
 * in time.
 *
 *   input  = size of `client` (2 bytes), client, server
 *   client = packets, each as size and payload      sent at once, behind the login, COM_QUIT after
 * them server = replies, each as count of packets, packets         a reply for each command that
 * wants one size   = a byte, or 255 and two
 *
 * A reply that the input cuts short ends in a close. Behind the last one there are OKs. The
 * fuzzer's thread plays the client, the worker's is as it always is, others play the frontend.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/must.h"
#include "base/writer.h"
#include "protocol/mysql/mysql.h"
#include "proxy/catalog/catalog.h"
#include "proxy/net/inherit.h"
#include "proxy/worker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 128 * 1024, PATIENCE = 30 /* seconds until a session counts as hung */ };

static struct workers workers;
static struct script {
    pthread_mutex_t mutex;
    struct slice replies; /* what is left of the input; guarded */
} script = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* ---- sizes and packets of the input ---- */

static struct slice take(struct slice *from, size_t n)
{
    struct slice piece = slice_head(*from, n < from->size ? n : from->size);

    *from = slice_after(*from, piece.size);
    return piece;
}

static size_t take_number(struct slice *from, size_t width)
{
    struct slice bytes = take(from, width);
    size_t n = 0;

    for (size_t i = bytes.size; i-- > 0;)
        n = n << 8 | (unsigned char)bytes.data[i];
    return n;
}

static void put_packet(struct writer *w, struct slice *from, uint8_t sequence)
{
    size_t size = take_number(from, 1);
    struct slice payload = take(from, size == 255 ? take_number(from, 2) : size);

    put_uint(w, payload.size, 3);
    put_uint(w, sequence, 1);
    put_bytes(w, payload);
}

static bool send_all(int fd, struct slice bytes)
{
    return send(fd, bytes.data, bytes.size, MSG_NOSIGNAL) == (ssize_t)bytes.size;
}

/* The fuzzer's own clock is a signal, and a wait with a timeout is not taken up again after one. */
static ssize_t receive(int fd, void *room, size_t size)
{
    ssize_t got;

    do
        got = recv(fd, room, size, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

static bool receive_all(int fd, void *room, size_t size)
{
    unsigned char *at = room;
    ssize_t got = 1;

    while (size && (got = receive(fd, at, size)) > 0) {
        at += got;
        size -= (size_t)got;
    }
    return size == 0;
}

/* The payload of the next packet; false at the end of the stream, or when it is large. */
static bool read_packet(int fd, unsigned char *room, struct slice *payload)
{
    unsigned char header[MYSQL_HEADER];

    if (!receive_all(fd, header, sizeof(header)))
        return false;
    size_t size = packet_header_read(header).length;
    if (size > ROOM || !receive_all(fd, room, size))
        return false;
    *payload = slice_make(room, size);
    return true;
}

/* ---- the frontend ---- */

static const struct slice ok = {"\7\0\0\1\0\0\0\2\0\0\0", 11},
                          prepared = {"\14\0\0\1\0\1\0\0\0\0\0\0\0\0\0\0", 16};

/* True when the input has no more to say than this: the connection is to be closed. */
static bool next_reply(struct writer *w, enum mysql_command command)
{
    bool is_cut = false;

    pthread_mutex_lock(&script.mutex);
    if (script.replies.size == 0) {
        put_bytes(w, command == COMMAND_STMT_PREPARE ? prepared : ok);
    } else {
        size_t packets = take_number(&script.replies, 1);
        for (size_t i = 0; i < packets && !is_cut; i++) {
            is_cut = script.replies.size == 0;
            put_packet(w, &script.replies, (uint8_t)(i + 1));
        }
    }
    pthread_mutex_unlock(&script.mutex);
    return is_cut;
}

static bool serve_command(int fd, struct slice payload, unsigned char *room)
{
    enum mysql_command command = payload.size ? (unsigned char)payload.data[0] : COMMAND_SLEEP;
    struct writer w = writer_over(room, ROOM);

    if (command == COMMAND_QUIT)
        return false;
    if (command == COMMAND_STMT_CLOSE || command == COMMAND_STMT_SEND_LONG_DATA)
        return true;
    if (command == COMMAND_RESET_CONNECTION || command == COMMAND_PING)
        return send_all(fd, ok);
    bool is_cut = next_reply(&w, command);
    return send_all(fd, writer_bytes(&w)) && !is_cut;
}

static void serve(int fd, unsigned char *room)
{
    const struct greeting g = {.protocol = 10,
                               .version = SLICE("8.0.33"),
                               .salt = "abcdefghijklmnopqrst",
                               .capabilities = BACKEND_CAPABILITIES,
                               .charset = 33,
                               .plugin = SLICE("mysql_native_password")};
    struct writer w = writer_over(room, ROOM);
    struct slice payload;

    put_fill(&w, 0, MYSQL_HEADER);
    must(greeting_put(&w, &g));
    room[0] = (unsigned char)(w.size - MYSQL_HEADER);
    if (!send_all(fd, writer_bytes(&w)) || !read_packet(fd, room, &payload)
        || !send_all(fd, (struct slice){"\7\0\0\2\0\0\0\2\0\0\0", 11}))
        return;
    while (read_packet(fd, room, &payload) && serve_command(fd, payload, room))
        ;
}

static void *serve_connection(void *fd)
{
    static _Thread_local unsigned char room[ROOM];

    serve((int)(intptr_t)fd, room);
    close((int)(intptr_t)fd);
    return NULL;
}

/* A thread for each connection: one that carries a KILL comes while another is busy. */
static void *frontend(void *listener)
{
    pthread_t thread;

    for (;;) {
        int fd = accept((int)(intptr_t)listener, NULL, NULL);
        if (fd < 0)
            continue;
        must(pthread_create(&thread, NULL, serve_connection, (void *)(intptr_t)fd) == 0);
        pthread_detach(thread);
    }
    return NULL;
}

/* ---- the worker ---- */

static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    must(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 16) == 0);
    must(getsockname(fd, (struct sockaddr *)&at, &size) == 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static struct config *configuration(uint16_t port)
{
    char path[] = "/tmp/starbind-fuzz-XXXXXX";
    struct findings findings;
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");

    must(file);
    fprintf(file,
            "{\"settings\": {\"workers\": 1, \"ejection_ms\": 10, \"login_timeout_ms\": 600000},"
            " \"listeners\": [{\"protocol\": \"mysql\", \"address\": \"127.0.0.1:1\"}],"
            " \"clusters\": {\"c\": {\"jdbc_url\": \"jdbc:mysql://127.0.0.1:%u/\"}},"
            " \"compute_sources\": {\"s\": {\"cluster\": \"c\", \"database\": \"dw\", "
            "\"username\": \"u\","
            "  \"password\": \"\", \"pool\": {\"mode\": \"session\", \"max_connections\": 1},"
            "  \"socket_timeout_ms\": 20, \"connect_timeout_ms\": 500}},"
            " \"projects\": {\"p\": {\"prod\": \"s\", \"members\": {\"a\": \"owner\"}}},"
            " \"users\": {\"a\": {\"auth\": {\"mysql_native_password\": \"\"}, "
            "\"default_project\": \"p\"}}}",
            port);
    fclose(file);
    findings_init(&findings);
    struct config *c = config_load(path, &findings);
    unlink(path);
    if (!c)
        findings_print(&findings, stderr);
    findings_fini(&findings);
    must(c);
    c->listeners[0].port = 0; /* any: the file has to name one */
    return c;
}

static void nothing_more(void *owner)
{
    (void)owner;
}

/* What is the main thread's in a process. */
static struct loop main_loop;
static struct usher usher;

static void *run_main(void *loop)
{
    loop_run(loop);
    return NULL;
}

static void start_usher(void)
{
    pthread_t thread;

    loop_init(&main_loop, "main");
    usher_open(&usher, &main_loop);
    workers.usher = &usher;
    must(pthread_create(&thread, NULL, run_main, &main_loop) == 0);
}

static void start(void)
{
    struct error e;
    pthread_t thread;
    uint16_t port;
    int listener = listen_somewhere(&port);
    struct config *c = configuration(port);
    struct topology *t = topology_new(c);

    log_open(2, LOG_ERROR);
    t->clusters[0].kind = CLUSTER_STARROCKS;
    t->clusters[0].is_probed = true;
    must(pthread_create(&thread, NULL, frontend, (void *)(intptr_t)listener) == 0);
    workers.ended = nothing_more;
    start_usher();
    struct inherited none = {0};
    must(workers_open(&workers, c, &none, &e));
    workers_run(&workers);
    workers_set_topology(&workers, t);
}

/* ---- the client ---- */

static int log_in(unsigned char *room)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons(workers.config->listeners[0].port)};
    const struct timeval patience = {.tv_sec = PATIENCE};
    const struct login l = {.capabilities = GATEWAY_CAPABILITIES | CAPABILITY_MULTI_STATEMENTS,
                            .user = SLICE("a"),
                            .plugin = SLICE("mysql_native_password")};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct writer w = writer_over(room, ROOM);
    struct slice payload;

    must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0);
    must(read_packet(fd, room, &payload));
    put_fill(&w, 0, MYSQL_HEADER);
    must(login_put(&w, &l));
    room[0] = (unsigned char)(w.size - MYSQL_HEADER);
    room[3] = 1;
    must(send_all(fd, writer_bytes(&w)) && read_packet(fd, room, &payload));
    must(payload.size && payload.data[0] == 0);
    return fd;
}

static void await_end(int fd, unsigned char *room)
{
    ssize_t got;

    while ((got = receive(fd, room, ROOM)) > 0)
        ;
    must(got == 0 || errno != EAGAIN); /* it hangs */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char room[ROOM];
    struct slice input = slice_make(data, size);

    if (!workers.count)
        start();
    if (size > 1 << 14)
        return 0;
    struct slice client = take(&input, take_number(&input, 2));
    pthread_mutex_lock(&script.mutex);
    script.replies = input;
    pthread_mutex_unlock(&script.mutex);

    int fd = log_in(room);
    struct writer w = writer_over(room, ROOM);
    while (client.size)
        put_packet(&w, &client, 0);
    put_bytes(&w, (struct slice){"\1\0\0\0\1", 5});
    must(writer_done(&w));
    (void)send_all(fd, writer_bytes(&w)); /* the gateway may have left already */
    await_end(fd, room);
    close(fd);

    pthread_mutex_lock(&script.mutex);
    script.replies = (struct slice){0};
    pthread_mutex_unlock(&script.mutex);
    return 0;
}
