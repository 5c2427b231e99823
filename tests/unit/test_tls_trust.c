/* Certificates: what a client of TLS wants of a server and a server of a client, for every pair of
 * providers. */
#include "check.h"

#include "tls_case.h"

/* ---- what the client refuses ---- */

static void refuses(const struct tls_provider *server, const struct tls_provider *client,
                    const char *certificate, const char *ca, enum tls_trust trust, const char *host,
                    bool is_fine)
{
    struct tls_setup s = server_setup(), c = client_setup();
    char name[32];
    struct wire w;

    snprintf(name, sizeof(name), "%s.pem", certificate);
    s.certificate = certificates_read(name);
    snprintf(name, sizeof(name), "%s.key", certificate);
    s.key = certificates_read(name);
    snprintf(name, sizeof(name), "%s.pem", ca);
    c.ca = certificates_read(name);
    c.trust = trust;
    wire_open(&w, server, &s, client, &c, host);
    if (shake(&w) != is_fine)
        fail_msg("%s for %s at %s, %s, trust %d: %d %s", client->name, certificate, ca, host,
                 (int)trust, (int)w.states[TLS_CLIENT], w.ends[TLS_CLIENT]->problem);
    if (!is_fine) {
        assert_int_equal(w.states[TLS_CLIENT], TLS_BROKEN);
        assert_memory_equal(w.ends[TLS_CLIENT]->problem, "certificate: ", 13);
        assert_int_not_equal(w.states[TLS_SERVER], TLS_MORE); /* it was told */
    }
    wire_close(&w);
}

static void check_trust(const struct tls_provider *server, const struct tls_provider *client)
{
    static const struct {
        const char *certificate, *ca;
        const char *host;
        bool by_name, by_ca;
    } cases[] = {
        {"server", "ca", "fe1.example", true, true},
        {"server", "ca", "x.wild.example", true, true},
        {"server", "ca", "127.0.0.1", true, true},
        {"rsa", "ca", "fe1.example", true, true},
        {"server", "ca", "fe2.example", false, true},
        {"server", "ca", "wild.example", false, true},
        {"server", "ca", "a.b.wild.example", false, true},
        {"server", "ca", "127.0.0.2", false, true},
        {"server", "ca", "::1", false, true},
        {"plain", "ca", "127.0.0.1", false, true},
        {"server", "other", "fe1.example", false, false},
        {"foreign", "ca", "fe1.example", false, false},
        {"expired", "ca", "fe1.example", false, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        refuses(server, client, cases[i].certificate, cases[i].ca, TLS_TRUST_NAME, cases[i].host,
                cases[i].by_name);
        refuses(server, client, cases[i].certificate, cases[i].ca, TLS_TRUST_CA, cases[i].host,
                cases[i].by_ca);
        refuses(server, client, cases[i].certificate, cases[i].ca, TLS_TRUST_ANYBODY, cases[i].host,
                true);
    }
}

static void a_server_must_prove_what_is_asked_of_it(void **state)
{
    (void)state;
    each_pair(check_trust);
}

/* ---- client certificates ---- */

static void check_client(const struct tls_provider *server, const struct tls_provider *client)
{
    static const struct {
        const char *certificate, *subject;
        size_t sans;
        bool is_fine;
    } cases[] = {
        {"client", "OU=data+CN=ana,O=Ex\\, Inc.,C=DE", 3, true},
        {"plain", "CN=bo", 0, true},
        {NULL, "", 0, true},
        {"foreign", "", 0, false},
        {"expired", "", 0, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tls_setup s = server_setup(), c = client_setup();
        struct tls_names names;
        struct wire w;
        char name[32];
        s.ca = certificates_read("ca.pem");
        if (cases[i].certificate) {
            snprintf(name, sizeof(name), "%s.pem", cases[i].certificate);
            c.certificate = certificates_read(name);
            snprintf(name, sizeof(name), "%s.key", cases[i].certificate);
            c.key = certificates_read(name);
        }
        wire_open(&w, server, &s, client, &c, "fe1.example");
        shake(&w); /* in 1.3 the client is through before the server has looked */
        assert_int_equal(w.states[TLS_SERVER], cases[i].is_fine ? TLS_DONE : TLS_BROKEN);
        if (cases[i].is_fine) {
            server->about(w.ends[TLS_SERVER], &names);
            assert_slice(names.subject, cases[i].subject);
            assert_int_equal(names.san_count, cases[i].sans);
        } else {
            assert_memory_equal(w.ends[TLS_SERVER]->problem, "certificate: ", 13);
        }
        if (cases[i].sans == 3) {
            assert_slice(names.san[0], "DNS:ana.example");
            assert_slice(names.san[1], "email:ana@example.com");
            assert_slice(names.san[2], "URI:spiffe://x/ana");
        }
        wire_close(&w);
    }
}

static void a_client_is_who_its_certificate_says(void **state)
{
    (void)state;
    each_pair(check_client);
}

static void check_unasked(const struct tls_provider *server, const struct tls_provider *client)
{
    struct tls_setup s = server_setup(), c = client_setup();
    struct tls_names names;
    struct wire w;

    c.certificate = certificates_read("foreign.pem");
    c.key = certificates_read("foreign.key");
    wire_open(&w, server, &s, client, &c, "fe1.example");
    assert_true(shake(&w));
    server->about(w.ends[TLS_SERVER], &names);
    assert_int_equal(names.subject.size + names.san_count, 0);
    wire_close(&w);
}

static void a_certificate_that_was_not_asked_for_names_nobody(void **state)
{
    (void)state;
    each_pair(check_unasked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_must_prove_what_is_asked_of_it),
        cmocka_unit_test(a_client_is_who_its_certificate_says),
        cmocka_unit_test(a_certificate_that_was_not_asked_for_names_nobody),
    };

    return cmocka_run_group_tests(tests, certificates_make, certificates_remove);
}
