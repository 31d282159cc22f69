#!/usr/bin/env bash
# Builds everything and runs every test, on a machine with the .NET SDK, Node and Debian's package manager.
# Installs what the tests need (PostgreSQL, shells, Debian's torch, npm clients) and starts what they talk to; ends with "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }
finish() {
  [ -z "${pg_data:-}" ] || as_postgres "$pg_bin/pg_ctl" -D "$pg_data" -m immediate stop >/dev/null 2>&1 || true
  [ -z "${work:-}" ] || rm -rf "$work"
}
trap finish EXIT

say "what the tests need"
missing=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
for program in git git-lfs zsh fish; do
  command -v "$program" >/dev/null || missing+=("$program")
done
/usr/bin/python3 -c 'import torch, numpy' 2>/dev/null || missing+=(python3-torch python3-numpy)
ldconfig -p | grep -q 'libsqlite3\.so\.0' || missing+=(libsqlite3-0)
if [ ${#missing[@]} -gt 0 ]; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
for folder in $(git ls-files 'tests/**/package-lock.json' 'deploy/**/package-lock.json' | xargs -r -n1 dirname); do
  # npm writes its own lock file last: without one an install was broken off, and an older one is of other versions.
  [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] || (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
done

say "PostgreSQL"
work=$(mktemp -d)
pg_bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -n 1)")
pg_data=$work/pg
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
chmod 755 "$work"
mkdir "$pg_data"
[ "$(id -u)" != 0 ] || chown postgres "$pg_data"
as_postgres "$pg_bin/initdb" -D "$pg_data" -U garden --auth=trust --encoding=UTF8 --no-sync >/dev/null
# A socket alone: no port to be taken. Its data dies with the tests, so nothing is gained by syncing it.
as_postgres "$pg_bin/pg_ctl" -D "$pg_data" -w -l "$pg_data/log" -o "-c listen_addresses= -c unix_socket_directories=$pg_data -c fsync=off -c max_connections=300" start >/dev/null
[ "$(id -u)" != 0 ] || chmod 755 "$pg_data"
export GARDEN_TEST_POSTGRES="Host=$pg_data;Username=garden;Database=postgres"

say "build"
dotnet build ModelGarden.sln --nologo -v quiet

say "test"
log=$work/log
status=0
# A suite that hangs fails, and says which of its tests, and the others go on.
timeout 2400 dotnet test --solution ModelGarden.sln --no-build --no-progress --max-parallel-test-modules 2 --timeout 15m | tee "$log" || status=$?

count() { sed -n "s/^ *$1: \([0-9]*\).*/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
# Once more at the end, where they are found: a run prints much.
grep -A 4 '^failed ' "$log" || true
printf '\n%s passed, %s failed, %s skipped\n' "${passed:-0}" "${failed:-0}" "${skipped:-0}"
[ "$status" = 0 ] && [ "${passed:-0}" -gt 0 ] && [ "${skipped:-0}" = 0 ]
