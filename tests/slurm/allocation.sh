#!/usr/bin/env bash
# Which ranks go where, and what starts them, in whatever is left of a Slurm job's environment. Without a cluster: srun,
# scontrol and mpirun are programs of this test, which tell how they were called.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
launch=$root/slurm/launch/launch.sh
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
# shellcheck source=slurm/launch/allocation.sh
source "$root/slurm/launch/allocation.sh"
unset "${!SLURM_@}" "${!SCALELAB_CORES@}" SCALELAB_LAUNCHER SCALELAB_RESTARTS OMPI_MCA_ras
scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-allocation.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export SCALELAB_BUILD=$scratch/build

# ---- what the tests are made of ----------------------------------------------------------------

# counted TEXT
counted() { counts_of "$1" | paste -s -d ' '; }

# spread RANKS THREADS NODES CORES...: "0:16 1:8", which node gets how many ranks, and whether that is too many
spread() {
  local chosen ranks_on crowded n on=() text="" all=("${@:4}")
  choose_nodes "$@"
  for n in "${chosen[@]}"; do on+=("${all[n]}"); done
  spread_ranks "$1" "$2" "${on[@]}"
  for n in "${!chosen[@]}"; do text+="${chosen[n]}:${ranks_on[n]} "; done
  echo "$text${crowded:+crowded}"
}

# Two folders of programs: `all` is what this machine has but for Slurm, `slurm` is a Slurm of two nodes.
make_programs() {
  local name
  mkdir -p "$scratch"/{all,slurm,build/drivers}
  printf '#!/bin/sh\n' >"$SCALELAB_BUILD/drivers/mpi"
  chmod +x "$SCALELAB_BUILD/drivers/mpi"
  printf 'mpirun\nOpen MPI\n' >"$SCALELAB_BUILD/drivers/mpi.launcher"
  ln -s /bin/* /usr/bin/* /usr/local/bin/* "$scratch/all" 2>/dev/null || :
  for name in srun scontrol sinfo squeue salloc sbatch; do rm -f "$scratch/all/$name"; done
  # What starts ranks: how, where, with which of the variables, and a warning of theirs. All has gone well.
  cat >"$scratch/starter" <<'END'
#!/bin/bash
{
  text="${0##*/} $*"
  echo "${text%% /*}"
  [[ ! ${SLURM_HOSTFILE:-} ]] || echo "hosts $(uniq -c "$SLURM_HOSTFILE" | awk '{ printf "%s%s:%s", (NR > 1 ? " " : ""), $2, $1 }')"
  echo "ras ${OMPI_MCA_ras:-}"
  echo "export ${SLURM_EXPORT_ENV:-}"
  echo "overlap ${SLURM_OVERLAP:-}"
  echo "warning ${SCALELAB_WARNINGS:-}"
} >"$TOLD"
echo 0 >"$SCALELAB_STATUS_FILE"
END
  chmod +x "$scratch/starter"
  ln -s "$scratch/starter" "$scratch/slurm/srun"
  cp "$scratch/starter" "$scratch/mpirun"
  cat >"$scratch/slurm/scontrol" <<'END'
#!/bin/bash
case "$*" in
  "show hostnames n[1-2]") printf 'n1\nn2\n' ;;
  "show hostnames n"*) echo "${*: -1}" ;;
  "show job"*)
    [[ ! ${ANSWER:-} ]] || { echo "$ANSWER" >&2 && exit 1; }
    echo "JobId=7 JobState=${STATE:-RUNNING} NumNodes=2 $JOB MinCPUsNode=1"
    ;;
  *) exit 1 ;;
esac
END
  chmod +x "$scratch/slurm/scontrol"
}

# started VARIABLE=VALUE... -- OPTION...: lab run mpi with these variables; leaves $told, what was started, and $status.
# `-slurm` among the variables: there is no Slurm here.
started() {
  local variables=() path=$scratch/slurm:$scratch/all
  while [[ $1 != -- ]]; do
    if [[ $1 == -slurm ]]; then path=$scratch/all; else variables+=("$1"); fi
    shift
  done
  rm -f "$scratch/told"
  status=0
  env "${variables[@]}" PATH="$path" TOLD="$scratch/told" SCALELAB_MPIRUN="$scratch/mpirun" "$launch" mpi "${@:2}" \
    >"$scratch/out" 2>"$scratch/err" || status=$?
  told=$(cat "$scratch/told" 2>/dev/null || :)
}

