"""dbt against the gateway: debug, seed, run twice, test, docs, show, as a nightly job does it."""

import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from report import DATABASE, steps

HERE = pathlib.Path(__file__).resolve().parents[1] / "dbt"
folder = pathlib.Path(tempfile.mkdtemp(prefix="dbt-", dir="."))
project = shutil.copytree(HERE, folder / "project")
(project / "seeds").mkdir()
(project / "seeds/people.csv").write_text("id,name\n" + "".join(f"{n},name {n}\n" for n in range(1, 1001)))


def dbt(*words):
    done = subprocess.run([sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *words, "--project-dir", project,
                           "--profiles-dir", project], capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"})
    assert done.returncode == 0, done.stdout[-1500:]
    return done.stdout


def shown(sql):
    """Rows of `dbt show`, as JSON."""
    told = dbt("--quiet", "show", "--inline", sql, "--limit", "-1", "--output", "json")
    return [list(row.values()) for row in json.loads(told[told.index("{"):])["show"]]


def batch():
    """Seeds, models and their tests, and once more over what is there."""
    dbt("build")
    dbt("build")
    assert shown("select * from {{ ref('seen') }}") == [[1, "name 1"]]
    return shown("select count(*) as n from {{ ref('people') }}")


def catalog():
    dbt("docs", "generate")
    return json.loads((project / "target/catalog.json").read_text())


def columns():
    every = catalog()["sources"]["source.shop.shop.every"]
    return [[name] for name in every["columns"]]


steps(version=lambda: f"{importlib.metadata.version('dbt-starrocks')}, {importlib.metadata.version('dbt-core')}",
      columns=columns, batch=batch)
