# shellcheck shell=bash disable=SC2034,SC2154  # root, the folder of the kit, is set by who sources this
# Where the programs are. Sets `build`, whose drivers are run, and `results`, the folder of what reads records.
# SCALELAB_BUILD names a build of your own; where it has drivers only, records are read by the kit's programs.
# In an installed kit there is a file `installed`, which holds the way from the kit to its programs.

# How many CPUs this may use; to be asked in a $(...). nproc alone would take OMP_NUM_THREADS, which modules like to set, for it.
cpus() { exec env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc; }

# As many as a driver takes
most_workers=10000

installed="" own_build=$root/build/release
[[ ! -e $root/installed ]] || installed=$(<"$root/installed")
[[ ! $installed ]] || own_build=$(cd -- "$root/$installed" && pwd)
build=${SCALELAB_BUILD:-$own_build}
results=$build/results
[[ -d $results ]] || results=$own_build/results

# driver_names: those that there are, with blanks between them
driver_names() {
  local program names=()
  for program in "$build"/drivers/*; do
    [[ ! -f $program || ! -x $program ]] || names+=("${program##*/}")
  done
  echo "${names[*]}"
}
