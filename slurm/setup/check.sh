#!/usr/bin/env bash
# Is the cluster as slurm/site.sh says? Looks at what can be seen from here, then submits a job of a few
# seconds, and says what to change: ./lab slurm check comes here.
#   slurm/setup/check.sh [--nodes N]      on how many nodes the job is [2, or 1 where there are no more]
# Exit status: 0 all is well, 1 something is wrong, 2 wrong usage.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../setup/environment.sh"
set -euo pipefail

# shellcheck source=slurm/setup/programs.sh
source "$root/slurm/setup/programs.sh"
# shellcheck source=slurm/launch/pairing.sh
source "$root/slurm/launch/pairing.sh"
site=${SCALELAB_SITE:-$root/slurm/site.sh}
wrong=0
# shellcheck source=slurm/setup/scratch.sh
source "$root/slurm/setup/scratch.sh"

die() {
  echo "lab slurm check: $(shown "$1")" >&2 || :
  exit "${2:-1}"
}

ok() { printf '  ok     %s\n' "$1"; }

# wrong WHAT REMEDY
wrong() {
  printf '  WRONG  %s\n         %s\n' "$1" "$2"
  wrong=$((wrong + 1))
}

# What the first line of a program's complaint says, without the program's name.
complaint() { sed -n 's/^[a-z]*: \(error: \)\?//; /./p' "$1" | sed -n 1p; }

check_slurm() {
  local elsewhere="go to a cluster's login host, or $lab cluster run -- $lab slurm check"
  command -v sbatch >/dev/null || die "there is no sbatch here: $elsewhere"
  timeout 30 sinfo >/dev/null 2>"$scratch/errors" ||
    die "no Slurm answers here ($(complaint "$scratch/errors")): $elsewhere"
  ok "$(sinfo --version) answers"
  [[ ! $(scontrol show config) =~ ClusterName\ *=\ *scalelab-virtual ]] || virtual=yes
}

check_partition() {
  local there
  there=$(sinfo --noheader --format=%R | sort -u | paste -s -d ' ')
  if [[ ! ${SBATCH_PARTITION:-} ]]; then
    wrong "no partition is named, and Slurm has no default one" "in $site: SBATCH_PARTITION, one of $there"
  elif [[ ! $(sinfo --noheader --partition="$SBATCH_PARTITION") ]]; then
    wrong "partition '$SBATCH_PARTITION' does not exist" "in $site: SBATCH_PARTITION, one of $there"
  else
    there=$(sinfo --noheader --partition="$SBATCH_PARTITION" --states=idle,mixed,allocated,completing --format=%D | awk '{ n += $1 } END { print n + 0 }')
    ((there > 0)) || wrong "partition $SBATCH_PARTITION has no node that is up" "sinfo --list-reasons says why; or another SBATCH_PARTITION in $site"
    nodes=${nodes:-$((there < 2 ? 1 : 2))}
    ok "partition $SBATCH_PARTITION: $there nodes are up"
  fi
}

check_cores() {
  local most
  most=$(sinfo --noheader ${SBATCH_PARTITION:+--partition="$SBATCH_PARTITION"} --format=%c | tr -d + | sort -n | sed -n 1p)
  least=${SCALELAB_CORES_PER_NODE:-}
  if [[ ! $least && ${site_kinds:-} ]]; then
    least=${site_kinds%% *}
    ok "nodes are not alike: each of their cores, $least at least, has a worker"
  elif [[ ! $least =~ ^[1-9][0-9]*$ ]]; then
    wrong "cores per node: '${SCALELAB_CORES_PER_NODE:-}'" "in $site: SCALELAB_CORES_PER_NODE, a whole number"
  elif [[ $most && $SCALELAB_CORES_PER_NODE -gt $most ]]; then
    wrong "$SCALELAB_CORES_PER_NODE cores per node, but there are nodes of $most CPUs" "in $site: SCALELAB_CORES_PER_NODE, $most at most"
  else
    ok "$SCALELAB_CORES_PER_NODE of the $most CPUs of a node have a worker"
  fi
}

