#!/usr/bin/env bash
# The mini cluster: does it behave as a real one, and does it leave nothing behind?
#   tests/slurm/cluster.sh KIT_BUILD FAULTY_BUILD [TEST]...   a TEST is one of the functions below; all but
#                                                  node_off, which is slow, if none is named
# Exit status 77 where this cannot be tried. It works in a home of its own, so it does not see a
# cluster that the user has up.
# shellcheck disable=SC2016  # what stands in single quotes is for the cluster's shells
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cluster=$root/slurm/cluster/cluster.sh
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
kit=$1
mapfile -t pairing < <(SCALELAB_BUILD=$kit "$root/slurm/launch/launch.sh" --pairing)  # its mpirun, and the --mpi of srun
shift 2

# ---- what the tests are made of ----------------------------------------------------------------

# run COMMAND...: leaves $status and how long it $took, and what it printed in the files out and err
run() {
  local begin=$EPOCHREALTIME
  status=0
  timeout -k 5 120 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
  took=$(awk "BEGIN { print $EPOCHREALTIME - $begin }")
}

# on_login COMMAND...: in the cluster that is up
on_login() { run "$cluster" run -- "$@"; }
out() { tr '\n' ' ' <"$scratch/out"; }

# Whatever runs in a cluster of this test has this in its environment.
export SCALELAB_TEST_OF_CLUSTER=$$
processes() {
  local process
  for process in /proc/[0-9]*; do
    [[ ${process#/proc/} != "$$" ]] || continue
    grep -qsz "^SCALELAB_TEST_OF_CLUSTER=$$\$" "$process/environ" || continue
    [[ $(tr '\0' ' ' <"$process/cmdline") =~ (slurm|munged|unshare|nsenter|sleep) ]] || continue
    echo "${process#/proc/}"
  done 2>/dev/null
}
no_processes() { [[ ! $(processes) ]]; }

# What a machine has that a cluster could leave: mounts, network links, files.
belongings() {
  # Others may mount things meanwhile: only what is like its own, or where it mounts something.
  awk '$1 == "scalelab" || $2 ~ "^/(etc|var/spool|dev/shm)(/|$)"' /proc/self/mounts
  ip -brief link | sort
  find "$HOME" "$work" | sort
  find /tmp /var/tmp /dev/shm -maxdepth 1 -newer "$scratch/begin" ! -path "$scratch" -user "$(id -un)" -name '*[Ss][Ll][Uu][Rr][Mm]*'
}

nothing_is_left() {
  within 5 no_processes || { echo "          processes: $(processes)" && return 1; }
  diff "$scratch/before" <(belongings)
}

up() {
  [[ ! ${is_up:-} ]] || return 0
  # Through a pipe, which nothing of it keeps open.
  run bash -o pipefail -c '"$0" cluster up --nodes 2 --cpus 4 | cat' "$root/lab"
  check "up" equal "$status" 0
  is_up=1
}

down() {
  [[ ${is_up:-} ]] || return 0
  run "$cluster" down
  is_up=""
  check "down" equal "$status" 0
  check "nothing is left" nothing_is_left
}

# ---- the tests ---------------------------------------------------------------------------------

usage() {
  local words
  echo "Wrong words are refused in one line:"
  for words in "" start "up fast" "up --nodes" "up --nodes 0" "up --nodes 2x" "up --cpus 65" "up -- ls" \
    "up --cpus 4," "up --cpus ,4" "up --cpus 4,0" "up --nodes 3 --cpus 4,2" "up --cpus 4,2,1 --nodes 2" \
    "run" "run --" "run ls" "run --nodes 2" "shell -- ls" "down now" "status 1" "off" "on n1 n2"; do
    # shellcheck disable=SC2086
    run "$cluster" $words
    check "'$words'" equal "$status $(grep -c expected "$scratch/err") $(wc -l <"$scratch/err")" "2 1 1"
  done
  for words in status "off n1"; do
    # shellcheck disable=SC2086
    run "$cluster" $words
    check "'$words' without a cluster" equal "$status $(wc -l <"$scratch/err")" "1 1"
  done
}

alone() {
  local signal expected pid
  echo "A run without a cluster starts one, and leaves nothing:"
  run "$cluster" run -- sinfo --noheader --format='%D %t %N'
  check "two nodes are idle" equal "$status $(out)" "0 2 idle n[1-2] "
  echo "          from nothing to nothing in $took s"
  check "within 15 s" at_most "$took" 15
  check "nothing is left" nothing_is_left
  run "$cluster" run --nodes 3 --cpus 2 -- sh -c 'sinfo --noheader --format="%D %c"; exit 9'
  check "3 nodes of 2 CPUs" equal "$(out)" "3 2 "
  check "the exit status is the command's" equal "$status" 9
  run "$cluster" run --cpus 4,2 -- sinfo --noheader --Node --format='%N %c'
  check "unequal nodes" equal "$status $(out)" "0 n1 4 n2 2 "
  run "$cluster" run -- no-such-program
  check "127 if there is none" equal "$status" 127
  for signal in INT TERM KILL; do
    expected=$((128 + $(kill -l "$signal")))
    # In the background, bash would have it ignore SIGINT.
    env --default-signal "$cluster" run -- sh -c 'srun -N 2 sleep 1000 & touch started; wait' \
      >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    within 15 test -e started || echo "          it did not start"
    rm -f started
    sleep 0.5
    kill -s "$signal" "$pid"
    wait "$pid" 2>/dev/null && status=0 || status=$?
    check "SIG$signal ends it" equal "$status" "$expected"
    check "nothing is left" nothing_is_left
  done
}

signals() {
  local pid
  echo "A signal reaches the command, once:"
  cat >"$work/command" <<'END'
trap 'echo INT' INT
trap 'echo TERM; left=5' TERM
touch started
for ((left = 300; left > 0; --left)); do sleep 0.1; done  # after SIGTERM, long enough to hear of a second one
exit 5
END
  # Both have the signal at once, as if by Ctrl-C; then one only.
  for whom in group script; do
    (exec env --default-signal setsid "$cluster" run -- bash command >"$scratch/out" 2>"$scratch/err") &
    pid=$!
    within 15 test -e started || echo "          it did not start"
    rm -f started
    if [[ $whom == group ]]; then kill -INT -- "-$pid"; else kill -INT "$pid"; fi
    within 15 grep -q INT "$scratch/out" || echo "          SIGINT did not arrive"
    sleep 0.3
    if [[ $whom == group ]]; then kill -TERM -- "-$pid"; else kill -TERM "$pid"; fi
    wait "$pid" && status=0 || status=$?
    check "to the $whom" equal "$status $(out)" "5 INT TERM "
  done
  rm -f command
}

two_at_once() {
  local first
  echo "Two at once do not know of each other:"
  "$cluster" run -- sh -c 'sbatch --hold --wrap true >/dev/null; sleep 2; squeue --noheader | wc -l' >first 2>&1 &
  first=$!
  run "$cluster" run --nodes 1 -- sh -c 'sleep 1; sinfo --noheader --format=%D; squeue --noheader | wc -l'
  wait "$first" || :
  check "the second: 1 node, no job" equal "$(out)" "1 0 "
  check "the first: its job" equal "$(<first)" 1
  rm -f first
}

stays() {
  local word
  echo "up, status, down:"
  up
  run "$cluster" up
  check "up again says so" contains "$status $(out)" "0 lab cluster: it runs already"
  run "$cluster" run --nodes 5 -- true
  check "another size is refused" equal "$status" 1
  run "$cluster" status
  check "status" contains "$status $(out)" "0 PARTITION"
  on_login "$cluster" status
  check "status from inside" contains "$status $(out)" "0 PARTITION"
  on_login "$cluster" up
  check "no cluster in a cluster" equal "$status" 1
  for word in .. . "" n1.cores n9 n1/ ../log 'n*' $'\e[31mn1'; do
    run "$cluster" off "$word"
    check "off '${word//$'\e'/?}' is refused" equal "$status $(grep -c "expected one of the nodes, n1 n2$" "$scratch/err") $(tr -d '[:print:]\n' <"$scratch/err")" "2 1 "
  done
  # Slurm writes down what jobs there are some seconds later.
  on_login bash -c 'touch /tmp/before; sbatch --hold --output=/dev/null --wrap true >/dev/null
    for ((i = 0; i < 200; ++i)); do [[ /var/spool/slurmctld/job_state -nt /tmp/before ]] && break; sleep 0.1; done
    kill -KILL $(</var/spool/slurmctld/pid)'
  run "$cluster" status
  check "a dead slurmctld is told, and what helps" contains "$status $(<"$scratch/err")" "1 lab cluster: its slurmctld does not answer: ./lab cluster up"
  run "$cluster" up
  check "up starts it again, and says so" equal "$status $(out)" \
    "0 lab cluster: slurmctld was dead, and is started again lab cluster: it runs already, with 2 nodes of 4 CPUs "
  on_login bash -c 'squeue --noheader --format=%T; kill -KILL $(</var/spool/munge/pid)'
  check "with its jobs" equal "$status $(out)" "0 PENDING "
  run "$cluster" up
  check "munged, too" contains "$status $(out)" "0 lab cluster: munged was dead, and is started again"
  on_login srun --nodes=2 hostname
  check "it works" equal "$status $(sort "$scratch/out" | tr '\n' ' ')" "0 n1 n2 "
  down
  run "$cluster" status
  check "status says so" equal "$status" 1
  up
  # As after a power cut: all of it is gone, but not what has been noted.
  kill -KILL "$(awk '{ print $2 }' "$HOME"/.cache/scalelab/cluster.*)"
  check "a killed one leaves no process" within 5 no_processes
  run "$cluster" status
  check "a dead one is forgotten" equal "$status" 1
  is_up=""
  check "nothing is left" nothing_is_left
}

hosts() {
  echo "Nodes are hosts of their own, with shared folders and private temporary ones:"
  up
  echo shared >shared
  on_login srun --nodes=2 --ntasks-per-node=1 --label --chdir="$work" bash -c \
    'echo $HOSTNAME; cat shared; for d in /tmp /var/tmp /dev/shm; do touch $d/of-$HOSTNAME; ls $d; done | grep of-'
  check "names, files" equal "$status $(sort "$scratch/out" | tr '\n' ' ')" \
    "0 0: n1 0: of-n1 0: of-n1 0: of-n1 0: shared 1: n2 1: of-n2 1: of-n2 1: of-n2 1: shared "
  on_login srun --nodes=2 --ntasks-per-node=1 bash -c 'hostname -I'
  check "addresses" equal "$(sort "$scratch/out" | tr -d ' ' | tr '\n' ' ')" "10.99.0.2 10.99.0.3 "
  on_login bash -c 'hostname; pwd; echo "$HOME $MINE"; id -un; hostname -I'
  check "the login host" equal "$(out)" "login $work $HOME kept $(id -un) 10.99.0.1  "
  rm -f shared
}

mpi() {
  local options=(--kernel sleep --tasks 8 --task-units 2000 --json) expected launcher
  echo "MPI over two hosts:"
  up
  "$kit/drivers/sequential" "${options[@]}" >"$scratch/out"
  expected=$(digests_and_hosts | sed -n 1p)
  for launcher in "srun --mpi=${pairing[1]} --nodes=2 --ntasks=4 --ntasks-per-node=2" \
    "salloc --quiet --nodes=2 --ntasks=4 --ntasks-per-node=2 ${pairing[0]}"; do
    # shellcheck disable=SC2086
    on_login $launcher "$kit/drivers/mpi" "${options[@]}"
    check "${launcher%% -*}: the same bits, two hosts" equal "$status $(digests_and_hosts | tr '\n' ' ')" "0 $expected n1 n2 "
  done
}
digests_and_hosts() {
  grep -o '"digest":"[^"]*"' "$scratch/out" | sort -u
  grep -o '"host":"n[0-9]*"' "$scratch/out" | sort -u | cut -d '"' -f 4 || :
}

jobs_and_arrays() {
  local first
  echo "Jobs, arrays, dependencies, cancelling:"
  up
  on_login sbatch --wait --output=batch.out --wrap 'echo $SLURM_CLUSTER_NAME; hostname; srun hostname; exit 3'
  check "sbatch --wait" equal "$status $(tr '\n' ' ' <batch.out)" "3 scalelab-virtual n1 n1 "
  on_login sbatch --wait --array=0-5%2 --output=array.%a.out --wrap 'echo $((SLURM_ARRAY_TASK_ID * SLURM_ARRAY_TASK_ID))'
  check "an array" equal "$status $(cat array.*.out | tr '\n' ' ')" "0 0 1 4 9 16 25 "
  on_login sbatch --parsable --output=/dev/null --wrap 'sleep 1; echo first >>order; exit 1'
  first=$(<"$scratch/out")
  on_login sbatch --parsable --output=/dev/null --dependency="afterok:$first" --wrap 'echo never >>order'
  on_login sbatch --parsable --output=/dev/null --dependency="afterany:$first" --wrap 'echo second >>order'
  within 15 job_is "$(<"$scratch/out")" COMPLETED || :
  check "dependencies" equal "$(tr '\n' ' ' <order)" "first second "
  on_login sbatch --parsable --output=/dev/null --wrap 'sleep 1000'
  first=$(<"$scratch/out")
  within 10 job_is "$first" RUNNING || :
  on_login scancel "$first"
  check "scancel" within 10 job_is "$first" CANCELLED
  on_login scancel --user="$(id -un)"
  on_login sbatch --parsable --hold --output=held.out --wrap 'echo released'
  first=$(<"$scratch/out")
  check "held" job_is "$first" PENDING
  on_login scontrol release "$first"
  check "released" within 10 job_is "$first" COMPLETED
  rm -f ./*.out order
}
job_is() {
  "$cluster" run -- scontrol --oneliner show job "$1" >"$scratch/job" 2>&1 && grep -q "JobState=$2 " "$scratch/job"
}

# What needs its time, at once: the other node must not mind what happens to the first. On it, one job
# runs into its time limit, and another requeues itself.
node_off() {
  local victim limited again begin
  echo "A node loses its power, other jobs requeue themselves and meet their limit:"
  up
  on_login sbatch --parsable --nodelist=n1 --requeue --open-mode=append --output=again.out --wrap \
    'echo start ${SLURM_RESTART_COUNT:-0}; [ "${SLURM_RESTART_COUNT:-0}" = 2 ] || { scontrol requeue $SLURM_JOB_ID; sleep 60; }'
  again=$(<"$scratch/out")
  on_login sbatch --parsable --nodelist=n1 --time=1 --signal=B:USR1@30 --output=limit.out --wrap \
    'trap "echo USR1" USR1; sleep 1000 & wait; wait'
  limited=$(<"$scratch/out")
  on_login sbatch --parsable --nodelist=n2 --requeue --open-mode=append --output=victim.out --wrap \
    'echo start ${SLURM_RESTART_COUNT:-0}; sleep 3; echo end'
  victim=$(<"$scratch/out")
  within 20 grep -qs start victim.out || :
  run "$cluster" off n2
  check "off" equal "$status" 0
  begin=$SECONDS
  check "it is down within 60 s" within 60 node_is down
  echo "          after $((SECONDS - begin)) s"
  check "meanwhile, another job has requeued itself twice" within 30 job_is "$again" COMPLETED
  check "and started 3 times" equal "$(grep start again.out | tr '\n' ' ')" "start 0 start 1 start 2 "
  check "the victim waits for another try" within 5 job_is "$victim" PENDING
  check "the other goes on" job_is "$limited" RUNNING
  run "$cluster" on n2
  check "back within 20 s" within 20 node_is '(idle|mix|alloc)'
  check "the victim is done" within 30 job_is "$victim" COMPLETED
  check "in two tries" equal "$(grep -E 'start|end' victim.out | tr '\n' ' ')" "start 0 start 1 end "
  run "$cluster" on n2
  check "on twice is refused" equal "$status" 1
  run "$cluster" off n9
  check "a node that is not there" equal "$status" 2
  check "the time limit ends the other" within 100 job_is "$limited" TIMEOUT
  check "which was warned" contains "$(<limit.out)" USR1
  rm -f ./*.out
}
node_is() { [[ $("$cluster" run -- sinfo --noheader --nodes=n2 --format=%t) =~ ^$1 ]]; }

ordinary_user() {
  echo "An ordinary user:"
  if ((EUID != 0)); then
    echo "          all of the above was tried as one"
    return
  fi
  down
  command -v useradd >/dev/null || { echo "          not tried: there is no useradd" && return; }
  user=scalelab-test-$$
  useradd --create-home --home-dir "$scratch/$user" --no-user-group --gid nogroup --shell /bin/bash "$user"
  # Whoever may not read this checkout can read a copy.
  mkdir -p "$scratch/kit/slurm"
  cp -R "$root"/slurm/{cluster,setup} "$scratch/kit/slurm"
  cp "$kit/drivers/mpi" "$scratch/kit"
  chmod -R a+rX "$scratch/kit"
  chmod a+x "$scratch"

  become_user=(setpriv --reuid "$user" --regid nogroup --init-groups
    env --chdir="$scratch/$user" HOME="$scratch/$user" USER="$user")
  sed -i "/^$user:/d" /etc/subuid /etc/subgid
  as_user check
  check "lacks subordinate ids, and is told the remedy" contains "$status $(<"$scratch/err")" "usermod --add-subuids"
  # shellcheck disable=SC2046
  eval "$(grep usermod "$scratch/err")"
  as_user check
  check "the remedy works" equal "$status $(<"$scratch/err")" "0 "
  check "SIGINT at any moment of its start ends it" ended_early
  check "nothing is left" nothing_is_left
  as_user run -- sh -c 'id -un; sinfo --noheader --format="%D %t"; touch ~/mine; srun --nodes=2 id -un'
  check "has a cluster" equal "$status $(out)" "0 $user 2 idle $user $user "
  check "owns what it writes" equal "$(stat --format=%U "$scratch/$user/mine")" "$user"
  as_user run -- srun "--mpi=${pairing[1]}" --nodes=2 --ntasks=4 "$scratch/kit/mpi" --kernel sleep --tasks 8 --json
  check "MPI over two hosts" equal "$status $(digests_and_hosts | wc -l)" "0 3"
  as_user up
  as_user run -- sbatch --wait --output=/dev/null --wrap 'hostname >where'
  check "a batch job" equal "$status $(<"$scratch/$user/where")" "0 n1"
  as_user down
  check "down" equal "$status" 0
  rm -rf "$scratch/${user:?}/.cache"
  check "nothing is left" nothing_is_left
  remove_user
}
as_user() { run "${become_user[@]}" "$scratch/kit/slurm/cluster/cluster.sh" "$@"; }

# A signal while it starts must not leave it waiting, whatever it is just about to do. SCALELAB_TEST_ROUNDS, which
# ./lab test --all sets to 20, says at how many moments, in proportion.
ended_early() {
  local rounds=$((${SCALELAB_TEST_ROUNDS:-5} * 3 / 2)) round delay
  for ((round = 0; round < rounds; ++round)); do
    delay=$(LC_ALL=C awk "BEGIN { print 0.02 + 0.28 * ($round + $RANDOM / 32768) / $rounds }")
    run timeout --signal=INT --kill-after=10 "$delay" "${become_user[@]}" "$scratch/kit/slurm/cluster/cluster.sh" run -- sleep 1000
    ((status == 124)) || { echo "          after $delay s: $status" && return 1; }
  done
}
remove_user() {
  [[ ${user:-} ]] || return 0
  userdel --remove "$user" 2>/dev/null || :
  sed -i "/^$user:/d" /etc/subuid /etc/subgid
  user=""
}

refused() {
  local kind program
  echo "What is missing is told, with the remedy:"
  # In a user namespace of its own, this test may forbid what only root may forbid outside.
  for kind in net pid; do
    run unshare --user --map-root-user sh -c 'echo 0 >"/proc/sys/user/max_$1_namespaces" && exec "$2" check' sh \
      "$kind" "$cluster"
    check "no $kind namespaces" contains "$status $(<"$scratch/err")" "1 lab cluster: no namespaces"
    check "and what to do" contains "$(<"$scratch/err")" "sysctl -w user.max_${kind}_namespaces="
  done
  mkdir "$scratch/bin"
  for program in bash dirname; do ln -s "$(command -v "$program")" "$scratch/bin"; done
  run env PATH="$scratch/bin" "$cluster" check
  check "no Slurm" contains "$status $(<"$scratch/err")" "1 lab cluster: these programs (Debian's packages) are missing: "
  check "and its package" contains "$(<"$scratch/err")" "sinfo (slurm-client)"
}

# ---- all of them -------------------------------------------------------------------------------

clean_up() {
  [[ ! ${is_up:-} ]] || "$cluster" down >/dev/null
  remove_user
  rm -rf "$scratch"
}

main() {
  local message test tests=("$@")
  message=$("$cluster" check 2>&1) || skip "$message"
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-cluster.XXXXXX")
  trap clean_up EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  export HOME=$scratch/home MINE=kept
  unset XDG_CACHE_HOME
  work=$scratch/work
  mkdir -p "$HOME/.cache" "$work"
  touch "$scratch/begin"
  cd "$work"
  belongings >"$scratch/before"
  ((${#tests[@]} > 0)) || tests=(usage refused alone signals two_at_once ordinary_user stays hosts mpi
    jobs_and_arrays)
  for test in "${tests[@]}"; do "$test"; done
  down
  end_of_checks
}

main "$@"
