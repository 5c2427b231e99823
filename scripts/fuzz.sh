#!/usr/bin/env bash
# Runs the libFuzzer targets of one build: fuzz.sh BUILD [target…], FUZZ_SECONDS (60) each.
#
# The corpus in tests/fuzz/corpus/TARGET is read, never written: new inputs go to BUILD/corpus/TARGET, an
# input that fails to BUILD/found. Copy what is worth keeping, made small, to tests/fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:?usage: fuzz.sh BUILD [target…]}
shift
targets=("$@")
[ $# != 0 ] || mapfile -t targets < <(find tests -path 'tests/fuzz/fuzz_*.c' | sort | sed 's,.*/fuzz_\(.*\)\.c,\1,')
[ ${#targets[@]} != 0 ] || { echo "no targets in tests/fuzz" >&2 && exit 1; }

mkdir -p "$build/found"
for target in "${targets[@]}"; do
    folders=("$build/corpus/$target")
    [ ! -d "tests/fuzz/corpus/$target" ] || folders+=("tests/fuzz/corpus/$target")
    mkdir -p "$build/corpus/$target"
    echo "--- $target, ${FUZZ_SECONDS:-60} s"
    "$build/tests/fuzz/fuzz_$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix="$build/found/$target-" \
        "${folders[@]}" 2>&1 |
        grep -v '^"\|^###\|^stat::\(slowest\|new_units\|peak\)' || { echo "$target: see $build/found" && exit 1; }
done