check_launcher() {
  # shellcheck disable=SC2034
  local mpirun mpi srun_mpi
  read_pairing "$build"
  case $SCALELAB_LAUNCHER in
    mpirun) ok "ranks are started by mpirun" ;;
    srun)
      srun --mpi=list >"$scratch/kinds" 2>&1 || :
      if grep -qw -- "$srun_mpi" "$scratch/kinds"; then
        ok "srun knows --mpi=$srun_mpi"
      else
        wrong "srun does not know --mpi=$srun_mpi: each rank would be alone" \
          "in $site: SCALELAB_SRUN_MPI, one of $(tail -n +2 "$scratch/kinds" | tr -s '\t\n ' ' '), or SCALELAB_LAUNCHER=mpirun"
      fi
      ;;
    *) wrong "launcher '$SCALELAB_LAUNCHER'" "in $site: SCALELAB_LAUNCHER, srun or mpirun" ;;
  esac
}

# What the job does; it leaves what it sees in the folder $1, on whichever file system that is.
write_job() {
  cat >"$folder/job" <<END
#!/usr/bin/env bash
export SCALELAB_SITE=$(printf %q "$site") SCALELAB_BUILD=$(printf %q "$build") folder=$(printf %q "$folder")
source "\$SCALELAB_SITE" >"\$folder/site" 2>&1 || echo "exit status \$?" >>"\$folder/site"
srun --ntasks=$nodes --ntasks-per-node=1 bash -c 'touch "\$folder/seen.\$(hostname)" && env --unset=OMP_NUM_THREADS nproc >"\$folder/cpus.\$(hostname)"; df --output=fstype "\${TMPDIR:-/tmp}" | tail -n 1 >"\$folder/scratch.\$(hostname)"' 2>"\$folder/shared"
$(printf %q "$root/slurm/launch/launch.sh") mpi -n $ranks -N $nodes -- --kernel sleep --tasks $ranks --task-units 1000 --bind cores \
  --repetitions 1 --json >"\$folder/record" 2>"\$folder/launch"
echo \$? >"\$folder/status"
END
}

submit_job() {
  if ! job=$(sbatch --parsable --nodes="$nodes" --ntasks-per-node=$((ranks / nodes)) --time=00:05:00 --job-name=scalelab-check \
    --output="$folder/output" "$folder/job" 2>"$scratch/errors"); then
    wrong "Slurm refuses a job: $(complaint "$scratch/errors")" "in $site: SBATCH_ACCOUNT, SBATCH_PARTITION; or what your site requires besides"
    return 1
  fi
  job=${job%%;*}
}

wait_for_job() {
  local line
  while line=$(squeue --noheader --jobs "$job" --format '%T %r' 2>/dev/null) && [[ $line ]]; do
    [[ $line =~ ^(PENDING|CONFIGURING|RUNNING|COMPLETING) ]] || break
    [[ ! -t 2 ]] || printf '\r\033[K  job %s: %s' "$job" "$line" >&2 || :
    sleep 0.5
  done
  [[ ! -t 2 ]] || printf '\r\033[K' >&2 || :
  sleep 1  # what nodes have written arrives
}

