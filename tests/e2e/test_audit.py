"""The audit log: one line per statement and login, and what happens when it cannot be written."""

import json
import os
import re
import shutil
import signal
import subprocess

import pytest

import harness
import preparing
import wire
import world
from harness import refusal, until
from test_session_commands import change_user


class Log:
    def __init__(self, path):
        self.path = path

    def lines(self, **members):
        """Those that are written to their end: while the kernel takes in a block, a reader may see a part of it."""
        found = map(json.loads, self.bytes().split(b"\n")[:-1])
        return [line for line in found if all(line.get(k) == v for k, v in members.items())]

    def all_lines(self, **members):
        """When nobody writes any more: no line is cut."""
        assert self.bytes().endswith(b"\n")
        return self.lines(**members)

    def bytes(self):
        return self.path.read_bytes() if self.path.exists() else b""

    def one(self, **members):
        found = until(lambda: self.lines(**members))
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def log(config, tmp_path):
    config["settings"]["audit_log"] = str(tmp_path / "audit.log")
    return Log(tmp_path / "audit.log")


def test_a_statement_has_one_line_that_says_it_all(gateway, config, log, recorder):
    g = gateway(config)
    assert g.query("SELECT id FROM ${sales}.t WHERE id < 3", database="sales_dev") == ((1,), (2,))
    line = log.one(command="Query", decision="allow")
    assert line["user"] == "ana" and line["project"] == "sales" and line["environment"] == "dev"
    assert line["rule"] == "queryStatement" and line["source"] == "sales_dev" and line["rows"] == 2
    assert line["text"] == "SELECT id FROM ${sales}.t WHERE id < ?"
    assert line["frontend"].startswith("127.0.0.1:") and line["backend"] > 0 and line["bytes"] > 50
    assert line["total_us"] >= line["queue_us"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"])
    assert re.fullmatch(r"[0-9a-f]{8}-\d+-1", line["request"])
    login = log.one(command="Login")
    assert login["decision"] == "allow" and login["method"] == "mysql_native_password"


def test_digests_tell_statements_apart_and_their_places(gateway, config, log):
    g = gateway(config)
    for sql in ("SELECT id FROM sales.t WHERE id = 1", "select ID FROM sales.t", "select id from sales.t where id = 77",
                "SELECT id FROM sales_dev.t WHERE id = 1"):
        g.query(sql)
    lines = until(lambda: len(log.lines(command="Query")) == 4 and log.lines(command="Query"))
    lines.sort(key=lambda line: line["time"])  # each worker hands over its own
    digests, rewritten = [line["digest"] for line in lines], [line["rewritten"] for line in lines]
    assert digests[0] == digests[2] and len(set(digests)) == 3
    assert rewritten[0] == rewritten[2] and len(set(rewritten)) == 3


def test_a_refusal_has_its_reason(gateway, config, log):
    g = gateway(config)
    assert refusal(g.query, "DELETE FROM sales.t WHERE id = 4711")[0] == 5203
    line = log.one(decision="deny", command="Query")
    assert line["errno"] == 5203 and line["reason"] == "DENIED" and line["rule"] == "deleteStatement"
    assert "4711" not in line["text"] and "frontend" not in line
    refusal(g.connect, "ana", password="wrong")
    line = log.one(decision="deny", command="Login")
    assert line["errno"] == 1045 and line["user"] == "ana"


@pytest.mark.parametrize("kind, expected", [("none", None), ("masked", "SELECT ?, ..."), ("full", "SELECT 'é\n', /* c */ 2")])
def test_the_text_is_as_the_setting_says(gateway, config, log, kind, expected):
    config["settings"]["audit_text"] = kind
    gateway(config).query("SELECT 'é\n', /* c */ 2", database="sales")
    assert log.one(command="Query").get("text") == expected


def test_a_long_text_is_cut(gateway, config, log):
    config["settings"].update(audit_text="full", audit_text_bytes=300)
    gateway(config).query("SELECT 1 /* " + "x" * 100000 + " */", database="sales")
    line = log.one(command="Query")
    assert line["cut"] and len(line["text"]) == 300


def test_answers_of_the_gateway_are_there_too(gateway, config, log):
    gateway(config).query("SHOW DATABASES")
    assert log.one(command="Query", decision="here")["rule"]


def test_every_statement_is_there_once_also_of_clients_that_are_killed(gateway, config, log):
    g = gateway(config)
    program = ("import pymysql\n"
               f"c = pymysql.connect(host='127.0.0.1', port={g.port}, user='ana', password=\"ana's\", database='sales')\n"
               "k = c.cursor()\n"
               "while True: k.execute('SELECT n FROM numbers WHERE n = 5')\n")
    children = [subprocess.Popen(["/usr/bin/python3", "-c", program]) for _ in range(3)]
    assert until(lambda: len(log.lines(command="Query")) > 300, 30)
    for child in children:
        child.kill()
        child.wait()
    with g.login("ana", "sales") as client:
        for i in range(200):
            client.query(f"SELECT {i}")
    g.stop()
    lines = log.all_lines(command="Query")
    requests = [line["request"] for line in lines]
    assert len(set(requests)) == len(requests)
    for session in {line["session"] for line in lines}:
        numbers = [int(r.rsplit("-", 1)[1]) for r in requests if r.split("-")[1] == str(session)]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_lines_follow_user_and_selection(gateway, config, log):
    g = gateway(config)
    with g.login("ana", "sales") as client:
        client.query("SELECT 1 FROM t")
        client.query("SELECT 2 FROM t")
        client.query("USE sales_dev")
        client.query("SELECT 3 FROM t")
        client.command(wire.INIT_DB, b"orders.mart_two")
        client.unless_refused()
        client.query("SELECT 4")
        change_user(client, "own", world.PASSWORDS["own"], "secret")
        client.query("SELECT 5 FROM t")
    lines = until(lambda: len(log.lines(rule="queryStatement")) == 5 and log.lines(rule="queryStatement"))
    assert [tuple(map(line.get, ("user", "project", "environment", "schema"))) for line in lines] == [
        ("ana", "sales", "prod", None), ("ana", "sales", "prod", None), ("ana", "sales", "dev", None),
        ("ana", "orders", "prod", "mart_two"), ("own", "secret", "prod", None)]
    assert len({(line["session"], line["client"]) for line in lines}) == 1


def test_executions_of_a_kept_plan_are_told_like_the_first(gateway, config, log):
    config["settings"]["workers"] = 1
    names = ("rule", "digest", "rewritten", "source", "text", "decision")
    with gateway(config).login("ana", "sales") as client:
        one = preparing.Statement(client, "SELECT side FROM t WHERE id = ?")
        for value in range(5):
            one.execute(preparing.number(value))
    lines = until(lambda: len(log.lines(command="Execute")) == 5 and log.lines(command="Execute"))
    assert len({tuple(map(line.get, names)) for line in lines}) == 1
    assert lines[4]["text"] == "SELECT side FROM t WHERE id = ?" and lines[4]["source"] == "sales"
    assert [line["request"].rsplit("-", 1)[1] for line in lines] == ["2", "3", "4", "5", "6"]


def test_a_moved_log_goes_on_in_a_new_file(gateway, config, log, tmp_path):
    g = gateway(config)
    g.query("SELECT 1", database="sales")
    log.one(command="Query")
    log.path.rename(tmp_path / "audit.log.1")
    g.process.send_signal(signal.SIGHUP)
    assert until(lambda: log.path.exists())
    g.query("SELECT 2", database="sales")
    log.one(command="Query")
    assert len(Log(tmp_path / "audit.log.1").all_lines(command="Query")) == 1


def test_a_full_disk_refuses_by_default(gateway, config):
    config["settings"]["audit_log"] = "/dev/full"
    g = gateway(config)
    with g.login("ana", "sales") as client:  # its own line is the first to fail
        def refused():
            try:
                client.query("SELECT 1")
            except wire.Refused as e:
                return e.errno == 1105 and "audit log" in e.message
        assert until(refused)
    assert refusal(g.connect, "ana")[0] == 1105
    assert "audit log /dev/full cannot be written: No space left" in g.log()


def test_a_full_disk_drops_and_counts_if_told_so(gateway, config):
    config["settings"].update(audit_log="/dev/full", audit_failure="drop")
    g = gateway(config)
    for i in range(50):
        assert g.query(f"SELECT {i}", database="sales") == ((i,),)
    g.stop()
    assert re.search(r"the audit log /dev/full lacks \d+ lines", g.log())


def test_a_log_that_cannot_be_opened_stops_the_start(config, tmp_path):
    config["settings"]["audit_log"] = str(tmp_path / "no/such/folder/audit.log")
    file = tmp_path / "starbind.json"
    file.write_text(json.dumps(config))
    done = harness.starbind("run", "-c", file)
    assert done.returncode == 1 and "cannot open the audit log" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="a small disk needs mount, and that root")
