#!/usr/bin/env bash
# Measures the reference results anew and draws them: results/reference/make.sh, a quarter of an hour on a machine
# where nothing else runs. Records go to records.jsonl, all else is what ./lab report makes of them.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
lab=$here/../../lab
sweep=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-reference.XXXXXX")
trap 'rm -rf "$sweep"' EXIT

"$lab" build
"$lab" sweep reference --out "$sweep/reference"
cat "$sweep"/reference/*.jsonl >"$here/records.jsonl"
cd "$here"  # so that no path of this machine gets into the report
rm -rf figures data
"$lab" report records.jsonl --out . --check >summary.txt
cat summary.txt
