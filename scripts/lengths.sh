#!/usr/bin/env bash
# Files of more than 500 lines and functions of more than 60, but for those listed in long-by-choice.
set -euo pipefail
cd "$(dirname "$0")/.."

find base protocol config auth proxy tests scripts -name '*.[ch]' -o -name '*.py' -o -name '*.sh' | sort |
    xargs awk -v files=500 -v functions=60 '
    function judge(what, lines, most) {
        if (lines <= most) return
        if (what in chosen) met[what] = 1
        else { printf "%s: %d lines, at most %d\n", what, lines, most; bad = 1 }
    }
    function name_of(line) { sub(/[ \t]*\(.*/, "", line); sub(/.*[ \t*]/, "", line); return line }
    FILENAME ~ /long-by-choice$/ {
        if (/^[^#]/ && NF < 2) { printf "%s:%d: %s needs a reason\n", FILENAME, FNR, $1; bad = 1 }
        if (/^[^#]/) chosen[$1] = 1
        next
    }
    FNR == 1 { if (file) judge(file, lines, files); file = FILENAME; start = 0 }
    { lines = FNR }
    /^[a-z].*\(/ && FILENAME ~ /[.][ch]$/ { name = name_of($0) }
    /^{/ { start = FNR }
    /^}$/ && start { judge(FILENAME ":" name, FNR - start - 1, functions); start = 0 }
    END {
        judge(file, lines, files)
        for (what in chosen) if (!(what in met)) {
            printf "scripts/long-by-choice: %s is not long any more\n", what
            bad = 1
        }
        exit bad
    }' scripts/long-by-choice
