#!/usr/bin/env bash
# The documents hold: relative links lead somewhere, manuals pass mandoc's lint where mandoc is there, and
# docs/generated is what the tables in the code say. With --write it is written anew.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0

# "file target" for every [text](target) outside code blocks, but for targets with a scheme
links() {
    find README.md CONTRIBUTING.md docs bench tests -name '*.md' 2>/dev/null | sort | xargs awk '
        FNR == 1 { code = 0 }
        /^ *```/ { code = !code }
        code { next }
        {
            gsub(/`[^`]*`/, "")
            while (match($0, /\]\([^) ]+\)/)) {
                target = substr($0, RSTART + 2, RLENGTH - 3)
                $0 = substr($0, RSTART + RLENGTH)
                if (target !~ /^[a-z]+:/) print FILENAME, target
            }
        }'
}

# a heading as a web page names it: small letters, no punctuation, dashes for blanks
anchors() {
    sed -n 's/^##* *//p' "$1" | tr 'A-Z ' 'a-z-' | sed 's/[^a-z0-9_-]//g'
}

while read -r file target; do
    path=$file
    [ -z "${target%%#*}" ] || path=$(dirname "$file")/${target%%#*}
    if [ ! -e "$path" ]; then
        echo "$file: dead link: $target"
        bad=1
    elif [[ $target == *'#'* && $path == *.md ]] && ! anchors "$path" | grep -qxF -- "${target#*#}"; then
        echo "$file: no such heading: $target"
        bad=1
    fi
done < <(links)

if command -v mandoc >/dev/null; then
    for page in man/*.[1-8]; do
        [ -e "$page" ] || continue
        mandoc -Tlint -Wwarning "$page" || bad=1
    done
fi

# the rows of the tables $1 as the macros on standard input lay them out: fields between @, strings unquoted
rows() {
    { cat && echo "#include \"$1\""; } | "${CC:-gcc}" -E -P -I. -x c - |
        sed -n -e '/@/!d' -e 's/" *"//g' -e 's/^ *@ *"*/| /' -e 's/"* *@ *"*/ | /g' -e 's/ *$//p'
}

generate() {
    mkdir -p "$1"
    {
        echo "# Errors"
        echo
        echo "Every refusal of the gateway's own, from [errors.def](../../base/errors.def)."
        echo
        echo "| number | SQLSTATE | when |"
        echo "|---|---|---|"
        rows base/errors.def <<<'#define ERROR(name, number, state, meaning) @ number @ state @ meaning @' | sort -t'|' -k2n -s
    } >"$1/errors.md"
    {
        echo "# Settings"
        echo
        echo "The keys of \`settings\`, from [settings.def](../../config/settings.def)."
        echo
        echo "| key | default | range | takes effect at | meaning |"
        echo "|---|---|---|---|---|"
        sed 's/TYPE/COUNT/p; s/COUNT/BYTES/p; s/BYTES/MILLIS/p; s/MILLIS/TEXT/' \
            <<<'#define SETTING_TYPE(name, preset, least, most, when, meaning) @ name @ preset @ least … most @ when @ meaning @' |
            rows config/settings.def |
            sed -e 's/0 … 0/ /' -e 's/| ANYTIME |/| a reload |/' -e 's/| RESTART |/| a restart |/'
    } >"$1/settings.md"
}

# the console's tables in a manual: what stands between the two marks, from tables.def
tables_of_manual() {
    rows base/tables.def <<<'#define TABLE(name, meaning) @ T @ name @ meaning @
#define COLUMN(table, name, type, meaning) @ C @ name @ type @ meaning @' |
        awk -F ' [|] ' '
            function plain(text) { sub(/ [|]$/, "", text); gsub(/…/, "...", text); return text }
            /^[|] T/ { if (open) print ".El"; printf ".Ss %s\n%s\n.Bl -tag -width Ds -compact\n", $2, plain($3); open = 1 }
            /^[|] C/ { printf ".It Cm %s\n%s\n", $2, plain($4) }
            END { if (open) print ".El" }'
}

manual() { # of $1, with the tables in place
    sed '/^\.\\" From base\/tables.def/q' "$1"
    tables_of_manual
    sed -n '/^\.\\" end$/,$p' "$1"
}

if [ "${1:-}" = --write ]; then
    generate docs/generated
    page=$(manual man/starbind-admin.7)
    echo "$page" >man/starbind-admin.7
else
    manual man/starbind-admin.7 | diff -u man/starbind-admin.7 - ||
        { echo "man/starbind-admin.7 is out of date: scripts/docs.sh --write" && bad=1; }
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    generate "$fresh"
    # statements.md is compared by tests/unit/test_grant.c
    diff -ru -x statements.md docs/generated "$fresh" || { echo "docs/generated is out of date: scripts/docs.sh --write" && bad=1; }
fi
exit $bad
