#!/usr/bin/env bash
# What each driver costs apart from any work: starting its workers, barriers, messages, handing out
# one task. ./lab costs comes here. Under two minutes on two cores.
#
#   slurm/sweep/costs.sh [--workers N] [--rounds R] [--out FILE.jsonl]
#
# Each round starts every driver anew, so that a machine that gets slower or faster meanwhile does so
# for all of them; from 6 rounds on there are 95 % intervals. The records are kept in FILE.jsonl, if
# there is one; what it held before counts too.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../setup/environment.sh"
set -euo pipefail
# shellcheck source=slurm/setup/programs.sh
source "$root/slurm/setup/programs.sh"

# shellcheck source=slurm/setup/scratch.sh
source "$root/slurm/setup/scratch.sh"

die() {
  echo "lab costs: $(shown "$1")" >&2 || :
  exit "${2:-2}"
}

# whole OPTION TEXT MOST
whole() {
  [[ $2 =~ ^[1-9][0-9]{0,8}$ && $2 -le $3 ]] ||
    die "$1: expected a whole number from 1 to $3, got '$2'"
}

main() {
  local workers rounds out round driver options
  obey_signals
  workers=$("$root/slurm/launch/launch.sh" --cores node)
  rounds=6
  out=""
  while (($# > 0)); do
    [[ $1 =~ ^--(workers|rounds|out)$ ]] ||
      die "'$1': expected --workers N, --rounds R or --out FILE.jsonl"
    (($# > 1)) || die "$1: expected a value behind it"
    case $1 in
      --workers) whole "$1" "$2" "$most_workers" && workers=$2 ;;
      --rounds) whole "$1" "$2" 1000 && rounds=$2 ;;
      --out)
        [[ $2 == *.jsonl ]] || die "--out: expected a file that ends in .jsonl, got '$2'"
        out=$2
        ;;
    esac
    shift 2
  done

  if [[ -z $out ]]; then
    make_scratch costs
    out=$scratch/costs.jsonl
  fi

  # Tasks without any work: what a repetition takes is what handing them out takes.
  options=(--kernel spin --task-units 0 --tasks 1000000 --schedule dynamic --repetitions 3
    --bind cores --costs --record "$out" --quiet)
  for ((round = 1; round <= rounds; ++round)); do
    [[ ! -t 2 ]] || printf '\rround %d of %d' "$round" "$rounds" >&2 || :
    attend "$root/slurm/launch/launch.sh" sequential -- "${options[@]}"
    for driver in openmp processes mpi; do
      attend "$root/slurm/launch/launch.sh" "$driver" -n "$workers" -- "${options[@]}"
    done
  done
  [[ ! -t 2 ]] || printf '\r\033[K' >&2 || :
  attend "$results/costs" "$out"
}

main "$@"
