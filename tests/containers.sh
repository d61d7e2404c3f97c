#!/bin/sh
# Runs the tests of servers on containers of one image, which is the argument: redis:8, for example.
# The exit code is 0 if all passed, 77 if no Docker engine answers. The tests must have been built (Release).
set -u

image=${1:?an image is wanted}
root=$(cd "$(dirname "$0")/.." && pwd)

if ! command -v docker >/dev/null || ! docker info >/dev/null 2>&1; then
    echo "$image: skipped: no Docker engine answers"
    exit 77
fi

# Those are they that ask for the nodes that all tests share.
classes=$(grep -rl 'SharedNodes shared' "$root/tests/Redlock.Tests" --include='*.cs' |
    sed 's|.*/\(.*\)\.cs$|FullyQualifiedName~.\1.|' | paste -s -d '|' -)
export REDLOCK_TEST_IMAGE="$image"
dotnet test "$root/tests/Redlock.Tests" --configuration Release --no-build --filter "$classes" &&
    dotnet test "$root/tests/Resp.Tests" --configuration Release --no-build --filter 'FullyQualifiedName~RedisOverTcp.'
