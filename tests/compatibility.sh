#!/usr/bin/env bash
# Runs the tests of servers, the quickstart and a minute of torture against every kind of server that this machine has or can get.
#
# Arguments: which of installed, redis, valkey, valkey-without-lua, garnet, garnet-without-lua; all of them without arguments.
# Nothing is installed: a newer server is downloaded, with the libraries that it needs, into a folder that is removed at the end. What
# can't be had is skipped by name. The last lines are a table of what ran, and what of the tests a server can't be put through, and why.
# The tests must have been built (Release).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# The suite of Debian whose servers are the newest, and the Garnet that is tested.
suite=forky
garnet_version=2.2.8
garnet_program=garnet-server
torture_seconds=60

folder=$(mktemp -d) || exit 1
started=()
stop_servers() {
  for id in "${started[@]}"; do
    kill -9 "$id" 2>/dev/null && wait "$id" 2>/dev/null
  done

  started=()
}

trap 'stop_servers; rm -rf "$folder"' EXIT

say() {
  echo "--- $*" >&2
}

# The machine's own sources, with the suite's name changed.
newer_sources() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    awk -v suite="$suite" 'BEGIN { RS = ""; ORS = "\n\n" }
      /\nURIs: [^\n]*\/debian\/?\n/ { gsub(/Suites:[^\n]*/, "Suites: " suite); print }' "$file"
  done >"$folder/newer.sources"
  grep -q URIs "$folder/newer.sources"
}

apt_of_newer() {
  local command=$1
  shift
  "$command" -o Dir::Etc::sourcelist="$folder/newer.sources" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$folder/lists" \
    -o Dir::Cache="$folder/cache" "$@"
}

prepare_newer() {
  [ -e "$folder/newer.sources" ] && return
  command -v apt-get >/dev/null && newer_sources || return 1
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  apt_of_newer apt-get -qq update >/dev/null
}

# Downloads the server of a package with its libraries, and makes a program that runs it by its own loader.
download() {
  local package=$1 program=$2 target="$folder/$1" packages loader
  prepare_newer || return 1
  mkdir -p "$target/packages"
  packages=$(apt_of_newer apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances "$package" | grep -E "^(lib|zlib|${package%-server}-)" | sort -u) || return 1
  # shellcheck disable=SC2086 # One word a package.
  (cd "$target/packages" && apt_of_newer apt-get -qq download $packages >/dev/null 2>&1)
  for file in "$target/packages"/*.deb; do
    dpkg -x "$file" "$target" || return 1
  done

  loader=$(find "$target" -name 'ld-linux*.so*' | head -1)
  [ -n "$loader" ] && [ -e "$target/usr/bin/$program" ] || return 1
  cat >"$target/run" <<RUN
#!/bin/sh
exec '$loader' --library-path '$(dirname "$(find "$target" -name libc.so.6 | head -1)")' '$target/usr/bin/$program' "\$@"
RUN
  chmod +x "$target/run"
}

# Garnet reads no redis.conf of this kind: what TempRedis says in one of where to listen is told by arguments.
install_garnet() {
  local lua=$1 target="$folder/garnet$1"
  dotnet tool install garnet-server --version "$garnet_version" --tool-path "$folder/garnet" >/dev/null 2>&1 ||
    [ -e "$folder/garnet/$garnet_program" ] || return 1
  mkdir -p "$target"
  cat >"$target/run" <<RUN
#!/bin/sh
value() { sed -n "s/^\$1 \"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "\$conf"; }
conf=\$1
[ "\$conf" = --version ] && exec '$folder/garnet/$garnet_program' --version
exec '$folder/garnet/$garnet_program' --bind 127.0.0.1 --port "\$(value port)" --unixsocket "\$(value unixsocket)" $lua
RUN
  chmod +x "$target/run"
}

# The same server, on which nobody may run scripts.
forbid_scripts() {
  local program=$1 target="$2"
  mkdir -p "$target"
  cat >"$target/run" <<RUN
#!/bin/sh
[ "\$1" = --version ] && exec '$program' --version
conf=\$1
shift
grep -q '^user default' "\$conf" || printf 'user default on nopass ~* &* +@all -eval -evalsha -script|load\n' >>"\$conf"
exec '$program' "\$conf" "\$@"
RUN
  chmod +x "$target/run"
}

start_server() {
  local program=$1 port=$2
  printf 'bind 127.0.0.1\nport %s\nunixsocket "%s"\nsave ""\n' "$port" "$folder/$port.sock" >"$folder/$port.conf"
  "$program" "$folder/$port.conf" >"$folder/$port.log" 2>&1 &
  started+=($!)
  for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    sleep 0.1
  done

  return 1
}

free_port() {
  local port
  while port=$((20000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    :
  done

  echo "$port"
}

# Which tests ask for servers, by what they use: every class of a file that does.
classes_that_use() {
  grep -rlE "$1" "tests/$2" --include='*Tests.cs' | xargs -r grep -ohE '^(public|internal) (sealed |partial )*class \w+' |
    awk '$NF !~ /^InMemory/ { print "-class *." $NF }' | sort -u
}

# What Garnet can't be put through: part of a name of tests, and what it lacks for them.
garnet_lacks=(
  'DemotedServerTests=REPLICAOF without a cluster'
  'RefusingServerTests=limits of memory, replication and persistence as redis.conf has them'
  'SomethingElseTests=one name for strings, lists and hashes: SET NX does not see a list of that name'
  'What_is_no_counter_fails_the_vote=the same'
  'MovedNameTests=INFO commandstats'
  'A_holder_hands_the_lock_on_without_a_release_between=the same'
  'Refused_credentials=a password and users as redis.conf has them'
  'A_password_and_a_user_are_sent=the same'
  'RedisOverTls=TLS as redis.conf has it'
  'torture by commands=SHUTDOWN SAVE, CLIENT KILL and CONFIG SET as Redis has them: nodes are paused, killed and cut off alone'
)

# Prints: passed, failed, skipped.
run_tests() {
  local project=$1 assembly=$2 pattern=$3 log classes left_out=() lack name
  log="$folder/$project.log"
  classes=$(classes_that_use "$pattern" "$project")
  [ -n "$classes" ] || { echo - && return; }
  for lack in "${lacks[@]}"; do
    name=${lack%%=*}
    [[ $name == *Tests ]] && left_out+=(-class- "*.$name") || left_out+=(-method- "*.$name*")
  done

  # shellcheck disable=SC2086 # Two words a class.
  timeout 900 "tests/$project/bin/Release/net10.0/$assembly" -noLogo -noColor $classes "${left_out[@]}" >"$log" 2>&1
  grep -E '\[FAIL\]' "$log" >&2
  sed -n 's/.*Total: \([0-9]*\), Errors: \([0-9]*\), Failed: \([0-9]*\), Skipped: \([0-9]*\).*/\1 \2 \3 \4/p' "$log" |
    awk '{ print $1 - $2 - $3 - $4, $2 + $3, $4 }'
}

