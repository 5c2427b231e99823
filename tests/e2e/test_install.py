"""What `make install` and `make deb` leave behind; the manual and the completions know every option of every command."""

import os
import pathlib
import re
import shutil

import pytest

from harness import ROOT, STARBIND, run, starbind

VARIANT = pathlib.Path(STARBIND).resolve().parent.name
ROW = re.compile(r'^COMMAND\((\w+), \w+, "([^"]*)", "([^"]*)", "([^"]*)"\)$', re.M)
COMMANDS = {name: ([o.partition("=")[0] for o in options.split()], operand)
            for name, options, operand, _ in ROW.findall((ROOT / "proxy/commands.def").read_text())}


def make(*arguments):
    if VARIANT not in ("release", "asan", "tsan", "cov"):
        pytest.skip(f"make does not install from {VARIANT}")
    done = run("make", "-s", "-C", ROOT, f"VARIANT={VARIANT}", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_install_takes_a_prefix_and_a_destination(tmp_path):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/opt/sb")
    top = tmp_path / "opt/sb"
    assert os.access(top / "sbin/starbind", os.X_OK)
    pages = [f"share/man/man{page.suffix[1:]}/{page.name}" for page in (ROOT / "man").glob("*.[1-8]")]
    assert len(pages) >= 2
    for name in (*pages, "share/starbind/starbind.schema.json",
                 "share/doc/starbind/CHANGELOG.md", "share/doc/starbind/examples/minimal.json",
                 "share/bash-completion/completions/starbind", "share/zsh/site-functions/_starbind"):
        assert (top / name).stat().st_size > 0, name
    unit = (top / "lib/systemd/system/starbind.service").read_text()
    assert "/opt/sb/sbin/starbind run" in unit and "/usr/sbin/starbind" not in unit
    assert {p.relative_to(tmp_path).parts[0] for p in tmp_path.rglob("*")} == {"opt"}


def complete(*words):
    """What bash offers for the last word."""
    script = starbind("--completions", "bash").stdout
    words = ("starbind", *words)
    listed = " ".join(f"'{w}'" for w in words)
    done = run("bash", "-c", f"{script}\nCOMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _starbind\n"
               'printf "%s\\n" "${COMPREPLY[@]}"', cwd=ROOT / "etc")
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split()


def test_bash_completes_commands_options_values_and_files():
    assert set(complete("")) == set(COMMANDS)
    assert complete("expl") == ["explain"]
    for name, (options, operand) in COMMANDS.items():
        offered = complete(name, "")
        assert set(options) <= set(offered), name
        assert ("minimal.json" in offered) == bool(operand), name
    assert complete("run", "-l", "w") == ["warning"]
    assert complete("run", "-c", "mini") == ["minimal.json"]
    assert complete("token", "--user", "") == []


def test_zsh_completes_the_same_options():
    script = starbind("--completions", "zsh").stdout
    assert script.startswith("#compdef starbind\n")
    for name, (options, _) in COMMANDS.items():
        row = next(line for line in script.splitlines() if line.startswith(f"{name})"))
        for option in options:
            assert re.search(rf"'{option}[:']", row), (name, option)


def test_there_are_no_completions_for_other_shells():
    done = starbind("--completions", "fish")
    assert done.returncode == 2 and not done.stdout
    assert starbind("--completions").returncode == 2


def test_the_manual_knows_every_command_and_option():
    text = (ROOT / "man/starbind.8").read_text()
    entries = dict(re.findall(r"^\.It Cm (\w+)\b(.*?)(?=^\.It Cm \w+|^\.El\n\.Sh)", text, re.M | re.S))
    for name, (options, _) in COMMANDS.items():
        assert name in entries, name
        for option in options:
            if option != "--config":  # the long form of -c
                assert re.search(rf"Fl {re.escape(option[1:])}\b", entries[name]), (name, option)


def test_the_program_tells_its_version():
    version = re.search(r"^VERSION := (.*)$", (ROOT / "Makefile").read_text(), re.M)[1]
    assert starbind("--version").stdout == starbind("version").stdout == f"starbind {version}\n"
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.skipif(not all(map(shutil.which, ("lintian", "dpkg-shlibdeps"))), reason="lintian and dpkg-dev are not there")
@pytest.mark.skipif(VARIANT != "release", reason="a package is made of the release")
def test_the_package_holds_what_install_does_and_lintian_is_content():
    version = starbind("version").stdout.split()[1]
    done = run("scripts/deb.sh", pathlib.Path(STARBIND).parent, version, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    package = next((ROOT / "build/deb").glob(f"starbind_{version}_*.deb"))
    listed = run("dpkg-deb", "-c", package).stdout
    for name in ("usr/sbin/starbind", "lib/systemd/system/starbind.service", "usr/share/man/man8/starbind.8.gz",
                 "usr/share/bash-completion/completions/starbind"):
        assert f"./{name}\n" in listed, name
    assert "root/root" in listed and not re.search(r" (?!root/root)\w+/\w+ ", listed)
