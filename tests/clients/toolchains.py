"""Where the clients' programs come from: packages of the system, or registries, with versions pinned beside this file.

What is fetched and built goes to build/clients/NAME, once for each state of the files that pin and use it."""

import dataclasses
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build/clients"
DEBIAN = "/usr/bin/python3"  # with Debian's modules
PATIENCE = 600  # seconds for one client: dbt starts five times, which takes minutes on a busy machine


class Missing(Exception):
    """A tool chain that this machine hasn't; the message says what is missing."""


@dataclasses.dataclass
class Tools:
    needs: tuple = ()  # programs; "import x" for a module of Debian's Python, "/path" for a file
    sources: tuple = ()  # relative to this folder; a change makes it anew
    make: tuple = ()  # commands; {build} and {here}
    is_small: bool = False  # nothing is fetched for it, and it takes seconds: part of `make test`


PIP = ("python3", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-warn-script-location",
       "--root-user-action=ignore", "--target", "{build}", "-r")
TOOLS = {
    "mariadb": Tools(needs=("mariadb",), is_small=True),
    "libmariadb": Tools(
        needs=("cc", "mariadb_config"), sources=("c/libmariadb.c",), is_small=True,
        make=(("cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", "{build}/client", "{here}/c/libmariadb.c",
               "-lmariadb", "-lpthread"),)),
    "browser": Tools(needs=("chromium", "chromedriver", "php", "/usr/share/adminer/adminer.php")),
    "mycli": Tools(needs=("mycli", "import mycli")),
    "odbc": Tools(needs=("import pyodbc", "/usr/share/odbc-mariadb"), is_small=True),
    "pymysql": Tools(needs=("import pymysql",), is_small=True),
    "mysqldb": Tools(needs=("import MySQLdb",), is_small=True),
    "python": Tools(needs=("python3",), sources=("python/requirements.txt",), make=((*PIP, "{here}/python/requirements.txt"),)),
    "dbt": Tools(needs=("python3",), sources=("dbt/requirements.txt",), make=((*PIP, "{here}/dbt/requirements.txt"),)),
    "php": Tools(needs=("php", "/usr/lib/php"), is_small=True),
    "node": Tools(
        needs=("node", "npm"), sources=("node/package.json", "node/package-lock.json"),
        make=(("cp", "{here}/node/package.json", "{here}/node/package-lock.json", "{build}"),
              ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", "{build}"))),
    "go": Tools(
        needs=("go",), sources=("go/go.mod", "go/go.sum", "go/main.go"),
        make=(("go", "build", "-C", "{here}/go", "-mod=readonly", "-o", "{build}/clients", "."),)),
    "rust": Tools(
        needs=("cargo",),
        sources=("rust/Cargo.toml", "rust/Cargo.lock", "rust/src/lib.rs", "rust/src/bin/mysql_async.rs", "rust/src/bin/sqlx.rs"),
        make=(("cargo", "build", "-q", "--locked", "--manifest-path", "{here}/rust/Cargo.toml", "--target-dir", "{build}"),)),
    "java": Tools(
        needs=("java", "javac", "mvn"), sources=("java/pom.xml", "java/Jdbc.java", "java/Flink.java", "java/Secure.java"),
        make=(("mvn", "-q", "-B", "-f", "{here}/java/pom.xml", "-Djars={build}", "dependency:copy"),
              ("javac", "-d", "{build}", "{here}/java/Jdbc.java", "{here}/java/Flink.java", "{here}/java/Secure.java"))),
}


def is_there(need):
    if need.startswith("import "):
        return subprocess.run([DEBIAN, "-c", need], capture_output=True, check=False).returncode == 0
    return pathlib.Path(need).exists() if need.startswith("/") else bool(shutil.which(need))


def folder(name):
    return BUILD / name


def fingerprint(tools):
    digest = hashlib.sha256(repr(tools).encode())
    for source in tools.sources:
        digest.update((HERE / source).read_bytes())
    return digest.hexdigest()


def prepare(name):
    """Fetches and builds what is not there yet; Missing when it can't."""
    tools, build = TOOLS[name], folder(name)
    missing = [need for need in tools.needs if not is_there(need)]
    if missing:
        raise Missing(", ".join(missing))
    if tools.make:
        BUILD.mkdir(parents=True, exist_ok=True)
        with open(BUILD / "lock", "w") as lock:  # two runs of the tests may be under way
            fcntl.flock(lock, fcntl.LOCK_EX)
            make(tools, build)


def make(tools, build):
    stamp = build / "made-of"
    if stamp.exists() and stamp.read_text() == fingerprint(tools):
        return
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    for command in tools.make:
        words = [word.format(build=build, here=HERE) for word in command]
        done = subprocess.run(words, cwd=build, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {(done.stdout + done.stderr)[-1500:]}")
    stamp.write_text(fingerprint(tools))


def run(*command, environment, cwd):
    """A client to its end; one that hangs ends, with all that it has started, with what it has told."""
    with subprocess.Popen(command, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8", **environment},
                          cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                          errors="replace", start_new_session=True) as child:
        try:
            out, err = child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, err = child.communicate()
            err += f"still running after {PATIENCE} seconds"
        return subprocess.CompletedProcess(command, child.returncode, out, err)
