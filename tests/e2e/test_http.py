"""The pages over HTTP: health, readiness, metrics, tables; who may see them; what is refused."""

import base64
import json
import shutil
import signal
import socket
import ssl
import urllib.error
import urllib.request

import pytest

import harness
from harness import free_port, refusal, rows, run, until

TOKEN = "0123456789abcdef-token"


def listener(**keys):
    return {"protocol": "http", "address": f"127.0.0.1:{free_port()}", "tls": "off", **keys}


@pytest.fixture
def config(config):
    config["listeners"].append(listener())
    return config


def port_of(config):
    return int(config["listeners"][-1]["address"].rsplit(":", 1)[1])


def fetch(port, path, host="127.0.0.1", **headers):
    """(status, text, headers)."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": f"{host}:{port}", **headers})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode(), response.headers
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode(), e.headers


def table(port, name, **headers):
    status, text, _ = fetch(port, f"/tables/{name}", **headers)
    assert status == 200, text
    return json.loads(text)["rows"]


def series(port):
    """Samples of /metrics by their name and labels."""
    _, text, _ = fetch(port, "/metrics")
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in text.splitlines() if line and line[0] != "#"}


def raw(port, data, end=False):
    """What a request, byte by byte as given, is answered with, to the end of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
        s.sendall(data)
        if end:
            s.shutdown(socket.SHUT_WR)
        answer = b""
        while True:
            got = s.recv(65536)
            if not got:
                return answer
            answer += got


def test_health_and_readiness(gateway, config, backend):
    g, port = gateway(config), port_of(config)
    assert fetch(port, "/health")[:2] == (200, "ok\n")
    assert until(lambda: fetch(port, "/ready")[0] == 200)
    assert fetch(port, "/ready")[1] == "ready\n"
    slow = g.connect("ana", "sales")
    backend.sql("LOCK TABLES dw_sales.numbers WRITE")  # the gateway drains for as long as we look
    try:
        slow._execute_command(3, "SELECT n FROM numbers WHERE n = 1")
        assert until(lambda: any("runs" == s["state"] for s in table(port, "sessions")))
        g.process.send_signal(signal.SIGTERM)
        assert until(lambda: fetch(port, "/ready")[0] == 503)
        assert fetch(port, "/ready")[1] == "draining\n"
        assert fetch(port, "/health")[0] == 200
    finally:
        backend.sql("UNLOCK TABLES")
    slow._read_query_result()
    assert slow._result.rows == ((1,),)
    g.process.wait(10)


def test_nobody_to_talk_to_is_not_ready(gateway, config):
    config["clusters"]["main"]["jdbc_url"] = f"jdbc:mysql://127.0.0.1:{free_port()}/"
    for side in ("prod", "dev"):
        config["data_sources"]["订单库"][side]["jdbc_url"] = f"jdbc:mysql://127.0.0.1:{free_port()}/mart"
    gateway(config)
    assert until(lambda: fetch(port_of(config), "/ready")[:2] == (503, "no frontend can be reached\n"))


def test_metrics_count_and_are_well_formed(gateway, config):
    g, port = gateway(config), port_of(config)
    before = series(port)
    for _ in range(5):
        g.query("SELECT * FROM t", database="sales")
    refusal(g.query, "SELECT * FROM secret.t", database="sales_dev")
    after = series(port)
    assert after["starbind_statements_total"] - before["starbind_statements_total"] >= 6
    assert after['starbind_project_forwarded_total{project="sales",environment="prod"}'] == 5
    assert after['starbind_project_rows_total{project="sales",environment="prod"}'] == 15
    assert after['starbind_project_refused_total{project="sales",environment="dev"}'] == 1
    assert after["starbind_statement_run_seconds_count"] == 5
    assert after['starbind_statement_run_seconds_bucket{le="+Inf"}'] == 5
    assert sum(v for k, v in after.items() if k.startswith('starbind_frontend_up{cluster="main"')) == 1
    assert after['starbind_pool_connections{source="sales",state="lent"}'] == 0
    assert after["process_open_fds"] > 5 and after["process_resident_memory_bytes"] > 1 << 20
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("promtool is missing (package prometheus): the names were not checked")
    checked = run(promtool, "check", "metrics", input=fetch(port, "/metrics")[1])
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_label_values_are_escaped(gateway, config):
    config["compute_sources"]['a"b\\c'] = dict(config["compute_sources"]["dim"])
    config["projects"]["dim"]["prod"] = 'a"b\\c'
    del config["compute_sources"]["dim"]
    g = gateway(config)
    g.query("SELECT * FROM t", database="dim")
    assert series(port_of(config))['starbind_pool_connections{source="a\\"b\\\\c",state="idle"}'] >= 0


