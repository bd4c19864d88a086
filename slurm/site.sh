# shellcheck shell=bash
# The one file to edit for a cluster. Job scripts, ./lab slurm and ./lab sweep --backend slurm read it; for jobs that
# you submit by hand: source slurm/site.sh. ./lab slurm check tries it with a tiny job and says what to change.

# Who pays. Empty: your default account.
export SBATCH_ACCOUNT=${SBATCH_ACCOUNT:-}

# Where jobs go. Empty: the partition that sinfo marks with a star.
export SBATCH_PARTITION=${SBATCH_PARTITION:-}

# What has to be loaded before the kit is built and run: "gcc/13 openmpi/4.1".
site_modules=""

# How ranks are started in a job: srun, or mpirun where srun and the MPI do not understand each other. And the
# --mpi of srun, where it is not pmix (Open MPI) or pmi2 (MPICH): what `srun --mpi=list` has and the MPI was built
# for; never none.
export SCALELAB_LAUNCHER=${SCALELAB_LAUNCHER:-srun}
export SCALELAB_SRUN_MPI=${SCALELAB_SRUN_MPI:-}

# How many CPUs of a node have a worker. Empty: as many as sinfo says that a node has physical cores, so that no two
# workers share one; of nodes that are not alike, each as many as it has.
export SCALELAB_CORES_PER_NODE=${SCALELAB_CORES_PER_NODE:-}

# A folder on each node for temporary files, which file-io measures: the node's own disk, not memory and not the
# network. Empty: what Slurm or the system sets.
site_scratch=""

# ---- nothing to edit below -----------------------------------------------------------------------

if command -v sinfo >/dev/null; then
  [[ $SBATCH_PARTITION ]] || SBATCH_PARTITION=$(sinfo --noheader --format=%P 2>/dev/null | sed -n 's/\*$//p' | sed -n 1p || :)
  # Of each kind of node: CPUs, sockets:cores:threads; a job may be in another partition.
  site_partition=${SLURM_JOB_PARTITION:-$SBATCH_PARTITION}
  site_kinds=$(sinfo --noheader --Node ${site_partition:+--partition="$site_partition"} --format='%c %z' 2>/dev/null |
    awk -F '[ :]+' '{ cores = $2 * $3; if (cores > 0) print cores, ($1 > cores ? int($1 / cores) : 1) }' | sort -u -n || :)
  [[ $SCALELAB_CORES_PER_NODE || $site_kinds == *$'\n'* ]] || SCALELAB_CORES_PER_NODE=${site_kinds% *}
  export SCALELAB_CPUS_PER_CORE=${SCALELAB_CPUS_PER_CORE:-$(sed -n '$s/.* //p' <<<"$site_kinds")}
fi
[[ $SBATCH_ACCOUNT ]] || unset SBATCH_ACCOUNT
[[ $SBATCH_PARTITION ]] || unset SBATCH_PARTITION
[[ ! $site_scratch ]] || export TMPDIR=$site_scratch
# shellcheck disable=SC2086
[[ ! $site_modules ]] || module load $site_modules
