#!/usr/bin/env bash
# Makes sure that the Debian packages of the benchmark are there: those of the demo, haproxy, and what counts calls.
#
# Names what is missing, and stops when it may not install. The haproxy package brings a service, which
# nobody here needs: it is not started (the benchmark runs a haproxy of its own, on a port of its own).
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin
scripts/packages.sh demo

missing=()
command -v haproxy >/dev/null || missing+=(haproxy)
command -v python3 >/dev/null || missing+=(python3)
command -v strace >/dev/null || missing+=(strace)
command -v valgrind >/dev/null || missing+=(valgrind)
[ ${#missing[@]} = 0 ] && exit 0
echo "Packages to install: ${missing[*]}"

as_root=()
if ! command -v apt-get >/dev/null; then
    echo "This machine has no apt-get, so nothing can be installed from here." >&2
    exit 1
elif [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 1 ]; }; }; then
        echo "Run this as root, then try again:  apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 SYSTEMD_OFFLINE=1 apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! apt install --no-install-recommends "${missing[@]}" >"$log" 2>&1 &&
    ! { apt update && apt install --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "Could not install: ${missing[*]}" >&2
    exit 1
fi
echo "Installed: ${missing[*]}"
