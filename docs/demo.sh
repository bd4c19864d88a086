#!/usr/bin/env bash
# What ./lab demo shows: the same work by four drivers, on data that are real and on work that only
# waits or only computes. Under a minute on two cores.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../slurm/setup/environment.sh"
set -euo pipefail

# shellcheck source=slurm/setup/programs.sh
source "$root/slurm/setup/programs.sh"
launch=$root/slurm/launch/launch.sh

die() {
  echo "lab demo: $(shown "$1")" >&2 || :
  exit 1
}

# shellcheck source=slurm/setup/scratch.sh
source "$root/slurm/setup/scratch.sh"

# measure FILE OPTION... -- WORKERS...: the baseline and every other driver, in six rounds, so that a machine that
# gets slower or faster meanwhile does so for all of them, and times have 95 % intervals
measure() {
  local file=$work/$1.jsonl driver workers options=()
  shift
  while [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  options+=(--repetitions 1 --json)
  for _ in 1 2 3 4 5 6; do
    attend "$launch" sequential -- "${options[@]}"
    for driver in openmp processes mpi; do
      for workers in "$@"; do
        attend "$launch" "$driver" -n "$workers" -- "${options[@]}"
      done
    done
  done >"$file"
  attend "$results/compare" "$file"
}

# One calibration for all drivers: they must do the same number of units.
spin_units() {
  "$launch" sequential -- --kernel spin --task-time "$1" --tasks 1 --repetitions 1 --json |
    sed -n '1s/.*"task-units":"\([0-9]*\)".*/\1/p'
}

main() {
  local cores pair many models
  obey_signals
  cores=$("$launch" --cores node)
  pair=$((cores > 1 ? cores : 2))
  many=$((pair < 32 ? 64 : 2 * pair))
  make_scratch demo
  work=$scratch
  echo "1. Linear models. 442 patients, 10 measurements, the progress of their diabetes:"
  echo "   one least-squares fit, and 19,999 more of resampled patients."
  echo
  models=(--kernel many-models --data "$root/kernels/data/diabetes.csv" --target progression --tasks 20000)
  attend "$launch" sequential -- "${models[@]}" --repetitions 1 --warmup 0 --quiet --values "$work/values.csv"
  attend "$results/bootstrap" "$work/values.csv" 442
  echo
  measure models "${models[@]}" -- "$pair"
  echo
  echo "2. Work that waits (a disk, a network, a person): 256 tasks of 2 ms, $cores cores."
  echo "   Waiting scales past the cores."
  echo
  measure sleep --kernel sleep --task-time 2ms --tasks 256 -- "$pair" "$many"
  echo
  echo "3. Work that computes: 256 tasks of 1 ms in registers, $cores cores."
  echo "   Computing does not scale past them."
  echo
  measure spin --kernel spin --task-units "$(spin_units 1ms)" --tasks 256 -- "$pair" $((4 * pair))
  what_next
}

what_next() {
  cat <<EOF

Same bits: every driver computed exactly what the sequential one did.

Try next
  how far does it scale, and why does it stop? A page of answers, with figures:
    $lab sweep first-look && $lab report sweeps/first-look
  tasks of very different length, and who takes them:
    uneven="--kernel sleep --skew pareto --skew-order ascending"
    $lab run openmp -n 8 -- \$uneven --schedule static
    $lab run openmp -n 8 -- \$uneven --schedule dynamic
  tasks so short that handing them out costs more than they do:
    short="--kernel spin --task-time 100ns --tasks 1000000 --schedule dynamic"
    $lab run processes -n $pair -- \$short
    $lab run processes -n $pair -- \$short --chunk 100
  your own data:
    $lab run mpi -n $pair -- --kernel many-models --data FILE --target COLUMN
EOF
}

main
