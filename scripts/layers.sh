#!/usr/bin/env bash
# Who may include whom: layers.sh checks the tree, layers.sh --self-test plants violations and sees them.
#
# A file includes its own folder and any row above it; neighbours in a row never include each other.
# Under the rows stand the libraries, each with the folders or files that are its doors.
set -euo pipefail

table() {
    cat <<'ROWS'
base
protocol/mysql protocol/sql protocol/http protocol/tls
config
auth
proxy/net proxy/catalog proxy/plan proxy/journal
proxy/limit
proxy/backend proxy/virtual
proxy/session
proxy/load proxy/admin proxy/move proxy/setup
proxy
uv.h: proxy/net
uv/: proxy/net
mysql.h: proxy/catalog proxy/move
mariadb/: proxy/catalog proxy/move
openssl/: protocol/tls
mbedtls/: protocol/tls
psa/: protocol/tls
jansson.h: config proxy/setup proxy/init.c proxy/explain.c proxy/virtual/plain.c
sqlite3.h: proxy/admin
curl/: proxy/move
ROWS
}

check() ( # in the tree $1
    cd "$1"
    find base protocol config auth proxy -name '*.[ch]' -o -name '*.def' | sort | xargs awk '
    function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
    function blame(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
    NR == FNR { # the table
        door = sub(/:/, "") ? $1 : ""
        for (i = 1; i <= NF; i++) if (door == "") row[$i] = NR; else doors[door, $i] = library[door] = 1
        next
    }
    FNR == 1 { here = folder(FILENAME); if (!(here in row)) blame("no row for the folder " here) }
    /^[ \t]*#[ \t]*include[ \t]*["<]/ {
        split($0, part, /[<">]/)
        path = part[2]
        name = path in library ? path : substr(path, 1, index(path, "/"))
        there = folder(path)
        if (name in library) {
            if (!((name, here) in doors || (name, FILENAME) in doors)) blame(path " is not for " here)
        } else if (/"/ && !(there in row)) blame("\"" path "\" is in none of our folders")
        else if (/"/ && there != here && row[there] >= row[here]) blame(here " must not include " path)
    }
    END { exit bad }' <(table)
)

self_test() { # each line: a file to plant, the line in it, a part of the finding or - for none
    local file line finding said
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
    mkdir -p "$tree"/{base,protocol/{mysql,sql},config,auth,proxy/{net,catalog,plan,session,virtual,odd}}
    while IFS='|' read -r file line finding; do
        echo "$line" >"$tree/$file"
        said=$(check "$tree" || true)
        rm "$tree/$file"
        [[ $finding/$said == -/ || ($finding != - && $said == *"$finding"*) ]] && continue
        echo "layers.sh: $file with '$line': said '$said', not '$finding'" >&2
        return 1
    done <<'PLANTS'
base/a.c|#include "config/config.h"|base must not include config/config.h
protocol/sql/a.c|#include "protocol/mysql/mysql.h"|must not include
proxy/plan/a.h|#include "proxy/net/net.h"|must not include
proxy/net/a.c|# include "proxy/session/session.h"|must not include
proxy/session/a.c|#include <uv.h>|uv.h is not for proxy/session
proxy/session/a.c|#include <mariadb/mysql.h>|is not for proxy/session
auth/a.c|#include <openssl/sha.h>|is not for auth
proxy/virtual/a.c|#include <jansson.h>|is not for proxy/virtual
proxy/net/a.c|#include "net.h"|none of our folders
proxy/odd/a.c|int odd;|no row for the folder proxy/odd
base/errors.def|#include "auth/auth.h"|must not include
proxy/catalog/a.c|#include <mariadb/mysql.h>|-
proxy/virtual/plain.c|#include <jansson.h>|-
proxy/session/a.c|#include "protocol/mysql/mysql.h"|-
proxy/main.c|#include "proxy/session/session.h"|-
PLANTS
}

if [ "${1:-}" = --self-test ]; then self_test; else check "$(dirname "$0")/.."; fi
