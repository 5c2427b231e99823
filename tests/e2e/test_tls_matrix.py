"""Providers x versions x login methods x clients: each pair passes, or is refused for the documented reason.

mbedTLS 2.28 has no TLS 1.3: a client that insists on it is refused by the handshake."""

import re
import ssl

import pytest

import harness
import tls_world
import world
from harness import run, starbind

PROVIDERS = ["openssl", "mbedtls"]
VERSIONS = ["TLSv1.2", "TLSv1.3"]
METHODS = ["native", "sha2-full", "sha2-fast", "clear", "token", "certificate", "certificate-missing"]
CLEAR = "mysql_clear_password"
SQL = "SELECT COUNT(*) FROM sales.t"


@pytest.fixture(scope="module", params=PROVIDERS)
def gateway(request, backend, certificates, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    config = tls_world.config(backend.port, request.param, certificates, folder)
    g = harness.Gateway(config, folder, world.PASSWORDS)
    g.provider = request.param
    g.token = starbind("token", "-c", g.path, "--user", "far").stdout.strip()
    try:
        with g.connect("own", ssl=context(certificates, "TLSv1.2")):
            pass  # from now on the password of own is remembered
        yield g
    finally:
        g.stop()


def context(certificates, version, own=None):
    c = ssl.create_default_context(cafile=certificates("ca.pem"))
    c.minimum_version = c.maximum_version = getattr(ssl.TLSVersion, version.replace("v1.", "v1_"))
    if own:
        c.load_cert_chain(certificates(own + ".pem"), certificates(own + ".key"))
    return c


def by_pymysql(g, certificates, user, password, version, own, program, method=None):
    assert not method
    try:
        with g.connect(user, password=password, ssl=context(certificates, version, own)) as connection:
            assert connection._sock.version() == version
            return str(harness.rows(connection, SQL)[0][0])
    except Exception as e:  # pymysql wraps what ssl says in its own way
        return f"refused {e}"


def by_cli(g, certificates, user, password, version, own, program, method=None):
    options = ["--batch", "--skip-column-names", "--ssl-ca=" + certificates("ca.pem"), "--ssl-verify-server-cert",
               "--tls-version=" + version]
    if method:
        options.append("--default-auth=" + method)
    if own:
        options += ["--ssl-cert=" + certificates(own + ".pem"), "--ssl-key=" + certificates(own + ".key")]
    done = g.cli(SQL, *options, user=user, password=password)
    return done.stdout.strip() if done.returncode == 0 else f"refused {done.stderr}"


def by_libmariadb(g, certificates, user, password, version, own, program, method=None):
    files = [certificates(own + end) for end in (".pem", ".key")] if own else ["", ""]
    done = run(program("secure"), "127.0.0.1", g.port, user, password, version, certificates("ca.pem"), *files,
               method or "", SQL)
    if done.returncode:
        return f"refused {done.stdout}"
    assert done.stdout.startswith(version), done.stdout
    return done.stdout.split()[1]


ALL = [(method, client) for method in METHODS for client in (by_pymysql, by_cli, by_libmariadb)
       if (method, client) != ("clear", by_pymysql)]  # that one takes the server's method


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("method, client", ALL)
def test_every_client_logs_in_by_every_method_or_hears_why_not(gateway, certificates, program, client, version, method):
    user, password, own = {
        "native": ("ana", "ana's", None),
        "sha2-full": ("bo", "bo's", None),
        "sha2-fast": ("own", "own's", None),
        "clear": ("ana", "ana's", None),
        "token": ("far", gateway.token, None),
        "certificate": ("etl", "", "ana"),
        "certificate-missing": ("etl", "etl's", None),
    }[method]
    got = client(gateway, certificates, user, password, version, own, program, CLEAR if method == "clear" else None)
    if gateway.provider == "mbedtls" and version == "TLSv1.3":
        assert got.startswith("refused") and re.search(r"protocol|version|2026|2013|2003", got), got
    elif method == "certificate-missing":
        assert got.startswith("refused") and "1045" in got, got
    else:
        assert got == "3", got
        via = {"certificate": "certificate", "token": "token", "clear": "mysql_(clear|native)_password",
               "native": "mysql_native_password"}.get(method, "caching_sha2_password")
        assert re.search(rf"via={via} tls={re.escape(version)}", gateway.log()), gateway.log()[-500:]


@pytest.mark.parametrize("method", ["native", "sha2-full", "sha2-fast"])
def test_a_wrong_password_is_refused_over_tls_too(gateway, certificates, program, method):
    user = {"native": "ana", "sha2-full": "bo", "sha2-fast": "own"}[method]
    for client in (by_pymysql, by_cli, by_libmariadb):
        assert "1045" in client(gateway, certificates, user, "wrong", "TLSv1.2", None, program)
    assert "wrong" not in gateway.log().replace("wrong password", "")


def test_a_certificate_of_another_authority_is_no_way_in(gateway, certificates, program):
    for client in (by_pymysql, by_cli, by_libmariadb):
        got = client(gateway, certificates, "etl", "", "TLSv1.2", "foreign", program)
        assert got.startswith("refused") and "1045" not in got, got
    assert "refused: TLS: certificate: " in gateway.log()


def test_a_certificate_with_another_name_is_no_way_in(gateway, certificates, program):
    for client in (by_pymysql, by_cli, by_libmariadb):
        assert "1045" in client(gateway, certificates, "etl", "", "TLSv1.2", "gateway", program)
