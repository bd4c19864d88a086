#!/usr/bin/env bash
# A Slurm cluster on this machine: slurmctld, a slurmd for each node and munge, in namespaces, as an
# ordinary user or as root. ./lab cluster comes here.
#
#   slurm/cluster/cluster.sh up [--nodes 2] [--cpus 4]                a cluster that stays; --cpus 4,2: unequal nodes
#   slurm/cluster/cluster.sh run [--nodes N] [--cpus C] -- CMD...     CMD on its login host; without one, in a
#                                                             cluster that starts and ends with it
#   slurm/cluster/cluster.sh shell [--nodes N] [--cpus C]             the same with a shell
#   slurm/cluster/cluster.sh status | down
#   slurm/cluster/cluster.sh off NODE | on NODE                       a node loses its power, and gets it back
#   slurm/cluster/cluster.sh check                                    can this machine do that? If not, why not
#
# Exit status: that of CMD; else 0, 1 where something fails, 2 for wrong usage, 130 or 143 after a signal.
# slurm/cluster/mini_cluster.sh has the inside.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../setup/environment.sh"
set -euo pipefail

inside=$root/slurm/cluster/mini_cluster.sh
conf=/var/spool/slurm.conf
export HOME=${HOME:-$(getent passwd "$EUID" | cut -d : -f 6)}
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/scalelab
signals=(HUP INT QUIT TERM USR1 USR2)
path_of_user=$PATH
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

die() {
  local line whose="lab cluster: "
  while IFS= read -r line; do
    echo "$whose$(shown "$line")"
    whose=""
  done <<<"$1" >&2 || :
  exit "${2:-1}"
}

# ---- may this machine have one? --------------------------------------------------------------------

check_programs() {
  local program package missing=()
  while read -r program package; do
    command -v "$program" >/dev/null || missing+=("$program ($package)")
  done <<'END'
slurmctld slurmctld
slurmd slurmd
sinfo slurm-client
munged munge
newuidmap uidmap
ip iproute2
hostname hostname
nsenter util-linux
setpriv util-linux
END
  ((${#missing[@]} == 0)) || die "these programs (Debian's packages) are missing: ${missing[*]}"
}

# choose_namespaces: sets `spaces`, what unshare is asked for. Root needs no user namespace where it may
# do all without. In two steps: where namespaces are refused, unshare would leave behind a process that
# waits to map users.
choose_namespaces() {
  local message
  spaces=(--net --uts --mount --ipc --pid --fork --mount-proc)
  if ((EUID == 0)) && unshare "${spaces[@]}" true 2>/dev/null; then return; fi
  spaces+=(--user --map-root-user)
  message=$(unshare "${spaces[@]}" true 2>&1) || explain_refusal "$message"
  spaces+=(--map-auto)
  message=$(unshare "${spaces[@]}" true 2>&1) || explain_users "$message"
}

setting() { cat "/proc/sys/$1" 2>/dev/null || echo "$2"; }

# explain_refusal MESSAGE: ends with the reason why namespaces are refused, and what can be done
explain_refusal() {
  local kind
  for kind in user net uts mnt ipc pid; do
    [[ $(setting "user/max_${kind}_namespaces" 1) != 0 ]] || die "no namespaces are allowed here. As root:
  sysctl -w user.max_${kind}_namespaces=10000"
  done
  [[ $(setting kernel/unprivileged_userns_clone 1) != 0 ]] ||
    die "ordinary users may not have namespaces here. As root:
  sysctl -w kernel.unprivileged_userns_clone=1"
  # Root without namespaces: its root folder has to be a mount point.
  awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo || die "this is a chroot, where namespaces are refused ($1). Where it was made, as root:
  mount --bind FOLDER FOLDER, before anything is mounted in it, and before chroot FOLDER"
  if [[ -e /.dockerenv || -e /run/.containerenv ]]; then
    die "this container may not have namespaces ($1). Start it with
  docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined \\
    --security-opt systempaths=unconfined --cap-add SYS_ADMIN --cap-add NET_ADMIN ..."
  fi
  [[ $(setting kernel/apparmor_restrict_unprivileged_userns 0) == 0 ]] ||
    die "Ubuntu's AppArmor takes all rights from ordinary users in namespaces. As root:
  sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
  die "namespaces are refused: $1"
}

# explain_users MESSAGE: Slurm needs more users in the namespace than oneself
explain_users() {
  local file user
  user=$(id -un)
  [[ $(unshare --help) == *--map-auto* ]] ||
    die "expected util-linux 2.38 or newer, got $(unshare --version)"
  for file in /etc/subuid /etc/subgid; do
    grep -qsE "^($user|$(id -u)):" "$file" || die "$file gives '$user' no numbers for other users. As root:
  usermod --add-subuids $(free_ids) --add-subgids $(free_ids) $user"
  done
  die "other users than oneself are refused: $1"
}

# 65536 numbers that nobody has: "100000-165535"
free_ids() {
  cat /etc/subuid /etc/subgid 2>/dev/null |
    awk -F: 'BEGIN { free = 100000 } NF == 3 && $2 + $3 > free { free = $2 + $3 } END { print free "-" free + 65535 }'
}

# ---- starting one ----------------------------------------------------------------------------------

# start_cluster: sets `init`, its first process, which lives until the pipe `lifeline` has no writer
start_cluster() {
  local line answers
  check_programs
  choose_namespaces
  trap stop_cluster EXIT
  exec {lifeline}<> <(:)
  # A session of its own, so that the terminal's signals reach only those whom they are for.
  exec {answers}< <(exec env --default-signal setsid unshare "${spaces[@]}" --kill-child \
    "$inside" start "$nodes" "$cpus" "$(id -un)" <"/proc/self/fd/$lifeline" {lifeline}>&- 2>&1)
  unshared=$!
  while read -r line <&"$answers"; do
    case $line in
      ready)
        init=$(child_of "$unshared")
        exec {answers}<&-
        return
        ;;
      failed) break ;;
      *) echo "lab cluster: $line" >&2 ;;
    esac
  done
  die "the cluster did not start"
}

