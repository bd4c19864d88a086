#!/usr/bin/env bash
# Machines on which mpirun hangs, crashes or says what nobody understands: ranks start nevertheless, or there is one line
# with the cause and what helps, and ./lab doctor has it, too.
#   tests/lab/this_machine.sh KIT_BUILD FORBID_COPIES [TEST]...     FORBID_COPIES is a program, of forbid_copies.cpp; a TEST is one of the functions below
# What needs namespaces is skipped, and says so, where they are refused.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
SCALELAB_BUILD=$(cd -- "$1" && pwd)
forbid_copies=$2
shift 2
scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-test-machine.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
# In a namespace an ordinary user is root, whose folder for Open MPI's files in /tmp may be another's.
export SCALELAB_BUILD TMPDIR=$scratch
lab=$root/lab
work=(--kernel spin --tasks 40 --task-units 1000 --repetitions 1 --warmup 0 --quiet)
mapfile -t pairing <"$SCALELAB_BUILD/drivers/mpi.launcher"
mpi=${pairing[1]}
mpi_version=$("$("$root/slurm/launch/launch.sh" --pairing | sed -n 1p)" --version 2>&1)

# run COMMAND...: leaves `status`, and what it said in `said`
run() { said=$(timeout -k 5 60 "$@" 2>&1 </dev/null) && status=0 || status=$?; }
# Exit status and one line
ends_with() { equal "$status $(wc -l <<<"$said")" "$1 1" && contains "$said" "$2"; }

namespace=()
for kind in "unshare" "unshare --user --map-root-user"; do
  read -r -a words <<<"$kind"
  ! "${words[@]}" --uts --net true 2>/dev/null || { namespace=("${words[@]}") && break; }
