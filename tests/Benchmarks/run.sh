#!/usr/bin/env bash
# Builds in Release and prints the table of README.md. Needs nginx, curl, borg, casync and python3-numpy (Debian's packages). On a machine that does nothing else.
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build AppHost -c Release --nologo -v quiet
dotnet build tests/Benchmarks/Store -c Release --nologo -v quiet
[ -d deploy/engines/gguf/node_modules ] || (cd deploy/engines/gguf && npm ci)
printf '| what | median (least–most) | to reach |\n| --- | --- | --- |\n'
for benchmark in start chat download store; do node "tests/Benchmarks/$benchmark.mjs"; done