def test_a_disk_that_has_room_again_goes_on(gateway, config, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], stderr=subprocess.PIPE).returncode:
        pytest.skip("no mounts here")
    try:
        filler = disk / "filler"
        filler.write_bytes(b"x" * 48 * 1024)
        config["settings"].update(audit_log=str(disk / "audit.log"), audit_text="full")
        g = gateway(config)
        with g.login("ana", "sales") as client:
            refused = ran = 0
            for i in range(3000):
                try:
                    client.query(f"SELECT {i} /* {'y' * 200} */")
                    ran += 1
                except wire.Refused:
                    refused += 1
                    break
            assert refused, "64 KiB were never full"
            for _ in range(3000):  # asking again and again fills nothing
                runs(client)
            assert harness.SANITIZED or g.rss() < 64 << 20
            filler.unlink()
            assert until(lambda: runs(client))
        g.stop()
        log = Log(disk / "audit.log")
        assert len(log.all_lines(command="Query", decision="allow")) == ran + 1
        assert sum(line.get("lost", 0) for line in log.lines()) >= 1
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def runs(client):
    try:
        return client.query("SELECT 1")
    except wire.Refused:
        return False


def test_slow_statements_have_a_log_of_their_own(gateway, config, log, tmp_path):
    config["settings"].update(slow_log=str(tmp_path / "slow.log"), slow_log_ms=300)
    g = gateway(config)
    g.query("SELECT 1", database="sales")
    g.query("SELECT SLEEP(0.5)", database="sales")
    g.stop()
    took = {line["text"]: line["total_us"] for line in log.all_lines(command="Query")}  # the first may be slow on a busy machine
    assert len(took) == 2 and took["SELECT SLEEP(?)"] > 300000
    slow = Log(tmp_path / "slow.log").all_lines()
    assert {line["text"]: line["total_us"] for line in slow} == {text: us for text, us in took.items() if us >= 300000}


