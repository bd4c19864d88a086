#!/usr/bin/env bash
# Sweeps on this machine: ./lab sweep.
#   tests/slurm/sweep.sh KIT_BUILD FAULTY_BUILD [TEST]...     a TEST is one of the functions below
# SCALELAB_TEST_SEED=N repeats the random moments of a run that has printed it. SCALELAB_TEST_ROUNDS says how often
# it is killed: ./lab test --all sets it to 20, ./lab test --soak to hundreds.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
sweep_program=$root/slurm/sweep/sweep.sh
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
# shellcheck source=tests/slurm/sweep_folder.sh
source "$root/tests/slurm/sweep_folder.sh"
# A plan of one's own, so that these tests do not change with the plans of the kit.
plan='
work         --kernel sleep --tasks 40 --task-units 500   # 20 ms
drivers      sequential openmp processes mpi
workers      1 2
repetitions  2
rounds       2
'

# sweep OPTION...: of my.plan, in $scratch; leaves $status, and what it printed in the files out and err
sweep() {
  status=0
  timeout -k 5 120 "$sweep_program" my.plan "$@" >out 2>err </dev/null || status=$?
}

# say_plan TEXT: what my.plan is from now on
say_plan() { printf '%s\n' "$1" >my.plan; }

commands() { grep -c '/lab run ' out || :; }
summary() { grep "^lab sweep: .* runs are done" out | tail -n 1; }

# records FOLDER: the points that have one, whole: one run, $1 measured repetitions, an end
whole_records() {
  local file
  for file in "$2"/*.jsonl; do
    [[ $(grep -c '"kind":"run"' "$file") == 1 && $(grep -c '"warmup":false' "$file") == "$1" &&
      $(grep -c '"kind":"end".*"status":"done"' "$file") == 1 ]] && basename "$file" .jsonl
  done
}

# ---- the tests ---------------------------------------------------------------------------------

configurations() {
  echo "Which runs a plan comes to:"
  say_plan "${plan//$'\n'/$'\r\n'}"
  sweep --dry-run
  check "a plan from Windows" equal "$status $(commands)" "0 14"
  say_plan "$plan"
  sweep --dry-run
  check "1 sequential + 3 drivers x 2 counts of workers, 2 rounds" equal "$status $(commands)" "0 14"
  check "nothing is written" equal "$(ls)" "$(printf 'err\nmy.plan\nout')"
  sweep --dry-run --workers 1,2,4,8 --schedules static,dynamic:5 --drivers mpi --rounds 3
  check "options replace lines: 4 x 2 x 3" equal "$(commands)" 24
  check "chunks" equal "$(grep -c -- '--schedule dynamic .*--chunk 5' out)" 12
  sweep --dry-run --drivers mpi --workers 2,3,4,8 --threads 1,2,4 --rounds 1
  check "hybrid: threads that divide the workers" equal \
    "$(sed -n 's/.*mpi -n \([0-9]*\) .*threads-per-rank \([0-9]*\) .*/\1x\2/p' out | sort | paste -s -d ' ')" "1x2 1x4 2x2 2x4 4x2"
  sweep --dry-run --drivers openmp --workers 1x,2x,4x --rounds 1
  check "so many for each core" equal "$(counts openmp)" "$(cores_times 1 2 4)"
  sweep --dry-run --work '--kernel spin --task-time 20us --tasks 50' --workers 1,2
  check "a work of one's own, calibrated once" equal \
    "$(grep -c -- '--task-time' out) $(sed -n 's/.*--task-units \([0-9]*\) .*/\1/p' out | sort -u | wc -l)" "0 1"
}

other_names() {
  echo "A kernel that calls the length of its tasks otherwise:"
  say_plan "$plan"
  mkdir -p other/drivers
  printf '#!/bin/sh\necho '\''%s'\''\n' '{"kind":"run","kernel":"nap","waits":true,"options":{"naps":"7","task-time":"dusk"},"time_option":"nap-time","units_option":"naps"}' >other/drivers/sequential
  chmod +x other/drivers/sequential
  SCALELAB_BUILD=$PWD/other sweep --dry-run --work '--kernel nap --nap-time 1ms --task-time dusk' --drivers sequential --rounds 1
  check "its time becomes its units, and no other option does" contains "$(<out)" "--kernel nap --naps 7 --task-time dusk "
  rm -r other
}

