/* The TLS providers, every one as server of every other: the same suite for all pairs that are
 * built in. No sockets: bytes are carried from queue to queue, whole or in pieces. */
#include "check.h"

#include <time.h>

#include "base/memory.h"
#include "tls_case.h"

/* ---- allocations are counted, but for those of sanitizers ----
 *
 * OpenSSL 3.0 takes two nodes of its packet writer for every record, 40 bytes that go at once; what
 * may not come and go with a record is a buffer. */

enum { NODE = 64 };

static size_t allocations;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 1
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

__attribute__((visibility("default"))) void *malloc(size_t size)
{
    allocations += size > NODE;
    return __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size)
{
    allocations += count * size > NODE;
    return __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size)
{
    allocations += size > NODE;
    return __libc_realloc(old, size);
}
#else
#define COUNTS_ALLOCATIONS 0
#endif

static unsigned char pattern(size_t at)
{
    return (unsigned char)(at * 131 + (at >> 8) * 7 + (at >> 16));
}

/* Sends n bytes from one side, `put` at a time, and reads them at the other, `take` at a time. */
static void send(struct wire *w, unsigned from, size_t n, size_t put, size_t take)
{
    static unsigned char sent[65536], got[65536];
    struct tls *a = w->ends[from], *b = w->ends[!from];
    size_t written = 0, read = 0;

    while (read < n) {
        size_t some = n - written < put ? n - written : put, arrived;
        for (size_t i = 0; i < some; i++)
            sent[i] = pattern(written + i);
        assert_int_equal(a->provider->write(a, slice_make(sent, some)), TLS_DONE);
        written += some;
        do
            while (b->provider->read(b, got, take, &arrived) == TLS_DONE) {
                assert_in_range(arrived, 1, take);
                for (size_t i = 0; i < arrived; i++)
                    if (got[i] != pattern(read + i))
                        fail_msg("byte %zu is another one", read + i);
                read += arrived;
            }
        while (carry(w));
    }
    assert_int_equal(read, n);
}

static void check_mebibyte(const struct tls_provider *server, const struct tls_provider *client)
{
    static const size_t pieces[] = {0, 1, 5, 1000, 16384, 40000};
    bool has_13 = server->has_tls13 && client->has_tls13;

    for (unsigned newest = 0; newest <= has_13; newest++)
        for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
            struct tls_setup s = server_setup(), c = client_setup();
            const struct slice old = SLICE("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
            struct wire w;
            s.only_tls13 = newest;
            c.ciphers = &old;
            c.cipher_count = !newest;
            wire_open(&w, server, &s, client, &c, "fe1.example");
            w.piece = pieces[i];
            assert_true(shake(&w));
            size_t size = pieces[i] == 1 ? 65536 : 1 << 20;
            send(&w, TLS_SERVER, size, 16368, 16368);
            send(&w, TLS_CLIENT, size, 40000, 777);
            struct tls_about about = server->about(w.ends[TLS_SERVER], NULL);
            assert_string_equal(about.version, newest ? "TLSv1.3" : "TLSv1.2");
            assert_string_equal(client->about(w.ends[TLS_CLIENT], NULL).version, about.version);
            wire_close(&w);
        }
}

static void a_mebibyte_goes_each_way_unharmed(void **state)
{
    (void)state;
    each_pair(check_mebibyte);
}

/* Both ways of the handshake cut at one place, then everything at once. */
static void check_cuts(const struct tls_provider *server, const struct tls_provider *client)
{
    struct tls_setup s = server_setup(), c = client_setup();
    struct wire w;

    wire_open(&w, server, &s, client, &c, "fe1.example");
    for (size_t cut = 1; cut < 1200; cut += cut < 40 ? 1 : 17) {
        for (unsigned round = 0; round < 8; round++) {
            w.piece = round % 2 ? 0 : cut;
            step(&w, TLS_CLIENT);
            step(&w, TLS_SERVER);
            carry(&w);
        }
        w.piece = 0;
        assert_true(shake(&w));
        w.piece = cut;
        send(&w, TLS_SERVER, 3000, 100, 13);
        send(&w, TLS_CLIENT, 3000, 2999, 3000);
        wire_reopen(&w, "fe1.example");
    }
    wire_close(&w);
}

static void every_cut_of_the_bytes_does(void **state)
{
    (void)state;
    each_pair(check_cuts);
}

