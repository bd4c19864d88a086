#!/usr/bin/env bash
# The inside of the mini cluster. slurm/cluster/cluster.sh starts `start` as the first process of namespaces
# of its own: a login host with slurmctld, and nodes with a slurmd, joined by a bridge. All that the
# cluster writes lies on a file system in memory, mounted on /var/spool, so it all ends with it.
#
#   slurm/cluster/mini_cluster.sh start NODES CPUS USER    boots; says ready, or what is wrong and then failed. CPUS:
#                                                  of each node, or 4,2 of unequal ones
#   slurm/cluster/mini_cluster.sh off|on NODE              a node loses its power, and gets it back
#   slurm/cluster/mini_cluster.sh mend                     starts daemons again that have died
#   slurm/cluster/mini_cluster.sh command FD CMD...        runs CMD; a line in FD says that it listens to signals
#   slurm/cluster/mini_cluster.sh node NODE ADDRESS        what a node does to itself
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../setup/environment.sh"
set -euo pipefail

self=$(readlink -f -- "${BASH_SOURCE[0]}")
room=/var/spool
export SLURM_CONF=$room/slurm.conf
export HWLOC_COMPONENTS=-gl  # hwloc would look for X displays, by names that nobody can resolve here

# ---- the configuration ---------------------------------------------------------------------------

# cpus_of NODE CPUS: of the list, which has a number for each node or one for all
cpus_of() { [[ $2 == *,* ]] && cut -d , -f "$1" <<<"$2" || echo "$2"; }

write_slurm_conf() {
  local nodes=$1 cpus=$2 memory n
  memory=$(awk -v nodes="$nodes" '$1 == "MemTotal:" { print int($2 / 1024 / nodes) }' /proc/meminfo)
  cat >"$SLURM_CONF" <<END
ClusterName=scalelab-virtual
SlurmctldHost=login
SlurmUser=root
AuthType=auth/munge
# A requeued job starts again when its credentials have expired: usually after 2 minutes.
AuthInfo=socket=$room/munge/socket,cred_expire=5
StateSaveLocation=$room/slurmctld
SlurmctldPidFile=$room/slurmctld/pid
SlurmctldLogFile=$room/log/slurmctld.log
# Each node has a folder of its own mounted there.
SlurmdSpoolDir=$room/slurmd
SlurmdPidFile=$room/slurmd/pid
SlurmdLogFile=$room/log/%n.log
# No cgroups, which an ordinary user may not have; more CPUs than there are cores.
ProctrackType=proctrack/linuxproc
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=pmix
MailProg=/bin/true
# Impatient: a small cluster for people who wait in front of it.
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
# A node that does not answer is down after about 30 s, and back as soon as it does.
SlurmdTimeout=15
ReturnToService=2
# There is no accounting: jobs that have ended are remembered for an hour.
MinJobAge=3600
$(for ((n = 1; n <= nodes; ++n)); do
    echo "NodeName=n$n CPUs=$(cpus_of "$n" "$cpus") Boards=1 SocketsPerBoard=1" \
      "CoresPerSocket=$(cpus_of "$n" "$cpus") ThreadsPerCore=1 RealMemory=$memory"
  done)
PartitionName=virtual Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
  # Slurm from 24.05 on would want to have cgroups of its own otherwise; older ones do not know the word.
  if [[ $(printf '%s\n' 24.05 "$(slurmctld -V | awk '{ print $NF }')" | sort -V | sed -n 1p) == 24.05 ]]; then
    echo "CgroupPlugin=disabled" >"$room/cgroup.conf"
  fi
}

write_hosts() {
  local nodes=$1 n
  {
    echo "127.0.0.1 localhost"
    echo "$(address 0) login"
    for ((n = 1; n <= nodes; ++n)); do echo "$(address "$n") n$n"; done
  } >"$room/hosts"
  if [[ ! -e /etc/hosts ]]; then  # a root folder that is all too small
    cp -a /etc "$room/etc" 2>/dev/null || :  # what one may not read is of no use here either
    mount --bind "$room/etc" /etc
    touch /etc/hosts
  fi
  mount --bind "$room/hosts" /etc/hosts
}

address() { echo "10.99.0.$(($1 + 1))"; }

# In the user namespace of an ordinary user, that user is root. Keeps the name and the home.
name_root() {
  local user=$1
  [[ $user && $user != "$(id -un)" ]] || return 0
  {
    getent passwd "$user" | awk -F: -v OFS=: '{ $3 = $4 = 0; print }'
    awk -F: -v user="$user" '$1 != user' /etc/passwd
  } >"$room/passwd"
  mount --bind "$room/passwd" /etc/passwd
}

# ---- nodes ---------------------------------------------------------------------------------------

