#!/usr/bin/env bash
# Job scripts and sweeps in a real Slurm, on the kit's own cluster: slurm/cluster/cluster.sh.
#   tests/slurm/jobs.sh KIT_BUILD FAULTY_BUILD [TEST]...   a TEST is one of the functions below; all but
#                                                    does_not_fit, time_limit, node_down, lost_node and uneven, if
#                                                    none is named
# Exit status 77 where this machine may have no such cluster.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
self=$root/tests/slurm/jobs.sh
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
# 8 ms of work: what a job does with a sweep is tested here, not how long it takes.
small=(--work '--kernel sleep --tasks 16 --task-units 500' --repetitions 1 --rounds 1 --bind none)
# 4 runs of a second each
slow=(--work '--kernel sleep --tasks 10 --task-units 100000' --drivers sequential --repetitions 1 --rounds 4)

# ---- what the tests are made of ----------------------------------------------------------------

# submit OPTION... SCRIPT ARGUMENT...: sets `job`
submit() { job=$(sbatch --parsable "$@"); }

# wait_for_job JOB [SECONDS]: until it has ended, however often it is queued
wait_for_job() {
  local tries
  for ((tries = 0; tries < 5 * ${2:-60}; ++tries)); do
    [[ $(squeue --noheader --jobs "$1" 2>/dev/null) ]] || return 0
    sleep 0.2
  done
  echo "  FAILED  job $1 does not end: $(squeue --noheader --jobs "$1")"
  scancel "$1"
  failures=$((failures + 1))
}