done
need_namespace() {
  ((${#namespace[@]})) || { echo "  -       not tried: namespaces are refused here" && return 1; }
}

# called NAME COMMAND...: where the machine bears that name
called() {
  # shellcheck disable=SC2016
  run "${namespace[@]}" --uts bash -c 'printf %s "$1" >/proc/sys/kernel/hostname && shift && exec "$@"' - "$@"
}

host_names() {
  local name long
  echo "Names of machines:"
  need_namespace || return 0
  for name in my_host büro "it's,b\"c$" my-host.some_where; do
    called "$name" "$lab" run mpi -n 2 -- "${work[@]}"
    check "'$name' will do" equal "$status $said" "0 "
  done
  printf -v long 'a%.0s' {1..57}
  called "${long:1}.b" "$lab" run mpi -n 2 -- "${work[@]}"
  check "so do 56 letters" equal "$status $said" "0 "
  called 'my host' "$lab" run mpi -n 2 -- "${work[@]}"
  if [[ $mpi == MPICH ]]; then
    check "MPICH takes no blanks" ends_with 1 "this machine is called 'my host'"
    return
  fi
  check "and a blank" equal "$status $said" "0 "
  called $'a/b\e[2J' "$lab" run mpi -n 2 -- "${work[@]}"
  check "no slash" ends_with 1 "this machine is called 'a/b\\x1b[2J'"
  called 'node[1-3]' "$lab" run mpi -n 2 -- "${work[@]}"
  check "no list" ends_with 1 "this machine is called 'node[1-3]'"
  [[ $mpi_version == *" 4."* ]] || return 0
  called "$long" "$lab" run mpi -n 2 -- "${work[@]}"
  check "nor 57 letters" ends_with 1 "this machine's name has 57 letters"
  called "$long" "$lab" doctor
  check "the doctor" contains "$status $(tr -s ' \n' ' ' <<<"$said")" "WRONG MPI this machine's name has 57 letters, and Open MPI 4 crashes above 56 another name helps: hostname NAME"
}

networks() {
  echo "Networks:"
  need_namespace || return 0
  run "${namespace[@]}" --net "$lab" run mpi -n 2 -- "${work[@]}"
  if [[ $mpi == MPICH ]]; then
    check "none is needed" equal "$status $said" "0 "
  else
    check "none is up" ends_with 1 "no network is up, not even the machine's own, which Open MPI needs: ip link set lo up, as root"
  fi
}

open_files() {
  echo "Open files:"
  run bash -c 'ulimit -S -n 60; exec "$@"' - "$lab" run mpi -n 16 -- "${work[@]}"
  check "the soft limit is raised" equal "$status $said" "0 "
  # Root might raise it.
  run setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource bash -c 'ulimit -n 100; exec "$@"' - "$lab" run mpi -n 56 -- "${work[@]}"
  check "the hard limit is named" ends_with 1 "-n: 56 ranks need 312 open files, and 100 are allowed: ulimit -n 312, as root, or at most 13 ranks"
  run bash -c 'ulimit -n 97; exec "$@"' - "$lab" run mpi -n 13 -- "${work[@]}"
  check "as many as it says do start" equal "$status $said" "0 "
}

too_many() {
  local number
  echo "Too many ranks:"
  for number in 10001 1000001 99999999999999999999; do
    run "$lab" run mpi -n "$number" -- "${work[@]}"
    check "$number" ends_with 2 "-n: expected a whole number from 1 to 10000, got '$number'"
  done
}

# All listening sockets are of mpirun, none of ranks.
listening() {
  local launched
  echo "Who listens:"
  command -v ss >/dev/null || { echo "  -       not tried: there is no ss (Debian: iproute2)" && return; }
  "$lab" run mpi -n 2 -- --kernel sleep --tasks 2 --task-time 5s --repetitions 1 --warmup 0 --quiet --record "$scratch/r.jsonl" 2>/dev/null &
  launched=$!
  wait_until test -s "$scratch/r.jsonl"
  check "no rank does" equal "$(ss -tlnp | grep -F -f <(pgrep -x mpi -P "$(pgrep -P "$launched" -x 'mpirun.*' | paste -s -d ,)" | sed 's/.*/pid=&,/') || :)" ""
  check "though there are ranks" equal "$(pgrep -x mpi -P "$(pgrep -P "$launched" -x 'mpirun.*' | paste -s -d ,)" | wc -l)" 2
  kill "$launched"
  wait "$launched" 2>/dev/null || :
}

# Where ranks share no memory, they send one another what they need, and would copy it. A bare mpirun hides nothing.
copies() {
  local mpirun
  echo "Copies out of another rank's memory are forbidden:"
  need_namespace || return 0
  mpirun=$("$root/slurm/launch/launch.sh" --pairing | sed -n 1p)
  # shellcheck disable=SC2016
  run "${namespace[@]}" --mount bash -c 'mount -t tmpfs -o size=13m x /dev/shm && exec "$@"' - \
    "$forbid_copies" env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
    "$mpirun" -n 2 "$SCALELAB_BUILD/drivers/mpi" --kernel many-models --rows 100000 --features 20 --tasks 20 --quiet \
    --repetitions 1 --warmup 0
  check "all is sent" equal "$status $(grep -c "every rank keeps a copy of the data" <<<"$said") $(grep -c "Read -1" <<<"$said")" "0 1 0"
}

# A stopped mpirun buries no rank, which is no hang.
stopped() {
  local launched mpirun
  [[ $mpi != MPICH ]] || return 0
  echo "mpirun is stopped, and goes on:"
  "$lab" run mpi -n 2 -- --kernel sleep --tasks 2 --task-time 20s --repetitions 1 --warmup 0 --timeout 2 --record "$scratch/s.jsonl" \
    >"$scratch/out" 2>&1 &
  launched=$!
  wait_until test -s "$scratch/s.jsonl"
  mpirun=$(pgrep -P "$launched" -x 'mpirun.*')
  kill -STOP "$mpirun"
  patience=15 wait_until grep -q "mpirun is stopped, and passes nothing on: kill -CONT $mpirun" "$scratch/out"
  sleep 5
  kill -CONT "$mpirun"
  status=0
  wait "$launched" || status=$?
  check "it ends by --timeout" equal "$status $(grep -c 'is stopped' "$scratch/out") $(grep -c -- '--timeout' "$scratch/out") $(grep -c 'hung\|Killed' "$scratch/out")" "1 1 1 0"
}

sessions() {
  local host=ompi.${HOSTNAME%%.*}.$EUID
  echo "A link in the place of MPI's folder:"
  mkdir -p "$scratch/tmp" "$scratch/mine/jf.0/empty" "$scratch/mine/pid.7"
  ln -s "$scratch/mine" "$scratch/tmp/$host"
  find "$scratch/mine" -exec touch -d "2 minutes ago" '{}' ';'
  TMPDIR=$scratch/tmp bash -euc 'source "$1"; remove_session 7' - "$root/slurm/launch/leftovers.sh"
  check "nothing of what it leads to goes" equal "$(cd "$scratch/mine" && echo */ jf.0/*)" "jf.0/ pid.7/ jf.0/empty"
  rm "$scratch/tmp/$host"
  mv "$scratch/mine" "$scratch/tmp/$host"
  TMPDIR=$scratch/tmp bash -euc 'source "$1"; remove_session 7' - "$root/slurm/launch/leftovers.sh"
  check "but MPI's own does" equal "$(ls "$scratch/tmp")" ""
}

((${#} > 0)) || set -- host_names networks open_files too_many listening copies sessions stopped
for test; do "$test"; done
end_of_checks
