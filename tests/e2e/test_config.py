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
    "a listener protocol": lambda c: c["listeners"].append({"protocol": "admin", "address": "127.0.0.1:1"}),
    "TLS": lambda c: c["listeners"][0].update(tls={"mode": "required", "certificate": "CERT", "key": "file:CERT"}),
    "TLS to a cluster": lambda c: c["clusters"]["main"].update(tls={"mode": "required"}),
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
