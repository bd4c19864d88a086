#!/usr/bin/env bash
# How small may a task be? Runs each driver with shorter and shorter tasks and prints its METG, the
# minimum effective task granularity (Slaughter et al., "Task Bench", SC20): ./lab granularity
#
# First scouts, whose times are thrown away: for each driver from the longest tasks down to where less
# than 40 % of the time is work, to learn which lengths are needed and how many such tasks make a
# repetition of 15 ms. Then rounds: in each, every (driver, timers on or off, length) once, and the
# sequential driver's long tasks, the denominator, three times, in a random order that depends on the
# round only. So a machine that gets slower for a while does so for all of them. The records go to
# results/granularity, which says how it sums them up.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../setup/environment.sh"
set -euo pipefail
# shellcheck source=slurm/setup/programs.sh
source "$root/slurm/setup/programs.sh"
launch=$root/slurm/launch/launch.sh
# shellcheck source=slurm/sweep/shuffle.sh
source "$root/slurm/sweep/shuffle.sh"
# shellcheck source=slurm/setup/scratch.sh
source "$root/slurm/setup/scratch.sh"

# The smallest of 11 samples and the seventh hold the quartile between them with 95 % confidence.
most_rounds=11
least_rounds=6         # more of them only as far as time allows, whatever they measure
time_limit=165         # [s]
repetition_time=0.015  # aimed at [s]
repetitions=2          # and one to warm up

die() {
  echo "lab granularity: $(shown "$1")" >&2 || :
  exit "${2:-1}"
}

# calculate EXPRESSION: with awk, which every machine has
calculate() { awk "BEGIN { printf \"%.9g\", $1 }"; }
holds() { awk "BEGIN { exit !($1) }"; }

read_options() {
  kernel=spin drivers="sequential openmp processes mpi" workers=$("$launch" --cores node) schedule=dynamic rounds="" out=""
  longest=16us
  while (($# > 0)); do
    (($# > 1)) || die "$1: expected a value behind it" 2
    case $1 in
      --kernel) kernel=$2 ;;
      --drivers) drivers=${2//,/ } ;;
      --workers) workers=$2 ;;
      --schedule) schedule=$2 ;;
      --rounds) rounds=$2 ;;
      --longest) longest=$2 ;;
      --out) out=$2 ;;
      *) die "'$1': expected --kernel, --drivers, --workers, --schedule, --rounds, --longest or --out" 2 ;;
    esac
    shift 2
  done
  [[ $kernel =~ ^[a-z0-9-]+$ ]] || die "--kernel: expected the name of a kernel, got '$kernel'" 2
  [[ $workers =~ ^[1-9][0-9]{0,4}$ && $workers -le $most_workers ]] ||
    die "--workers: expected a whole number from 1 to $most_workers, got '$workers'" 2
  [[ $rounds =~ ^([1-9][0-9]{0,2})?$ ]] || die "--rounds: expected a whole number from 1 to 999, got '$rounds'" 2
  [[ $schedule =~ ^(static|dynamic|guided)$ ]] ||
    die "--schedule: expected static, dynamic or guided, got '$schedule'" 2
  [[ $longest =~ ^[1-9][0-9]{0,6}us$ && ${longest%us} -le 1000000 ]] ||
    die "--longest: expected a time from 1us to 1000000us, as in 16us, got '$longest'" 2
  longest=${longest%us}
  [[ $drivers =~ [a-z] ]] || die "--drivers: expected names with commas between them, got '$drivers'" 2
  local driver
  for driver in $drivers; do
    [[ $driver =~ ^[a-z0-9-]+$ && -x $build/drivers/$driver ]] ||
      die "--drivers: '$driver': expected one of those in $build/drivers: $(driver_names)" 2
  done
  [[ -z $out || ! -s $out ]] || die "--out: $out is there already: expected a new file" 2
}

# start DRIVER OPTION...: what it says is only of interest if it fails
start() {
  local driver=$1 count=$workers
  [[ $driver == sequential ]] && count=1
  { "$launch" "$driver" -n "$count" -- --kernel "$kernel" "${@:2}" 2>"$work/errors" </dev/null; } 2>/dev/null && return
  local status=$?
  ((status <= 128)) || exit "$status"  # by a signal, which this script has got, too
  cat "$work/errors" >&2 || :
  ((status == 2)) && exit 2  # wrong words, and that says which
  die "$driver failed (status $status), with ${*:2}"
}

