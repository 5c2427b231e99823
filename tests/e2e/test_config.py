"""`check`, and what `run` says to a configuration that it can't serve: file, line and path, all at once."""

import json
import re

import pytest

import harness
from harness import run, starbind


def write(tmp_path, config, name="starbind.json"):
    path = tmp_path / name
    path.write_text(config if isinstance(config, str) else json.dumps(config, indent=2, ensure_ascii=False))
    return path


def line_of(path, text):
    """The number of the first line with this text."""
    return next(i for i, line in enumerate(path.read_text().split("\n"), 1) if text in line)


def test_a_good_configuration_passes(config, tmp_path):
    done = starbind("check", write(tmp_path, config))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in done.stdout + done.stderr


def test_every_error_is_told_with_its_line_and_path(config, tmp_path):
    config["settings"]["worker"] = 4
    config["projects"]["sales"]["prod"] = "no_such_source"
    config["projects"]["crm"]["members"]["ghost"] = "viewer"
    config["users"]["bo"]["form"] = []
    path = write(tmp_path, config)
    done = starbind("check", path)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    for where, text in (("settings.worker", '"worker"'), ("projects.sales.prod", '"no_such_source"'),
                        ("projects.crm.members.ghost", '"ghost"'), ("users.bo.form", '"form"')):
        assert re.search(rf"^{re.escape(str(path))}:{line_of(path, text)}: {re.escape(where)}: error: ", said, re.M), said


@pytest.mark.parametrize("provider", ["openssl", "mbedtls"])
def test_a_certificate_that_no_library_reads_is_an_error(config, tmp_path, provider):
    pem = tmp_path / "bad.pem"
    pem.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    pem.chmod(0o600)
    config["settings"]["tls_provider"] = provider
    config["listeners"][0]["tls"] = {"mode": "required", "certificate": str(pem), "key": f"file:{pem}"}
    done = starbind("check", write(tmp_path, config))
    assert done.returncode == 1
    assert re.search(r"error: listeners\[0\]\.tls: the certificate cannot be used: \w+", done.stderr), done.stderr


@pytest.mark.parametrize("provider", ["openssl", "mbedtls"])
def test_a_public_key_that_no_library_reads_is_an_error(config, tmp_path, provider):
    pem = tmp_path / "bad.pem"
    pem.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    config["settings"]["tls_provider"] = provider
    config["clusters"]["main"]["public_key"] = str(pem)
    done = starbind("check", write(tmp_path, config))
    assert done.returncode == 1
    assert "error: clusters.main.public_key: the file holds no RSA key" in done.stderr, done.stderr


def laid_out(value, lines, path="", at=1):
    """JSON with each member on a line of its own; lines gets path: number."""
    if not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False)
    parts = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        at += 1
        name = f"[{key}]" if isinstance(value, list) else f".{key}" if re.fullmatch(r"[\w@]+", key) else f'["{key}"]'
        lines[(path + name).lstrip(".")] = at
        head = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(value, dict) else ""
        parts.append(head + laid_out(inner, lines, path + name, at))
        at += parts[-1].count("\n")
    return "[{"[isinstance(value, dict)] + "\n" + ",\n".join(parts) + "\n" + "]}"[isinstance(value, dict)]


