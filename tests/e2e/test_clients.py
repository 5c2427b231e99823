"""The clients of tests/clients that come with the system's packages; `make test-clients` runs all."""

import sys

import pytest

import harness

sys.path.insert(0, str(harness.ROOT / "tests/clients"))

import matrix  # noqa: E402
import toolchains  # noqa: E402
from clients import CLIENTS  # noqa: E402
from stage import Stage  # noqa: E402

SMALL = [client for client in CLIENTS if toolchains.TOOLS[client.tools].is_small]


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Stage(tmp_path_factory.mktemp("clients")) as s:
        yield s
        s.stop()


@pytest.mark.parametrize("client, kind", [pytest.param(client, kind, id=f"{client.name}-{kind}")
                                          for client in SMALL for kind in client.kinds])
def test_a_client_finds_its_way(stage, client, kind):
    """Lists, reads, writes, prepares, cancels, resets, reconnects."""
    try:
        toolchains.prepare(client.tools)
    except toolchains.Missing as e:
        pytest.skip(f"not there: {e}")
    _, wrong, errors = matrix.try_one(client, kind, stage)
    assert not wrong, f"{wrong}\n{errors[-2000:]}"
