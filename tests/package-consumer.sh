#!/bin/sh
# Packs the packages, restores them into a test project that knows nothing else of this repository, and runs its tests.
# Prints one line with the result; the exit code is 0 only if all of it worked.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "${TMPDIR:-/tmp}/package-consumer.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# A version of its own, so that no cache can answer with an older build.
version="0.0.0-consumer.$(date +%s).$$"
log=$work/log

fail() {
    echo "package consumer: FAILED to $1" >&2
    tail -n 40 "$log" >&2
    exit 1
}

dotnet pack "$root/Redlock.Fast.sln" --configuration Release --output "$work/packages" \
    --artifacts-path "$work/build" -p:Version="$version" >"$log" 2>&1 || fail "pack the packages"

cp -r "$here/PackageConsumer" "$work/consumer"
rm -rf "$work/consumer/bin" "$work/consumer/obj"
cd "$work/consumer" || exit 1

# The same file that a user gets, but for the folder: the packages just made are the only ones of theirs to be seen.
sed "s|../../artifacts/packages|$work/packages|" "$here/PackageConsumer/nuget.config" >nuget.config

# Other packages come from the cache of this machine where it has them; these ones, unique in version, from the folder alone.
cache=$(dotnet nuget locals global-packages --list 2>/dev/null | sed 's/^[^:]*: *//')
dotnet restore -p:RedlockVersion="$version" --packages "$work/cache" \
    ${cache:+-p:RestoreFallbackFolders="$cache"} >"$log" 2>&1 || fail "restore the packages"
dotnet build --no-restore -p:RedlockVersion="$version" --configuration Release >"$log" 2>&1 || fail "build against the packages"
# What an editor completes appsettings.json by comes along, and is where the package says.
schema=$(dotnet msbuild -getItem:JsonSchemaSegment -p:RedlockVersion="$version" 2>"$log" | sed -n 's/.*"FullPath": "\(.*\)",*$/\1/p')
[ -f "$schema" ] || fail "find the schema of the configuration at '$schema'"
# None of the packages is left out.
for package in "$work/packages"/*.nupkg; do
    name=$(basename "$package" ".$version.nupkg")
    grep -q "\"$name/$version\"" obj/project.assets.json || fail "cover the package $name"
done
bin/Release/net10.0/PackageConsumer -noLogo -noColor >"$log" 2>&1 || fail "pass its tests"

summary=$(grep -o 'Total: [0-9]*, Errors: [0-9]*, Failed: [0-9]*, Skipped: [0-9]*' "$log")
case $summary in
    "" | "Total: 0,"*) fail "run any test" ;;
esac

echo "package consumer: PASSED ($summary)"