SOURCE, HASH = {"database": "x", "username": "u", "password": ""}, harness.native_hash("x")
MISTAKES = {  # path: value; a path ends in the member that is set, and the finding is there
    "setings": {}, "settings.worker": 1, "settings.max_statement_depth": 5, "settings.cross_environment": "all",
    "settings.trusted_proxies[0]": "10.0.0/8", "settings.idle_timeout_ms": "1", "settings.tls_provider": "gnutls",
    "listeners[2]": {"protocol": "mysql"}, "listeners[3].address": "localhost", "listeners[4].address": "h:99999",
    "listeners[5].protocol": "pgsql", "listeners[6].environment": "test",
    "clusters.a.jdbc_url": "http://h:1", "clusters.b.jdbc_url": "jdbc:mysql://h/", "clusters.c": {},
    "clusters.d.limits.max_connection": 1, "clusters.e.monitor": {"password": ""},
    "compute_sources.a.cluster": "man", "compute_sources.b": {"cluster": "main", "username": "u", "password": ""},
    "compute_sources.c.database": "sys", "compute_sources.d.password": "env:NOT_SET_ANYWHERE",
    "compute_sources.e.pool.mode": "statement", "compute_sources.f.socket_timeout_ms": 0,
    "compute_sources.g.description": "x" * 129, "compute_sources.h.usernam": "u", "compute_sources.i.password": "file:nothing",
    "projects.a": {}, "projects.b.prod": "no_such_source", "projects.9c": {"prod": "sales"}, "projects.starbind": {"prod": "sales"},
    "projects.d.members.ghost": "viewer", "projects.e.members.@ghosts": "viewer", "projects.f.members.ana": "boss",
    "projects.g.tags[0]": 3, "projects.h.shared": "yes",
    "data_sources.a.code": "or-ders", "data_sources.b.prod.databases[0]": "sys", "data_sources.c.cod": "c",
    "roles.a.prod[0]": "red", "roles.b.test": [], "groups.a[0]": "ghost", "groups.@b": [],
    "users.a": {}, "users.b.auth.mysql_native_password": "short", "users.c.auth.mysql_native": HASH,
    "users.d.from[0]": "10.0.0.0/33", "users.e.default_project": "no_such_project", "users.f.admin": "yes",
    "users.g.auth": {}, "users.h.metadata": "some", "allow_statements[0]": "noSuchStatement",
}
AROUND = {  # what stands beside a mistake, so that it is the only one there
    "listeners": {"protocol": "mysql", "address": "127.0.0.1:9"}, "clusters": {"jdbc_url": "jdbc:mysql://h:1/"},
    "compute_sources": {"cluster": "main", **SOURCE}, "projects": {"prod": "sales"},
    "data_sources": {"code": "x", "prod": {"cluster": "main", **SOURCE}}, "users": {"auth": {"mysql_native_password": HASH}},
}


def make(config, path, value):
    """Sets the member of that path, in an object that is good but for it."""
    steps = [int(s) if s.isdigit() else s for s in re.findall(r"[^.\[\]]+", path)]
    if len(steps) > 2 and steps[0] in AROUND:
        around = json.loads(json.dumps(AROUND[steps[0]]))
        if steps[0] == "clusters":
            around["jdbc_url"] = f"jdbc:mysql://{steps[1]}:1/"
        if steps[0] == "listeners":
            around["address"] += str(steps[1])
        if steps[0] == "data_sources":
            around["code"] = f"code_{steps[1]}"
        if isinstance(steps[1], int):
            config[steps[0]] += [around] * (steps[1] == len(config[steps[0]]))
        else:
            config.setdefault(steps[0], {}).setdefault(steps[1], around)
    for step, after in zip(steps, steps[1:]):
        if isinstance(config, dict):
            config = config.setdefault(step, [] if isinstance(after, int) else {})
        else:
            config = config[step]
    if isinstance(config, list) and steps[-1] == len(config):
        config.append(value)
    else:
        config[steps[-1]] = value


def test_fifty_mistakes_are_told_in_one_run(config, tmp_path):
    for path, value in MISTAKES.items():
        make(config, path, value)
    lines = {}
    path = write(tmp_path, laid_out(config, lines))
    done = starbind("check", path)
    told = {}
    for line in done.stderr.splitlines():
        found = re.fullmatch(r"(.+):(\d+): (\S+): error: .+", line)
        if found:
            assert found[1] == str(path)
            told[found[3]] = int(found[2])
    assert len(MISTAKES) >= 50 and done.returncode != 0
    assert {p: told.get(p) for p in MISTAKES} == {p: lines[p] for p in MISTAKES}, done.stderr