COMMENT = re.compile(r"^(.*)\n/\* starbind request=(\S+) user=(\S+)(?: project=(\S+) environment=(\w+))? \*/$", re.S)


def comments(recorder):
    """(text, request, user, project, environment) of what the server has got with a comment behind it."""
    return until(lambda: [m.groups() for m in map(COMMENT.match, recorder.queries()) if m])


def test_a_comment_tells_the_frontend_who_asks(gateway, config, log, recorder):
    config["settings"]["query_comment"] = True
    g = gateway(config)
    assert g.query("SELECT id FROM ${sales}.t WHERE id < 3 -- all of them", database="sales_dev") == ((1,), (2,))
    line = log.one(command="Query", decision="allow")
    [(text, *who)] = comments(recorder)
    assert text.endswith("-- all of them")
    assert who == [line["request"], "ana", "sales", "dev"]


@pytest.mark.parametrize("sql", ["SELECT n FROM numbers WHERE n = 5;", "SELECT n FROM numbers WHERE n = 5 /* c */"])
def test_what_a_statement_may_end_in_does_no_harm_to_the_comment(gateway, config, recorder, sql):
    config["settings"]["query_comment"] = True
    assert gateway(config).query(sql, database="sales") == ((5,),)
    assert len(comments(recorder)) == 1


def test_no_name_can_end_the_comment(gateway, config, recorder):
    config["settings"]["query_comment"] = True
    name = "x*/ ; DROP TABLE t /*日本"
    config["users"][name] = {"auth": {"mysql_native_password": harness.native_hash("p")}}
    config["projects"]["sales"]["members"][name] = "viewer"
    assert gateway(config).query("SELECT n FROM numbers WHERE n = 5", name, "sales", password="p") == ((5,),)
    [(_, _, user, *_)] = comments(recorder)
    assert user == "x%2A%2F%20%3B%20DROP%20TABLE%20t%20%2F%2A日本"


def test_what_is_prepared_has_no_comment_and_is_shared(gateway, config, recorder):
    config["settings"]["query_comment"] = True
    g = gateway(config)
    for _ in range(2):
        with g.login("ana", "sales") as client:
            assert preparing.Statement(client, "SELECT n FROM numbers WHERE n = 5").execute()
    assert not any("starbind request" in s.text for s in recorder.all())


def test_without_the_setting_the_text_is_sent_as_it_is(gateway, config, recorder):
    gateway(config).query("SELECT n FROM numbers WHERE n = 5", database="sales")
    assert until(lambda: [q for q in recorder.queries() if "numbers" in q])[0].endswith("n = 5")
