#!/usr/bin/env bash
# Runs the tests of one build: test.sh BUILD "TESTS"
#
# Unit tests and corpus replays under BUILD/tests run two at a time, then pytest runs tests/e2e with
# STARBIND set. TESTS names some (tests/unit/test_x.c, tests/fuzz/fuzz_x.c, tests/e2e/test_y.py::name);
# empty runs all. Prints what failed and closes with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:?usage: test.sh BUILD \"TESTS\"}
wanted=${2:-}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0 skipped=0

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1}

# One test program, its output and exit status into files.  A hang is a failure.
one() {
    local name=${1//\//_} corpus=()
    [[ $1 != */replay_* ]] || corpus=("tests/fuzz/corpus/${1##*/replay_}")
    set +e
    CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 300 "$1" "${corpus[@]}" >"$out/$name.out" 2>&1 </dev/null
    echo $? >"$out/$name.rc"
}
export -f one
export out

programs() {
    local word source
    if [ -z "$wanted" ]; then
        find tests -path 'tests/unit/test_*.c' -o -path 'tests/fuzz/fuzz_*.c'
    else
        for word in $wanted; do [[ $word != tests/unit/* && $word != tests/fuzz/* ]] || echo "$word"; done
    fi | sort | while read -r source; do
        source=${source%.c}
        echo "$build/${source/%fuzz_${source##*fuzz_}/replay_${source##*fuzz_}}"
    done
}

# cmocka's TAP: "1..N" per group, then "ok" and "not ok" lines; a program that died leaves some unsaid.
count_program() {
    local name=${1//\//_} rc planned ok skip bad
    rc=$(cat "$out/$name.rc")
    if [[ $1 == */replay_* ]]; then
        planned=1 ok=$((rc == 0)) skip=0
    else
        planned=$(awk -F'[.][.]' '/^1[.][.][0-9]+$/ { n += $2 } END { print n + 0 }' "$out/$name.out")
        skip=$(grep -c '^not ok .*# SKIP' "$out/$name.out" || true)
        ok=$(grep -c '^ok ' "$out/$name.out" || true)
    fi
    bad=$((planned - ok - skip))
    if [ "$rc" != 0 ] || [ "$planned" = 0 ]; then bad=$((bad > 0 ? bad : 1)); fi
    passed=$((passed + ok)) skipped=$((skipped + skip)) failed=$((failed + bad))
    if [ $bad != 0 ]; then
        echo "--- $1: $ok passed, $bad failed (exit status $rc$([ "$rc" != 124 ] || echo ", took too long"))"
        grep -v '^ok ' "$out/$name.out" | tail -n 60 || true
    else
        printf '  %-50s %4d passed\n' "${1#"$build"/}" "$ok"
    fi
}

count_pytest() {
    local suite tests errors failures skips
    suite=$(grep -o '<testsuite [^>]*>' "$out/e2e.xml" 2>/dev/null || true)
    number() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$suite"; }
    tests=$(number tests) errors=$(number errors) failures=$(number failures) skips=$(number skipped)
    failures=$((${failures:-0} + ${errors:-0}))
    passed=$((passed + ${tests:-0} - failures - ${skips:-0}))
    skipped=$((skipped + ${skips:-0}))
    if [ "$1" != 0 ] && [ $failures = 0 ]; then failures=1; fi
    failed=$((failed + failures))
}

list=$(programs)
if [ -n "$list" ]; then
    xargs -P 2 -I {} bash -c 'one {}' <<<"$list"
    for program in $list; do count_program "$program"; done
fi

areas=()
for word in $wanted; do [[ $word == tests/unit/* || $word == tests/fuzz/* ]] || areas+=("$word"); done
[ -n "$wanted" ] || areas=(tests/e2e)
if [ ${#areas[@]} != 0 ]; then
    rc=0
    STARBIND=$PWD/$build/starbind PYTHONDONTWRITEBYTECODE=1 timeout -k 30 "${E2E_SECONDS:-1500}" \
        /usr/bin/python3 -m pytest -p no:cacheprovider -q --tb=short --durations=5 -rs \
        --junitxml="$out/e2e.xml" "${areas[@]}" </dev/null || rc=$?
    count_pytest $rc
fi

[ $((passed + failed)) != 0 ] || failed=1 # nothing ran
[ $skipped = 0 ] || echo "$skipped skipped, for the reasons above"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
