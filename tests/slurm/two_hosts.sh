#!/usr/bin/env bash
# MPI between two hosts, on one machine: two network namespaces with names, /dev/shm and temporary
# folders of their own, a virtual cable between them, and Open MPI over TCP through it.
#   tests/slurm/two_hosts.sh KIT_BUILD FAULTY_BUILD [TEST]...     a TEST is one of the functions below
# Exit status 77 where this cannot be tried. All its processes live in a PID namespace of their own:
# when this script ends or is killed, they are all killed, and the namespaces are gone.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
self=$root/tests/slurm/two_hosts.sh
launch=$root/slurm/launch/launch.sh
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"

# ---- outside: into namespaces, as root if that may, or as root of a user namespace -------------

enter_first_host() {
  local command mpirun user=() spaces=(--net --uts --mount --pid --fork --mount-proc)
  for command in ip unshare nsenter hostname; do
    command -v "$command" >/dev/null || skip "$command is not installed (Debian: iproute2, util-linux, hostname)"
  done
  read -r mpirun < <(SCALELAB_BUILD=$1 "$launch" --pairing)
  [[ $("$mpirun" --version 2>&1) == *"Open MPI"* ]] || skip "the kit was not built with Open MPI, whose way to another host this test knows"
  if ((EUID != 0)) || ! unshare "${spaces[@]}" true 2>/dev/null; then
    user=(--user --map-root-user)
    unshare "${user[@]}" "${spaces[@]}" true || skip "this machine does not allow namespaces, see above"
  fi
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-two-hosts.XXXXXX")
  export scratch
  trap 'kill -KILL "$hosts" 2>/dev/null || :; rm -rf "$scratch"' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  setpriv --pdeathsig KILL unshare "${user[@]}" "${spaces[@]}" --kill-child "$self" inside "$@" &
  hosts=$!
  wait "$hosts"
}

# ---- inside: the two hosts ---------------------------------------------------------------------

# settle HOST ADDRESS LINK: gives a host what it has for itself
settle() {
  hostname "$1"
  mount -t tmpfs none /dev/shm
  mkdir "$scratch/$1"
  if [[ ! -e /etc/hosts ]]; then  # a root folder that is all too small
    cp -a /etc "$scratch/$1/etc" 2>/dev/null || :  # as an ordinary user, what that may read
    mount --bind "$scratch/$1/etc" /etc
    touch /etc/hosts
  fi
  mount --bind "$scratch/hosts" /etc/hosts
  ip link set lo up
  ip address add "$2/24" dev "$3"
  ip link set "$3" up
}

on_host2() { nsenter --target "$host2" --net --uts --mount -- "$@"; }

build_hosts() {
  printf '127.0.0.1 localhost\n10.99.0.1 host1\n10.99.0.2 host2\n' >"$scratch/hosts"
  unshare --net --uts --mount sleep infinity &
  host2=$!
  until [[ $(readlink "/proc/$host2/exe") == *sleep ]]; do sleep 0.05; done
  ip link add cable1 type veth peer name cable2 netns "$host2" ||
    skip "this machine has no virtual network cables (veth), see above"
  settle host1 10.99.0.1 cable1
  export -f settle
  on_host2 bash -euc 'settle host2 10.99.0.2 cable2'
}

# Open MPI logs in through an agent instead of ssh. Like ssh, it passes no environment on.
configure_open_mpi() {
  printf 'host1 slots=2\nhost2 slots=2\n' >"$scratch/hostfile"
  cat >"$scratch/agent" <<END
#!/bin/sh
shift
exec nsenter --target $host2 --net --uts --mount -- \
  env -i HOME="$HOME" PATH="$PATH" TMPDIR="$scratch/host2" HWLOC_COMPONENTS=-gl sh -c "\$*"
END
  chmod +x "$scratch/agent"
  export TMPDIR=$scratch/host1
  # Open MPI 4, then 5.
  export OMPI_MCA_orte_default_hostfile=$scratch/hostfile OMPI_MCA_plm_rsh_agent=$scratch/agent
  export OMPI_MCA_btl_tcp_if_include=10.99.0.0/24 OMPI_MCA_oob_tcp_if_include=10.99.0.0/24
  export PRTE_MCA_prte_default_hostfile=$scratch/hostfile PRTE_MCA_plm_ssh_agent=$scratch/agent
  export PRTE_MCA_prte_if_include=10.99.0.0/24
}