# word NAME: what was told of it
word() { sed -n "s/^$1 //p" <<<"$told"; }

# cores_with VARIABLE=VALUE...: --cores
cores_with() { env PATH="$scratch/slurm:$scratch/all" "$@" "$launch" --cores; }

# ---- the tests ---------------------------------------------------------------------------------

counts() {
  local text
  echo "What Slurm says of nodes:"
  check "4(x2),2" equal "$(counted '4(x2),2')" "4 4 2"
  check "16,8" equal "$(counted 16,8)" "16 8"
  check "one" equal "$(counted 128)" 128
  for text in "" "4(x2" "4(x0)" "4,,2" ",4" "4(x2),x" "-4" "0" "4;2"; do
    check "'$text' is nothing" equal "$(counted "$text")" ""
  done
}

places() {
  echo "Ranks go where cores are:"
  check "24 on 16 and 8" equal "$(spread 24 1 "" 16 8)" "0:16 1:8 "
  check "12 fit on the first" equal "$(spread 12 1 "" 16 8)" "0:12 "
  check "12 on 8 and 16 need both" equal "$(spread 12 1 "" 8 16)" "0:4 1:8 "
  check "10 on 4, 4 and 2" equal "$(spread 10 1 "" 4 4 2)" "0:4 1:4 2:2 "
  check "evenly on equal nodes" equal "$(spread 10 1 "" 4 4 4)" "0:4 1:3 2:3 "
  check "-N 2, evenly" equal "$(spread 5 1 2 4 4 4)" "0:3 1:2 "
  check "-N 1 takes the one that has room" equal "$(spread 12 1 1 8 16)" "1:12 "
  check "threads are counted: 12 x 2 on 16 and 8" equal "$(spread 12 2 "" 16 8)" "0:8 1:4 "
  check "whole ranks only: 4 x 3 on four nodes of 4" equal "$(spread 4 3 "" 4 4 4 4)" "0:1 1:1 2:1 3:1 "
  check "a node that is too small for one gets none" equal "$(spread 8 2 "" 1 8 8)" "1:4 2:4 "
  check "twice as many as cores: in proportion, and it is told" equal "$(spread 48 1 "" 16 8)" "0:32 1:16 crowded"
  check "no node has room for a rank" equal "$(spread 2 8 "" 4 4)" "0:1 1:1 crowded"
  check "more nodes than ranks" equal "$(spread 1 8 "" 4 4)" "0:1 crowded"
}

