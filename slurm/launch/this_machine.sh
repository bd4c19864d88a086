# shellcheck shell=bash disable=SC2154  # mpirun, mpi: set by read_pairing
# What mpirun needs of the machine where it is started: what can be arranged is, and the rest is named, before it hangs,
# crashes, or says what only its makers understand. Sourced by launch.sh and doctor.sh.

# trouble_here: what keeps mpirun from starting here, with the remedy; nothing if all is well
trouble_here() {
  local name=${HOSTNAME%%.*} LC_ALL=C remedy="another name helps: hostname NAME, as root; docker run --hostname NAME"
  if [[ $mpi == MPICH ]]; then
    [[ $name != *[[:space:]]* ]] || echo "this machine is called '$(shown "$name")', and MPICH takes no blanks in it: $remedy"
    return 0
  fi
  # Its folder among the temporary files bears the name, and up to version 4 has too little room for a long one.
  if [[ $name == *[/[]* ]]; then
    echo "this machine is called '$(shown "$name")', and Open MPI takes no '/' and no '[' in it: $remedy"
  elif ((${#name} > 56)) && [[ $("$mpirun" --version 2>/dev/null) != *" "[5-9].* ]]; then
    echo "this machine's name has ${#name} letters, and Open MPI 4 crashes above 56: $remedy"
  elif [[ -r /proc/net/fib_trie && ! $(</proc/net/fib_trie) && ! $(</proc/net/if_inet6) ]] 2>/dev/null; then
    echo "no network is up, not even the machine's own, which Open MPI needs: ip link set lo up, as root"
  fi
}

# Other names than those of the internet (Codespaces and Windows give some with '_') are taken by this alone.
allow_any_name() {
  local LC_ALL=C
  [[ ! ${HOSTNAME%%.*} =~ [^A-Za-z0-9-] ]] || export OMPI_MCA_regx=${OMPI_MCA_regx:-naive}
}

# files_for RANKS: how many files mpirun has open at a time: measured with Open MPI 4.1, 8 to 128 ranks, 4 to 5 for each,
# and 20 to 30. Where it may not, it waits for ever.
files_for() { echo $((5 * $1 + 32)); }

# raise_open_files RANKS: as far as is needed, or ends with one line
raise_open_files() {
  local needed most
  needed=$(files_for "$1")
  [[ $(ulimit -S -n) == unlimited ]] || (($(ulimit -S -n) < needed)) || return 0
  ulimit -S -n "$needed" 2>/dev/null || ulimit -n "$needed" 2>/dev/null && return
  most=$((($(ulimit -H -n) - 32) / 5))
  die "-n: $1 ranks need $needed open files, and $(ulimit -H -n) are allowed: ulimit -n $needed, as root, or at most $((most > 0 ? most : 0)) ranks" 1
}

# stay_on_this_machine RANKS: ranks that are all here need no network, and listen to none. Where they have no room to
# share memory they do. (mpirun itself listens for helpers on other hosts: neither Open MPI's nor MPICH's can be told
# not to.)
stay_on_this_machine() {
  [[ ! ${SLURM_JOB_ID:-}${PBS_JOBID:-}${LSB_JOBID:-}${PE_HOSTFILE:-}${LOADL_HOSTFILE:-} ]] || return 0
  [[ ! ${OMPI_MCA_orte_default_hostfile:-}${PRTE_MCA_prte_default_hostfile:-}${HYDRA_HOST_FILE:-} ]] || return 0
  [[ -w /dev/shm ]] && ((10#0$(mebibytes_in /dev/shm) >= 5 * $1)) || return 0
  if [[ $mpi == MPICH ]]; then export UCX_TLS=${UCX_TLS:-self,sm}; else export OMPI_MCA_btl=${OMPI_MCA_btl:-^tcp,ofi}; fi
}
