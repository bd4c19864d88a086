#!/usr/bin/env bash
# The kit's own speed, as ratios to what it is built on: ./lab bench [fit|handout|timers|giant|nodes|memory|data|analysis]...
# Each prints what was measured beside what is expected. Nothing else should be running.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../../slurm/setup/environment.sh"
set -euo pipefail

build=${SCALELAB_BUILD:-$root/build/release}
launch=$root/slurm/launch/launch.sh

# calculate EXPRESSION: with awk, which every machine has
calculate() { awk "BEGIN { printf \"%.3g\", $1 }"; }

median() { sort -g | awk '{ x[NR] = $1 } END { print (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2 }'; }

# seconds JSON-LINES: of the measured repetitions
seconds() { sed -n '/"warmup":false/s/.*"seconds":\([0-9.e-]*\).*/\1/p'; }

fit() {
  echo "One 1000x20 bootstrap fit by QR, resampling and statistics included [µs]"
  local results bare ours normal numpy
  results=$("$build/tests/bench_fit")
  bare=$(awk '/^eigen_qr/ { print $2 }' <<<"$results")
  ours=$(awk '/^many_models_qr/ { print $2 }' <<<"$results")
  normal=$(awk '/^many_models_normal/ { print $2 }' <<<"$results")
  echo "  bare Eigen HouseholderQR of the same matrix  $bare"
  echo "  the same of 632 x 21: the rows of a resample that differ, and the response"
  echo "                                               $(awk '/^eigen_distinct/ { print $2 }' <<<"$results")"
  echo "  many-models, qr                              $ours   ratio $(calculate "$ours/$bare") (expected: at most 1.25)"
  echo "  many-models, normal-equations                $normal   ratio $(calculate "$normal/$bare")"
  for python in python3 /usr/bin/python3; do
    numpy=$("$python" - 2>/dev/null <<'EOF'
import os
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
import statistics, time
import numpy
random = numpy.random.default_rng(1)
x = random.standard_normal((1000, 20))
y = random.standard_normal(1000)
times = []
for _ in range(30):
    begin = time.perf_counter()
    for _ in range(50):
        numpy.linalg.lstsq(x, y, rcond=None)
    times.append((time.perf_counter() - begin) / 50 * 1e6)
print(f"{statistics.median(times):.1f}")
EOF
    ) && break || numpy=""
  done
  if [[ $numpy ]]; then
    echo "  numpy.linalg.lstsq, without resampling       $numpy   ratio $(calculate "$ours/$numpy") (expected: at most 0.5)"
  else
    echo "  numpy.linalg.lstsq: not measured, numpy is not installed"
  fi
}

handout() {
  echo "Handing out one empty task: dynamic, chunk 1, 2 workers, 10,000,000 tasks [ns of wall time]"
  local driver limit time
  for driver in openmp processes mpi; do
    limit=60
    [[ $driver == mpi ]] && limit=100
    time=$("$launch" "$driver" -n 2 -- --kernel spin --task-units 0 --tasks 10000000 \
      --schedule dynamic --repetitions 7 --json | seconds | median)
    printf '  %-10s %s (expected: under %s)\n' "$driver" "$(calculate "$time*1e9/1e7")" "$limit"
  done
}

# What the accounts cost: the same runs with and without, by turns.
timers() {
  echo "Accounting of tasks of 1 µs: dynamic, chunk 1, 2 workers, median of 11 launches with / without"
  local driver units with without
  units=$("$launch" sequential -- --kernel spin --task-time 1us --tasks 1 --repetitions 1 --json |
    sed -n '1s/.*"task-units":"\([0-9]*\)".*/\1/p')
  for driver in sequential openmp processes mpi; do
    with="" without=""
    for _ in 1 2 3 4 5 6 7 8 9 10 11; do
      with+="$(one_us "$driver" "$units") "
      without+="$(one_us "$driver" "$units" --no-accounting) "
    done
    with=$(tr ' ' '\n' <<<"${with% }" | median)
    without=$(tr ' ' '\n' <<<"${without% }" | median)
    printf '  %-10s %s (expected: at most 1.05)\n' "$driver" "$(calculate "$with/$without")"
  done
}

# one_us DRIVER UNITS OPTION...: [s]
one_us() {
  local workers=2
  [[ $1 == sequential ]] && workers=1
  "$launch" "$1" -n "$workers" -- --kernel spin --task-units "$2" --tasks 100000 --schedule dynamic \
    --repetitions 3 --json "${@:3}" </dev/null | seconds | median
}

# One task holds 3/4 of the work, so no schedule is faster than 3/4 of the whole.
giant() {
  echo "sleep with one giant task, dynamic, 4 workers: bound / time, the worst of 5 seeds"
  local driver seed time tasks=400 mean=2000
  for driver in openmp processes mpi; do
    for seed in 1 2 3 4 5; do
      time=$("$launch" "$driver" -n 4 -- --kernel sleep --skew one-giant --tasks "$tasks" \
        --task-units "$mean" --schedule dynamic --repetitions 3 --seed "$seed" --json | seconds | median)
      calculate "$tasks*$mean*0.75e-6/$time"
      echo
    done | sort -g | sed -n 1p | sed "s/^/  $(printf %-10s "$driver") /; s/\$/ (expected: at least 0.9)/"
  done
}