judge_job() {
  local seen hosts cpus places
  if [[ ! -e $folder/status ]]; then
    wrong "job $job left nothing in $PWD: it $(scontrol show job "$job" 2>/dev/null | sed -n 's/.*JobState=\([A-Z_]*\).*Reason=\([^ ]*\).*/ended as \1 (\2)/p')" \
      "if it was COMPLETED, the nodes do not see this folder: go to one that is shared, and have the kit there"
    return
  fi
  if [[ -s $folder/site ]]; then
    wrong "in a job, site.sh says: $(head -n 1 "$folder/site")" "in $site: site_modules, as module avail lists them"
  fi
  seen=$(find "$folder" -name 'seen.*' | wc -l)
  if ((seen == nodes)); then
    ok "$nodes nodes see $PWD"
  else
    wrong "$seen of $nodes nodes see $PWD" "go to a folder that all share; or: $(head -n 1 "$folder/shared")"
  fi
  cpus=$(cat "$folder"/cpus.* 2>/dev/null | sort -n | sed -n 1p)
  [[ ! $virtual ]] || ok "a virtual cluster: nodes without disks, on the cores of one machine"
  case $virtual$(cat "$folder"/scratch.* 2>/dev/null | sort -u | paste -s -d ' ') in
    yes*) ;;
    *tmpfs*) wrong "\$TMPDIR is memory: file-io would measure no disk" "in $site: site_scratch, a folder on a disk of the nodes" ;;
    *nfs* | *lustre* | *gpfs* | *beegfs* | *ceph*) wrong "\$TMPDIR is on the network" "in $site: site_scratch, a folder on a disk of the nodes" ;;
    *) ok "temporary files are on a disk of the nodes" ;;
  esac
  if [[ $(<"$folder/status") != 0 ]]; then
    wrong "ranks do not start: $(grep -m 1 . "$folder/launch" || echo "no word of why")" \
      "in $site: site_modules (the MPI that the kit was built with), SCALELAB_SRUN_MPI, or SCALELAB_LAUNCHER=mpirun"
    return
  fi
  places=$(grep -o '{"host":"[^"]*","pid":[0-9]*,"cpus":"[^"]*"}' "$folder/record" || :)
  hosts=$(sed 's/.*"host":"\([^"]*\)".*/\1/' <<<"$places" | sort -u | wc -l)
  if [[ $(wc -l <<<"$places") == "$ranks" && $hosts == "$nodes" ]]; then
    ok "$SCALELAB_LAUNCHER starts $ranks ranks on $nodes nodes, and they know of each other"
  else
    wrong "$(wc -l <<<"$places") ranks on $hosts nodes instead of $ranks on $nodes" "in $site: SCALELAB_LAUNCHER, SCALELAB_SRUN_MPI"
  fi
  if grep -q '"cpus":"[^"]*[-,]' <<<"$places"; then
    wrong "ranks are not bound: $(grep -m 1 -o '"cpus":"[^"]*"' <<<"$places")" "this system does not let a process choose its cores"
  elif [[ $(sed 's/"pid":[0-9]*,//' <<<"$places" | sort | uniq -d) ]]; then
    if [[ $virtual ]]; then
      :
    elif ((cpus < ranks / nodes)); then
      wrong "ranks of one node share a core: a job has $cpus CPU of a node" "sbatch slurm/*.sbatch asks for whole nodes (--exclusive); if it gets no more either, ask the site"
    else
      wrong "ranks of one node share a core" "ask the site: the job sees CPUs that it may not use"
    fi
  else
    ok "--bind cores gives each rank a core of its own"
  fi
}

read_options() {
  nodes=""
  while (($# > 0)); do
    [[ $1 == --nodes ]] || die "'$1': expected --nodes N" 2
    [[ ${2:-} =~ ^[1-9][0-9]{0,3}$ ]] || die "--nodes: expected a whole number, got '${2:-}'" 2
    nodes=$2
    shift 2
  done
}

end() {
  trap '' HUP INT QUIT TERM
  [[ ! ${job:-} ]] || scancel "$job" 2>/dev/null || :
  rm -rf "$scratch" ${folder:+"$folder"}
}

main() {
  local job="" folder="" virtual="" least
  obey_signals
  read_options "$@"
  make_scratch check
  trap end EXIT
  check_slurm
  echo "$site, as seen from $(hostname):"
  # shellcheck source=slurm/site.sh
  source "$site" 2>"$scratch/errors" || die "$(head -n 1 "$scratch/errors")"
  check_partition
  check_cores
  check_launcher
  if ((wrong == 0)); then
    ranks=$((least > 1 ? 2 * nodes : nodes))
    folder=$(mktemp -d "$PWD/.scalelab-check.XXXXXX")
    write_job
    if submit_job; then
      wait_for_job
      judge_job
    fi
  fi
  ((wrong == 0)) || die "$wrong wrong"
  echo "All is well: sbatch slurm/strong.sbatch"
}

main "$@"
