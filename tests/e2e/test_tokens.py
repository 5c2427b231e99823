"""`starbind token`: who gets one, and for how long."""

import json
import os

import pytest

from harness import starbind

KEY = "k" * 32


@pytest.fixture
def path(config, tmp_path):
    config["settings"]["token_keys"] = ["env:TOKEN_KEY"]
    config["users"]["ana"]["auth"]["token"] = True
    file = tmp_path / "starbind.json"
    file.write_text(json.dumps(config))
    return file


def token(path, *arguments):
    return starbind("token", "-c", path, *arguments, env={**os.environ, "TOKEN_KEY": KEY})


def test_a_token_is_one_line_and_holds_no_key(path):
    done = token(path, "--user", "ana", "--project", "sales", "--ttl", "15m")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("sbt1.") and done.stdout.count("\n") == 1
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize("arguments, why", [
    (("--user", "who"), "no such user"), (("--user", "bo"), "takes no tokens"),
    (("--user", "ana", "--project", "nothing"), "no such project"),
])
def test_what_the_gateway_would_refuse_is_not_signed(path, arguments, why):
    done = token(path, *arguments)
    assert done.returncode == 1 and why in done.stderr and done.stdout == ""


@pytest.mark.parametrize("ttl", ["", "0", "-1", "1y", "h", "367d", "99999999999999999999", "1h30m"])
def test_a_time_that_is_none_is_refused(path, ttl):
    assert token(path, "--user", "ana", "--ttl", ttl).returncode == 2


def test_without_a_key_nothing_is_signed(path, config):
    del config["settings"]["token_keys"]
    del config["users"]["ana"]["auth"]["token"]
    path.write_text(json.dumps(config))
    done = token(path, "--user", "ana")
    assert done.returncode == 1 and "token_keys" in done.stderr