# All other processes end with the first one, and its own end waits for theirs. Before it there are
# others for a moment, which write the maps of users; so more than one look may be needed.
stop_cluster() {
  [[ ${unshared:-} ]] || return 0
  exec {lifeline}>&-
  local tries
  for ((tries = 0; tries < 250; ++tries)); do
    kill -0 "$unshared" || break
    init=$(child_of "$unshared")
    [[ ! $init ]] || kill -KILL "$init" || :
    sleep 0.02
  done
  wait "$unshared" || :
} 2>/dev/null

child_of() {
  local child=""
  read -r child 2>/dev/null <"/proc/$1/task/$1/children" || :
  echo "$child"
}

# ---- the one of `up` -------------------------------------------------------------------------------

start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }
boot_id() { cat /proc/sys/kernel/random/boot_id; }

# find_cluster: sets `init` and the rest of what `up` noted, if it still runs; forgets it otherwise
find_cluster() {
  local boot started
  noted=$cache/cluster.${HOSTNAME%%.*}
  [[ -f $noted ]] || return 1
  read -r boot init started running_nodes running_cpus <"$noted" || :
  [[ $boot == "$(boot_id)" && ${started:-} && $started == "$(start_time "$init")" ]] && return
  forget_cluster
  return 1
}

forget_cluster() {
  rm -f "$noted"
  rmdir --ignore-fail-on-non-empty "$cache" 2>/dev/null || :
}

# Two `up` at a time would not know of each other.
lock_cache() {
  mkdir -p "$cache" || die "$cache: cannot be made, and that is where it is noted that a cluster runs"
  exec {lock}<"$cache"
  flock "$lock"
  [[ $cache -ef /proc/self/fd/$lock ]] || lock_cache  # it was just removed
}

