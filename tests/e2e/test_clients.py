"""The clients of tests/clients that come with the system's packages; `make test-clients` runs all."""

import sys

import pytest

import harness

sys.path.insert(0, str(harness.ROOT / "tests/clients"))

import matrix  # noqa: E402
import toolchains  # noqa: E402
from clients import CLIENTS  # noqa: E402
from stage import PASSWORD, USER, Stage  # noqa: E402

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


def test_a_dump_is_written_and_read_back(stage):
    """mariadb-dump from prod, the stock client into dev: MySQL's comments, which no frontend takes for a statement, do nothing."""
    g, table = stage.gateways["starrocks"], "CREATE TABLE dumped (id INT, c_text VARCHAR(200), c_date DATE)"
    with g.connect(USER, "shop") as prod, g.connect(USER, "shop_dev") as dev:
        try:
            harness.rows(prod, f"{table} DUPLICATE KEY(id) DISTRIBUTED BY HASH(id) BUCKETS 1")
            harness.rows(prod, "INSERT INTO dumped VALUES (1, 'it\\'s 订单', '2024-02-29'), (2, NULL, NULL)")
            login = ["--no-defaults", "--skip-ssl", "-h127.0.0.1", f"-P{g.port}", f"-u{USER}", f"-p{PASSWORD}"]
            dump = harness.run("mariadb-dump", *login, "--no-tablespaces", "--hex-blob", "shop", "dumped")
            assert dump.returncode == 0 and "/*!40101 SET" in dump.stdout, dump.stderr
            read = harness.run("mariadb", *login, "--default-character-set=utf8mb4", "shop_dev", input=dump.stdout)
            assert read.returncode == 0, read.stderr
            assert harness.rows(dev, "SELECT * FROM dumped ORDER BY id") == harness.rows(prod, "SELECT * FROM dumped ORDER BY id")
        finally:
            for side in (prod, dev):
                harness.rows(side, "DROP TABLE IF EXISTS dumped")