def test_a_large_configuration_loads_and_finds_every_name(config, tmp_path):
    """10,000 projects with 20,000 compute sources and 5,000 users; bench/config.py measures the time."""
    users = [f"user{i}" for i in range(5000)]
    config["users"].update((name, {"auth": {"mysql_native_password": HASH}}) for name in users)
    for i in range(10000):
        for side in ("prod", "dev"):
            config["compute_sources"][f"p{i}_{side}"] = {"cluster": "main", **SOURCE, "database": f"dw_{i}_{side}"}
        config["projects"][f"p{i}"] = {"prod": f"p{i}_prod", "dev": f"p{i}_dev", "members": {users[i // 2]: "viewer"}}
    path = write(tmp_path, config)
    asked = [(i, users[i // 2]) for i in (0, 1, 4999, 5000, 9998, 9999)] + [(9999, users[0])]
    lines = [json.dumps({"id": i, "user": user, "sql": f"SELECT 1 FROM p{i}.t JOIN p{i}_dev.t USING (x)"}) for i, user in asked]
    done = run(harness.STARBIND, "explain", "-c", path, input="\n".join(lines) + "\n")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [s.get("sql") for s in said] == [
        f"SELECT 1 FROM `dw_{i}_prod`.`t` JOIN `dw_{i}_dev`.`t` USING (x)" for i, _ in asked[:-1]] + [None]
    assert said[-1]["errno"] == 5501
    counts = re.search(r"good: (\d+) projects and data sources, (\d+) compute sources, (\d+) users", starbind("check", path).stdout)
    assert int(counts[1]) > 10000 and int(counts[2]) > 20000 and int(counts[3]) == len(config["users"]) > 5000


def test_broken_json_names_its_line(tmp_path):
    path = write(tmp_path, '{\n  "settings": {},\n  "users": {,}\n}\n')
    done = starbind("check", path)
    assert done.returncode != 0
    assert f"{path}:3" in done.stdout + done.stderr


def test_duplicate_keys_are_errors(tmp_path):
    path = write(tmp_path, '{\n  "settings": {"workers": 1,\n    "workers": 2}\n}\n')
    done = starbind("check", path)
    assert done.returncode != 0 and "workers" in done.stdout + done.stderr


def test_errors_in_an_included_file_name_that_file(config, tmp_path):
    (tmp_path / "conf.d").mkdir()
    part = tmp_path / "conf.d/more.json"
    part.write_text('{\n  "projects": {\n    "more": {"prod": "nothing_here"}\n  }\n}\n')
    config["include"] = ["conf.d/*.json"]
    done = starbind("check", write(tmp_path, config))
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert re.search(r"conf\.d/more\.json:3: projects\.more\.prod: error: ", said), said


def test_a_missing_file_is_an_error(tmp_path):
    done = starbind("check", tmp_path / "nothing.json")
    assert done.returncode != 0 and "nothing.json" in done.stdout + done.stderr


def test_a_literal_password_is_a_warning_only(config, tmp_path):
    config["compute_sources"]["sales"]["password"] = "sales_rw-secret"
    done = starbind("check", write(tmp_path, config))
    assert done.returncode == 0
    assert re.search(r"compute_sources\.sales\.password: warning: ", done.stdout + done.stderr)
    assert "sales_rw-secret" not in done.stdout + done.stderr


def test_a_secret_that_cannot_be_read_is_an_error(config, tmp_path):
    config["compute_sources"]["sales"]["password"] = "env:NOT_SET_ANYWHERE"
    done = starbind("check", write(tmp_path, config))
    assert done.returncode != 0 and "NOT_SET_ANYWHERE" in done.stdout + done.stderr


LATER = {
    "a listener protocol": lambda c: c["listeners"].append({"protocol": "stream_load", "address": "127.0.0.1:1"}),
    "TLS": lambda c: c["listeners"][0].update(tls={"mode": "required", "certificate": "CERT", "key": "file:CERT"}),
    "TLS to a cluster": lambda c: c["clusters"]["main"].update(tls={"mode": "verify-ca", "ca": "CERT"}),
}


@pytest.mark.parametrize("what", LATER)
def test_run_stops_on_what_this_build_does_not_serve(config, tmp_path, what):
    (tmp_path / "cert.pem").write_text("not read by this build\n")
    LATER[what](config)
    path = write(tmp_path, json.dumps(config, indent=2).replace("CERT", str(tmp_path / "cert.pem")))
    done = run(harness.STARBIND, "run", "-c", path, timeout=20)
    assert done.returncode != 0
    assert re.search(rf"{re.escape(str(path))}:\d+: (listeners|compute_sources|clusters)\S*: error: ", done.stderr), done.stderr


def test_run_stops_on_a_port_that_is_taken(config, tmp_path, backend):
    config["listeners"][0]["address"] = f"127.0.0.1:{backend.port}"
    done = run(harness.STARBIND, "run", "-c", write(tmp_path, config), timeout=20)
    assert done.returncode != 0
    assert str(backend.port) in done.stderr


def test_version_and_usage():
    done = starbind("version")
    assert done.returncode == 0 and re.search(r"\d+\.\d+\.\d+", done.stdout)
    assert starbind("no-such-command").returncode != 0
    assert starbind().returncode != 0
