#!/usr/bin/env bash
# Makes sure that the Debian packages of a task are there: packages.sh [build|demo|test|clients|check|fuzz|deb]
#
# Says which ones it installs, does nothing when all are there, and names them and stops when it may not
# install. The server comes from mariadb-server-core, which has no service: nothing is started by this.
set -euo pipefail

build=(gcc libc6-dev make libuv1-dev libjansson-dev libmariadb-dev libssl-dev libmbedtls-dev libsqlite3-dev)
demo=(mariadb-server-core mariadb-client)
checks=(clang libclang-rt-14-dev clang-format mandoc)
tests=(libcmocka-dev python3 python3-pytest python3-pymysql python3-cryptography openssl python3-mysqldb php-cli php-mysql odbc-mariadb python3-pyodbc)
# Programs and drivers that `make test-clients` runs; those from registries need go, cargo, node, java and mvn besides.
clients=(mycli adminer chromium chromium-driver)

case ${1:-build} in
build) wanted=("${build[@]}") ;;
demo) wanted=("${build[@]}" "${demo[@]}") ;;
test) wanted=("${build[@]}" "${demo[@]}" "${tests[@]}") ;;
clients) wanted=("${build[@]}" "${demo[@]}" "${tests[@]}" "${clients[@]}") ;;
check) wanted=("${build[@]}" "${checks[@]}" libcmocka-dev) ;;
deb) wanted=("${build[@]}" dpkg-dev lintian) ;;
fuzz) wanted=("${build[@]}" clang libclang-rt-14-dev) ;;
*)
    echo "usage: packages.sh [build|demo|test|clients|check|fuzz|deb]" >&2
    exit 2
    ;;
esac

# Elsewhere than on Debian nobody can be asked for packages: look for what they would bring.
without_apt() {
    local have missing=()
    header() { echo "#include <$1>" | "${CC:-cc}" -fsyntax-only -x c - 2>/dev/null; }
    tool() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }
    python() { /usr/bin/python3 -c "import $1" 2>/dev/null; }
    for have in "tool ${CC:-cc}" "tool make" "header uv.h" "header jansson.h" "header openssl/ssl.h" \
        "header mbedtls/ssl.h" "header sqlite3.h" "header mysql.h"; do
        # libmariadb's header lives in its own folder
        $have || { [ "$have" = "header mysql.h" ] && header mariadb/mysql.h; } || missing+=("${have#* }")
    done
    if [ "$1" = demo ] || [ "$1" = test ]; then
        for have in "tool mariadbd" "tool mariadb"; do $have || missing+=("${have#* }"); done
    fi
    if [ "$1" = check ]; then
        for have in "tool clang" "tool clang-format" "tool mandoc"; do $have || missing+=("${have#* }"); done
    fi
    if [ "$1" = test ]; then
        header "stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h" || missing+=(cmocka.h)
        for have in pytest pymysql cryptography; do python $have || missing+=("$have (for /usr/bin/python3)"); done
    fi
    [ ${#missing[@]} = 0 ] && exit 0
    printf 'This machine has no apt-get, so nothing can be installed from here. Missing: %s\n' "$(
        IFS=,
        echo "${missing[*]}"
    )" >&2
    echo "On Debian 12 they come with: ${wanted[*]}" >&2
    exit 1
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    without_apt "${1:-build}"
fi

missing=()
there=" $(dpkg-query -W -f '${Package}/${db:Status-Status} ' "${wanted[@]}" 2>/dev/null || true)"
for package in "${wanted[@]}"; do
    case $there in
    *" $package/installed "*) ;;
    *) missing+=("$package") ;;
    esac
done
[ ${#missing[@]} = 0 ] && exit 0

echo "Packages to install: ${missing[*]}"

as_root=()
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 1 ]; }; }; then
        as_root=(sudo)
    else
        echo "They can't be installed from here: not root, and sudo is not there or wants a password." >&2
        echo "Run this as root, then try again:  apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
fi

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Without the archive's lists, or with lists that name files which are gone, a second try after an update.
if ! apt install --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    if ! { apt update && apt install --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "Could not install: ${missing[*]}" >&2
        exit 1
    fi
fi
echo "Installed: ${missing[*]}"