# ---- what the tests are made of ----------------------------------------------------------------

# What was said on standard error, but for warnings: a build with sanitizers has one.
said() { grep -v '^scalelab: warning: ' "$scratch/err" || :; }

# run DRIVER RANKS OPTION...: leaves $status, and what it printed in the files out and err
run() {
  status=0
  timeout -k 5 60 "$launch" "$1" -n "$2" -- "${@:3}" >"$scratch/out" 2>"$scratch/err" || status=$?
}

# field NAME: of the last repetition
field() { sed -n "s/.*\"$1\":\"\?\([^,\"}]*\).*/\1/p" "$scratch/out" | tail -n 1; }

# drivers_alive, or, with the number of a rank, that one
drivers() {
  local process
  for process in /proc/[0-9]*; do
    [[ $(readlink "$process/exe") == "$kit"/* ]] || continue
    [[ -z ${1:-} ]] || grep -qsz "^OMPI_COMM_WORLD_RANK=$1\$" "$process/environ" || continue
    echo "${process#/proc/}"
  done 2>/dev/null
}

# start OPTION...: 4 ranks in the background, until all of them are there
start() {
  mkfifo "$scratch/pipe"
  cat "$scratch/pipe" >"$scratch/err" &
  reader=$!
  "$launch" mpi -n 4 -- "$@" >"$scratch/out" 2>"$scratch/pipe" &
  launched=$!
  wait_until all_ranks_are_there
  sleep 0.5
}
all_ranks_are_there() { (($(drivers | wc -l) >= 4)); }

# finish: waits for what was started, and for who hears what it says; leaves $status and how long it took, $took
finish() {
  local begin=$EPOCHREALTIME
  (sleep 30 && kill -KILL "$launched") 2>/dev/null &
  local watch=$!
  wait "$launched" && status=0 || status=$?
  wait "$reader"
  rm "$scratch/pipe"
  took=$(awk "BEGIN { print $EPOCHREALTIME - $begin }")
  kill "$watch" 2>/dev/null || :
}

# But for 1 KiB in which Clang's OpenMP registers a process: on the other host, nobody of ours can remove it.
nothing_is_left() {
  sleep 0.5
  equal "$(drivers | wc -l) alive" "0 alive" &&
    equal "$(ls /dev/shm) $(on_host2 ls --ignore="__KMP_REGISTERED_LIB_*" /dev/shm)" " "
}

# ---- the tests ---------------------------------------------------------------------------------

digests() {
  local schedule options=(--kernel spin --tasks 5000 --task-units 20 --skew pareto --repetitions 2 --json)
  echo "The same bits as one worker:"
  run sequential 1 "${options[@]}"
  local expected
  expected=$(field digest)
  for schedule in static dynamic guided; do
    run mpi 4 "${options[@]}" --schedule "$schedule"
    check "2 hosts x 2 ranks, $schedule" equal "$status $(field digest)" "0 $expected"
  done
  run mpi 4 "${options[@]}" --schedule dynamic --threads-per-rank 2
  check "2 hosts x 2 ranks x 2 threads" equal "$status $(field digest)" "0 $expected"
}

data() {
  local options=(--kernel many-models --data "$root/kernels/data/diabetes.csv" --target progression
    --tasks 200 --repetitions 1 --json)
  echo "One copy of the data on each host:"
  run sequential 1 "${options[@]}"
  local expected
  expected=$(field digest)
  run mpi 4 "${options[@]}"
  check "the same bits" equal "$status $(field digest)" "0 $expected"
  check "4 ranks keep 2 copies" equal "$(field data_copies)" 2
}

# list_schedule SCHEDULE TASKS WORKERS: the share of max(total / workers, longest) in the time that
# it takes if whoever is free takes the next chunk at once. Pareto costs (exponent 1.5), ascending.
list_schedule() {
  awk -v guided="$([[ $1 == guided ]] && echo 1)" -v tasks="$2" -v workers="$3" '
    function share(x) { return 1 - (1 - x) ^ (1 / 3) }
    BEGIN {
      for (first = 0; first < tasks; first += chunk) {
        rest = tasks - first
        chunk = guided ? int((rest + 2 * workers - 1) / (2 * workers)) : 1
        for (free = w = 0; w < workers; ++w) if (busy[w] < busy[free]) free = w
        busy[free] += share((first + chunk) / tasks) - share(first / tasks)
        if (busy[free] > end) end = busy[free]
      }
      longest = 1 - share(1 - 1 / tasks)
      print (longest > 1 / workers ? longest : 1 / workers) / end
    }'
}

balance() {
  local schedule limit tasks=400 units=3000
  echo "Sleeping tasks, the longest last; the limit is what chunks in this order allow:"
  for schedule in dynamic guided; do
    limit=$(list_schedule "$schedule" "$tasks" 4)
    run mpi 4 --kernel sleep --tasks "$tasks" --task-units "$units" --skew pareto --skew-order ascending \
      --schedule "$schedule" --repetitions 8 --json
    check "$schedule: at least 0.9 of the limit $limit" \
      at_most "0.9 * $limit * $(fastest)" "$tasks * $units * 1e-6 / 4"
  done
}
fastest() { sed -n '/"warmup":false/s/.*"seconds":\([0-9.e-]*\).*/\1/p' "$scratch/out" | sort -g | sed -n 1p; }

killed_rank() {
  echo "A rank on the other host is killed:"
  start --kernel sleep --tasks 100 --task-time 30s --schedule dynamic
  kill -KILL "$(drivers 3)"
  finish
  check "exit status 1" equal "$status" 1
  check "within 10 s" at_most "$took" 10
  # Open MPI 5 tells less if the others, who lose their connection to it, end before it has the news.
  if [[ $version == *" 5."* && $(said) =~ ^"scalelab: "("rank 3 was killed by a signal"|"a rank has ended, and others lost their connection to it")$ ]]; then
    echo "  ok      one line says what is known"
  else
    check "one line says which rank, and where" equal "$(said)" \
      "scalelab: rank 3 on host2 was killed by signal 9 (Killed)"
  fi
  check "nothing is left" nothing_is_left
}

failing_task() {
  echo "A task fails on the other host:"
  SCALELAB_BUILD=$faulty run mpi 4 --kernel faulty --tasks 100 --fail-at 99
  check "exit status 1" equal "$status" 1
  check "one line says which task" equal "$(said)" "scalelab: task 99 failed: the disk is on fire"
  check "nothing is left" nothing_is_left
}

terminated() {
  echo "The launcher gets SIGTERM:"
  start --kernel sleep --tasks 100 --task-time 30s
  kill -TERM "$launched"
  finish
  check "exit status 143" equal "$status" 143
  check "within 10 s" at_most "$took" 10  # the grace of the kit, and of mpirun
  check "nothing is left" nothing_is_left
}

journal() {
  local options=(--kernel sleep --tasks 400 --task-units 8000 --repetitions 1 --warmup 0 --json)
  echo "A journal in a folder that both hosts see:"
  run sequential 1 "${options[@]}"
  local expected
  expected=$(field digest)
  start "${options[@]}" --journal "$scratch/journal"
  wait_until other_host_has_written
  kill -TERM "$launched"
  finish
  check "stopped" equal "$status" 143
  run mpi 4 "${options[@]}" --journal "$scratch/journal" --resume --schedule dynamic
  check "resumed: the same bits" equal "$status $(field digest)" "0 $expected"
  check "some tasks were there already" at_most 1 "$(field resumed_tasks)"
}
other_host_has_written() { [[ $(find "$scratch/journal" -name 'worker-3.*' -size +1 2>/dev/null) ]]; }

inside() {
  kit=$1 faulty=$2
  export SCALELAB_BUILD=$kit
  build_hosts
  configure_open_mpi
  local tests=("${@:3}") test mpirun
  read -r mpirun < <("$launch" --pairing)
  version=$("$mpirun" --version | sed -n 1p)
  ((${#tests[@]} > 0)) || tests=(digests data balance killed_rank failing_task terminated journal)
  for test in "${tests[@]}"; do "$test"; done
  end_of_checks
}

if [[ ${1:-} == inside ]]; then
  inside "${@:2}"
else
  enter_first_host "$@"
fi