up() {
  parse_shape up "$@"
  lock_cache
  if find_cluster; then
    check_shape
    on_login "$inside" mend {lock}>&- 2>&1 | sed 's/^/lab cluster: /' || die "it runs, but not all of its daemons could be started again: ./lab cluster down ends it"
    echo "lab cluster: it runs already, with $running_nodes nodes of ${running_cpus//,/, } CPUs"
    return
  fi
  start_cluster
  echo "$(boot_id) $init $(start_time "$init") $nodes $cpus" >"$noted"
  echo stay >&"$lifeline"
  flock --unlock "$lock"  # the cluster has inherited it
  trap - EXIT
  cat <<END
lab cluster: up, with n1$( ((nodes == 1)) || echo " to n$nodes") of ${cpus//,/, } CPUs$([[ $cpus == *,* ]] || echo " each")
  $lab cluster shell               a shell on the login host: sinfo, sbatch, srun
  $lab cluster run -- CMD...       one command there
  $lab cluster down                when you are done
END
}

down() {
  if ! find_cluster; then
    echo "lab cluster: none runs"
    return
  fi
  kill -KILL "$init" 2>/dev/null || :  # another `down` was faster
  while [[ -e /proc/$init ]]; do sleep 0.05; done
  forget_cluster
  echo "lab cluster: down"
}

status() {
  need_cluster
  [[ $(on_login timeout 20 scontrol ping 2>&1) == *" is UP"* ]] || die "its slurmctld does not answer: ./lab cluster up starts it again"
  on_login sinfo
  echo
  on_login squeue
}

need_cluster() { inside_one || find_cluster || die "none runs: $lab cluster up starts one"; }

# ---- running something on the login host -----------------------------------------------------------

# What nsenter is told to go there
way_in() {
  echo --target "$init" --net --uts --mount --ipc --pid --root
  [[ $(readlink "/proc/$init/ns/user") == "$(readlink /proc/self/ns/user)" ]] || echo --user --preserve-credentials
}

# Is this called by somebody who is in a cluster already, as a job is?
inside_one() { [[ ${SLURM_CONF:-} == "$conf" && -S ${conf%/*}/munge/socket ]]; }

on_login() {
  if inside_one; then
    "$@"
    return
  fi
  # shellcheck disable=SC2046
  nsenter $(way_in) -- env SLURM_CONF="$conf" "$@"
}

# A Ctrl-C reaches this script and the command alike, the signal of a kill only this script. A process in
# the same group is a witness: if it is dead, all of them have got the signal.
call_witness() {
  setpriv --pdeathsig KILL env --default-signal sleep infinity </dev/null >/dev/null 2>&1 {lifeline}>&- &
  witness=$!
  disown "$witness"
}

forward() {
  woken=1
  if [[ ! $command ]]; then
    early=$1
    return
  fi
  sleep 0.05
  if kill -0 "$witness" 2>/dev/null; then kill -s "$1" "$command" 2>/dev/null || :; else call_witness; fi
}

# run_on_login CMD...: ends with its exit status
run_on_login() {
  local signal begun entered command="" witness woken early="" status list
  unset_outer_job
  exec {begun}<> <(:)
  call_witness
  for signal in "${signals[@]}"; do
    # shellcheck disable=SC2064
    trap "forward $signal" "$signal"
  done
  list=$(IFS=, && echo "${signals[*]}")
  # shellcheck disable=SC2046
  env --ignore-signal="$list" setpriv --pdeathsig KILL nsenter $(way_in) -- \
    env --chdir="$PWD" --unset=HOSTNAME PATH="$path_of_user" "${environment[@]}" \
    setpriv --pdeathsig KILL "$inside" command "$begun" "$@" <&0 {lifeline}>&- &
  entered=$!
  until read -r -t 0.2 -u "$begun"; do kill -0 "$entered" 2>/dev/null || break; done
  exec {begun}>&-
  command=$(child_of "$(child_of "$entered")")
  [[ ! $early || ! $command ]] || kill -s "$early" "$command" 2>/dev/null || :
  while :; do
    woken=""
    wait "$entered" && status=0 || status=$?
    [[ $woken ]] || break
  done
  kill "$witness" 2>/dev/null || :
  exit "$status"
}

# One is root there, which Open MPI refuses unless told otherwise. It would also bind the ranks of all
# nodes to the first core, where nodes share cores.
environment=(SLURM_CONF="$conf" OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_hwloc_default_binding_policy=none)

# Who calls this within a job of another cluster is in no job of this one.
unset_outer_job() { [[ ! ${SLURM_JOB_ID:-} ]] || unset "${!SLURM_@}"; }

run() {
  parse_shape run "$@"
  ((${#command_line[@]} > 0)) || die "run: expected a command behind --" 2
  go_in "${command_line[@]}"
}

shell() {
  parse_shape shell "$@"
  go_in "${SHELL:-/bin/bash}"
}

go_in() {
  if inside_one; then
    [[ ! $asked ]] || die "this is inside of one"
    exec "$@"
  elif find_cluster; then
    check_shape
    lifeline=""
    exec {lifeline}</dev/null
  else
    start_cluster
  fi
  run_on_login "$@"
}

# ---- the command line ------------------------------------------------------------------------------

# parse_shape WHAT OPTION...: sets `nodes`, `cpus` (4, or 4,2 of unequal nodes) and, behind --, `command_line`
parse_shape() {
  local what=$1 number='([1-9]|[1-5][0-9]|6[0-4])' list asked_nodes=""
  shift
  nodes=2 cpus=4 asked="" command_line=()
  while (($# > 0)); do
    case $1 in
      --nodes)
        [[ ${2:-} =~ ^$number$ ]] || die "$what: $1: expected a whole number from 1 to 64, got '$(shown "${2:-}")'" 2
        nodes=$2 asked_nodes=$2 asked=1
        shift 2
        ;;
      --cpus)
        [[ ${2:-} =~ ^$number(,$number)*$ ]] ||
          die "$what: $1: expected a whole number from 1 to 64, or one for each node, as in 4,2, got '$(shown "${2:-}")'" 2
        cpus=$2 asked=1
        shift 2
        ;;
      --)
        [[ $what == run ]] || die "$what: expected no command, got '--'" 2
        command_line=("${@:2}")
        break
        ;;
      *) die "$what: '$(shown "$1")': expected --nodes N, --cpus C$([[ $what == run ]] && echo ', or -- before the command')" 2 ;;
    esac
  done
  [[ $cpus == *,* ]] || return 0
  IFS=, read -r -a list <<<"$cpus"
  ((${asked_nodes:-${#list[@]}} == ${#list[@]} && ${#list[@]} <= 64)) ||
    die "$what: --cpus: expected one number, or one for each of ${asked_nodes:-64} nodes, got ${#list[@]}" 2
  nodes=${#list[@]}
}

check_shape() {
  [[ ! $asked || "$nodes $cpus" == "$running_nodes $running_cpus" ]] ||
    die "one runs with $running_nodes nodes of ${running_cpus//,/, } CPUs; $lab cluster down ends it"
}

main() {
  local what=${1:-}
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  (($# > 0)) && shift
  [[ ! $what =~ ^(up|down)$ ]] || ! inside_one || die "$what: this is inside of one"
  case $what in
    up | run | shell) "$what" "$@" ;;
    status | down | check)
      (($# == 0)) || die "$what: expected nothing behind it, got '$*'" 2
      "$what"
      ;;
    off | on)
      (($# == 1)) || die "$what: expected the name of a node, got '$*'" 2
      need_cluster
      on_login "$inside" "$what" "$1"
      ;;
    *) die "'$(shown "$what")': expected up, run, shell, status, down, off, on or check" 2 ;;
  esac
}

check() {
  check_programs
  choose_namespaces
  echo "lab cluster: all is there"
}

main "$@"
