#!/usr/bin/env python3
"""Connector/J over TLS: providers x versions x login methods; each passes, or is refused for the reason that is documented.

The other clients' part of this matrix is tests/e2e/test_tls_matrix.py, whose users and certificates these are."""

import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import stage  # noqa: E402, also for the paths of the tests

import harness  # noqa: E402
import tls_world  # noqa: E402
import toolchains  # noqa: E402
import world  # noqa: E402
from certificates import Certificates  # noqa: E402

PROVIDERS, VERSIONS = ("openssl", "mbedtls"), ("TLSv1.2", "TLSv1.3")
METHODS = ("native", "sha2-full", "sha2-fast", "clear", "token", "certificate", "certificate-missing", "wrong-password")
DRIVERS = {  # jar, scheme, how each option is called there
    "Connector/J 5.1": ("mysql-connector-java-5.1.49.jar", "mysql", "enabledTLSProtocols", "useSSL=true&requireSSL=true"),
    "Connector/J 8": ("mysql-connector-j-8.4.0.jar", "mysql", "tlsVersions", "sslMode=VERIFY_CA"),
    "Connector/J 9": ("mysql-connector-j-9.7.0.jar", "mysql", "tlsVersions", "sslMode=VERIFY_CA"),
    "MariaDB Connector/J 3": ("mariadb-java-client-3.5.11.jar", "mariadb", "enabledSslProtocolSuites", "sslMode=verify-ca"),
}
SECRET = "changeit"


def stores(certificates, folder):
    """Java's own kind of files: whom to believe, and who one is."""
    trust, own = folder / "trust.p12", folder / "ana.p12"
    for command in (
        ["keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", certificates("ca.pem"), "-keystore", trust, "-storetype",
         "PKCS12", "-storepass", SECRET],
        ["openssl", "pkcs12", "-export", "-in", certificates("ana.pem"), "-inkey", certificates("ana.key"), "-out", own, "-passout",
         "pass:" + SECRET, "-name", "ana"],
    ):
        subprocess.run(command, check=True, capture_output=True)
    return trust, own


def gateway(provider, port, certificates, folder):
    folder.mkdir()
    config = tls_world.config(port, provider, certificates, folder)
    config["settings"]["login_timeout_ms"] = 60000
    return harness.Gateway(config, folder, world.PASSWORDS)


def cases(driver, version, token, trust, own):
    """(method, user, password, options); sha2-full comes before sha2-fast, which finds the password remembered."""
    _, scheme, versions, mode = DRIVERS[driver]
    if scheme == "mysql":
        common = f"{mode}&{versions}={version}&trustCertificateKeyStoreUrl=file:{trust}&trustCertificateKeyStorePassword={SECRET}" \
                 "&trustCertificateKeyStoreType=PKCS12"
        mine = f"&clientCertificateKeyStoreUrl=file:{own}&clientCertificateKeyStorePassword={SECRET}&clientCertificateKeyStoreType=PKCS12"
        clear = "&authenticationPlugins=com.mysql.jdbc.authentication.MysqlClearPasswordPlugin" \
                "&defaultAuthenticationPlugin=com.mysql.jdbc.authentication.MysqlClearPasswordPlugin" \
            if "5.1" in driver else "&defaultAuthenticationPlugin=mysql_clear_password"
    else:
        common = f"{mode}&{versions}={version}&trustStore={trust}&trustStorePassword={SECRET}&trustStoreType=PKCS12"
        mine = f"&keyStore={own}&keyStorePassword={SECRET}&keyStoreType=PKCS12"
        clear = "&restrictedAuth=mysql_clear_password,mysql_native_password"
    return [("native", "ana", "ana's", common), ("sha2-full", "bo", "bo's", common), ("sha2-fast", "bo", "bo's", common),
            ("clear", "ana", "ana's", common + clear), ("token", "far", token, common),
            ("certificate", "etl", "", common + mine), ("certificate-missing", "etl", "etl's", common),
            ("wrong-password", "ana", "wrong", common)]


def verdict(driver, method, provider, version, got):
    """ok, refused (as it has to be), or what is wrong.  mbedTLS 2.28 has no TLS 1.3, nor has Connector/J 5.1."""
    if version == "TLSv1.3" and (provider == "mbedtls" or driver == "Connector/J 5.1"):
        return "refused" if got[0] == "refused" and "1045" not in got[1] else f"let in: {got}"
    if method in ("certificate-missing", "wrong-password"):
        return "refused" if got[0] == "refused" and got[1].startswith("1045") else f"wrong: {got}"
    return "ok" if got == ["in", "3"] else f"failed: {got}"


def tried(driver, g, version, trust, own):
    jar, scheme, *_ = DRIVERS[driver]
    build = toolchains.folder("java")
    token = harness.starbind("token", "-c", g.path, "--user", "far").stdout.strip()
    asked = cases(driver, version, token, trust, own)
    done = harness.run("java", "-cp", f"{build}:{build / jar}", "Secure", f"jdbc:{scheme}://127.0.0.1:{g.port}/",
                       input="".join("\t".join(case) + "\n" for case in asked), cwd=g.dir)
    told = {line.split("\t")[0]: line.split("\t")[1:] for line in done.stdout.split("\n")[:-1]}
    return {method: told.get(method, ["nothing", done.stderr[-300:]]) for method in METHODS}


def main():
    try:
        toolchains.prepare("java")
    except toolchains.Missing as e:
        print(f"TLS with Connector/J: skipped: not there: {e}")
        return 0
    passed = failed = 0
    print(f"{'':<24} {'provider':<9} {'version':<8} " + " ".join(f"{m:<{max(len(m), 7)}}" for m in METHODS))
    with tempfile.TemporaryDirectory(prefix="starbind-tls-") as folder:
        folder, backend = pathlib.Path(folder), harness.Backend()
        try:
            world.fill(backend)
            certificates = Certificates(folder)
            trust, own = stores(certificates, folder)
            for provider in PROVIDERS:
                for driver in DRIVERS:
                    for version in VERSIONS:
                        g = gateway(provider, backend.port, certificates, folder / f"{provider}{passed + failed}")
                        told = tried(driver, g, version, trust, own)
                        g.stop()
                        found = {method: verdict(driver, method, provider, version, told[method]) for method in METHODS}
                        wrong = {method: what for method, what in found.items() if what not in ("ok", "refused")}
                        print(f"{driver:<24} {provider:<9} {version:<8} "
                              + " ".join(f"{'FAIL' if m in wrong else found[m]:<{max(len(m), 7)}}" for m in METHODS), flush=True)
                        for method, what in wrong.items():
                            print(f"    {method}: {what}")
                        passed, failed = passed + len(METHODS) - len(wrong), failed + len(wrong)
        finally:
            backend.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