state() { scontrol show job "$1" | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p' | sed -n 1p; }
in_state() { [[ " $1 " == *" $(state "$job") "* ]]; }

# records FOLDER: those that are whole
records() { grep -lE '"kind":"end",.*"status":"done"' "$1"/*.jsonl 2>/dev/null | wc -l; }
enough_records() { (($(records "$1") >= $2)); }
digests() { grep -ho '"digest":"[^"]*"' "$1"/*.jsonl | sort -u | wc -l; }
hosts() { grep -ho '"places":\[[^]]*\]' "$1"/*mpi*.jsonl | grep -o '"host":"[^"]*"' | sort -u | wc -l; }
output() { cat ./*"$1"*.out; }

# nearly_over JOB: what Slurm says to a job script two minutes before its time is over
nearly_over() { scancel --batch --signal=USR1 "$1"; }

# ---- the tests ---------------------------------------------------------------------------------

every_script() {
  local name
  local -A jobs
  echo "Every job script:"
  for name in strong weak hybrid granularity; do
    submit "$root/slurm/$name.sbatch" "${small[@]}" --workers 1,8
    jobs[$name]=$job
  done
  for name in strong weak hybrid granularity; do
    job=${jobs[$name]}
    wait_for_job "$job"
    check "$name: COMPLETED" equal "$(state "$job")" COMPLETED
    check "  all of its runs, equal digests" equal "$(sed -n "s/^lab sweep: \(.* runs are done\)/\1/p" "scalelab-$name-$job.out") $(digests "sweeps/$name-$job")" \
      "$(records "sweeps/$name-$job") of $(grep -vc '^#' "sweeps/$name-$job/points") runs are done, 0 failed, 0 are missing: sweeps/$name-$job 1"
  done
  name=strong
  check "ranks on two hosts" equal "$(hosts "$(echo sweeps/strong-*)")" 2
  submit --nodes=2 "$root/slurm/sweep.sbatch" oversubscription "${small[@]}" --drivers mpi --workers 2,12
  wait_for_job "$job"
  check "sweep.sbatch, with more ranks than cores" equal "$(records "sweeps/oversubscription-$job")" 2
  check "in plain bash, without Slurm" plain_bash
}
plain_bash() {
  local name words
  for name in strong weak hybrid granularity array 'sweep strong'; do
    read -r -a words <<<"$name"
    env --unset=SLURM_CONF bash "$root/slurm/${words[0]}.sbatch" "${words[@]:1}" "${small[@]}" --drivers 'openmp mpi' --workers 2 \
      --out "plain-${words[0]}" >plain.out 2>&1 || break
    (($(records "plain-${words[0]}") >= 2)) || break
    name=""
  done
  if [[ $name ]]; then cat plain.out && return 1; fi
  bash "$root/slurm/collect.sbatch" plain-strong >plain.out 2>&1 && grep -q '2 done' plain-strong/summary.txt
}

array_and_collector() {
  local collector
  echo "A job array, one round each, and a collector behind it:"
  submit --array=1-3 --nodes=1 "$root/slurm/array.sbatch" "${small[@]}" --rounds 3 --workers 1,2
  collector=$(sbatch --parsable --dependency="afterany:$job" "$root/slurm/collect.sbatch" "sweeps/strong-$job")
  check "the collector waits" equal "$(state "$collector")" PENDING
  wait_for_job "$collector"
  check "3 rounds of 7 runs" equal "$(records "sweeps/strong-$job")" 21
  check "by 3 jobs" equal "$(grep -ho '"job":{"id":"[^"]*"' "sweeps/strong-$job"/*.jsonl | sort -u | wc -l)" 3
  check "validated" contains "$(state "$collector") $(<"sweeps/strong-$job/summary.txt")" "findings: 0"
  check "and summed up" contains "$(<"sweeps/strong-$job/summary.txt")" "speed-up over the sequential driver"
}

both_launchers() {
  local launcher
  echo "1, 2 and 4 ranks on 2 nodes:"
  local -A jobs
  for launcher in srun mpirun; do
    SCALELAB_LAUNCHER=$launcher submit "$root/slurm/strong.sbatch" "${small[@]}" --drivers "sequential mpi" --workers 1,2,4 --nodes fill,2 --out "$launcher"
    jobs[$launcher]=$job
  done
  for launcher in srun mpirun; do
    wait_for_job "${jobs[$launcher]}"
    check "$launcher: 1 + 3 + 2 runs" equal "$(records "$launcher") $(digests "$launcher")" "6 1"
    check "  2 and 4 ranks are spread evenly" equal "$(spread "$launcher")" "n1 n2 n1 n1 n2 n2"
    check "  filling one node first" equal "$(grep -ho '"places":\[[^]]*\]' "$launcher"/*-w004-*.jsonl | grep -o '"host":"[^"]*"' | sort -u | wc -l)" 1
  done
  check "the same runs" equal "$(ls srun)" "$(ls mpirun)"
}
spread() { cat "$1"/*w002n2*.jsonl "$1"/*w004n2*.jsonl | grep -o '"places":\[[^]]*\]' | grep -o '"host":"[^"]*"' | cut -d '"' -f 4 | paste -s -d ' '; }

same_everywhere() {
  echo "The same runs on this machine and in a job:"
  local options=("${small[@]}" --workers '1,2,4' --schedules 'static dynamic' --dry-run --out same)
  "$root/slurm/sweep/sweep.sh" strong --backend local "${options[@]}" >local.txt
  submit --wrap "$root/slurm/sweep/sweep.sh strong --backend slurm $(printf '%q ' "${options[@]}") >job.txt"
  wait_for_job "$job"
  check "1 + 3 x 3 x 2, in the same order" equal "$(grep -c 'lab run ' local.txt) $(cmp local.txt job.txt && echo same)" "19 same"
  "$root/slurm/sweep/sweep.sh" strong --backend slurm "${small[@]}" --workers 1,2 >submitted
  wait_for_job "$(grep -o '[0-9]*$' submitted)"
  check "--backend slurm, outside of a job, submits one" equal "$(records "sweeps/strong-$(grep -o '[0-9]*$' submitted)")" 7
}

facts() {
  local record
  echo "What the records tell of the job:"
  scontrol update partitionname=virtual state=down
  submit "$root/slurm/strong.sbatch" "${small[@]}" --drivers sequential
  sleep 3
  scontrol update partitionname=virtual state=up
  wait_for_job "$job"
  record=$(grep -h '"kind":"run"' "sweeps/strong-$job"/*.jsonl)
  check "id, nodes, partition, cluster, CPUs" equal "$(grep -oE '"(id|nodes|partition|cluster|cpus)":("[^"]*"|[0-9]+)' <<<"${record#*\"job\":}" | sort | paste -s -d ' ')" \
    "\"cluster\":\"scalelab-virtual\" \"cpus\":8 \"id\":\"$job\" \"nodes\":\"n[1-2]\" \"partition\":\"virtual\""
  check "3 s and more in the queue" at_most 3 "$(sed -n 's/.*"queue_seconds":\([0-9.]*\).*/\1/p' <<<"$record")"
  check "a warning that the cluster is virtual" contains "$record" "a virtual cluster"
}

requeued() {
  echo "The time is nearly over:"
  submit "$root/slurm/strong.sbatch" "${slow[@]}"
  wait_until enough_records "sweeps/strong-$job" 1
  nearly_over "$job"
  wait_for_job "$job"
  check "queued again, until all is done" equal "$(state "$job") $(records "sweeps/strong-$job")" "COMPLETED 4"
  check "by two attempts" equal "$(wc -l <"sweeps/strong-$job/jobs")" 2
  check "the run at hand was let end, none was run twice" equal "$(find "sweeps/strong-$job" -path '*unfinished/*' | wc -l) $(cat "sweeps/strong-$job"/*.jsonl | grep -c '"kind":"run"')" "0 4"
  submit --no-requeue "$root/slurm/strong.sbatch" "${slow[@]}"
  wait_until enough_records "sweeps/strong-$job" 1
  nearly_over "$job"
  wait_for_job "$job"
  wait_for_job "$(sed -n 's/.*requeueing is forbidden, job \([0-9]*\) goes on.*/\1/p' "scalelab-strong-$job.out")"
  check "where that is forbidden, another job goes on" equal "$(records "sweeps/strong-$job") $(cut -d ' ' -f 1 "sweeps/strong-$job/jobs" | uniq | wc -l)" "4 2"
}

does_not_fit() {
  echo "A run that is too long for the time limit:"
  export SCALELAB_LAST_RUN_TIME=1
  submit "$root/slurm/strong.sbatch" --work '--kernel sleep --tasks 1 --task-units 600000000' --drivers sequential --repetitions 1 --rounds 1
  unset SCALELAB_LAST_RUN_TIME
  local attempt
  for attempt in 1 2; do
    wait_until begun "$attempt"
    nearly_over "$job"
  done
  wait_for_job "$job"
  check "two attempts, then it is named" contains "$(state "$job") $(<"scalelab-strong-$job.out")" \
    "scalelab: two attempts without a finished run: r01-sleep-sequential-w001 does not fit the time limit"
  check "the job has failed" equal "$(state "$job")" FAILED
}
# The run is at work, for the N-th time.
begun() {
  [[ -s sweeps/strong-$job/r01-sleep-sequential-w001.jsonl && $(wc -l <"sweeps/strong-$job/jobs") == "$1" &&
    $(find "sweeps/strong-$job/unfinished" -type f 2>/dev/null | wc -l) == "$(($1 - 1))" ]]
}

time_limit() {
  echo "A time limit of one minute, for two of work:"
  submit --time=1 --signal=B:USR1@20 "$root/slurm/strong.sbatch" --work '--kernel sleep --tasks 10 --task-units 300000 --warmup 0' \
    --drivers sequential --repetitions 1 --rounds 24
  wait_for_job "$job" 240
  check "complete, by several attempts" equal "$(state "$job") $(records "sweeps/strong-$job")" "COMPLETED 24"
  check "more than one" at_most 2 "$(wc -l <"sweeps/strong-$job/jobs")"
}

node_down() {
  echo "A node goes down in the middle:"
  submit "$root/slurm/strong.sbatch" "${slow[@]}" --drivers mpi --workers 8
  wait_until enough_records "sweeps/strong-$job" 1
  "$root/slurm/cluster/mini_cluster.sh" off n2
  patience=60 wait_until in_state PENDING  # Slurm does not give a node up at once
  "$root/slurm/cluster/mini_cluster.sh" on n2
  wait_for_job "$job" 90
  check "Slurm queues the job again, and it goes on" equal "$(state "$job") $(records "sweeps/strong-$job")" "COMPLETED 4"
}

# A job of 4 and 2 CPUs: for these, the cluster is one of unequal nodes.
uneven() {
  echo "Unequal nodes, of 4 and 2 CPUs:"
  cat >script <<END
#!/usr/bin/env bash
run() { # NAME VARIABLE... -- WORD...
  local name=\$1 variables=()
  shift
  while [[ \$1 != -- ]]; do variables+=("\$1") && shift; done
  shift
  env "\${variables[@]}" "$root/slurm/launch/launch.sh" mpi "\$@" --kernel sleep --tasks 24 --task-units 1000 --repetitions 1 --warmup 0 \
    --json >"\$name.out" 2>"\$name.err"
  echo \$? >"\$name.status"
}
"$root/slurm/launch/launch.sh" --cores >cores
for launcher in srun mpirun; do
  run \$launcher.6 SCALELAB_LAUNCHER=\$launcher -- -n 6 --
  run \$launcher.threads SCALELAB_LAUNCHER=\$launcher -- -n 3 -- --threads-per-rank 2
done
run one SCALELAB_LAUNCHER=srun -- -n 4 --
run crowded SCALELAB_LAUNCHER=srun -- -n 12 --
run alone -u SLURM_JOB_CPUS_PER_NODE -u SLURM_JOB_NODELIST -u SLURM_NODELIST -u SLURM_JOB_NUM_NODES -u SLURM_NNODES -u SLURM_TASKS_PER_NODE -- -n 6 --
run none SLURM_EXPORT_ENV=NONE SLURM_DISTRIBUTION=cyclic SLURM_NTASKS_PER_NODE=1 -- -n 6 --
run stale -u SLURM_JOB_CPUS_PER_NODE SLURM_JOB_ID=4711 -- -n 2 --
mkdir programs && ln -s /bin/* /usr/bin/* programs 2>/dev/null
rm -f programs/srun programs/scontrol
run container PATH="\$PWD/programs" -- -n 2 --
srun --nodes=1 --ntasks=1 --cpus-per-task=4 --mpi=none "$root/slurm/launch/launch.sh" mpi -n 6 -- --kernel sleep --tasks 24 --task-units 1000 \
  --repetitions 1 --warmup 0 --json >step.out 2>step.err
echo \$? >step.status
END
  submit --nodes=2 --exclusive script
  wait_for_job "$job" 120
  check "cores" equal "$(<cores)" 6
  for name in srun.6 mpirun.6 alone none step; do check "$name: 4 + 2" equal "$(went "$name")" "0 n1:4 n2:2"; done
  for name in srun.threads mpirun.threads; do check "$name: 2 + 1 ranks of 2" equal "$(went "$name")" "0 n1:4 n2:2"; done
  check "4 on the first" equal "$(went one)" "0 n1:4"
  check "12, in proportion" equal "$(went crowded)" "0 n1:8 n2:4"
  check "  it is told" contains "$(<crowded.out)" "12 workers on 6 cores: 8 on n1, which has 4, 4 on n2, which has 2"
  check "no warning where there is room" equal "$(grep -c ' cores: ' srun.6.out || :)" 0
  check "a job that is no more: here, and it is told" contains "$(went stale) $(<stale.out)" "0 n1:2 "
  check "  what helps" contains "$(<stale.out)" "unset SLURM_JOB_ID"
  check "without srun: here, and it is told" contains "$(went container) $(<container.out)" "0 n1:2 "
  check "  why" contains "$(<container.out)" "there is no srun here"
  SCALELAB_RESTARTS=2 submit --nodes=2 "$root/slurm/strong.sbatch" "${small[@]}" --drivers "sequential mpi" --workers 6
  wait_for_job "$job"
  check "a sweep" equal "$(records "sweeps/strong-$job") $(places_of "sweeps/strong-$job"/*-mpi-*.jsonl)" "2 n1:4 n2:2"
  "$root/slurm/setup/check.sh" >check.out 2>&1 || :
  check "lab slurm check" contains "$(<check.out)" "nodes are not alike: each of their cores, 2 at least, has a worker"
  check "  all is well" contains "$(<check.out)" "All is well"
}
# places_of FILE: how many workers were where
places_of() {
  grep -o '"places":\[[^]]*\]' "$1" | grep -o '"host":"[^"]*"' | cut -d '"' -f 4 | sort | uniq -c | awk '{ print $2 ":" $1 }' | paste -s -d ' '
}
went() {
  echo "$(<"$1.status") $(places_of "$1.out")$(sed -n 's/^scalelab: / /p' "$1.err")"
  [[ $(<"$1.status") == 0 ]] || cat "$1.err" >&2  # why, in full
}

# Within the allocation: Slurm finds the node down, and what is left of the job goes on.
lost_node() {
  echo "A node is lost in a job that goes on without it:"
  "$root/slurm/launch/launch.sh" openmp -n 50 -- "${lost_work[@]}" --json >one.out
  salloc --quiet --no-kill --nodes=2 --exclusive "$root/slurm/launch/launch.sh" mpi -n 8 --restarts 1 -- "${lost_work[@]}" \
    --schedule dynamic --record record.jsonl --json >out 2>err &
  wait_until all_have_begun
  sleep 1  # some tasks are finished
  "$root/slurm/cluster/mini_cluster.sh" off n2
  wait $! && status=0 || status=$?
  check "it ends well" equal "$status" 0
  check "one line says which node" equal "$(grep -c '^scalelab: node n2 was lost; started again, 1 of 1' err)" 1
  check "the record says so, too" contains "$(grep '"kind":"run"' record.jsonl | tail -n 1)" '"restarts":["node n2 was lost"]'
  check "on the node that is left" equal "$(tail -n 3 record.jsonl >last && places_of last)" "n1:8"
  check "the same bits" equal "$(grep -o '"digest":"[^"]*"' out | tail -n 1)" "$(grep -o '"digest":"[^"]*"' one.out | tail -n 1)"
  check "some tasks were not run again" at_most 1 "$(sed -n 's/.*"resumed_tasks":\([0-9]*\).*/\1/p' out | tail -n 1)"
  check "the journal is gone" equal "$(find . -name '*.journal')" ""
  "$root/slurm/cluster/mini_cluster.sh" on n2
}
lost_work=(--kernel sleep --tasks 200 --task-units 200000 --repetitions 1 --warmup 0)
all_have_begun() { (($(find . -name 'worker-*.journal' | wc -l) == 8)); }

killed_rank() {
  echo "A rank of srun is killed:"
  cat >script <<END
#!/usr/bin/env bash
"$root/slurm/launch/launch.sh" mpi -n 4 -N 2 -- --kernel sleep --tasks 8 --task-time 60s >out 2>err &
ranks() { pgrep -f '^[^ ]*drivers/mpi --kernel'; }  # nodes see each other's processes here
until ((\$(ranks | wc -l) == 4)); do sleep 0.1; done
sleep 1  # they have found each other
kill -KILL "\$(ranks | tail -n 1)"
wait %1
echo \$? >status
"$root/slurm/launch/launch.sh" mpi -n 4 -N 2 --restarts 1 -- --kernel sleep --tasks 120 --task-units 100000 --schedule dynamic >again 2>again.err &
until ((\$(ranks | wc -l) == 4)); do sleep 0.1; done
sleep 1
kill -KILL "\$(ranks | tail -n 1)"
wait \$!
echo \$? >again.status
END
  submit --nodes=2 --exclusive script
  wait_for_job "$job"
  check "one line says which rank, and where" equal "$(grep -cE '^scalelab: rank ([01] on n1|[23] on n2) was killed' err)" 1
  check "exit status 1" equal "$(<status)" 1
  check "--restarts 1: it goes on" equal "$(<again.status) $(grep -cE '^scalelab: rank ([01] on n1|[23] on n2) was killed.*; started again, 1 of 1$' again.err) $(grep -c 'restarts    1: rank' again)" "0 1 1"
}

site() {
  echo "lab slurm check:"
  checked 0 "All is well"
  SCALELAB_LAUNCHER=mpirun checked 0 "All is well"
  SBATCH_PARTITION=nosuch checked 1 "partition 'nosuch' does not exist"
  SCALELAB_SRUN_MPI=pmix9 checked 1 "srun does not know --mpi=pmix9"
  SCALELAB_SRUN_MPI=none checked 1 "ranks do not start"
  SCALELAB_CORES_PER_NODE=64 checked 1 "64 cores per node, but there are nodes of 4 CPUs"
  SCALELAB_LAUNCHER=prun checked 1 "launcher 'prun'"
  sed 's/^site_modules=.*/site_modules="nosuch\/1.0"/' "$root/slurm/site.sh" >my_site.sh
  SCALELAB_SITE=$PWD/my_site.sh checked 1 "module"
  mkdir -p /tmp/mine
  cd /tmp/mine
  checked 1 "left nothing in /tmp/mine"
  cd - >/dev/null
}
# checked STATUS TEXT
checked() {
  status=0
  "$root/slurm/setup/check.sh" >out 2>&1 || status=$?
  check "$2" contains "$status $(<out)" "$2"
  check "  exit status $1" equal "$status" "$1"
  rm -f out
}

inside() {
  local tests=("${@:3}") test
  export SCALELAB_BUILD=$1
  ((${#tests[@]} > 0)) || tests=(every_script array_and_collector both_launchers same_everywhere facts requeued killed_rank site)
  for test in "${tests[@]}"; do
    mkdir "$scratch/$test"
    cd "$scratch/$test"
    "$test"
  done
  end_of_checks
}

main() {
  local reason cpus=4
  command -v slurmctld >/dev/null || PATH=$PATH:/usr/sbin
  reason=$("$root/slurm/cluster/cluster.sh" check 2>&1) || skip "$reason"
  # Nodes have a /tmp of their own, so this is no place for it.
  scratch=$(mktemp -d "$1/slurm-test.XXXXXX")
  export scratch
  [[ ${SCALELAB_KEEP:-} ]] || trap 'rm -rf "$scratch"' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  cd "$scratch"
  [[ " $* " != *" uneven "* ]] || cpus=4,2
  # Not in a cluster that the user may have up.
  XDG_CACHE_HOME=$scratch/cache "$root/slurm/cluster/cluster.sh" run --nodes 2 --cpus "$cpus" -- "$self" inside "$@"
}

if [[ ${1:-} == inside ]]; then
  inside "${@:2}"
else
  main "$@"
fi
