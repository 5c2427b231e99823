#!/usr/bin/env bash
# Runs the libFuzzer targets of one build: fuzz.sh BUILD [target…], FUZZ_SECONDS (60) of CPU time each.
#
# The corpus in tests/fuzz/corpus/TARGET is read, never written: new inputs go to BUILD/corpus/TARGET, an
# input that fails to BUILD/found. Copy what is worth keeping, made small, to tests/fuzz/corpus.
#
# libFuzzer knows the time on the wall only, of which a busy machine gives a part: runs are repeated, each
# from the corpus of the one before, until the CPU time is spent.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:?usage: fuzz.sh BUILD [target…]}
shift
targets=("$@")
[ $# != 0 ] || mapfile -t targets < <(find tests -path 'tests/fuzz/fuzz_*.c' | sort | sed 's,.*/fuzz_\(.*\)\.c,\1,')
[ ${#targets[@]} != 0 ] || { echo "no targets in tests/fuzz" >&2 && exit 1; }
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# one WALL_SECONDS TARGET FOLDER…: a run; its last words, and its CPU seconds on the last line
one() {
    local wall=$1 target=$2 rc=0
    TIMEFORMAT='%U %S'
    { time "$build/tests/fuzz/fuzz_$target" -max_total_time="$wall" -timeout=60 -rss_limit_mb=1024 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix="$build/found/$target-" "${@:3}" >"$output" 2>&1; } \
        2>"$output.time" || rc=$?
    awk '{ print int($1 + $2 + 0.5) }' "$output.time" && rm -f "$output.time"
    return $rc
}

mkdir -p "$build/found"
for target in "${targets[@]}"; do
    folders=("$build/corpus/$target")
    [ ! -d "tests/fuzz/corpus/$target" ] || folders+=("tests/fuzz/corpus/$target")
    mkdir -p "$build/corpus/$target"
    wanted=${FUZZ_SECONDS:-60} spent=0 runs=0
    while [ "$spent" -lt "$wanted" ]; do
        left=$((wanted - spent))
        seconds=$(one $((left < 5 ? 5 : left)) "$target" "${folders[@]}") || {
            grep -v '^"\|^###' "$output" >&2 || true
            echo "$target: see $build/found" >&2
            exit 1
        }
        spent=$((spent + (seconds > 0 ? seconds : 1)))
        runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$output")))
    done
    echo "$target: $spent s of CPU time, $runs inputs, no finding, $(find "${folders[@]}" -type f | wc -l) files of corpus"
done
