#!/usr/bin/env bash
# Starts one of the four drivers with a number of workers. The one place that knows launchers:
# `./lab run`, the tests and the sweeps all come through here.
#
#   slurm/launch.sh DRIVER [-n WORKERS] -- OPTION...
#
# DRIVER is sequential, openmp, processes, mpi or one of your own. Exit status: that of the driver; 130 or 143 after
# SIGINT or SIGTERM. SCALELAB_BUILD names another build folder than build/release.
set -euo pipefail

die() {
  echo "lab run: $1" >&2
  exit 2
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
build=${SCALELAB_BUILD:-$root/build/release}

# Open MPI refuses root, and more ranks than cores, unless told otherwise, and it binds ranks by
# rules that change with their number; the kit binds by itself (--bind). Version 5 spells some of it
# differently. Other MPIs ignore these variables.
allow_any_ranks() {
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
  export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
  export PRTE_MCA_hwloc_default_binding_policy=none
  # Looking at the machine's topology, hwloc tries ten X displays by name; where no name server
  # answers for localhost, that alone takes 5 s and more.
  export HWLOC_COMPONENTS=${HWLOC_COMPONENTS:--gl}
}

# mpirun's own exit status and its banners say little; rank 0 leaves the real status in a file.
run_mpi() {
  local workers=$1 launcher signal="" status=0
  shift
  command -v mpirun >/dev/null || die "mpirun was not found: ./lab setup installs it"
  allow_any_ranks
  SCALELAB_STATUS_FILE=$(mktemp "${TMPDIR:-/tmp}/scalelab-status.XXXXXX")
  export SCALELAB_STATUS_FILE
  # shellcheck disable=SC2064  # the name as it is now
  trap "rm -f '$SCALELAB_STATUS_FILE'" EXIT

  # In a process group of its own: a Ctrl-C reaches it through the traps below, once. Two signals
  # would make mpirun leave in a hurry, before its ranks.
  set -m
  mpirun -n "$workers" "$build/drivers/mpi" "$@" </dev/null &
  launcher=$!
  trap 'signal=130; kill -TERM "$launcher" 2>/dev/null' INT
  trap 'signal=143; kill -TERM "$launcher" 2>/dev/null' TERM
  while :; do
    wait "$launcher" && status=0 || status=$?
    # A signal ends `wait` early, before the launcher has ended.
    kill -0 "$launcher" 2>/dev/null || break
  done

  [[ -n $signal ]] && exit "$signal"
  if [[ -s $SCALELAB_STATUS_FILE ]]; then
    status=$(<"$SCALELAB_STATUS_FILE")
  elif ((status == 0)); then
    status=1  # ended without saying how
  fi
  exit "$status"
}

# ": mpi openmp ...", or nothing if none has been built
drivers() {
  local program names=""
  for program in "$build"/drivers/*; do
    [[ -f $program && -x $program ]] && names+=" ${program##*/}"
  done
  echo "${names:+:$names}"
}

main() {
  local driver=${1:-} workers=""
  (($# > 0)) && shift
  while (($# > 0)); do
    case $1 in
      -n)
        (($# > 1)) || die "-n: expected a number of workers behind it"
        workers=$2
        shift 2
        ;;
      --)
        shift
        break
        ;;
      *) die "'$1': expected -n WORKERS, or -- before the options of the driver" ;;
    esac
  done
  if [[ -n $workers && ! $workers =~ ^[1-9][0-9]*$ ]]; then
    die "-n: expected a whole number of at least 1, got '$workers'"
  fi
  if [[ ! $driver =~ ^[a-z0-9-]+$ || ! -x $build/drivers/$driver ]]; then
    die "'$driver': expected one of the drivers in $build/drivers$(drivers); ./lab build builds them"
  fi
  if [[ $driver == mpi ]]; then
    run_mpi "${workers:-$(nproc)}" "$@"
  else
    exec "$build/drivers/$driver" ${workers:+--workers "$workers"} "$@"
  fi
}

main "$@"