static void check_resumption(const struct tls_provider *server, const struct tls_provider *client)
{
    struct tls_setup s = server_setup(), c = client_setup();
    struct wire w;

    s.ca = certificates_read("ca.pem");
    c.certificate = certificates_read("client.pem");
    c.key = certificates_read("client.key");
    wire_open(&w, server, &s, client, &c, "fe1.example");
    for (unsigned round = 0; round < 4; round++) {
        struct tls_names names;
        assert_true(shake(&w));
        send(&w, TLS_SERVER, 100, 100, 100); /* the ticket comes behind the handshake in 1.3 */
        assert_int_equal(client->about(w.ends[TLS_CLIENT], NULL).is_resumed,
                         round > 0 && round < 3);
        struct tls_about about = server->about(w.ends[TLS_SERVER], &names);
        assert_int_equal(about.is_resumed, round > 0 && round < 3);
        assert_slice(names.subject, "OU=data+CN=ana,O=Ex\\, Inc.,C=DE"); /* out of the ticket too */
        wire_reopen(&w, round < 2 ? "fe1.example" : "x.wild.example");   /* another server */
    }
    wire_close(&w);
}

static void a_session_is_resumed_with_the_same_host_and_no_other(void **state)
{
    (void)state;
    each_pair(check_resumption);
}

/* ---- the end, and rubbish ---- */

static void check_last_word(const struct tls_provider *server, const struct tls_provider *client)
{
    struct tls_setup s = server_setup(), c = client_setup();
    char room[64];
    size_t got;
    struct wire w;

    wire_open(&w, server, &s, client, &c, "fe1.example");
    assert_true(shake(&w));
    assert_int_equal(server->write(w.ends[TLS_SERVER], SLICE("bye")), TLS_DONE);
    server->shut(w.ends[TLS_SERVER]);
    carry(&w);
    assert_int_equal(client->read(w.ends[TLS_CLIENT], room, sizeof(room), &got), TLS_DONE);
    assert_int_equal(got, 3);
    assert_int_equal(client->read(w.ends[TLS_CLIENT], room, sizeof(room), &got), TLS_CLOSED);
    wire_close(&w);
}

static void the_last_word_is_heard_behind_the_others(void **state)
{
    (void)state;
    each_pair(check_last_word);
}

static void check_rubbish(const struct tls_provider *server, const struct tls_provider *client)
{
    struct tls_setup s = server_setup(), c = client_setup();
    char room[64];
    size_t got;
    struct wire w;

    wire_open(&w, server, &s, client, &c, "fe1.example");
    queue_put(&w.ends[TLS_SERVER]->absorb, SLICE("\x20\0\0\1\x85\xa2\x3f\0nothing of TLS at all"));
    step(&w, TLS_SERVER);
    assert_int_equal(w.states[TLS_SERVER], TLS_BROKEN);
    assert_string_not_equal(w.ends[TLS_SERVER]->problem, "");
    wire_reopen(&w, "fe1.example");
    assert_true(shake(&w));
    assert_int_equal(client->write(w.ends[TLS_CLIENT], SLICE("a record")), TLS_DONE);
    size_t n;
    unsigned char *sealed = queue_front_bytes(&w.ends[TLS_CLIENT]->emit, &n);
    sealed[n - 1] ^= 1;
    carry(&w);
    assert_int_equal(server->read(w.ends[TLS_SERVER], room, sizeof(room), &got), TLS_BROKEN);
    assert_true(w.ends[TLS_SERVER]->emit.size > 0); /* an alert */
    wire_close(&w);
}

static void rubbish_breaks_the_engine(void **state)
{
    (void)state;
    each_pair(check_rubbish);
}

/* ---- versions and suites ---- */