# One calibration for all: they must do the same number of units. Which of its options say the length of a task, the
# kernel knows.
calibrate() {
  local run time_option
  run=$(start sequential --tasks 1 --dry-run)
  time_option=$(sed -n 's/.*"time_option":"\([^"]*\)".*/\1/p' <<<"$run")
  units_option=$(sed -n 's/.*"units_option":"\([^"]*\)".*/\1/p' <<<"$run")
  [[ $time_option ]] || die "--kernel: '$kernel' has no tasks of a length that can be chosen" 2
  long_units=$(start sequential "--$time_option" 1ms --tasks 1 --repetitions 1 --json |
    sed -n '1s/.*"'"$units_option"'":"\([0-9]*\)".*/\1/p')
  unit=$(calculate "1e-3/$long_units")
  longest_units=1
  while holds "$longest_units*$unit < 0.8*$longest*1e-6"; do longest_units=$((longest_units * 2)); done
}

# scout DRIVER UNITS: from that length down, a line for each that is needed: units, tasks.
# Efficiency is judged by the driver's own best rate: on a busy machine all its tasks take longer.
scout() {
  local driver=$1 units=$2 count=$workers granularity=0 tasks seconds
  [[ $driver == sequential ]] && count=1
  : "${rate[$driver]:=$unit}"
  granularity=$(calculate "$units*${rate[$driver]}")
  while ((units >= 1)); do
    tasks=$(calculate "int($repetition_time*$count/$granularity)+$count")
    seconds=$(start "$driver" "--$units_option" "$units" --tasks "$tasks" "${handing_out[@]}" --no-accounting \
      --repetitions 1 --json | sed -n '/"warmup":false/s/.*"seconds":\([0-9.e-]*\).*/\1/p')
    granularity=$(calculate "$seconds*$count/$tasks")
    echo "$units $(calculate "int($repetition_time*$count/$granularity)+$count")"
    ((units == longest_units)) && rate[$driver]=$(calculate "$granularity/$units")
    # Not 50 %: it may have been slowed down just then.
    holds "$units*${rate[$driver]} < 0.3*$granularity" && break
    units=$((units / 2))
  done
}

# All runs of a round, one a line: driver, on or off (timers), units, tasks. The machine may have been
# busy when a scout found tasks too short; so each looks again later.
plan_runs() {
  local driver units tasks
  declare -A rate  # seconds per unit, by driver
  for driver in $drivers; do
    say "looking for the lengths of tasks that $driver needs"
    scout "$driver" "$longest_units" >"$work/$driver.lengths"
  done
  for driver in $drivers; do
    read -r units tasks < <(tail -n 1 "$work/$driver.lengths")
    scout "$driver" "$units" >>"$work/$driver.lengths"
    while read -r units tasks; do
      echo "$driver on $units $tasks"
      echo "$driver off $units $tasks"
    done < <(awk '!seen[$1]++' "$work/$driver.lengths")
  done >"$work/plan"
  tasks=$(calculate "int($repetition_time/1e-3)")
  for _ in 1 2 3; do echo "sequential off $long_units $tasks"; done >>"$work/plan"
}

# say TEXT: on a terminal, in the place of what was said before
say() {
  if [[ -t 2 ]]; then printf '\r\033[K%s' "$1" >&2; fi
}

run_round() {
  local driver timers units tasks options
  while read -r driver timers units tasks; do
    options=("--$units_option" "$units" --tasks "$tasks" "${handing_out[@]}" --repetitions "$repetitions")
    [[ $timers == on ]] || options+=(--no-accounting)
    start "$driver" "${options[@]}" --quiet --record "$records"
  done < <(shuffle "$1" <"$work/plan")
}

run_rounds() {
  local round begun=$SECONDS left=""
  for ((round = 1; round <= ${rounds:-$most_rounds}; ++round)); do
    say "round $round of ${rounds:-$most_rounds}$left"
    run_round "$round"
    left=", about $(((SECONDS - begun) * (${rounds:-$most_rounds} - round) / round)) s left"
    [[ $rounds ]] || ((round < least_rounds || SECONDS + (SECONDS - begun) / round < time_limit)) || break
  done
  say ""
}

main() {
  obey_signals
  read_options "$@"
  make_scratch granularity
  work=$scratch
  records=${out:-$work/records.jsonl}
  handing_out=(--schedule "$schedule")
  [[ $schedule == dynamic ]] && handing_out+=(--chunk 1)

  calibrate
  plan_runs
  run_rounds
  attend "$results/granularity" "$records"
  [[ -z $out ]] || echo "records: $out"
}

main "$@"
