# shellcheck shell=bash disable=SC2034,SC2154  # own_build is set by programs.sh
# Which launcher belongs to the MPI that the driver mpi was built with: CMake has left it beside the driver.

# read_pairing BUILD: sets `mpirun`, a program, `mpi`, Open MPI or MPICH, and `srun_mpi`, what srun --mpi needs
read_pairing() {
  local told=() file=$1/drivers/mpi.launcher
  [[ -r $file ]] || file=$own_build/drivers/mpi.launcher  # drivers of one's own, linked with the kit's
  [[ ! -r $file ]] || mapfile -t told <"$file"
  mpirun=${SCALELAB_MPIRUN:-${told[0]:-mpirun}}
  mpi=${told[1]:-Open MPI}
  srun_mpi=pmix
  [[ $mpi == "Open MPI" ]] || srun_mpi=pmi2
  srun_mpi=${SCALELAB_SRUN_MPI:-$srun_mpi}
}

# mpi_called TEXT: whose it is, of what a library or a launcher calls itself; other MPIs have MPICH's launcher
mpi_called() {
  local version
  version=$(grep -oE '[0-9]+\.[0-9]+' <<<"$1" | sed -n 1p)
  case $1 in
    *"Open MPI"* | *OpenRTE* | *PRRTE*) echo "Open MPI ${version%%.*}" ;;
    *) echo "MPICH" ;;
  esac
}
