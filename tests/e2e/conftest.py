"""Fixtures: backend (one server for the run), recorder (what reached it), config, gateway (a factory)."""

import copy
import os
import shutil
import signal
import subprocess

import pytest

import certificates as made
import fakeserver
import harness
import world


@pytest.fixture(scope="session")
def backend():
    server = harness.Backend()
    try:
        world.fill(server)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def server():
    """A server of the module's own, for emulated frontends: they make and drop accounts and databases."""
    own = harness.Backend()
    yield own
    own.stop()


@pytest.fixture
def recorder(backend):
    return harness.Recorder(backend)


@pytest.fixture
def config(backend):
    """The configuration of world.py over the server, to be changed by the test."""
    return world.config(backend.port)


@pytest.fixture
def gateway(request, tmp_path):
    """gateway(config) starts one; the end of the test stops it and wants a clean exit.

    gateway() takes the fixture `config`.  A test that ends the gateway itself calls .stop()."""
    started = []

    def start(config=None, options=(), **environment):
        config = copy.deepcopy(config if config is not None else request.getfixturevalue("config"))
        directory = tmp_path / f"gateway{len(started)}"
        directory.mkdir()
        started.append(harness.Gateway(config, directory, world.PASSWORDS, environment, options))
        return started[-1]

    yield start
    problems = []
    for g in started:
        try:
            g.stop()
        except AssertionError as e:
            problems.append(str(e))
    assert not problems, "\n".join(problems)


@pytest.fixture
def fake():
    """fake(handler, **options) starts a scripted server; see fakeserver.py."""
    started = []

    def start(handler=None, **options):
        started.append(fakeserver.FakeServer(handler, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """certificates("ca.pem") is a path; see certificates.py."""
    return made.Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """program(name) compiles tests/e2e/programs/NAME.c against libmariadb and gives its path."""
    folder = tmp_path_factory.mktemp("programs")

    def build(name):
        binary = folder / name
        if not binary.exists():
            source = harness.ROOT / "tests/e2e/programs" / f"{name}.c"
            subprocess.run(
                [os.environ.get("CC", "gcc"), "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", binary,
                 source, "-lmariadb"],
                check=True,
            )
        return binary

    return build


def pytest_configure(config):
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up as after Ctrl-C
    for tool in ("mariadb", "setpriv"):
        if not shutil.which(tool):
            raise pytest.UsageError(f"{tool} is missing: make packages")
