#!/usr/bin/env bash
# The launcher belongs to the MPI that the driver was built with, whatever mpirun comes first in PATH.
#   tests/slurm/pairing.sh BUILD-FOLDER FAULTY-FOLDER
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
export SCALELAB_BUILD=$1
launch=$root/slurm/launch/launch.sh
scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-pairing.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
# shellcheck source=slurm/launch/banners.sh
source "$root/slurm/launch/banners.sh"
unset SCALELAB_MPIRUN SCALELAB_SRUN_MPI
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
work=(--kernel spin --tasks 4 --task-units 10)

# "Open MPI" or "MPICH", of what a library or a launcher says of itself
kind() {
  case $1 in
    *"Open MPI"* | *OpenRTE* | *PRRTE*) echo "Open MPI" ;;
    *MPICH* | *HYDRA*) echo MPICH ;;
    *) echo "neither: $1" ;;
  esac
}

# Within an allocation Slurm announces ranks to all that is started.
library() { env -u SLURM_NTASKS -u SLURM_STEP_NUM_TASKS "$SCALELAB_BUILD/drivers/mpi" "${work[@]}" --json --dry-run | sed -n 's/.*"mpi":"\([^"]*\)".*/\1/p'; }

paired() {
  echo "The launcher of the driver's own MPI:"
  local own
  read -r own < <("$launch" --pairing)
  check "it is of the same MPI" equal "$(kind "$("$own" --version 2>&1)")" "$(kind "$(library)")"
  mkdir "$scratch/first"
  printf '#!/bin/sh\necho another >&2\nexit 9\n' >"$scratch/first/mpirun"
  chmod +x "$scratch/first/mpirun"
  cp "$scratch/first/mpirun" "$scratch/first/mpiexec"
  PATH=$scratch/first:$PATH "$launch" mpi -n 2 -- "${work[@]}" --json >"$scratch/out" 2>"$scratch/err" || :
  check "another in PATH is not taken" contains "$(<"$scratch/out")" '"kind":"end"'
  check "both ranks are there" contains "$(<"$scratch/out")" '"workers":2'
  SCALELAB_MPIRUN=/nowhere/mpirun "$launch" mpi -n 2 -- "${work[@]}" >"$scratch/out" 2>"$scratch/err" && status=0 || status=$?
  check "one that is gone: exit status 2" equal "$status" 2
  check "one line says which" contains "$(<"$scratch/err")" "/nowhere/mpirun was not found"
  check "and no more" equal "$(wc -l <"$scratch/err")" 1
}

# With a launcher of the other MPI, each rank is alone: the driver says so, once.
mismatched() {
  local other said
  echo "The launcher of another MPI:"
  for other in mpirun.openmpi mpirun.mpich; do
    command -v $other >/dev/null || continue
    [[ $(kind "$($other --version 2>&1)") != "$(kind "$(library)")" ]] || continue
    timeout 60 "$other" -n 2 "$SCALELAB_BUILD/drivers/mpi" "${work[@]}" >"$scratch/out" 2>"$scratch/err" && status=0 || status=$?
    said=$(grep '^scalelab: ' "$scratch/err" || :)
    check "$other: it fails" test "$status" != 0
    check "$other: it is named" contains "$said" "$(kind "$($other --version 2>&1)")'s mpirun ("
    check "$other: the driver's MPI is named" contains "$said" "built with ($(library))"
    check "$other: once" equal "$(wc -l <<<"$said")" 1
    check "$other: no results" equal "$(grep -c '"kind"' "$scratch/out" || :)" 0
  done
}

# Told the MPI only by its compiler, CMake finds the launcher.
found_by_cmake() {
  local wrapper found
  local -A names=([mpicxx.openmpi]="Open MPI" [mpicxx.mpich]=MPICH)
  echo "CMake, which is told -DMPI_CXX_COMPILER:"
  for wrapper in mpicxx.openmpi mpicxx.mpich; do
    command -v $wrapper >/dev/null || continue
    cmake -S "$root" -B "$scratch/$wrapper" -DSCALELAB_TESTS=OFF -DMPI_CXX_COMPILER=$wrapper >"$scratch/err" 2>&1 || :
    found=$(head -n 1 "$scratch/$wrapper/drivers/mpi.launcher" 2>/dev/null || :)
    check "$wrapper: $found" equal "$(kind "$("${found:-false}" --version 2>&1)")" "${names[$wrapper]}"
  done
}

# Whoever watches a long run sees each line when it is written.
line_by_line() {
  local sorter
  echo "What ranks say is passed on at once:"
  for sorter in sort_out_banners sort_out_frames; do
    exec {lines}< <({ echo first && sleep 3 && echo last; } | { "$sorter" "$scratch"; } 2>&1)
    check "$sorter" read -r -t 2 -u "$lines" _
    exec {lines}<&-
  done
}

# As Open MPI 5 frames the loss of a rank, with an empty line before.
banners() {
  # Version 5 also puts zero bytes before what ranks say.
  local text=$'said\n\\0more\n\\0\n\n--------------------------------------------------\nprterun noticed\n\n--------------------------------------------------\n[n1:1] log\n[n1][[42,1],0][../btl_tcp.c:559:recv] recv(18) failed\nend\n'
  echo "What launchers say:"
  check "is taken out, with the empty lines around it" equal "$(printf %b "$text" | sort_out_banners "$scratch" 2>&1)" $'said\nmore\nend'
  echo "What they say of a lost node:"
  printf '%s\n' "srun: error: Node failure on n2" "srun: error: n1: tasks 0-1: Killed" >"$scratch/banners"
  check "srun, of those that it ends for that, too" equal "$(lost_rank 137)" "node n2 was lost"
  printf '%s\n' "ORTE has lost communication with a remote daemon." "" "  HNP daemon   : [[42,0],0] on node n1" \
    "  Remote daemon: [[42,0],1] on node n2" "This is usually due to either a failure of the TCP network" >"$scratch/banners"
  check "Open MPI" equal "$(lost_rank 205)" "node n2 was lost"
  echo "What they say of a lost rank of Open MPI 5:"
  local SCALELAB_STATUS_FILE=$scratch/status
  echo "An MPI communication peer process has unexpectedly disconnected.  This" >"$scratch/banners"
  check "others tell" equal "$(lost_rank 14)" "a rank has ended, and others lost their connection to it"
  echo "[n1:7] [prterun-n1-7@0,0] errmgr:dvm: proc [prterun-n1-7@1,3] aborted by signal" >>"$scratch/banners"
  printf '70 0 n1\n73 3 n2.cluster\n' >"$SCALELAB_STATUS_FILE.ranks"
  check "its log, and the rank itself" equal "$(lost_rank 139)" "rank 3 on n2 was killed by signal 11 (Segmentation fault)"
  rm "$SCALELAB_STATUS_FILE.ranks"
  check "its log" equal "$(lost_rank 14)" "rank 3 was killed by a signal"
}

paired
banners
mismatched
line_by_line
found_by_cmake
end_of_checks
