"""The gateway's own log: where it goes, in which form, and what it leaves out."""

import json
import os
import re
import signal
import subprocess

import harness
import wire
from harness import until


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def test_a_file_gets_the_log_and_is_opened_anew_at_a_reload(gateway, config, tmp_path):
    log, moved = tmp_path / "starbind.log", tmp_path / "starbind.log.1"
    config["settings"]["log_file"] = str(log)
    g = gateway(config)
    assert until(lambda: any("is ready" in line for line in lines(log)))
    assert "is ready" not in g.log()
    log.rename(moved)
    g.process.send_signal(signal.SIGHUP)
    assert until(lambda: any("reload: done" in line for line in lines(log)))
    assert not any("reload: done" in line and "generation=2" not in line for line in lines(moved))
    config["settings"].pop("log_file")
    g.path.write_text(json.dumps(config))
    g.process.send_signal(signal.SIGHUP)
    assert until(lambda: sum("reload: done" in line for line in lines(log)) == 2)
    g.stop()
    assert "stop: done" in g.log()


def test_a_file_that_cannot_be_opened_stops_the_start_and_not_a_reload(gateway, config, tmp_path):
    g = gateway(config)
    config["settings"]["log_file"] = str(tmp_path / "no/such/folder/log")
    g.reload(config, "cannot open the log")
    assert g.query("SELECT 1", database="sales") == ((1,),)


def test_the_log_is_json_where_the_settings_say_so(gateway, config):
    config["settings"]["log_format"] = "json"
    g = gateway(config)
    g.query("SELECT 1", database="sales")
    g.stop()
    told = [json.loads(line) for line in g.log().splitlines() if line.startswith("{")]
    assert all(line["level"] in ("error", "warning", "info") and line["about"] and line["text"] for line in told)
    login = next(line for line in told if line["about"] == "login")
    assert login["user"] == "ana" and login["session"] and login["thread"].startswith("w")
    assert re.fullmatch(r"[0-9T:.-]+Z", login["time"])


def test_the_journal_is_recognized(gateway, config, tmp_path):
    """JOURNAL_STREAM names the journal's file; a standard error that is another one is no journal."""
    def first_words(**environment):
        g = gateway(config, **environment)
        g.stop()
        return {line.split()[0][:3] for line in g.log().splitlines() if " start: " in line}

    other = os.stat(tmp_path)
    assert first_words(JOURNAL_STREAM=f"{other.st_dev}:{other.st_ino}") == {"202"}
    file, log = tmp_path / "starbind.json", tmp_path / "journal"
    file.write_text(json.dumps(config))
    with open(log, "wb") as journal:
        at = os.stat(log)
        process = subprocess.Popen(
            [harness.STARBIND, "run", "-c", file], stderr=journal, preexec_fn=harness.with_parent,
            env={**os.environ, "JOURNAL_STREAM": f"{at.st_dev}:{at.st_ino}"})
    assert until(lambda: any("is ready" in line for line in lines(log)))
    process.terminate()
    assert process.wait(20) == 0
    told = [line for line in lines(log) if "start: starbind" in line or "stop: done" in line]
    assert len(told) == 2 and all(re.match(r"<6>main (start|stop): ", line) for line in told)


def test_the_level_follows_the_settings(gateway, config):
    config["settings"]["log_level"] = "error"
    g = gateway(config)
    assert "is ready" not in g.log()
    config["settings"]["log_level"] = "info"
    g.path.write_text(json.dumps(config))
    g.process.send_signal(signal.SIGHUP)
    assert until(lambda: g.query("SELECT 1", database="sales") and "login: " in g.log())


def test_a_flood_of_one_kind_of_line_is_counted(gateway, config):
    config["settings"].update(log_limit=5, max_login_failures=0)
    g = gateway(config)
    for i in range(20):
        with g.wire() as client:
            try:
                client.login(f"stranger{i}", "wrong")
            except wire.Refused:
                pass
    told = [line for line in g.log().splitlines() if "login: refused" in line]
    assert 1 <= len(told) <= 5, told