# cores_of NODE NODES CPUS: a list of CPUs. Each node has cores of its own, as many as its CPUs at most, so that what
# runs on one does not slow another; all share all where the machine has fewer cores than nodes.
cores_of() {
  local allowed n before=0 total=0
  for ((n = 1; n <= $2; ++n)); do
    ((n != $1)) || before=$total
    total=$((total + $(cpus_of "$n" "$3")))
  done
  allowed=$(awk '$1 == "Cpus_allowed_list:" { print $2 }' /proc/self/status)
  lscpu --parse=CPU,CORE,SOCKET | grep -v '^#' | sort -t, -k3,3n -k2,2n -k1,1n |
    awk -F, -v allowed="$allowed" -v node="$1" -v nodes="$2" -v before="$before" -v total="$total" \
      -v most="$(cpus_of "$1" "$3")" '
      BEGIN {
        ranges = split(allowed, range, ",")
        for (i = 1; i <= ranges; ++i) {
          last = split(range[i], end, "-")
          for (cpu = end[1]; cpu <= end[last]; ++cpu) may[cpu]
        }
      }
      $1 in may {
        if (!($2 in seen)) { seen[$2]; ++cores }
        of_core[cores] = of_core[cores] "," $1
      }
      END {
        first = 1; last = cores
        if (cores >= total) {
          first = before + 1
          last = before + most
        } else if (cores >= nodes) {
          share = int(cores / nodes)
          first = (node - 1) * share + 1
          last = first + (share < most ? share : most) - 1
        }
        for (core = first; core <= last; ++core) list = list of_core[core]
        print substr(list, 2)
      }'
}

# on_node NODE COMMAND...: in the namespaces of the node, which a sleeping process keeps
on_node() {
  nsenter --target "$(<"$room/nodes/$1")" --net --uts --mount --ipc --root --wd -- "${@:2}"
}

# hide FOLDER: gives this host an empty one of its own; what was there stays to be found below $hidden
hide() {
  mkdir -p "$hidden$1"
  mount --rbind "$1" "$hidden$1"
  mount -t tmpfs -o mode=1777 scalelab "$1"
}

