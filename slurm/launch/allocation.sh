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
#
# One after the other, each rank would go where there are then the fewest for each core, as seats go to parties by
# D'Hondt's method: a node's second comes at 2 / cores, its third at 3 / cores. All that come up to a level are given at
# once, up to the highest that is not too high; up to the next, no node would get more than one.
spread_ranks() {
  local ranks=$1 threads=$2 cores n low=0 high level given
  shift 2
  cores=("$@") ranks_on=() crowded=""
  high=$((ranks + ${#cores[@]} + 1))  # is too high
  while ((high - low > 1)); do
    level=$(((low + high) / 2))
    fill_nodes "$level"
    if ((given <= ranks)); then low=$level; else high=$level; fi
  done
  fill_nodes "$low"
  if ((given < ranks)); then
    for n in $(next_nodes $((ranks - given))); do ranks_on[n]=$((ranks_on[n] + 1)); done
  fi
  for n in "${!cores[@]}"; do
    ((ranks_on[n] * threads <= cores[n])) || crowded=yes
  done
}

# fill_nodes LEVEL: sets `ranks_on` and, how many that are, `given`. A level is so many ranks for all cores.
fill_nodes() {
  local n all=0
  given=0
  for n in "${cores[@]}"; do all=$((all + n)); done
  for n in "${!cores[@]}"; do
    ranks_on[n]=$(($1 * cores[n] / all))
    ((ranks_on[n] > 0)) || ranks_on[n]=1
    given=$((given + ranks_on[n]))
  done
}

# next_nodes COUNT: which get one more, first the one with the fewest ranks for each core then, or the first of equals
next_nodes() {
  local n
  for n in "${!cores[@]}"; do echo "$(((ranks_on[n] + 1) * 10 ** 14 / cores[n])) $n"; done |
    sort -k1,1n -k2,2n | sed -n "1,$1s/.* //p"
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