# counts DRIVER: of workers
counts() { sed -n "s/.*lab run $1 -n \([0-9]*\) .*/\1/p" out | sort -n | paste -s -d ' '; }
cores_times() { for n; do echo $((n * $(nproc))); done | paste -s -d ' '; }

automatic_workers() {
  echo "As many workers as there are cores, or more where they wait:"
  say_plan "$plan"
  SCALELAB_CORES_PER_NODE=20 sweep --dry-run --workers auto --rounds 1 --work '--kernel spin --tasks 20 --task-units 10'
  check "spin on 20 cores" equal "$(counts mpi)" "1 2 3 4 5 6 7 8 12 20"
  SCALELAB_CORES_PER_NODE=2 sweep --dry-run --workers auto --rounds 1 --work '--kernel spin --tasks 20 --task-units 10'
  check "spin on 2 cores" equal "$(counts openmp)" "1 2"
  SCALELAB_CORES_PER_NODE=4 sweep --dry-run --workers auto --rounds 1
  check "sleep on 4 cores" equal "$(counts processes)" "1 2 3 4 5 6 7 8 12 18 27 41 64"
}

order() {
  echo "In which order:"
  say_plan "$plan"
  sweep --dry-run --rounds 4
  order_of_points >first
  check "round by round" equal "$(sed 's/-.*//' first | uniq | paste -s -d ' ')" "r01 r02 r03 r04"
  check "each configuration once in each round" equal "$(sed 's/^r[0-9]*-//' first | sort | uniq -c | awk '{print $1}' | sort -u)" 4
  check "another order in each round" equal "$(for r in 1 2 3 4; do sed -n "s/^r0$r-//p" first | paste -s -d ' '; done | sort -u | wc -l)" 4
  sweep --dry-run --rounds 4
  check "the same again" equal "$(order_of_points | cksum)" "$(cksum <first)"
  sweep --dry-run --rounds 4 --seed 2
  check "another for another seed" equal "$(order_of_points | cmp -s - first && echo same || echo other)" other
}
order_of_points() { sed -n 's|.*--record .*/\(.*\)\.jsonl|\1|p' out; }

