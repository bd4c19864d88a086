#!/usr/bin/env bash
# Starts one of the four drivers with a number of workers. The one place that knows launchers:
# `./lab run`, the tests and the sweeps all come through here.
#
#   slurm/launch/launch.sh DRIVER [-n WORKERS] [-N NODES] [--restarts N] -- OPTION...
#   slurm/launch/launch.sh --cores [node]      how many cores there are for ranks, or on this node
#   slurm/launch/launch.sh --pairing           the mpirun, and the --mpi of srun, that the driver mpi needs
#
# DRIVER is sequential, openmp, processes, mpi or one of your own. Ranks are started by mpirun, and in a Slurm job by
# srun, on as few of its nodes as have cores for them, or on NODES of them. Exit status: that of the driver; 130 or 143
# after SIGINT or SIGTERM. SCALELAB_BUILD names another build folder than build/release, SCALELAB_LAUNCHER (srun,
# mpirun) the launcher in a job, SCALELAB_MPIRUN another mpirun than that of the MPI the driver was built with,
# SCALELAB_CORES_PER_NODE how many of a node's CPUs are used: see slurm/site.sh.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../setup/environment.sh"
set -euo pipefail

# shellcheck source=slurm/setup/programs.sh
source "$root/slurm/setup/programs.sh"
# shellcheck source=slurm/setup/scratch.sh
source "$root/slurm/setup/scratch.sh"
# shellcheck source=slurm/launch/ending.sh
source "$root/slurm/launch/ending.sh"
# shellcheck source=slurm/launch/banners.sh
source "$root/slurm/launch/banners.sh"
# shellcheck source=slurm/launch/leftovers.sh
source "$root/slurm/launch/leftovers.sh"
# shellcheck source=slurm/launch/allocation.sh
source "$root/slurm/launch/allocation.sh"
# shellcheck source=slurm/launch/job.sh
source "$root/slurm/launch/job.sh"
# shellcheck source=slurm/launch/pairing.sh
source "$root/slurm/launch/pairing.sh"
# shellcheck source=slurm/launch/restarts.sh
source "$root/slurm/launch/restarts.sh"
# shellcheck source=slurm/launch/this_machine.sh
source "$root/slurm/launch/this_machine.sh"

die() {
  echo "lab run: $(shown "$1")" >&2 || :
  exit "${2:-2}"
}

# Open MPI refuses root, and more ranks than cores, unless told otherwise, and it binds ranks by
# rules that change with their number; the kit binds by itself (--bind). Version 5 spells some of it
# differently. MPICH does none of this, and ignores these variables.
allow_any_ranks() {
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
  export PRTE_MCA_rmaps_default_mapping_policy=slot:oversubscribe
  export PRTE_MCA_hwloc_default_binding_policy=none
  # Version 5 asks the kernel which network leads from a host to itself, finds none and says so, once for each
  # pair of ranks; compare addresses instead.
  export OMPI_MCA_reachable=${OMPI_MCA_reachable:-weighted}
  # It does not start without a home.
  export HOME=${HOME:-/}
  # It does not always say which rank was killed: its log does, in two lines.
  export PRTE_MCA_errmgr_base_verbose=${PRTE_MCA_errmgr_base_verbose:-5}
  # Looking at the machine's topology, hwloc tries ten X displays by name; where no name server
  # answers for localhost, that alone takes 5 s and more.
  export HWLOC_COMPONENTS=${HWLOC_COMPONENTS:--gl}
  # MPICH's UCX would print backtraces, and hide by which signal a rank was killed.
  export UCX_HANDLE_ERRORS=${UCX_HANDLE_ERRORS:-none}
}

# warn TEXT: the driver says it as one of its own warnings, which the record has, too
warn() {
  SCALELAB_WARNINGS+=${SCALELAB_WARNINGS:+$'\n'}$1
  export SCALELAB_WARNINGS
}

# The word behind the option $1 in the rest, or nothing.
value_of() {
  local option=$1
  shift
  while (($# > 0)); do
    case $1 in
      "$option") echo "${2:-}" ;;
      "$option"=*) echo "${1#*=}" ;;
    esac
    shift
  done
}

# cores [node]: of this machine, or of all nodes of the Slurm job
cores() {
  local here hosts=() cores=() doubt core sum=0
  here=${SCALELAB_CORES_PER_NODE:-$(cores_of_counts "$(cpus)")}
  [[ ${1:-} == node ]] || read_allocation
  for core in "${cores[@]}"; do sum=$((sum + core)); done
  echo "$((${#cores[@]} > 0 ? sum : here))"
}

