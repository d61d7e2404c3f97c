#!/usr/bin/env bash
# Runs every test. The last line of output is: N passed, N failed[, N skipped]
#
# Arguments are passed on to dotnet test.
# REDLOCK_TEST_NODES: endpoints, separated by commas, of servers to test against; they are passed through.
# REDLOCK_TEST_IMAGE: an image of Redis or Valkey; the servers that tests share are then containers of it.
# CI=true: a missing Redis is a failure; elsewhere the tests that need one are skipped.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

passed=0
failed=0
skipped=0

redis_is_here() {
  command -v redis-server >/dev/null || command -v valkey-server >/dev/null
}

install_redis() {
  command -v apt-get >/dev/null || return 1
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi

  echo 'No Redis server on the PATH: installing redis-server.'
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get -qq update >/dev/null &&
    "${as_root[@]}" apt-get -qq install -y --no-install-recommends redis-server >/dev/null
}

summary() {
  local line="$passed passed, $failed failed"
  if [ "$skipped" -gt 0 ]; then
    line="$line, $skipped skipped"
  fi

  echo "$line"
}

give_up() {
  echo "$1" >&2
  failed=$((failed + 1))
  summary
  exit 1
}

# The value of one counter, from the Counters element of a result file.
counter() {
  local value
  value=$(grep -o '<Counters [^>]*>' "$1" | grep -o " $2=\"[0-9]*\"" | tr -cd '0-9')
  echo "${value:-0}"
}

add_results() {
  local file total executed succeeded
  for file in "$1"/*/*.trx; do
    [ -e "$file" ] || continue
    total=$(counter "$file" total)
    executed=$(counter "$file" executed)
    succeeded=$(counter "$file" passed)
    passed=$((passed + succeeded))
    failed=$((failed + executed - succeeded))
    skipped=$((skipped + total - executed))
  done
}

# 77 is how a program says that it had nothing to run on.
count_program() {
  if [ "$1" -eq 0 ]; then
    passed=$((passed + 1))
  elif [ "$1" -eq 77 ] && [ "${CI:-}" != true ]; then
    skipped=$((skipped + 1))
  else
    failed=$((failed + 1))
    echo "FAILED with $1: ${*:2}"
  fi
}

run_program() {
  echo "--- $*"
  "$@"
  count_program $? "$@"
}

# Runs scripts side by side, and shows what each said once it has ended.
run_side_by_side() {
  local script ids=()
  for script in "$@"; do
    timeout 600 "$script" >"$results/$(basename "$script").log" 2>&1 &
    ids+=($!)
  done

  for script in "$@"; do
    echo "--- $script"
    wait "${ids[0]}"
    local exit_code=$?
    ids=("${ids[@]:1}")
    cat "$results/$(basename "$script").log"
    count_program "$exit_code" "$script"
  done
}

if ! redis_is_here && ! { install_redis && redis_is_here; }; then
  if [ "${CI:-}" = true ]; then
    give_up 'Neither redis-server nor valkey-server is here, and it could not be installed.'
  fi

  echo 'Neither redis-server nor valkey-server is here: the tests that need one will be skipped.'
fi

dotnet build Redlock.Fast.sln -c Release || give_up 'The build failed.'

# Invariants are asserted in Debug alone: by the tests of the parts, by 400 simulated seeds, and under torture.
dotnet build tests/Invariants.slnf -c Debug -p:RunAnalyzers=false || give_up 'The build with invariants failed.'

results=$(mktemp -d) || give_up 'There is no room for the results.'
trap 'rm -rf "$results"' EXIT

# A test that hangs ends the run, and is named, in place of waiting for whoever watches it.
tests_exit=0
run_tests() {
  TestResultsRoot="$results" dotnet test "$@" --no-build --logger trx --blame-hang-timeout 5m --blame-hang-dump-type none || tests_exit=$?
  return "$tests_exit"
}

# These wait for servers most of the time, so all others run beside them.
with_servers=tests/Redlock.Tests
run_tests "$with_servers" -c Release "$@" >"$results/with-servers.log" 2>&1 &
with_servers_id=$!
for project in tests/*.Tests; do
  [ "$project" = "$with_servers" ] || run_tests "$project" -c Release "$@"
done

invariants=(--filter 'Waits!=long')
case " $* " in
  *' --filter '*) invariants=() ;;
esac

run_tests tests/Invariants.slnf -c Debug "${invariants[@]}" "$@"
wait "$with_servers_id" || tests_exit=$?
cat "$results/with-servers.log"
add_results "$results"
if [ $((passed + failed)) -eq 0 ]; then
  give_up 'No test ran.'
fi

# A run that broke off leaves no failed test behind, only its exit code.
if [ "$tests_exit" -ne 0 ] && [ "$failed" -eq 0 ]; then
  echo "dotnet test ended with $tests_exit although no test failed: a run broke off." >&2
  failed=1
fi

if [ -d tests/Allocation ]; then
  run_program dotnet run -c Release --no-build --project tests/Allocation
  run_program dotnet run -c Release --no-build --project tests/Allocation -- --selftest
fi

if [ -d tests/Fuzz ]; then
  run_program dotnet run -c Release --no-build --project tests/Fuzz -- --seconds 5
fi

if [ -d tests/Simulation ]; then
  run_program dotnet run -c Debug --no-build --project tests/Simulation -- --seeds 1-400 --first
fi

if [ -d tests/Torture ]; then
  run_program dotnet run -c Debug --no-build --project tests/Torture -- --seconds 60
  run_program dotnet run -c Debug --no-build --project tests/Torture -- fenced --seconds 40
fi

run_program dotnet run -c Release --no-build --project bench -- --filter '*CodecBenchmarks*' --job dry --artifacts "$results/bench"
run_program dotnet run -c Release --no-build --project samples/Quickstart
run_program dotnet run -c Release --no-build --project samples/Worker
run_program dotnet run -c Release --no-build --project samples/Contention
run_program dotnet run -c Release --no-build --project samples/Fencing
run_side_by_side tests/package-consumer.sh tests/native-aot.sh
for image in redis:7 redis:8 valkey/valkey:9; do
  CI=false run_program tests/containers.sh "$image"
done

summary
[ "$failed" -eq 0 ]