# share FOLDER: lets it be seen although it lies in a folder that has been hidden
share() {
  [[ $1 == /tmp/* || $1 == /var/tmp/* || $1 == /dev/shm/* ]] || return 0
  [[ -d $hidden$1 ]] || return 0
  mkdir -p "$1"
  mount --rbind "$hidden$1" "$1"
}

# Temporary folders are a node's own, all others are shared. Where somebody works below /tmp, the
# current folder, the home and the kit are shared nevertheless.
settle_node() {
  local folder hidden=$room/slurmd/hidden root
  root=$(dirname -- "$(dirname -- "$(dirname -- "$self")")")
  # shellcheck source=slurm/setup/programs.sh
  source "$root/slurm/setup/programs.sh"
  hostname "$1"
  ip link set lo up
  ip address add "$2/24" dev eth0
  ip link set eth0 up
  mount -t tmpfs -o mode=755 scalelab "$room/slurmd"
  for folder in /tmp /var/tmp /dev/shm; do hide "$folder"; done
  for folder in "${HOME:-}" "$root" "$build" "$results" "$folder_of_user"; do
    share "$folder"
  done
  if [[ ${TMPDIR:-} == /* ]]; then mkdir -p "$TMPDIR"; fi
}

add_node() {
  local node=n$1 pid
  setsid unshare --net --uts --mount --ipc sleep infinity </dev/null >/dev/null 2>&1 &
  pid=$!
  echo "$pid" >"$room/nodes/$node"
  within 5 has_own_network "$pid"
  ip link add "$node" type veth peer name eth0 netns "$pid"
  ip link set "$node" master bridge up
  on_node "$node" "$self" node "$node" "$(address "$1")"
  cores_of "$@" >"$room/nodes/$node.cores"
  start_slurmd "$node"
}

has_own_network() { [[ $(readlink "/proc/$1/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }

start_slurmd() {
  on_node "$1" taskset --cpu-list "$(<"$room/nodes/$1.cores")" env --default-signal slurmd -N "$1"
}

# What runs on a node is what uses its network.
processes_of() {
  local keeper network process
  keeper=$(<"$room/nodes/$1")
  network=$(readlink "/proc/$keeper/ns/net")
  for process in /proc/[0-9]*; do
    [[ ${process#/proc/} != "$keeper" && $(readlink "$process/ns/net") == "$network" ]] || continue
    echo "${process#/proc/}"
  done 2>/dev/null
}

kill_all_of() {
  local processes
  mapfile -t processes < <(processes_of "$1")
  ((${#processes[@]} > 0)) || return 0
  kill -KILL "${processes[@]}" 2>/dev/null || :
  return 1
}

all_nodes() { (cd "$room/nodes" && printf '%s\n' n* | grep -x 'n[0-9]*' | sort -V); }

need_node() {
  [[ $1 =~ ^n[1-9][0-9]?$ && -e $room/nodes/$1 ]] || {
    printf "lab cluster: '%s': expected one of the nodes, %s\n" "$(tr '[:cntrl:]' '?' <<<"$1" | cut -c -60 | sed 's/?$//')" \
      "$(all_nodes | paste -s -d ' ')" >&2
    exit 2
  }
}

off() {
  need_node "$1"
  touch "$room/nodes/$1.off"
  within 10 kill_all_of "$1"
}

on() {
  need_node "$1"
  [[ -z $(processes_of "$1") ]] || {
    echo "lab cluster: $1 is on already" >&2 || :
    exit 1
  }
  rm -f "$room/nodes/$1.off"
  # A job that is queued again keeps its number, and its steps begin anew: Slurm would find its old sockets in use.
  # shellcheck disable=SC2016
  on_node "$1" bash -c 'rm -f "$0"/pid "$0"/stepd.slurm.pmix.*' "$room/slurmd"
  start_slurmd "$1"
}

# mend: starts again what has died of the daemons, but for those of nodes that are off, and says which
mend() {
  local node
  if ! timeout 10 munge --socket="$room/munge/socket" --no-input --output=/dev/null 2>/dev/null; then
    stop_daemon "$room/munge/pid"
    rm -f "$room"/munge/socket*
    start_munge
    echo "munged was dead, and is started again"
  fi
  if ! controller_answers; then
    stop_daemon "$room/slurmctld/pid"
    start_slurmctld  # with the jobs that it knew
    echo "slurmctld was dead, and is started again"
  fi
  for node in $(all_nodes); do
    [[ ! -e $room/nodes/$node.off && ! $(daemon_of "$node") ]] || continue
    within 10 kill_all_of "$node"  # what it had started would be in the way
    on "$node"
    echo "$node was dead, and is started again"
  done
}

stop_daemon() {
  local process
  process=$(cat "$1" 2>/dev/null) || return 0
  kill -KILL "$process" 2>/dev/null || :
}

daemon_of() {
  local process
  for process in $(processes_of "$1"); do
    [[ $(cat "/proc/$process/comm" 2>/dev/null) != slurmd ]] || echo "$process"
  done
}

# ---- the cluster ---------------------------------------------------------------------------------

# within SECONDS COMMAND...
within() {
  local tries=$(($1 * 20))
  until "${@:2}"; do
    ((--tries > 0)) || { echo "waited for $1 s in vain: ${*:2}" && return 1; }
    sleep 0.05
  done
}

all_idle() { (($(sinfo --noheader --states=idle --format=%D 2>/dev/null | awk '{ n += $1 } END { print n + 0 }') == $1)); }
controller_answers() { [[ $(scontrol ping 2>/dev/null) == *" is UP"* ]]; }

start_munge() {
  head -c 128 /dev/urandom >"$room/munge/key"
  chmod 600 "$room/munge/key"
  # --force: in a user namespace the folders above belong to nobody, which it does not like.
  munged --force --key-file="$room/munge/key" --socket="$room/munge/socket" --pid-file="$room/munge/pid" \
    --log-file="$room/log/munged.log" --seed-file="$room/munge/seed" 2>"$room/log/munged.start" ||
    { cat "$room/log/munged.start" && false; }
}

# start_slurmctld [-c]: -c for one that knows of no jobs
start_slurmctld() {
  env --default-signal slurmctld "$@"
  within 10 controller_answers
}

say_what_failed() {
  local log
  for log in "$room"/log/*.log; do
    grep -hE '([Ee]rror|fatal): ' "$log" 2>/dev/null | grep -vE ' state file|Trying backup' | tail -n 3 |
      sed "s|^|${log##*/}: |" || :
  done
  echo failed
}

boot() (
  nodes=$1 cpus=$2 user=$3
  export folder_of_user=$PWD
  trap say_what_failed EXIT
  mount -t tmpfs -o mode=755 scalelab "$room"
  mkdir "$room"/{log,munge,nodes,slurmctld,slurmd}
  hostname login
  name_root "$user"
  write_hosts "$nodes"
  write_slurm_conf "$nodes" "$cpus"
  mount -t tmpfs -o mode=1777 scalelab /dev/shm
  ip link set lo up
  ip link add bridge type bridge
  ip address add "$(address 0)/24" dev bridge
  ip link set bridge up
  start_munge
  start_slurmctld -c
  for ((n = 1; n <= nodes; ++n)); do add_node "$n" "$nodes" "$cpus"; done
  within 30 all_idle "$nodes"
  trap - EXIT
  echo ready
)

# The first process: with it, everything ends. It lives as long as somebody holds the other end of its
# standard input, so that nothing can be left behind, or, after a word from there, until it is killed.
start() {
  boot "$@" &
  read -r || exit 1
  exec </dev/null >/dev/null 2>&1
  sleep infinity &
  wait
}

# cluster.sh, nsenter and this ignore the signals that a terminal sends to all of them; CMD does not.
command_of_user() {
  local begun=$1 errors
  exec {errors}>&2 2>/dev/null  # bash would say how CMD was killed
  # shellcheck disable=SC2016
  setpriv --pdeathsig KILL env --default-signal bash -c 'echo >&"$0"; eval "exec $0>&-"; exec "$@"' \
    "$begun" "${@:2}" 2>&"$errors" {errors}>&-
}

case $1 in
  start) start "${@:2}" ;;
  node) settle_node "${@:2}" ;;
  off) off "$2" ;;
  on) on "$2" ;;
  mend) mend ;;
  command) command_of_user "${@:2}" && exit 0 || exit $? ;;
esac