# start_ranks_with WORKERS NODES OPTION...: sets `starting`, the command that starts ranks, up to the program, and
# `hostfile`, for srun a line for each rank, if they go to nodes that are not alike.
start_ranks_with() {
  local ranks=$1 nodes=$2 hosts cores doubt
  shift 2
  starting=("$mpirun" -n "$ranks") hostfile=()
  read_allocation
  if ((${#hosts[@]} > 0)); then
    start_in_job "$@"
    return
  fi
  [[ ! $doubt ]] || warn "$doubt"
  [[ ! $nodes || ${SLURM_JOB_ID:-} && $nodes == 1 ]] || die "-N: ${doubt:-outside a Slurm job there is this machine only}"
  [[ ! ${SLURM_JOB_ID:-}${SLURM_JOBID:-} ]] || forget_job
}

# How much Open MPI keeps in temporary files, in MiB: without it, its ranks die. It is asked for its name only where
# there is less.
session_size() {
  [[ ${starting[0]} != srun ]] && ((10#0$(mebibytes_in "${TMPDIR:-/tmp}") < 16)) || return 0
  [[ $("${starting[0]}" --version 2>/dev/null) != *"Open MPI"* ]] || echo 16
}

# mpirun's exit status and its banners say little to a student. Rank 0 leaves the real status in a
# file; where it could not, the banners are read for what happened.
run_mpi() {
  local workers=$1 nodes=$2 launcher="" sorter signal="" last_resort="" status=0 lost trouble watcher="" starting hostfile said name=srun mpirun mpi srun_mpi frames="" output_lost=""
  shift 2
  read_pairing "$build"
  start_ranks_with "$workers" "$nodes" "$@"
  [[ ${starting[0]} == srun ]] || name=mpirun
  command -v "${starting[0]}" >/dev/null ||
    die "${starting[0]} was not found, which starts programs of the MPI that $build is built with: load that MPI's module, SCALELAB_MPIRUN=PATH names another, or build anew"
  allow_any_ranks
  allow_any_name
  if [[ $name == mpirun ]]; then
    trouble=$(trouble_here)
    [[ ! $trouble ]] || die "$trouble" 1
    [[ $mpi != "Open MPI" || ${SLURM_JOB_ID:-} ]] || raise_open_files "$workers"
  fi
  stay_on_this_machine "$workers"
  make_scratch run "$(session_size)"
  export SCALELAB_STATUS_FILE=$scratch/status
  if [[ $name == srun && ${hostfile[*]} ]]; then
    printf '%s\n' "${hostfile[@]}" >"$scratch/hosts"
    export SLURM_HOSTFILE=$scratch/hosts
  fi
  touch "$scratch/begin" "$SCALELAB_STATUS_FILE.ranks"
  remove_segments
  # A signal that comes when this ends comes too late.
  trap 'trap "" USR1; remove_scratch; [[ -z ${last_resort:-} ]] || kill -- "-$last_resort" 2>/dev/null || :' EXIT
  # In a process group of its own: a Ctrl-C reaches it through the traps above, once. Two signals
  # would make mpirun leave in a hurry, before its ranks. It must not read from the terminal then.
  [[ -t 0 ]] && exec </dev/null
  [[ -t 2 ]] && SCALELAB_TERMINAL=$(tty <&2) && export SCALELAB_TERMINAL
  exec {errors}> >(sort_out_banners "$scratch")
  sorter=$!
  # Launchers say nothing if what they pass on cannot be written.
  if [[ $mpi == MPICH && $name == mpirun ]]; then
    exec {output}> >(sort_out_frames "$scratch" {errors}>&- 2>"$scratch/output.error" | pass_on 2>"$scratch/output.error" {errors}>&-)
  else
    exec {output}> >(pass_on 2>"$scratch/output.error" {errors}>&-)
  fi
  frames=$!
  # From now on a signal is for the ranks.
  trap 'stop 129' HUP
  trap 'stop 130' INT
  trap 'stop 131' QUIT
  trap 'stop 143' TERM USR1
  set -m
  # Where a signal ends mpirun, bash would say so on this script's standard error.
  exec {said}>&2
  export SCALELAB_STREAMS="/proc/$$/fd/1 /proc/$$/fd/$said"
  {
    # If this script is killed, mpirun is killed too, and then its ranks are.
    tied "${starting[@]}" "$build/drivers/mpi" "$@" >&"$output" 2>&"$errors" {said}>&- {output}>&- {standard_error}>&- &
    launcher=$!
    exec {errors}>&- {output}>&-
    if [[ $name == mpirun && $mpi == "Open MPI" ]]; then
      mkfifo "$scratch/pause"
      bury_hung_launcher 2>&"$said" &
      watcher=$!
      disown "$watcher"  # its end is no news
    fi
    set +m
    [[ -z $signal ]] || stop "$signal"  # it came before there was a launcher to tell
    wait_for "$launcher" || status=$?
    jobs >/dev/null || :  # what bash has to say of its end
  } 2>/dev/null
  touch "$scratch/launcher_ended"
  exec {said}>&-
  [[ -z $watcher ]] || kill -- "-$watcher" 2>/dev/null || :
  { wait_for "$sorter" || :; wait_for "$frames" || output_lost=$?; } 2>/dev/null
  tell_end
}

# no_driver NAME: ends, and says which there are
no_driver() {
  local names remedy="$lab build makes them"
  names=$(driver_names)
  [[ ! $names ]] || die "'$1': expected one of the drivers in $build/drivers: $names"
  [[ ! ${SCALELAB_BUILD:-} ]] || remedy="set SCALELAB_BUILD to a folder that has them"
  die "'$1': there are no drivers in $build/drivers: $remedy"
}

main() {
  local driver=${1:-} workers="" nodes="" restarts="" named=--restarts
  obey_signals  # without which bash forgets a SIGINT that comes while it waits for a child
  trap 'end_by USR1 143' USR1
  unset SCALELAB_WARNINGS
  if [[ $driver == --pairing ]]; then
    local mpirun mpi srun_mpi
    read_pairing "$build"
    printf '%s\n' "$mpirun" "$srun_mpi"
    exit
  fi
  if [[ $driver == --cores ]]; then
    cores "${2:-}"
    exit
  fi
  (($# > 0)) && shift
  while (($# > 0)); do
    case $1 in
      -n)
        (($# > 1)) || die "-n: expected a number of workers behind it"
        workers=$2
        shift 2
        ;;
      -N)
        (($# > 1)) || die "-N: expected a number of nodes behind it"
        nodes=$2
        shift 2
        ;;
      --restarts)
        (($# > 1)) || die "--restarts: expected a number behind it"
        restarts=$2
        shift 2
        ;;
      -h | --help)  # of the driver, where others look for it
        set -- --help
        workers=1
        break
        ;;
      --)
        shift
        break
        ;;
      *) die "'$1': expected -n WORKERS, -N NODES, --restarts N, or -- before the options of the driver" ;;
    esac
  done
  if [[ -n $workers && ! ($workers =~ ^[1-9][0-9]{0,4}$ && $workers -le $most_workers) ]]; then
    die "-n: expected a whole number from 1 to $most_workers, got '$workers'"
  fi
  if [[ -n $nodes && ! ($driver == mpi && $nodes =~ ^[1-9][0-9]{0,5}$) ]]; then
    die "-N: expected a whole number of nodes, for mpi only, got '$nodes'"
  fi
  [[ ! $restarts || $driver == mpi ]] || die "--restarts: expected with mpi only, got $driver"
  [[ $restarts || $driver != mpi ]] || restarts=${SCALELAB_RESTARTS:-} named=SCALELAB_RESTARTS
  [[ $restarts =~ ^(0|[1-9][0-9]{0,5})?$ ]] || die "$named: expected a whole number, got '$restarts'"
  if [[ ! $driver =~ ^[a-z0-9-]+$ || ! -x $build/drivers/$driver ]]; then
    no_driver "$driver"
  fi
  if [[ $driver == mpi && ${restarts:-0} != 0 ]]; then
    run_mpi_again "$restarts" "${workers:-$(cores)}" "$nodes" "$@"
  elif [[ $driver == mpi ]]; then
    run_mpi "${workers:-$(cores)}" "$nodes" "$@"
  else
    [[ ! $workers || ! $(value_of --workers "$@") ]] || die "-n $workers and --workers $(value_of --workers "$@"): expected one of them"
    become "$build/drivers/$driver" ${workers:+--workers "$workers"} "$@"
  fi
}

main "$@"
