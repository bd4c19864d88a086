#!/usr/bin/env bash
# Measures the reference results anew and draws them: results/reference/make.sh, ten minutes on a machine
# where nothing else runs. Records go to records.jsonl; all else is what ./lab report makes of them.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../../slurm/setup/environment.sh"
set -euo pipefail

# From the kit's own folder, and all paths relative to it: records tell the commands that made them.
cd -- "$root"
export SCALELAB_BUILD=build/release

here=results/reference
./lab build
rm -rf sweeps/reference
./lab sweep reference
cat sweeps/reference/*.jsonl >$here/records.jsonl
rm -rf $here/figures $here/data
./lab report $here/records.jsonl --out $here --check >$here/summary.txt
cat $here/summary.txt