# one_by_one RANKS CORES...: each rank goes where there are then the fewest for each core
one_by_one() {
  local cores=("${@:2}") ranks=() n left best
  for n in "${!cores[@]}"; do ranks[n]=1; done
  for ((left = $1 - ${#cores[@]}; left > 0; --left)); do
    best=0
    for n in "${!cores[@]}"; do
      (((ranks[n] + 1) * cores[best] >= (ranks[best] + 1) * cores[n])) || best=$n
    done
    ranks[best]=$((ranks[best] + 1))
  done
  echo "${ranks[*]}"
}

many_places() {
  local ranks_on crowded cores round n wrong="" begin
  RANDOM=${SCALELAB_TEST_SEED:=$((10#${EPOCHREALTIME#*[.,]} % 32768))}
  echo "Ranks on random nodes (SCALELAB_TEST_SEED=$SCALELAB_TEST_SEED):"
  for ((round = 0; round < 150; ++round)); do
    cores=()
    for ((n = RANDOM % 10; n >= 0; --n)); do cores+=($((RANDOM % 3 ? 1 + RANDOM % 8 : 1 + RANDOM % 128))); done
    n=$((1 + RANDOM % 150))
    spread_ranks "$n" 1 "${cores[@]}"
    [[ ${ranks_on[*]} == "$(one_by_one "$n" "${cores[@]}")" ]] || wrong+="$n on ${cores[*]}: ${ranks_on[*]}; "
  done
  check "as if they went there one by one" equal "$wrong" ""
  mapfile -t cores < <(repeated 1000 32)
  begin=$EPOCHREALTIME
  spread_ranks 10000 1 "${cores[@]}"
  check "10000 ranks on 1000 nodes are soon spread" at_most "$EPOCHREALTIME - $begin" 5
  check "  evenly" equal "$(printf '%s\n' "${ranks_on[@]}" | sort -u)" 10
}

slow_starts() {
  local SCALELAB_STATUS_FILE=$scratch/status HOSTNAME=login.example
  echo "What is doubted of a start that is slow:"
  # shellcheck source=slurm/launch/ending.sh
  source "$root/slurm/launch/ending.sh"
  : >"$SCALELAB_STATUS_FILE.ranks"
  check "no rank is known here: they may be elsewhere" equal "$(slow_start 60)" \
    "no rank has been started on login for 60 s, and if others have some, they may hang"
  echo "17 3 login" >"$SCALELAB_STATUS_FILE.ranks"
  check "one is, whichever" equal "$(slow_start 60)" "MPI has not started for 60 s"
  : >"$SCALELAB_STATUS_FILE.begun"
  check "MPI has started for one of them" equal "$(slow_start 60)" ""
  rm "$SCALELAB_STATUS_FILE".*
}

in_job() {
  local job=(SLURM_JOB_ID=7 SLURM_JOB_NUM_NODES=2 'SLURM_JOB_NODELIST=n[1-2]' 'SLURM_JOB_CPUS_PER_NODE=16,8'
    'JOB=NodeList=n[1-2]  Nodes=n1 CPU_IDs=0-15 Mem=0  Nodes=n2 CPU_IDs=0-7 Mem=0')
  echo "A job of 16 and 8 CPUs:"
  started "${job[@]}" -- -n 24
  check "16 + 8, by srun" equal "$status $(word hosts)" "0 n1:16 n2:8"
  check "on two nodes, no more ranks than cores" equal "$(grep -oE -- '--(nodes|ntasks|distribution|overcommit)[^ ]*' <<<"$told" | paste -s -d ' ')" \
    "--nodes=2 --ntasks=24 --distribution=arbitrary"
  check "the ranks get the environment" contains "$(word srun)" "--export=ALL"
  check "nothing to warn of" equal "$(word warning)" ""
  started "${job[@]}" -- -n 48
  check "32 + 16" equal "$(word hosts)" "n1:32 n2:16"
  check "it is told" contains "$(word warning)" "48 workers on 24 cores: 32 on n1, which has 16, 16 on n2, which has 8"
  check "and Slurm may" contains "$(word srun)" "--overcommit"
  started "${job[@]}" -- -n 6 -N 2 -- --threads-per-rank 4
  check "ranks of 4 threads" equal "$(word hosts) $(grep -o -- '--cpus-per-task=.' <<<"$told")" "n1:4 n2:2 --cpus-per-task=4"
  started "${job[@]}" SCALELAB_LAUNCHER=mpirun -- -n 24
  check "by mpirun" contains "$(word mpirun)" "n1:16,n2:8"
  check "all of them, if none are asked for" equal "$(cores_with "${job[@]}")" 24
  check "SCALELAB_CORES_PER_NODE is the most" equal "$(cores_with "${job[@]}" SCALELAB_CORES_PER_NODE=10)" 18
  check "two CPUs for a core" equal "$(cores_with "${job[@]}" SCALELAB_CPUS_PER_CORE=2)" 12
  started "${job[@]}" -- -n 3 -N 3
  check "-N 3 of 2 is refused" equal "$status" 2
  started "${job[@]}" 'JOB=NodeList=n1  Nodes=n1 CPU_IDs=0-15 Mem=0' -- -n 24
  check "a node that is lost gets none" equal "$(word hosts)" "n1:24"
  started "${job[@]}" SCALELAB_LOST_NODES=n1 -- -n 8
  check "nor one that Slurm does not yet miss" equal "$(word hosts)" "n2:8"
  started "${job[@]}" SCALELAB_LOST_NODES="n1 n2" -- -n 8
  check "none is left" equal "$status $told" "1 "
  started "${job[@]}" SLURM_EXPORT_ENV=NONE SLURM_HOSTFILE=/nowhere SLURM_DISTRIBUTION=cyclic SLURM_STEP_ID=0 -- -n 24
  check "SLURM_EXPORT_ENV=NONE and others do not matter" equal "$(word export) $(word hosts)" "ALL n1:16 n2:8"
  check "within a step, which has all the CPUs" equal "$(word overlap)" 1
  started "${job[@]}" SLURM_JOB_CPUS_PER_NODE='8(x2)' -- -n 16
  check "equal nodes: Slurm counts by itself" equal "$(word hosts) $(grep -o -- '--ntasks-per-node=[^ ]*' <<<"$told")" " --ntasks-per-node=8"
}

in_parts() {
  local known='JOB=NodeList=n[1-2]  Nodes=n1 CPU_IDs=0-3 Mem=0  Nodes=n2 CPU_IDs=0,5 Mem=0' variables answer
  local whole=(SLURM_JOB_ID=7 SLURM_JOB_NUM_NODES=2 'SLURM_JOB_NODELIST=n[1-2]' 'SLURM_JOB_CPUS_PER_NODE=4,2')
  echo "A job's environment in parts:"
  for variables in "" "SLURM_NTASKS=6" "SLURM_NODELIST=n[1-2]" "SLURM_JOB_CPUS_PER_NODE=4,2" "SLURM_JOB_CPUS_PER_NODE=4(x"; do
    # shellcheck disable=SC2086
    started SLURM_JOB_ID=7 "$known" $variables -- -n 6
    check "SLURM_JOB_ID ${variables:-alone}: Slurm knows the rest" equal "$status $(word hosts)" "0 n1:4 n2:2"
    # shellcheck disable=SC2086
    check "  6 cores" equal "$(cores_with SLURM_JOB_ID=7 "$known" $variables)" 6
    # shellcheck disable=SC2086
    started SLURM_JOB_ID=7 "ANSWER=slurm_load_jobs error: Unable to contact slurm controller (connect failure)" $variables -- -n 6
    check "  or does not know: here, and it is told what helps" equal "$status $(word ras) $(word mpirun) $(word warning)" \
      "0 ^slurm -n 6 Slurm tells nothing of job 7 (SLURM_JOB_ID), so ranks run on this machine: unset SLURM_JOB_ID, if this is in no job"
    # shellcheck disable=SC2086
    started -slurm SLURM_JOB_ID=7 $variables -- -n 6
    check "  no srun: here" equal "$status $(word ras) $(word mpirun) $(word warning)" "0 ^slurm -n 6 "
  done
  for answer in "slurm_load_jobs error: Invalid job id specified" "scontrol: fatal: Could not establish a configuration source" \
    'scontrol: error: Munge encode failed: Failed to access "/run/munge/munge.socket.2": No such file or directory'; do
    started "${whole[@]}" "ANSWER=$answer" -- -n 6
    check "all of it, but '${answer##*: }': here" contains "$status $(word ras) $(word mpirun) $(word warning)" "0 ^slurm -n 6 Slurm tells nothing of job 7"
  done
  started "${whole[@]}" "$known" STATE=TIMEOUT -- -n 6
  check "all of it, but the job is over: here" contains "$(word mpirun) $(word warning)" "-n 6 Slurm tells nothing of job 7"
  started "${whole[@]}" "ANSWER=slurm_load_jobs error: Socket timed out on send/recv operation" -- -n 6
  check "all of it, and Slurm is slow: in the job" equal "$status $(word hosts)$(word warning)" "0 n1:4 n2:2"
  started SLURM_JOB_ID=7 "$known" SCALELAB_LAUNCHER=mpirun -- -n 6
  check "mpirun is told the nodes" contains "$(word mpirun)" "n1:4,n2:2"
  started -slurm SLURM_JOB_ID=7 SLURM_JOB_NUM_NODES=2 -- -n 6
  check "no srun, and more nodes than this: that is told" contains "$(word mpirun) $(word warning)" "-n 6 there is no srun here"
  started -slurm SLURM_JOB_ID=7 SLURM_JOB_NUM_NODES=2 -- -n 6 -N 2
  check "  -N 2 is refused, and why" contains "$status $(<"$scratch/err")" "2 lab run: -N: there is no srun here"
  started -slurm SLURM_JOBID=7 -- -n 6
  check "an older name: mpirun does not look for nodes either" equal "$status $(word ras)" "0 ^slurm"
  started -slurm -- -n 6
  check "no job at all" equal "$status $(word ras)$(word mpirun)" "0 -n 6"
}

make_programs
for test in counts places many_places slow_starts in_job in_parts; do "$test"; done
end_of_checks
