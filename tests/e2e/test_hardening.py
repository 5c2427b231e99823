"""What the process gives up, how it was compiled, and that no secret gets out of it."""

import os
import pathlib
import pwd
import re
import shutil
import subprocess
import urllib.request

import pytest

import harness
import wire
import world
from harness import refusal, run, starbind, until

RELEASE = not harness.SANITIZED


def status(g):
    text = pathlib.Path(f"/proc/{g.process.pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def core_limit(g):
    limits = pathlib.Path(f"/proc/{g.process.pid}/limits").read_text()
    return re.search(r"Max core file size +(\S+) +(\S+)", limits).groups()


def test_no_core_dump_and_no_new_privileges(gateway):
    g = gateway()
    assert core_limit(g) == ("0", "0")
    assert status(g)["NoNewPrivs"] == "1"


def test_core_dumps_are_a_setting(gateway, config):
    config["settings"]["core_dumps"] = True
    g = gateway(config)
    assert core_limit(g) != ("0", "0") or "0" in subprocess.run(
        ["sh", "-c", "ulimit -Hc"], stdout=subprocess.PIPE, text=True, check=True).stdout


def test_the_limit_of_open_files_is_raised(gateway):
    limits = pathlib.Path(f"/proc/{gateway().process.pid}/limits").read_text()
    soft, hard = re.search(r"Max open files +(\S+) +(\S+)", limits).groups()
    assert soft == hard


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@needs_root
def test_root_is_given_up_for_good(gateway, config, tmp_path):
    config["settings"]["run_as"] = "nobody"
    g = gateway(config)
    uid = str(pwd.getpwnam("nobody").pw_uid)
    # the ports are open before
    assert until(lambda: status(g)["Uid"].split() == [uid] * 4), status(g)["Uid"]
    assert until(lambda: int(status(g)["CapPrm"], 16) == 0)
    assert "0" not in status(g)["Groups"].split()
    assert int(status(g)["CapEff"], 16) == 0 and int(status(g)["CapPrm"], 16) == 0
    # not dumpable: its memory and environment are root's, not its own user's
    assert os.stat(f"/proc/{g.process.pid}/environ").st_uid == 0
    assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)


@needs_root
@pytest.mark.parametrize("name, why", [("nobody-of-that-name", "no user"), ("root", "is root")])
def test_a_user_that_cannot_be_become_stops_the_start(config, tmp_path, name, why):
    config["settings"]["run_as"] = name
    file = tmp_path / "starbind.json"
    file.write_text(harness.json.dumps(config))
    done = starbind("run", "-c", file)
    assert done.returncode == 1 and why in done.stderr


def test_root_is_warned(gateway):
    assert ("runs as root" in gateway().log()) == (os.geteuid() == 0)


# how it was compiled


def readelf(option):
    return run("readelf", "-W", option, harness.STARBIND).stdout


@pytest.mark.skipif(not RELEASE, reason="sanitizers are built with other flags")
def test_the_release_is_compiled_hardened():
    assert "Type:                              DYN" in readelf("-h")
    segments = readelf("-l")
    assert "GNU_RELRO" in segments
    assert re.search(r"GNU_STACK .* RW +0x", segments)
    dynamic = readelf("-d")
    assert "BIND_NOW" in dynamic and "PIE" in dynamic and "RPATH" not in dynamic and "RUNPATH" not in dynamic
    symbols = readelf("--dyn-syms")
    assert "__stack_chk_fail" in symbols and re.search(r"__\w+_chk@", symbols)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed here")
def test_the_unit_is_well_formed(tmp_path):
    unit = (harness.ROOT / "etc/starbind.service").read_text().replace("/usr/sbin/starbind", harness.STARBIND)
    file = tmp_path / "starbind.service"
    file.write_text(unit)
    done = run("systemd-analyze", "verify", "--man=no", file)
    assert "starbind.service" not in done.stderr, done.stderr


# secrets

PLANTED = {"token key": "planted-token-key-7d1f", "literal": "planted-literal-93ab", "wrong password": "planted-wrong-5c5c"}


def pages(port):
    """All that an administrator sees: the pages over HTTP, whose tables are the console's."""
    def fetch(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.read().decode()

    tables = re.findall(r"^TABLE\((\w+),", (harness.ROOT / "base/tables.def").read_text(), re.M)
    assert len(tables) > 20
    return [fetch(path) for path in ["/", "/status.json", "/metrics", "/health", "/ready", *(f"/tables/{t}" for t in tables)]]


def test_no_secret_gets_out(gateway, config, tmp_path):
    """Logs at their most talkative, every answer, refusal and page, the command line: none holds a secret."""
    secrets = dict(PLANTED)
    for account in world.DATABASES.values():
        secrets[account] = world.account_password(account)
    for name, password in world.PASSWORDS.items():
        if password and password != name:
            secrets[f"password of {name}"] = password
    config["settings"].update(token_keys=["env:PLANTED_KEY"], core_dumps=False)
    port = harness.free_port()
    config["listeners"].append({"protocol": "http", "address": f"127.0.0.1:{port}"})
    g = gateway(config, options=("-l", "debug"), PLANTED_KEY=PLANTED["token key"])
    said = []
    for user in ("ana", "own", "who"):
        said.append(refusal(g.connect, user, password=PLANTED["wrong password"])[1])
    with g.login("own", "sales") as client:
        literal = PLANTED["literal"]
        for sql in (f"SET PASSWORD FOR own = PASSWORD('{literal}')", f"CREATE USER x IDENTIFIED BY '{literal}'",
                    f"SELEC '{literal}'", f"SELECT '{literal}", f"SELECT * FROM nothing.t WHERE x = '{literal}'",
                    f"SELECT * FROM t WHERE no_column = '{literal}'", f"SET nonsense = '{literal}'",
                    f"KILL '{literal}'", f"EXECUTE IMMEDIATE '{literal}'"):
            try:
                client.query(sql)
            except wire.Refused as e:
                if e.message.startswith("starbind:"):
                    said.append(e.message)
        for sql in ("SHOW DATABASES", "SHOW PROCESSLIST", "EXPLAIN GATEWAY SELECT * FROM t", "SHOW VARIABLES"):
            try:
                said.append(repr(client.query(sql)))
            except wire.Refused as e:
                said.append(e.message)
        said += pages(port)
    said.append(pathlib.Path(f"/proc/{g.process.pid}/cmdline").read_text())
    said.append(starbind("check", g.path, env={**os.environ, "PLANTED_KEY": PLANTED["token key"]}).stderr)
    g.stop()
    said.append(g.log())
    for what, secret in secrets.items():
        for text in said:
            assert secret not in text, f"{what} in: {text[max(0, text.find(secret) - 200):][:400]}"