def test_every_table_is_there_as_json(gateway, config):
    g, port = gateway(config), port_of(config)
    g.query("SELECT 1", database="sales")
    _, text, headers = fetch(port, "/tables")
    assert headers["Content-Type"] == "application/json"
    names = [t["name"] for t in json.loads(text)["tables"]]
    columns = table(port, "columns?limit=1000")
    for name in names:
        wanted = [c["name"] for c in columns if c["table_name"] == name]
        for row in table(port, name):
            assert list(row) == wanted, name
    assert len(table(port, "columns?limit=3")) == 3
    assert fetch(port, "/tables/nosuch")[0] == 404
    assert fetch(port, "/tables/")[0] == 404


def test_tables_tell_no_secret_and_no_literal(gateway, config):
    config["listeners"].append(listener(token="env:PAGE_TOKEN"))
    g, port = gateway(config, PAGE_TOKEN=TOKEN), int(config["listeners"][-2]["address"].rsplit(":", 1)[1])
    with g.connect("ana", "sales") as connection:
        rows(connection, "SELECT 'literal-one' FROM t WHERE side <> 'literal-two'")
        refusal(rows, connection, "SELECT 'literal-three' FROM secret.t")
        refusal(rows, connection, "SELECT literal-four FROM FROM 'literal-five'")
        rows(connection, "SET @v = 'literal-six'")
        rows(connection, "SELECT @v FROM t")
        rows(connection, "PREPARE p FROM SELECT 'literal-seven' FROM t WHERE id = ?")
        told = "".join(json.dumps(table(port, t["name"] + "?limit=100000"))
                       for t in json.loads(fetch(port, "/tables")[1])["tables"]) + fetch(port, "/status.json")[1]
    assert "literal-" not in told
    for secret in [TOKEN, "sales_rw-secret", "mart_rw-secret", harness.native_hash("ana's")[1:]]:
        assert secret not in told
    assert "SELECT ? FROM t WHERE side <> ?" in told


def test_a_token_is_wanted_where_one_is_set(gateway, config):
    config["listeners"][-1]["token"] = "env:PAGE_TOKEN"
    g, port = gateway(config, PAGE_TOKEN=TOKEN), port_of(config)
    basic = lambda text: {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}
    for headers in [{}, {"Authorization": "Bearer no"}, {"Authorization": f"Bearer {TOKEN}x"}, basic("a:no"),
                    {"Authorization": "Bearer " + TOKEN[:-1]}, {"Authorization": TOKEN}]:
        for path in ["/", "/metrics", "/tables", "/tables/sessions", "/status.json"]:
            status, text, got = fetch(port, path, **headers)
            assert status == 401 and "starbind" not in text and got["WWW-Authenticate"].startswith("Basic")
    for headers in [{"Authorization": f"Bearer {TOKEN}"}, basic(f"anybody:{TOKEN}")]:
        assert fetch(port, "/metrics", host="gate.example", **headers)[0] == 200
    assert fetch(port, "/health")[0] == 200
    assert TOKEN not in g.log()


