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

# A stage has a line: how it ended and in what time. What it said is shown if it failed.
declare -A ids began

begin() {
  began[$1]=$SECONDS
  (
    "${@:2}"
    exit_code=$?
    echo "$SECONDS" >"$results/$1.ended"
    exit "$exit_code"
  ) >"$results/$1.log" 2>&1 &
  ids[$1]=$!
}

finish() {
  local exit_code=0 how=passed
  wait "${ids[$1]}" || exit_code=$?
  # 77 is how a program says that it had nothing to run on.
  if [ "$exit_code" -eq 77 ]; then
    how="skipped: $(tail -n 1 "$results/$1.log")"
  elif [ "$exit_code" -ne 0 ]; then
    how="FAILED with $exit_code"
    cat "$results/$1.log"
  fi

  local ended=$SECONDS
  [ -e "$results/$1.ended" ] && ended=$(cat "$results/$1.ended")
  printf '%4d s  %4d s  %s: %s\n' "$SECONDS" $((ended - began[$1])) "$1" "$how"
  return "$exit_code"
}

stage() {
  begin "$@"
  finish "$1"
}

# A program is one test; ending it with 77 is a failure where CI has promised what it needs.
count_program() {
  local exit_code=0
  finish "$1" || exit_code=$?
  if [ "$exit_code" -eq 0 ]; then
    passed=$((passed + 1))
  elif [ "$exit_code" -eq 77 ] && { [ "${CI:-}" != true ] || [ "${2:-}" = optional ]; }; then
    skipped=$((skipped + 1))
  else
    failed=$((failed + 1))
  fi
}

run_program() {
  begin "$@"
  count_program "$1"
}

if ! redis_is_here && ! { install_redis && redis_is_here; }; then
  if [ "${CI:-}" = true ]; then
    give_up 'Neither redis-server nor valkey-server is here, and it could not be installed.'
  fi

  echo 'Neither redis-server nor valkey-server is here: the tests that need one will be skipped.'
fi

results=$(mktemp -d) || give_up 'There is no room for the results.'
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$results"' EXIT

echo '  at      took'
stage 'build' dotnet build Redlock.Fast.sln -c Release || give_up 'The build failed.'

# A test that hangs ends the run, and is named, in place of waiting for whoever watches it.
run_tests() {
  TestResultsRoot="$results" dotnet test "$@" --no-build --logger trx --blame-hang-timeout 5m --blame-hang-dump-type none
}

# These wait for servers most of the time, so all others run beside them.
tests_exit=0
begin 'Redlock.Tests' run_tests tests/Redlock.Tests -c Release "$@"
for project in tests/*.Tests; do
  name=${project##*/}
  [ "$name" = Redlock.Tests ] || stage "$name" run_tests "$project" -c Release "$@" || tests_exit=$?
done

# Invariants are asserted in Debug alone: by the tests of the parts, by 400 simulated seeds, and under torture.
stage 'build with invariants' dotnet build tests/Invariants.slnf -c Debug -p:RunAnalyzers=false || give_up 'The build with invariants failed.'
invariants=(--filter 'Waits!=long')
case " $* " in
  *' --filter '*) invariants=() ;;
esac

stage 'tests with invariants' run_tests tests/Invariants.slnf -c Debug "${invariants[@]}" "$@" || tests_exit=$?
finish 'Redlock.Tests' || tests_exit=$?
add_results "$results"
if [ $((passed + failed)) -eq 0 ]; then
  give_up 'No test ran.'
fi

# A run that broke off leaves no failed test behind, only its exit code.
if [ "$tests_exit" -ne 0 ] && [ "$failed" -eq 0 ]; then
  echo "dotnet test ended with $tests_exit although no test failed: a run broke off." >&2
  failed=1
fi

program() {
  dotnet run -c "$1" --no-build --project "$2" -- "${@:3}"
}

# Alone: whatever else runs makes queues longer, and what they grow by is allocated.
run_program 'allocation' program Release tests/Allocation
run_program 'allocation: the instrument' program Release tests/Allocation --selftest

# The invariants are to hold on a busy machine too, so torture has the rest beside it.
torture() {
  program Debug tests/Torture --seconds 60 && program Debug tests/Torture fenced --seconds 40
}

begin 'torture' torture
run_program 'fuzz' program Release tests/Fuzz --seconds 5
run_program 'simulation' program Debug tests/Simulation --seeds 1-400 --first
run_program 'benchmarks start' program Release bench --filter '*CodecBenchmarks*' --job dry --artifacts "$results/bench"
# The service runs until it is stopped: its tests have run it.
for sample in samples/*; do
  [ "${sample##*/}" = Service ] || run_program "sample ${sample##*/}" program Release "$sample"
done

begin 'packages' timeout 600 tests/package-consumer.sh
begin 'native code' timeout 600 tests/native-aot.sh
count_program 'packages'
count_program 'native code'
count_program 'torture'
for image in redis:7 redis:8 valkey/valkey:9; do
  begin "containers of ${image##*/}" tests/containers.sh "$image"
  count_program "containers of ${image##*/}" optional
done

summary
[ "$failed" -eq 0 ]