static void check_versions(const struct tls_provider *server, const struct tls_provider *client)
{
    struct tls_setup s = server_setup(), c = client_setup();
    const struct slice one = SLICE("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    const struct slice other = SLICE("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    struct wire w;

    s.ciphers = c.ciphers = &one;
    s.cipher_count = c.cipher_count = 1;
    wire_open(&w, server, &s, client, &c, "fe1.example");
    assert_true(shake(&w));
    wire_close(&w);
    c.ciphers = &other;
    wire_open(&w, server, &s, client, &c, "fe1.example");
    assert_false(shake(&w));
    assert_int_equal(w.states[TLS_SERVER], TLS_BROKEN);
    wire_close(&w);
    if (!server->has_tls13)
        return;
    s = server_setup();
    s.only_tls13 = true;
    c.ciphers = &one;
    wire_open(&w, server, &s, client, &c, "fe1.example");
    assert_false(shake(&w));
    wire_close(&w);
}

static void version_and_suite_must_be_common(void **state)
{
    (void)state;
    each_pair(check_versions);
}

/* ---- what cannot be a context ---- */

static void unfit(const struct tls_provider *p, const struct tls_setup *setup, const char *says)
{
    struct error e = {.text = ""};

    assert_null(p->context_new(setup, &e));
    if (!strstr(e.text, says))
        fail_msg("%s said '%s', not '%s'", p->name, e.text, says);
}

static void a_setup_that_does_not_fit_is_refused_with_a_reason(void **state)
{
    const struct slice unknown = SLICE("TLS_RSA_WITH_NOTHING"),
                       newest = SLICE("TLS_AES_128_GCM_SHA256");
    const struct tls_provider *p;

    (void)state;
    for (size_t i = 0; (p = tls_provider_at(i)); i++) {
        struct tls_setup s = server_setup();
        s.key = certificates_read("client.key");
        unfit(p, &s, "the private key is not the certificate's");
        s.key = certificates_read("locked.key");
        unfit(p, &s, "the private key cannot be used");
        s.key = SLICE("no key");
        unfit(p, &s, "the private key cannot be used");
        s.certificate = SLICE("no certificate");
        unfit(p, &s, "the certificate cannot be used");
        s = server_setup();
        s.ca = SLICE("nobody");
        unfit(p, &s, "authorit");
        s = server_setup();
        s.ciphers = &unknown;
        s.cipher_count = 1;
        unfit(p, &s, "no cipher suite 'TLS_RSA_WITH_NOTHING'");
        s.ciphers = &newest;
        if (!p->has_tls13)
            unfit(p, &s, "none of the cipher suites");
        s = server_setup();
        s.only_tls13 = true;
        if (!p->has_tls13)
            unfit(p, &s, "no TLS 1.3");
    }
}

static void the_day_of_expiry_is_known(void **state)
{
    const struct tls_provider *p;
    uint64_t first = 0;

    (void)state;
    for (size_t i = 0; (p = tls_provider_at(i)); i++) {
        struct tls_setup s = server_setup();
        struct error e;
        struct tls_context *c = p->context_new(&s, &e);
        uint64_t in = c->expires - (uint64_t)time(NULL);
        assert_in_range(in, 29 * 86400, 31 * 86400);
        assert_true(first == 0 || first == c->expires);
        first = c->expires;
        tls_context_unref(c);
    }
}

/* ---- memory ---- */

static void check_records(const struct tls_provider *server, const struct tls_provider *client)
{
    struct tls_setup s = server_setup(), c = client_setup();
    struct wire w;

    wire_open(&w, server, &s, client, &c, "fe1.example");
    assert_true(shake(&w));
    send(&w, TLS_SERVER, 100000, 16368, 16368);
    send(&w, TLS_CLIENT, 100000, 16368, 16368);
    allocations = 0;
    send(&w, TLS_SERVER, 1 << 20, 16368, 16368);
    send(&w, TLS_CLIENT, 1 << 20, 16368, 16368);
    assert_int_equal(allocations, 0);
    for (unsigned side = TLS_SERVER; side <= TLS_CLIENT; side++) {
        w.ends[side]->provider->rest(w.ends[side]);
        assert_int_equal(w.ends[side]->absorb.size + w.ends[side]->emit.size, 0);
    }
    assert_int_equal(w.pool.out, 0);
    send(&w, TLS_SERVER, 100000, 16368, 16368); /* it goes on after a rest */
    send(&w, TLS_CLIENT, 100000, 16368, 16368);
    wire_close(&w);
}

static void no_record_costs_a_buffer(void **state)
{
    (void)state;
    if (COUNTS_ALLOCATIONS) { /* that it counts at all */
        allocations = 0;
        free(memory_new(1, NODE + 1));
        assert_int_equal(allocations, 1);
    }
    each_pair(check_records);
}

/* ---- the table ---- */

static void providers_are_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(tls_provider_find(SLICE("")), tls_provider_at(0));
    assert_null(tls_provider_find(SLICE("gnutls")));
    for (size_t i = 0; tls_provider_at(i); i++)
        assert_ptr_equal(tls_provider_find(slice_of(tls_provider_at(i)->name)), tls_provider_at(i));
    assert_null(tls_provider_at(2));
    assert_null(tls_provider_at(100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(providers_are_found_by_name),
        cmocka_unit_test(a_mebibyte_goes_each_way_unharmed),
        cmocka_unit_test(every_cut_of_the_bytes_does),
        cmocka_unit_test(a_session_is_resumed_with_the_same_host_and_no_other),
        cmocka_unit_test(the_last_word_is_heard_behind_the_others),
        cmocka_unit_test(rubbish_breaks_the_engine),
        cmocka_unit_test(version_and_suite_must_be_common),
        cmocka_unit_test(a_setup_that_does_not_fit_is_refused_with_a_reason),
        cmocka_unit_test(the_day_of_expiry_is_known),
        cmocka_unit_test(no_record_costs_a_buffer),
    };

    return cmocka_run_group_tests(tests, certificates_make, certificates_remove);
}