outcome() {
  "$@" >"$folder/outcome.log" 2>&1 && echo passed || {
    echo FAILED
    tail -20 "$folder/outcome.log" >&2
  }
}

declare -a rows lacks=()
try() {
  local name=$1 program=$2 lock_pattern=$3 resp_pattern=$4 version endpoints=() port lock=- resp=- quickstart torture
  shift 4
  version=$("$program" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1)
  say "$name $version"
  export REDLOCK_TEST_SERVER_PROGRAM="$program"
  for _ in 1 2 3; do
    port=$(free_port)
    start_server "$program" "$port" && endpoints+=("127.0.0.1:$port")
  done

  quickstart=$(outcome dotnet run -c Release --no-build --project samples/Quickstart -- --nodes "$(IFS=, && echo "${endpoints[*]}")")
  stop_servers
  if [ -n "$lock_pattern" ]; then
    lock=$(run_tests Redlock.Tests Redlock.Fast.Tests "$lock_pattern")
    resp=$(run_tests Resp.Tests Redlock.Fast.Resp.Tests "$resp_pattern")
  fi

  torture=$(outcome dotnet run -c Release --no-build --project tests/Torture -- --seconds "$torture_seconds" "$@")
  rows+=("| $name | $version | $quickstart | ${lock:-FAILED} | ${resp:-FAILED} | $torture |")
}

skip() {
  say "$1: skipped: $2"
  rows+=("| $1 | skipped: $2 | | | | |")
}

# Neither scripts nor what could stand in for them: such a server is to be refused in words that say so.
refuses() {
  local name=$1 program=$2 port version said
  version=$("$program" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1)
  say "$name $version"
  port=$(free_port)
  start_server "$program" "$port"
  said=$(timeout 120 dotnet run -c Release --no-build --project samples/Quickstart -- --nodes "127.0.0.1:$port" 2>&1)
  stop_servers

  # It stands in the cell of a table.
  if tr -d '│' <<<"$said" | tr -s '[:space:]' ' ' | grep -q 'scripts for this client: EVALSHA was refused with'; then
    rows+=("| $name | $version | refused, as it should be | | | |")
  else
    echo "$said" | tail -20 >&2
    rows+=("| $name | $version | FAILED | | | |")
  fi
}

wants() {
  [ ${#names[@]} -eq 0 ] || printf '%s\n' "${names[@]}" | grep -qx "$1"
}

names=("$@")
everything='TempRedis|ServerUnderTest|SharedNodes|OwnServers|InstalledRedis|ScriptlessNodes'

# Without those that write a redis.conf of their own.
shared='SharedNodes shared'
contract='class RedisOver'
if wants installed; then
  installed=$(command -v redis-server || command -v valkey-server)
  [ -n "$installed" ] && try installed "$installed" "$everything" "$everything" || skip installed 'no server is on the PATH'
fi

for server in redis valkey; do
  wants "$server" || continue
  download "$server-server" "$server-server" && try "$server" "$folder/$server-server/run" "$everything" "$everything" ||
    skip "$server" 'it could not be downloaded'
done

if wants valkey-without-lua; then
  if [ -e "$folder/valkey-server/run" ] || download valkey-server valkey-server; then
    forbid_scripts "$folder/valkey-server/run" "$folder/valkey-without-lua"
    try valkey-without-lua "$folder/valkey-without-lua/run" '' ''
  else
    skip valkey-without-lua 'it could not be downloaded'
  fi
fi

if wants garnet; then
  lacks=("${garnet_lacks[@]}")
  install_garnet --lua && try garnet "$folder/garnet--lua/run" "$shared" "$contract" --from-outside ||
    skip garnet 'the tool could not be installed'
  lacks=()
fi

if wants garnet-without-lua; then
  install_garnet '' && refuses garnet-without-lua "$folder/garnet/run" || skip garnet-without-lua 'the tool could not be installed'
fi

echo
echo '| server | version | quickstart | tests of locks: passed, failed, skipped | tests of the client | torture |'
echo '|---|---|---|---|---|---|'
printf '%s\n' "${rows[@]}"
if wants garnet; then
  echo
  echo 'Left out on garnet, and what it lacks for it:'
  printf '%s\n' "${garnet_lacks[@]}" | sed 's/\(.*\)=\(.*\)/- \1: \2/'
fi

! printf '%s\n' "${rows[@]}" | grep -qE 'FAILED|\| [0-9]+ [1-9][0-9]* [0-9]+ \|'