whole_sweep() {
  echo "A whole sweep:"
  say_plan "$plan"
  sweep --out 'a folder'
  check "all is done" equal "$status $(summary)" "0 lab sweep: 14 of 14 runs are done, 0 failed, 0 are missing: a folder"
  check "14 whole records" equal "$(whole_records 2 'a folder' | wc -l)" 14
  check "the same bits" equal "$(grep -ho '"digest":"[^"]*"' 'a folder'/*.jsonl | sort -u | wc -l)" 1
  check "bound alike" equal "$(grep -ho '"bind":"[^"]*"' 'a folder'/*.jsonl | sort -u)" '"bind":"cores"'
  check "as validate wants them" "$kit/results/validate" 'a folder'
  sweep --out 'a folder'
  check "not over another one" equal "$status $(wc -l <err)" "2 1"
  sweep --out 'a folder' --resume
  check "resumed: nothing is left" equal "$status $(summary) $(whole_records 2 'a folder' | wc -l)" \
    "0 lab sweep: 14 of 14 runs are done, 0 failed, 0 are missing: a folder 14"
  sweep --out 'a folder' --resume --workers 1,2,3
  check "not another plan" contains "$status $(<err)" "2 lab sweep: a folder has another plan, see its workers: "
  status=0
  "$sweep_program" 'a folder' --resume >out 2>err || status=$?
  check "the folder itself says its plan" equal "$status $(summary)" "0 lab sweep: 14 of 14 runs are done, 0 failed, 0 are missing: a folder"
}

pasted() {
  echo "The commands of --dry-run, pasted:"
  mkdir 'some data'
  cp "$root/kernels/data/diabetes.csv" 'some data/my patients.csv'
  say_plan "$plan"
  local work="--kernel many-models --data 'some data/my patients.csv' --target progression --tasks 30"
  sweep --dry-run --out pasted --work "$work" --rounds 1
  check "as somebody types them" equal "$(grep -vc "^mkdir -p \|^$root/lab run [a-z]* -n [0-9]* -- --kernel" out || :)" 0
  check "they run" bash -e out
  cd "$root"
  check "in the folder of the kit, too" contains "$("$sweep_program" "$scratch/my.plan" --dry-run)" $'\n./lab run '
  cd "$scratch"
  sweep --out pasted --work "$work" --rounds 1 --dry-run
  check "they leave nothing to do" equal "$(sweep --out pasted --work "$work" --rounds 1; commands)" 0
  check "7 whole records" equal "$(whole_records 2 pasted | wc -l)" 7
}

failures_do_not_stop_it() {
  echo "Runs that fail:"
  say_plan "$plan"
  local options=(--rounds 1 --workers 2 --out broken --drivers 'sequential openmp mpi')
  local work="--kernel faulty --tasks 20 --fail-at 19 --fail-once $scratch/marker"
  SCALELAB_BUILD=$faulty sweep "${options[@]}" --work "$work"
  check "they are counted" equal "$status $(summary)" "1 lab sweep: 2 of 3 runs are done, 1 failed, 0 are missing: broken"
  check "what happened is kept" contains "$(cat broken/*.failed)" 'task 19 failed: the disk is on fire'
  check "and which command it was" contains "$(cat broken/*.failed)" "exit status 1 of: '$root/slurm/launch/launch.sh' '"
  SCALELAB_BUILD=$faulty sweep "${options[@]}" --work "$work" --resume
  check "--resume leaves them" equal "$status $(summary)" "0 lab sweep: 2 of 3 runs are done, 1 failed, 0 are missing: broken"
  SCALELAB_BUILD=$faulty sweep "${options[@]}" --work "$work" --resume --retry
  check "--retry runs them again" equal "$status $(summary)" "0 lab sweep: 3 of 3 runs are done, 0 failed, 0 are missing: broken"
  rm marker
  SCALELAB_BUILD=$faulty sweep --rounds 1 --workers 2 --out shot --drivers 'openmp mpi' --work "$work --fail-by kill"
  check "one that was killed is run again at the end" contains "$status $(<err) $(summary)" \
    "was killed; it is run again at the end"
  check "  the end says so" contains "$(<out)" "  run again: r01-faulty-"
  check "  and its record" equal "$(cat shot/*.jsonl | grep -cE '"restarts":\["(it was killed|rank 1 on .* was killed .*)"\]')" 1
  check "and then it is done" equal "$status $(summary)" "0 lab sweep: 2 of 2 runs are done, 0 failed, 0 are missing: shot"
  SCALELAB_BUILD=$faulty sweep --rounds 1 --workers 2 --out shot2 --drivers 'openmp mpi' --work "--kernel faulty --tasks 20 --fail-at 19 --fail-by kill"
  check "or has failed" equal "$status $(summary)" "1 lab sweep: 0 of 2 runs are done, 2 failed, 0 are missing: shot2"
  SCALELAB_BUILD=$faulty sweep --rounds 1 --workers 2 --out shot3 --drivers mpi --restarts 2 \
    --work "--kernel faulty --tasks 20 --fail-at 19 --fail-by kill"
  check "--restarts 2: twice" equal "$status $(find shot3/unfinished -type f | wc -l) $(grep -o '; rank' out | wc -l)" "1 2 1"
  SCALELAB_RESTARTS=0 SCALELAB_BUILD=$faulty sweep --rounds 1 --workers 2 --out shot4 --drivers openmp \
    --work "--kernel faulty --tasks 20 --fail-at 19 --fail-by kill"
  check "SCALELAB_RESTARTS=0: not at all" equal "$status $(grep -c 'run again' err || :)" "1 0"
}

leaves_no_record() {
  echo "A run that ends well, but leaves no record:"
  say_plan "$plan"
  mkdir -p liar/drivers
  ln -s "$kit"/drivers/{sequential,mpi,mpi.launcher,processes} liar/drivers
  printf '#!/bin/sh\n[ -e "%s" ] && exec "%s" "$@"\n: >"%s"\n' "$scratch/told" "$kit/drivers/openmp" "$scratch/told" >liar/drivers/openmp
  chmod +x liar/drivers/openmp
  SCALELAB_BUILD=$scratch/liar sweep --rounds 1 --workers 2 --out lost --drivers openmp
  check "it is run again" contains "$(<err)" "left no record; it is run again at the end"
  check "  the end says so" contains "$(<out)" ": it left no record"
  check "and then it is done" equal "$status $(summary)" "0 lab sweep: 1 of 1 runs are done, 0 failed, 0 are missing: lost"
  printf '#!/bin/sh\n' >liar/drivers/openmp
  SCALELAB_BUILD=$scratch/liar sweep --rounds 1 --workers 2 --out lost2 --drivers openmp
  check "or it has failed" equal "$status $(summary)" "1 lab sweep: 0 of 1 runs are done, 1 failed, 0 are missing: lost2"
}

killed() {
  local kills kill signal left options
  kills=$(((${SCALELAB_TEST_ROUNDS:-5} + 1) / 2))
  # About as many runs as will be cut off, and some more
  options=(--rounds "$((2 + kills / 5))" --out killed --work '--kernel sleep --tasks 40 --task-units 4000')
  RANDOM=${SCALELAB_TEST_SEED:=$((10#${EPOCHREALTIME#*[.,]} % 32768))}
  echo "Killed at $kills random moments and resumed each time (SCALELAB_TEST_SEED=$SCALELAB_TEST_SEED):"
  say_plan "$plan"
  "$sweep_program" my.plan "${options[@]}" --dry-run | sed -n 's|.*--record .*/\(.*\)\.jsonl|\1|p' | sort >planned
  for ((kill = 0; kill < kills; ++kill)); do
    "$sweep_program" my.plan "${options[@]}" --resume >out 2>err </dev/null &
    sweeping=$!
    sleep "$((RANDOM % 2)).$((RANDOM % 10))"
    signal=$((RANDOM % 2 == 0 ? 9 : 15))
    kill "-$signal" "$sweeping" 2>/dev/null || :
    wait "$sweeping" 2>/dev/null || :
  done
  left=$(find killed -name '*.jsonl' -path '*/unfinished/*' | wc -l)
  sweep "${options[@]}" --resume
  check "it ends whole, $left attempts were cut off" equal "$status" 0
  check "exactly the planned records" cmp planned <(whole_records 2 killed | sort)
  check "and no others" equal "$(find killed -maxdepth 1 -name '*.jsonl' | wc -l)" "$(wc -l <planned)"
  check "nothing was run twice to its end" equal "$(grep -l '"status":"done"' killed/unfinished/* 2>/dev/null | wc -l)" 0
  check "nobody is left" equal "$(drivers_alive)" 0
}
# Other tests may run drivers at the same time, without the mark.
export SCALELAB_TEST=$$
drivers_alive() {
  local process alive=0
  for process in /proc/[0-9]*; do
    [[ $(readlink "$process/exe" 2>/dev/null) == "$kit"/drivers/* ]] || continue
    ! grep -qsz "^SCALELAB_TEST=$$\$" "$process/environ" || alive=$((alive + 1))
  done
  echo "$alive"
}

interrupted() {
  echo "SIGINT in the middle of a long run:"
  say_plan "$plan"
  # Without --default-signal it would be ignored, as by all that a script starts in the background.
  env --default-signal=INT "$sweep_program" my.plan --work '--kernel sleep --task-units 20000000 --tasks 1' \
    --drivers openmp --workers 1 --out long >out 2>err &
  local begin
  wait_until test -s long/r01-sleep-openmp-w001-static.jsonl
  begin=$EPOCHREALTIME
  kill -INT $!
  status=0
  wait $! || status=$?
  check "exit status 130" equal "$status" 130
  check "within the grace" at_most "$EPOCHREALTIME - $begin" 6
  check "it says how to go on" contains "$(<out)" "to go on: ./lab sweep long --resume"
}

two_at_once() {
  echo "Two sweeps in one folder:"
  say_plan "$plan"
  "$sweep_program" my.plan --work '--kernel sleep --task-units 100000 --tasks 300' --drivers sequential --out shared >/dev/null 2>&1 &
  local first=$!
  wait_until test -s shared/points
  sweep --work '--kernel sleep --task-units 100000 --tasks 300' --drivers sequential --out shared --resume
  check "the second is refused" equal "$status $(<err)" "1 lab sweep: another sweep is at work in shared"
  check "status tells of the first" contains "$("$root/slurm/sweep/status.sh" shared)" "1 running (>)"
  kill -TERM "$first"
  wait "$first" || :
  check "and that it was cut off" contains "$("$root/slurm/sweep/status.sh" shared)" "1 cut-off (/)"
}

bad_input() {
  local encoding
  echo "What is wrong is said in one line:"
  say_plan "$plan"
  refused "expected the name of a plan"
  refused "'nosuch': there is no such plan" nosuch
  refused "--workers: 'two': expected numbers, 2x" my.plan --workers two
  refused "--backend: expected local or slurm, got 'moon'" my.plan --backend moon
  refused "'--speed': expected one of the options that" my.plan --speed 3
  refused "--rounds: expected a value behind it" my.plan --rounds
  refused "--round: the plan has 2 rounds, got 3" my.plan --round 3
  refused "--retry: expected --resume" my.plan --retry
  refused "expected options of a driver, --kernel among them" my.plan --work ""
  refused "drivers: 'quantum': expected some of those in" my.plan --drivers openmp,quantum
  refused "--drivers: 'mpi' is there twice" my.plan --drivers mpi,openmp,mpi
  refused "--workers: expected among the plan's own words" my.plan --work "--kernel sleep --workers 3"
  refused "unknown option" my.plan --work "--kernel sleep --wrok 3"
  refused "--tasks" my.plan --work "--kernel sleep --tasks many"
  refused "nosuch.csv" my.plan --work "--kernel many-models --data nosuch.csv --target y"
  refused "a quote is missing" my.plan --work "--kernel sleep --scratch 'here"
  refused "the plan comes to no run" my.plan --drivers mpi --workers 2 --threads 3
  refused "the plan comes to no run" my.plan --drivers mpi --workers 2 --nodes 4
  say_plan $'work --kernel sleep\nwork --kernel sleep --tasks 3'
  refused "give one of the works a name of its own" my.plan
  say_plan $'work --kernel sleep\n\nworkers 1 2\nspeed 3'
  refused "my.plan:4: 'speed': expected one of work drivers" my.plan
  say_plan $'work --kernel sleep\nrounds 1\nrounds 2'
  refused "my.plan:3: rounds: there is such a line already" my.plan
  say_plan 'drivers mpi'
  refused "the plan has no line 'work'" my.plan
  refused "expected among the plan's own words" my.plan --work "--kernel sleep --json"
  refused "expected among the plan's own words" my.plan --work $'--kernel sleep\t--workers 3'
  refused "--schedule: expected among the plan's own words" my.plan --work "--kernel sleep '--schedule' dynamic"
  refused "--bind: expected among the plan's own words" my.plan --work '--kernel sleep "--bind=none"'
  refused "--repetitions: expected among the plan's own words" my.plan --work '--kernel sleep --rep"etitions" 3'
  refused "--journal: expected among the plan's own words" my.plan --work '--kernel sleep --journ\al j'
  refused "drivers: 'opemp': expected some of those in $kit/drivers: mpi openmp" my.plan --drivers opemp
  refused 'work --kernel many-models --data "a\x09b.csv" --target y: expected no tab in a word' my.plan --work $'--kernel many-models --data "a\tb.csv" --target y'
  refused "'a\x1b[2J\x0ab': there is no such plan" $'a\e[2J\nb'
  say_plan "$plan"
  status=0
  "$sweep_program" my.plan --dry-run >/dev/full 2>err || status=$?
  check "a full disk" equal "$status $(<err)" "1 lab sweep: standard output cannot be written: is the disk full?"
  status=0
  "$sweep_program" --help >/dev/full 2>err || status=$?
  check "  and the help" equal "$status $(<err)" "1 lab sweep: standard output cannot be written: is the disk full?"
  say_plan "$plan"
  refused "workers: 20000: expected at most 10000 of mpi" my.plan --drivers mpi --workers 20000 --dry-run --work '--kernel sleep'
  refused "--repetitions: expected a whole number from 1 to 1000000" my.plan --repetitions 9999999 --dry-run --work '--kernel sleep'
  refused "--repetitions: expected a width from" my.plan --repetitions auto:banana --work '--kernel sleep'
  refused "workers: 10001: expected at most 10000 of openmp" my.plan --drivers openmp --workers 8,10001 --work '--kernel sleep'
  refused "expected at most 10000 of processes" my.plan --drivers processes --workers 9999x --work '--kernel sleep'
  refused "workers: 40000, 2 threads each: expected at most 10000 of mpi" my.plan --drivers mpi --workers 40000 --threads 2 --work '--kernel sleep'
  for encoding in UTF-16 UTF-16LE UTF-16BE UTF-32; do
    iconv -f UTF-8 -t "$encoding" <<<"$plan" >wide.plan
    refused "wide.plan: this is UTF-16 or UTF-32 text, and a plan is UTF-8" wide.plan --dry-run
  done
  printf '\xf6' >broken.plan  # a letter that is broken off, as in Latin-1
  refused "broken.plan:1: '" broken.plan --dry-run
  printf 'work --kernel sleep\nrounds \xe2' >broken.plan
  refused "broken.plan:2: rounds: '" broken.plan --dry-run
  refused "expected a number" my.plan --rounds $'\xe2' --dry-run
  say_plan $'work --kernel sleep\rdrivers mpi\rrounds 1'
  refused "my.plan:1: a carriage return within the line" my.plan
  check "nothing was made" equal "$(ls -d sweeps 2>/dev/null)" ""
  bash "$root/slurm/sweep.sbatch" my.plan >out 2>err || :
  check "nor by a job script" equal "$(ls -d sweeps 2>/dev/null)" ""
}
# refused MESSAGE ARGUMENT...
refused() { refused_with 2 "$@"; }
# refused_with STATUS MESSAGE ARGUMENT...
refused_with() {
  status=0
  timeout 30 "$sweep_program" "${@:3}" >out 2>err </dev/null || status=$?
  check "$2" equal "$status $(wc -l <err) $(grep -cF -- "$2" err)" "$1 1 1"
}

odd_plans() {
  echo "Plans of other editors and habits:"
  say_plan $'\xef\xbb\xbfwork --kernel sleep --tasks 4 --task-units 10\r\ndrivers sequential\r\nseed 08\r'
  sweep --dry-run --rounds 1
  check "a byte order mark, ends of lines from Windows, a seed of 08" equal "$status $(commands) $(<err)" "0 1 "
}

plans_of_the_kit() {
  local plan
  check "-h is --help" equal "$("$sweep_program" -h 2>&1)" "$("$sweep_program" --help)"
  check "the help has lines of 80 letters at most" equal "$("$sweep_program" --help | awk 'length > 80')" ""
  echo "The plans of the kit:"
  for plan in "$root"/slurm/plans/*.plan; do
    status=0
    "$sweep_program" "$plan" --dry-run --rounds 1 >out 2>err || status=$?
    check "$(basename "$plan" .plan): $(commands) runs a round" equal "$status $(wc -l <err)" "0 0"
  done
}

main() {
  local tests=("${@:3}") test
  kit=$1 faulty=$2
  export SCALELAB_BUILD=$kit
  # shellcheck disable=SC2086
  unset ${!SLURM_*}
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-test-sweep.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  ((${#tests[@]} > 0)) || tests=(configurations other_names automatic_workers order whole_sweep pasted
    failures_do_not_stop_it leaves_no_record killed interrupted two_at_once bad_input odd_plans edited_plan edited_points foreign_records links plans_of_the_kit)
  for test in "${tests[@]}"; do
    rm -rf "${scratch:?}"/*
    cd "$scratch"
    "$test"
  done
  end_of_checks
}

main "$@"
