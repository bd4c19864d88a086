#!/usr/bin/env bash
# Threads under ThreadSanitizer: the drivers that have some run with every schedule, and whatever
# makes their threads meet. A race ends a program with status 66, and the test.
#   tests/lab/threads.sh KIT_BUILD
set -euo pipefail

kernel=(--kernel spin --tasks 3000 --task-units 20 --skew pareto --serial-fraction 0.1 --json)
folder=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-threads.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export SCALELAB_BUILD=$1
launch=$(dirname -- "${BASH_SOURCE[0]}")/../../slurm/launch/launch.sh

# run DRIVER WORKERS OPTION...: fails unless the digest is that of one worker
run() {
  local digests
  echo "$*"
  digests=$("$launch" "$1" -n "$2" -- "${kernel[@]}" "${@:3}" |
    sed -n 's/.*"digest":"\([0-9a-f]*\)".*/\1/p' | sort -u)
  [[ $digests == "$expected" ]] || { echo "digest '$digests' instead of '$expected'" && exit 1; }
}

expected=$("$launch" sequential -- "${kernel[@]}" |
  sed -n 's/.*"digest":"\([0-9a-f]*\)".*/\1/p' | sort -u)
for schedule in static "static --chunk 7" dynamic "dynamic --chunk 7" guided; do
  # shellcheck disable=SC2086  # an option and its value
  run openmp 4 --schedule $schedule
done
run openmp 4 --schedule dynamic --trace "$folder/trace.json" --progress
run openmp 4 --schedule dynamic --repetitions 1 --warmup 0 --journal "$folder/journal"
rm "$folder"/journal/worker-1.*
run openmp 3 --schedule guided --repetitions 1 --warmup 0 --journal "$folder/journal" --resume
