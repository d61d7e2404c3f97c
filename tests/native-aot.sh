#!/bin/sh
# Compiles a program that uses every package to native code, and runs it against servers of its own. A warning is a failure.
# Prints one line with the result; the exit code is 0 if all of it worked, 77 if there is nothing to link or to lock with.
set -u

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/native-aot.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
log=$work/log

fail() {
    echo "native AOT: FAILED to $1" >&2
    tail -n 40 "$log" >&2
    exit 1
}

if ! command -v clang >/dev/null && ! command -v gcc >/dev/null; then
    echo 'native AOT: skipped: neither clang nor gcc is here to link with'
    exit 77
fi

dotnet publish "$root/tests/Aot" --configuration Release --use-current-runtime --output "$work/program" \
    --artifacts-path "$work/build" -p:PublishAot=true >"$log" 2>&1 || fail "compile it"
"$work/program/Redlock.Fast.Aot" >"$log" 2>&1
exit_code=$?
if [ "$exit_code" -eq 77 ]; then
    cat "$log"
    exit 77
fi

[ "$exit_code" -eq 0 ] || fail "run it ($exit_code)"
grep -q '^compiled ahead$' "$log" || fail "compile it ahead"
echo "native AOT: PASSED ($(wc -c <"$work/program/Redlock.Fast.Aot") bytes)"