nodes() {
  echo "sleep with pareto tasks, the longest last, 2 nodes x 2 ranks: bound / time"
  echo "  the bound is max(total / 4, longest); whoever hands out tasks in order can reach 0.858 of it"
  local schedule time tasks=4000 mean=2000
  for schedule in static dynamic guided; do
    time=$(SCALELAB_RANKS_PER_NODE=2 "$launch" mpi -n 4 -- --kernel sleep --skew pareto --skew-order ascending \
      --tasks "$tasks" --task-units "$mean" --schedule "$schedule" --repetitions 3 --json | seconds | median)
    printf '  %-10s %s%s\n' "$schedule" "$(calculate "$tasks*$mean*1e-6/4/$time")" \
      "$([[ $schedule == static ]] || echo " (expected: at least 0.82)")"
  done
}

# Proportional set size of all processes of a program: memory that is shared counts once. [bytes]
resident() {
  local total=0 kib file
  for file in /proc/[0-9]*/exe; do
    [[ $(readlink "$file" 2>/dev/null) == "$1" ]] || continue
    kib=$(awk '/^Pss:/ { print $2 }' "${file%exe}smaps_rollup" 2>/dev/null) || continue
    total=$((total + ${kib:-0} * 1024))
  done
  echo "$total"
}

# peak DRIVER WORKERS TASKS: the largest `resident` seen in 5 s [bytes]
peak() {
  local now most=0 job end=$((SECONDS + 5))
  "$launch" "$1" -n "$2" -- --kernel spin --tasks "$3" --task-units 0 --repetitions 10000 --quiet &
  job=$!
  while ((SECONDS < end)); do
    now=$(resident "$build/drivers/$1")
    ((now > most)) && most=$now
    sleep 0.1
  done
  kill "$job"
  wait "$job" || :
  echo "$most"
}

memory() {
  echo "Memory of all processes of a run: 10,000,000 tasks less 1,000,000 [bytes per task]"
  echo "  (expected: at most 9, a value and a byte; mpi: one more copy of the value)"
  local driver workers few many
  for driver in sequential openmp processes mpi; do
    workers=2
    [[ $driver == sequential ]] && workers=1
    few=$(peak "$driver" "$workers" 1000000)
    many=$(peak "$driver" "$workers" 10000000)
    printf '  %-10s %s\n' "$driver" "$(calculate "($many-$few)/9e6")"
  done
}

# most_resident RANKS: with 1.06 GB of data and one task, the largest `resident` of a run [bytes]
most_resident() {
  local now most=0 job
  "$launch" mpi -n "$1" -- --kernel many-models --rows 6000000 --features 20 --tasks 1 --repetitions 1 \
    --warmup 0 --quiet &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    now=$(resident "$build/drivers/mpi")
    ((now > most)) && most=$now
    sleep 0.1
  done
  wait "$job"
  echo "$most"
}

data() {
  echo "many-models with 1.06 GB of data, mpi on one node: most memory of all ranks together [GB]"
  local one four
  one=$(most_resident 1)
  four=$(most_resident 4)
  echo "  1 rank   $(calculate "$one*1e-9")   (the data, and what a fit needs)"
  echo "  4 ranks  $(calculate "$four*1e-9")   (expected: within 0.4, 0.1 for each rank to work with; a copy each would be 3.2 more)"
}

# records RUNS: so many runs of 100 repetitions and 8 workers, which are one run said again and again
records() {
  "$launch" openmp -n 8 -- --kernel sleep --tasks 800 --task-units 10 --repetitions 1 --warmup 0 --json |
    awk -v runs="$1" '
      { line[NR] = $0 }
      END {
        match(line[1], /"run":"[^"]*"/)
        id = substr(line[1], RSTART + 7, RLENGTH - 8)
        for (run = 1; run <= runs; ++run) {
          text = line[1]; sub(id, id "-" run, text); print text
          for (r = 1; r <= 100; ++r) {
            text = line[2]; sub(id, id "-" run, text)
            sub(/"repetition":1/, "\"repetition\":" r, text); sub(/"at_seconds":[0-9.e-]*/, "\"at_seconds\":" r, text)
            print text
          }
          text = line[3]; sub(id, id "-" run, text); print text
        }
      }'
}

analysis() {
  echo "lab report of 100,000 repetitions of 8 workers [s], allowed 1 GB of addresses"
  local folder before after
  folder=$(mktemp -d)
  records 1000 >"$folder/records.jsonl"
  before=$(date +%s.%N)
  (ulimit -v 1000000 && "$build/results/analyze" "$folder" --no-figures >/dev/null)
  after=$(date +%s.%N)
  echo "  $(calculate "$after-$before")   (expected: at most 30; $(du -m "$folder/records.jsonl" | cut -f 1) MB of records)"
  rm -rf "$folder"
}

for name in "${@:-fit handout timers giant nodes memory data analysis}"; do
  for benchmark in $name; do
    case $benchmark in
      fit | handout | timers | giant | nodes | memory | data | analysis) "$benchmark" ;;
      *)
        echo "lab bench: '$benchmark': expected fit, handout, timers, giant, nodes, memory, data or analysis" >&2
        exit 2
        ;;
    esac
  done
done