def test_pages_come_over_tls_where_the_listener_has_it(gateway, config, certificates):
    config["listeners"][-1]["tls"] = {"mode": "required", "certificate": certificates("server.pem"),
                                      "key": "file:" + certificates("server.key")}
    gateway(config)
    trusting = ssl.create_default_context(cafile=certificates("ca.pem"))
    address = f"https://127.0.0.1:{port_of(config)}/"
    with urllib.request.urlopen(address + "metrics", timeout=10, context=trusting) as response:
        assert b"starbind_build_info" in response.read()
    with urllib.request.urlopen(address, timeout=10, context=trusting) as response:
        assert response.read().endswith(b"</html>\n")
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        urllib.request.urlopen(f"http://127.0.0.1:{port_of(config)}/health", timeout=10)


def test_without_a_token_no_other_name_is_served(gateway, config):
    """A page from elsewhere, whose name was made to point here, reads nothing."""
    gateway(config)
    port = port_of(config)
    assert fetch(port, "/metrics", host="evil.example")[0] == 421
    assert fetch(port, "/health", host="evil.example")[0] == 200
    for host in ["localhost", "127.0.0.1", "[::1]"]:
        assert fetch(port, "/metrics", host=host)[0] == 200


def test_an_open_address_needs_a_token(tmp_path, config):
    config["listeners"][-1]["address"] = "0.0.0.0:8131"
    path = tmp_path / "c.json"
    path.write_text(json.dumps(config))
    checked = harness.starbind("check", path)
    assert checked.returncode == 1 and "listeners[2]: error: \"token\" is missing" in checked.stdout + checked.stderr
    config["listeners"][-1].update(address="127.0.0.1:8131", protocol="admin", token="env:HOME")
    path.write_text(json.dumps(config))
    assert "only a listener of protocol http" in harness.starbind("check", path).stderr


def test_bad_requests_are_answered_and_closed(gateway, config):
    gateway(config)
    port = port_of(config)
    for request, status in [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", b"505"),
        (b"GET /" + b"a" * 20000, b"431"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", b"413"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", b"413"),
        (b"DELETE /tables HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b"405"),
        (b"GET /../etc/passwd HTTP/1.0\r\n\r\n", b"404"),
    ]:
        answer = raw(port, request)
        assert answer.startswith(b"HTTP/1.1 " + status), (request, answer)


def test_requests_in_one_train_are_answered_in_order(gateway, config):
    gateway(config)
    port = port_of(config)
    one = b"%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
    train = [one % (b"GET", b"/health", b""), one % (b"HEAD", b"/tables", b""), one % (b"GET", b"/nosuch", b""),
             one % (b"GET", b"/metrics", b"Connection: close\r\n"), one % (b"GET", b"/health", b"")]
    answer = raw(port, b"".join(train))
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"404", b"200"]
    head = answer.split(b"HTTP/1.1 ")[2]
    assert b"application/json" in head and head.endswith(b"\r\n\r\n")


def test_the_oldest_of_a_crowd_makes_room(gateway, config):
    g, port = gateway(config), port_of(config)
    crowd = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(80)]
    assert fetch(port, "/health")[0] == 200
    assert g.query("SELECT 1", database="sales")
    assert crowd[0].recv(1) == crowd[16].recv(1) == b""
    crowd[-1].sendall(b"GET /health HTTP/1.0\r\n\r\n")
    assert crowd[-1].recv(12) == b"HTTP/1.1 200"
    for s in crowd:
        s.close()


def test_a_reload_reaches_the_pages(gateway, config):
    g, port = gateway(config), port_of(config)
    (before,) = table(port, "gateway")
    config["projects"]["extra"] = {"prod": "extra", "members": {"ana": "viewer"}}
    config["compute_sources"]["extra"] = {**config["compute_sources"]["dim"], "database": "dw_other"}
    g.reload(config)
    assert until(lambda: table(port, "gateway")[0]["generation"] > before["generation"])
    assert "extra" in {p["name"] for p in table(port, "projects")}
    assert until(lambda: table(port, "frontends"))
