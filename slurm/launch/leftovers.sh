# shellcheck shell=bash disable=SC2154  # scratch, build: set by who sources this
# What MPI leaves behind where ranks or their launcher are killed. Sourced by launch.sh.

# An MPI keeps memory that ranks share in files, and where it is killed it leaves them. Such a file
# that no process maps is left over: by this run, or, if it is old, by an earlier one.
remove_segments() {
  local file left=()
  # Clang's OpenMP does not keep its files mapped, but they bear the process's number; a dead one has no program.
  for file in /dev/shm/__KMP_REGISTERED_LIB_*; do
    [[ ! -O $file || ! $file =~ _LIB_([0-9]+)_ || -e /proc/${BASH_REMATCH[1]}/exe ]] || rm -f "$file"
  done
  for file in /dev/shm/{vader,sm}_segment."${HOSTNAME%%.*}".* /dev/shm/osc_{sm,rdma}."${HOSTNAME%%.*}".* \
    /dev/shm/mpich_shar_tmp* /dev/shm/ucx_shm_posix_*; do
    [[ -O $file ]] || continue
    [[ $file -nt $scratch/begin || $(find "$file" -mmin +1 2>/dev/null) ]] || continue
    grep -qsF "$file" /proc/[0-9]*/maps || left+=("$file")
  done
  ((${#left[@]} == 0)) && return
  sleep 1  # another job may just be about to map it
  for file in "${left[@]}"; do
    grep -qsF "$file" /proc/[0-9]*/maps || rm -f "$file"
  done
}

# What Open MPI 4.1 and 5 keep among the temporary files as long as mpirun, of this process id, lives.
remove_session() {
  local folder=${TMPDIR:-/tmp} host=ompi.${HOSTNAME%%.*}.$EUID
  rm -rf -- "$folder"/prterun.{"$HOSTNAME","${HOSTNAME%%.*}"}."$1.$EUID"
  (
    # First there, then looked at: others may put a link there, which leads to folders of ours that are none of MPI's.
    cd -P -- "$folder/$host" && [[ ! -L $folder/$host && . -ef $folder/$host && -O . ]] || exit
    rm -rf -- "pid.$1"
    # Ranks of version 5 that lose mpirun while they start make folders of their own, jf.0/JOB, and leave them empty.
    # Those of a run that is just starting are empty, too, but young.
    find -P . -mindepth 2 -maxdepth 2 -type d -path './jf.*' -mmin +1 -exec find -P '{}' -depth -type d -empty -delete ';'
    rmdir -- jf.*
    rmdir -- "$folder/$host"  # where nobody else's is in it
  ) 2>/dev/null || :
}

# Ranks whose launcher was killed may take a moment to die, and till then they map their segments.
wait_for_ranks() {
  local tries process alive
  for ((tries = 0; tries < 20; ++tries)); do
    alive=""
    for process in /proc/[0-9]*; do
      [[ $process/exe -ef $build/drivers/mpi ]] || continue
      ! grep -qsF "SCALELAB_STATUS_FILE=$scratch/" "$process/environ" || alive=yes
    done
    [[ $alive ]] || return 0
    sleep 0.1
  done
}
