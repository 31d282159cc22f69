#!/usr/bin/env bash
# Builds in Release and prints the table of README.md; with names, such as `store transfer`, only those. Needs Debian's nginx-light, curl, borgbackup, casync, docker-registry, wrk, openssl, python3-numpy and postgresql.
# On a machine that does nothing else, with 45 GB of disk free.
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build AppHost -c Release --nologo -v quiet
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Compiled ahead of time, as the images are.
dotnet publish tests/Benchmarks/Store -c Release --use-current-runtime --self-contained false -p:PublishReadyToRun=true -p:NuGetLockFilePath=obj/platform.lock.json -o "$folder" --nologo -v quiet
export GARDEN_STORE_PROGRAM="$folder/ModelGarden.Store.dll"
dotnet publish tests/Benchmarks/Index -c Release --use-current-runtime --self-contained false -p:PublishReadyToRun=true -p:NuGetLockFilePath=obj/platform.lock.json -o "$folder/index" --nologo -v quiet
export GARDEN_INDEX_PROGRAM="$folder/index/ModelGarden.Index.dll"
[ -d deploy/engines/gguf/node_modules ] || (cd deploy/engines/gguf && npm ci)
printf '| what | median (least–most) | to reach |\n| --- | --- | --- |\n'
[ $# -gt 0 ] || set -- start chat download clone catalog resolve million large store transfer memory search
for benchmark; do node "tests/Benchmarks/$benchmark.mjs"; done
