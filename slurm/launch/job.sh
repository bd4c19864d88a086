# shellcheck shell=bash disable=SC2034,SC2154  # what is set and read here belongs to launch.sh, which sources this
# Ranks in a Slurm job: which nodes it has, and what starts ranks on them.

# hosts_in LIST: the names that Slurm's list of nodes stands for, a line each
hosts_in() { [[ $1 ]] && scontrol show hostnames "$1" 2>/dev/null; }

# shown_nodes <what scontrol -d shows of a job: its nodes and how many CPUs of each it has: "n1 4"
shown_nodes() {
  local list ids host range part n
  grep -oE ' Nodes=[^ ]+ CPU_IDs=[0-9,-]+' | sed 's/ Nodes=//; s/ CPU_IDs=/ /' | while read -r list ids; do
    n=0
    for range in ${ids//,/ }; do
      part=${range#*-}
      n=$((n + part - ${range%-*} + 1))
    done
    for host in $(hosts_in "$list"); do echo "$host $n"; done
  done
}

# read_allocation: sets `hosts`, the nodes of the Slurm job that this is in, and `cores`, how many cores each has for
# ranks. Both are empty where ranks run on this machine; if that may surprise, `doubt` says why.
#
# What Slurm leaves in the environment may be there in part (a container, a notebook, a shell of ssh), and be out of
# date: of a job that goes on without a lost node (--no-kill), Slurm knows which nodes are left.
read_allocation() {
  local shown="" counts=() left n
  hosts=() cores=() doubt=""
  [[ ${SLURM_JOB_ID:-} ]] || return 0
  if ! command -v srun >/dev/null || ! command -v scontrol >/dev/null; then
    [[ ${SLURM_JOB_NUM_NODES:-${SLURM_NNODES:-1}} == 1 ]] ||
      doubt="there is no srun here, so ranks run on this node only, not on the others of job $SLURM_JOB_ID"
    return 0
  fi
  mapfile -t hosts < <(hosts_in "${SLURM_JOB_NODELIST:-${SLURM_NODELIST:-}}")
  mapfile -t counts < <(counts_of "${SLURM_JOB_CPUS_PER_NODE:-}")
  ((${#hosts[@]} > 0 && ${#hosts[@]} == ${#counts[@]})) || hosts=()
  if shown=$(LC_ALL=C timeout 30 scontrol show job --details --oneliner "$SLURM_JOB_ID" 2>&1); then
    # The job is over. (A name of a job or of a user may be any word.)
    [[ ! " $shown" =~ \ JobState=(PENDING|BOOT_FAIL|CANCELLED|COMPLETED|DEADLINE|FAILED|NODE_FAIL|OUT_OF|PREEMPTED|TIMEOUT) ]] ||
      hosts=() shown=""
  elif [[ $shown =~ Invalid\ job|configuration\ source|[Mm]unge|[Aa]uthentication ]]; then
    # It never was, or this, perhaps a container, is not on speaking terms with Slurm. A controller that is only slow to
    # answer says something else.
    hosts=() shown=""
  fi
  shown=$(shown_nodes <<<"$shown") || shown=""
  if ((${#hosts[@]} == 0)); then
    mapfile -t hosts < <(cut -d ' ' -f 1 <<<"$shown" | grep .)
    mapfile -t counts < <(cut -d ' ' -f 2 <<<"$shown" | grep .)
    ((${#hosts[@]} > 0)) ||
      doubt="Slurm tells nothing of job $SLURM_JOB_ID (SLURM_JOB_ID), so ranks run on this machine: unset SLURM_JOB_ID, if this is in no job"
  fi
  mapfile -t cores < <(cores_of_counts "${counts[@]}")
  left=" $(cut -d ' ' -f 1 <<<"$shown" | paste -s -d ' ') "
  for n in "${!hosts[@]}"; do
    [[ ${left// /} && $left != *" ${hosts[n]} "* || " ${SCALELAB_LOST_NODES:-} " == *" ${hosts[n]} "* ]] || continue
    unset "hosts[n]" "cores[n]"
  done
  n=${#counts[@]}
  hosts=("${hosts[@]}") cores=("${cores[@]}")
  ((${#hosts[@]} > 0 || n == 0)) || die "no node of job $SLURM_JOB_ID is left" 1
}

# start_in_job OPTION...: start_ranks_with for the nodes of a job, by its variables. As few nodes as the ranks' threads
# need, so that a curve fills one node after the other.
start_in_job() {
  local threads chosen ranks_on crowded on_each n on=()
  threads=$(value_of --threads-per-rank "$@")
  [[ $threads =~ ^[1-9][0-9]{0,4}$ ]] || threads=1  # if it is wrong, the driver says so
  # Of the nodes that were wanted, one may have been lost.
  if [[ ${SCALELAB_LOST_NODES:-} ]] && ((${nodes:-1} > ${#hosts[@]})); then nodes=${#hosts[@]}; fi
  ((${nodes:-1} <= ${#hosts[@]})) || die "-N: the job has ${#hosts[@]} nodes, got $nodes"
  ((${nodes:-1} <= ranks)) || die "-N: expected at most as many nodes as ranks, $ranks, got $nodes"
  choose_nodes "$ranks" "$threads" "$nodes" "${cores[@]}"
  for n in "${chosen[@]}"; do on+=("${cores[n]}"); done
  spread_ranks "$ranks" "$threads" "${on[@]}"
  for n in "${!chosen[@]}"; do on[n]=${hosts[chosen[n]]}:${ranks_on[n]}:${on[n]}; done
  [[ ! $crowded ]] ||
    warn "$((ranks * threads)) workers on $(sum_of "${on[@]##*:}") cores: $(tell_places "$threads" "${on[@]}")"
  on_each=$(((ranks + ${#on[@]} - 1) / ${#on[@]}))
  # Where the nodes of a job are alike, and all there, each launcher takes as many as it needs by itself.
  if [[ $(printf '%s\n' "${cores[@]}" | sort -u | wc -l) != 1 || ${#hosts[@]} != "${SLURM_JOB_NUM_NODES:-${SLURM_NNODES:-}}" ]]; then
    mapfile -t hostfile < <(for n in "${!on[@]}"; do repeated "${ranks_on[n]}" "${on[n]%%:*}"; done)
  fi
  export SLURM_EXPORT_ENV=ALL  # sbatch --export=NONE is not meant for what is started now
  # The step that this is in holds all CPUs, as does one that is about to end, for which a lost node has to answer.
  [[ ! ${SLURM_STEP_ID:-}${SCALELAB_LOST_NODES:-} ]] || export SLURM_OVERLAP=1
  case ${SCALELAB_LAUNCHER:-srun} in
    # All of it explicitly: since Slurm 22.05 srun does not inherit --cpus-per-task, without pmix it may
    # start so many programs of one rank each, and a script that is read from standard input must not
    # be read by the ranks. What else was asked for the job must not shape this step.
    srun)
      unset SLURM_HOSTFILE SLURM_DISTRIBUTION SLURM_NTASKS_PER_NODE SLURM_NTASKS_PER_SOCKET SLURM_NTASKS_PER_CORE
      starting=(srun "--mpi=$srun_mpi" --export=ALL --nodes="${#on[@]}" --ntasks="$ranks")
      if ((${#hostfile[@]} > 0)); then starting+=(--distribution=arbitrary); else starting+=(--ntasks-per-node="$on_each"); fi
      starting+=(--cpus-per-task="$threads" --cpu-bind=none --kill-on-bad-exit=1 --input=none)
      [[ ! $crowded ]] || starting+=(--overcommit)
      ;;
    mpirun)
      # What Open MPI and MPICH look for
      export SLURM_JOBID=$SLURM_JOB_ID SLURM_NNODES=${#hosts[@]}
      SLURM_NODELIST=$(IFS=, && echo "${hosts[*]}")
      SLURM_TASKS_PER_NODE=$(IFS=, && echo "${cores[*]}")
      export SLURM_NODELIST SLURM_TASKS_PER_NODE SLURM_JOB_NODELIST=${SLURM_JOB_NODELIST:-$SLURM_NODELIST}
      if ((${#hostfile[@]} > 0)); then
        if [[ $mpi == MPICH ]]; then starting+=(-hosts); else starting+=(--map-by slot --host); fi
        starting+=("$(IFS=, && echo "${on[*]%:*}")")
      elif [[ $mpi == MPICH ]]; then
        starting+=(-ppn "$on_each")
      else
        starting+=(--map-by "ppr:$on_each:node")
      fi
      ;;
    *) die "SCALELAB_LAUNCHER: expected srun or mpirun, got '$SCALELAB_LAUNCHER'" ;;
  esac
}

# Ranks are started on this machine, but there are variables of a job: mpirun must not look for its nodes. The record
# still tells the job.
forget_job() {
  export OMPI_MCA_plm=^slurm OMPI_MCA_ras=^slurm PRTE_MCA_plm=^slurm PRTE_MCA_ras=^slurm
  export HYDRA_RMK=user HYDRA_LAUNCHER=fork
}
