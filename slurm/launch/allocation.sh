# shellcheck shell=bash disable=SC2034  # what is set here is read by job.sh
# Nodes, their cores, and how many ranks go to which. Sourced by launch.sh; nothing here asks Slurm or starts anything.

# counts_of TEXT: what Slurm says of nodes, "4(x2),2", as a line for each node: 4 4 2; fails if it is not like that
counts_of() {
  local group groups n
  [[ $1 =~ ^[1-9][0-9]{0,6}(\(x[1-9][0-9]{0,5}\))?(,[1-9][0-9]{0,6}(\(x[1-9][0-9]{0,5}\))?)*$ ]] || return 1
  IFS=, read -r -a groups <<<"$1"
  for group in "${groups[@]}"; do
    n=1
    if [[ $group == *"(x"* ]]; then n=${group#*x} n=${n%)}; fi
    while ((n-- > 0)); do echo "${group%(*}"; done
  done
}

# cores_of_counts CPUS...: how many of these CPUs of each node have a rank. A node's site may have said it
# (SCALELAB_CORES_PER_NODE), or how many CPUs are one core (SCALELAB_CPUS_PER_CORE).
cores_of_counts() {
  local cpus per_core=${SCALELAB_CPUS_PER_CORE:-1} most=${SCALELAB_CORES_PER_NODE:-1000000}
  for cpus; do
    cpus=$((cpus / per_core > 0 ? cpus / per_core : 1))
    echo $((cpus < most ? cpus : most))
  done
}

# room_for THREADS CORES...: how many ranks of so many threads these nodes have cores for
room_for() {
  local threads=$1 cores room=0
  shift
  for cores; do room=$((room + cores / threads)); done
  echo "$room"
}

# choose_nodes RANKS THREADS NODES CORES...: sets `chosen`, the places in the list of the nodes that ranks go to:
# NODES of them or, if that is empty, as few as have cores for all, from the first on, so that a curve fills one node
# after the other. Of unequal nodes, where the first NODES have too few cores, those that have most.
choose_nodes() {
  local ranks=$1 threads=$2 nodes=$3 cores n room=0
  shift 3
  cores=("$@") chosen=()
  if [[ ! $nodes ]]; then
    nodes=$((${#cores[@]} < ranks ? ${#cores[@]} : ranks))
    for n in "${!cores[@]}"; do
      ((cores[n] >= threads)) || continue
      chosen+=("$n") room=$((room + cores[n] / threads))
      ((room < ranks)) || return 0
    done
  fi
  mapfile -t chosen < <(seq 0 $((nodes - 1)))
  for n in "${chosen[@]}"; do ((cores[n] >= threads)) || room=-1; done
  ((room < 0 || $(room_for "$threads" "${cores[@]:0:nodes}") < ranks)) || return 0
  mapfile -t chosen < <(for n in "${!cores[@]}"; do echo "${cores[n]} $n"; done | sort -k1,1nr -k2,2n |
    sed -n "1,${nodes}p" | cut -d ' ' -f 2 | sort -n)
}

# spread_ranks RANKS THREADS CORES...: sets `ranks_on`, how many ranks each of these nodes gets, at least one. In
# proportion to their cores, so evenly on equal nodes; a node gets more than it has cores for only when all have. Sets
# `crowded` if that is so.
spread_ranks() {
  local ranks=$1 threads=$2 cores n best
  shift 2
  cores=("$@") ranks_on=() crowded=""
  for n in "${!cores[@]}"; do ranks_on[n]=1; done
  for ((ranks -= ${#cores[@]}; ranks > 0; --ranks)); do
    best=0
    for n in "${!cores[@]}"; do
      (((ranks_on[n] + 1) * cores[best] >= (ranks_on[best] + 1) * cores[n])) || best=$n
    done
    ranks_on[best]=$((ranks_on[best] + 1))
  done
  for n in "${!cores[@]}"; do
    ((ranks_on[n] * threads <= cores[n])) || crowded=yes
  done
}

# tell_places THREADS NAME:RANKS:CORES...: "20 on n1, which has 16, 10 on n2, which has 8", as workers; not of many
tell_places() {
  local threads=$1 place name ranks cores text=""
  shift
  for place in "${@:1:4}"; do
    IFS=: read -r name ranks cores <<<"$place"
    text+="${text:+, }$((ranks * threads)) on $name, which has $cores"
  done
  (($# <= 4)) || text+=", and so on"
  echo "$text"
}

# sum_of NUMBER...
sum_of() {
  local number sum=0
  for number; do sum=$((sum + number)); done
  echo "$sum"
}

# repeated N LINE
repeated() {
  local n
  for ((n = 0; n < $1; ++n)); do echo "$2"; done
}
