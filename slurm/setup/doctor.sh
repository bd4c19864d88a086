#!/usr/bin/env bash
# Is this machine ready? One screen: what there is, what is missing, and what mends it. ./lab doctor comes here.
# Exit status: 0 the kit can do all of its work, 1 something that it needs is missing, 2 wrong usage.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../setup/environment.sh"
set -euo pipefail

# shellcheck source=slurm/setup/programs.sh
source "$root/slurm/setup/programs.sh"
# shellcheck source=slurm/setup/packages.sh
source "$root/slurm/setup/packages.sh"
# shellcheck source=slurm/setup/scratch.sh
source "$root/slurm/setup/scratch.sh"
# shellcheck source=slurm/launch/pairing.sh
source "$root/slurm/launch/pairing.sh"
# shellcheck source=slurm/launch/this_machine.sh
source "$root/slurm/launch/this_machine.sh"
wrong=0
green="" red="" plain=""
if [[ -t 1 && ${TERM:-dumb} != dumb && ! ${NO_COLOR:-} ]]; then
  green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

# ok WHAT VALUE; note WHAT VALUE: it would be better otherwise; wrong WHAT VALUE REMEDY
ok() { printf '  %sok%s     %-10s  %.58s\n' "$green" "$plain" "$1" "$2"; }
note() { printf '  -      %-10s  %.58s\n' "$1" "$2"; }
wrong() {
  local text
  text=$(printf '%s\n%s\n' "$2" "$3" | fold -s -w 58)
  printf '  %sWRONG%s  %-10s  %s\n' "$red" "$plain" "$1" "${text//$'\n'/$'\n                     '}"
  wrong=$((wrong + 1))
}

# number NAME, text NAME: of the record in `run`; nothing if it is not there
number() { sed -n "s/.*\"$1\":\\([0-9][0-9.e+]*\\).*/\\1/p" <<<"$run"; }
text() { sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" <<<"$run"; }

gigabytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f GiB", bytes / 2 ^ 30 }'; }

# One that is new enough, by another name, or nothing
newer_compiler() {
  local version compiler
  for version in {20..12}; do
    for compiler in "g++-$version" "clang++-$version"; do
      command -v "$compiler" >/dev/null && [[ ! $(too_old_compiler "$compiler") ]] && echo "$compiler" && return
    done
  done
  return 0
}

check_tools() {
  local compiler version said newer
  compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt" 2>/dev/null || :)
  compiler=${compiler:-${CXX:-c++}}
  if ! command -v "$compiler" >/dev/null; then
    wrong compiler "there is no $compiler" "$lab setup"
  else
    said=$(too_old_compiler "$compiler")
    newer=$([[ ! $said ]] || newer_compiler)
    if [[ ! $said ]]; then
      ok compiler "$("$compiler" --version | sed -n 1p)"
    elif [[ $newer ]]; then
      wrong compiler "$said" "rm -rf ${build@Q} && CXX=$newer $lab build"
    else
      wrong compiler "$said" "$lab setup"
    fi
  fi
  if ! command -v cmake >/dev/null; then
    wrong cmake "there is none" "$lab setup"
  else
    version=$(cmake --version | sed -n '1s/[^0-9]*//p')
    if at_least "$version" "$least_cmake"; then ok cmake "$version"; else wrong cmake "$version is too old: $least_cmake is wanted" "pip install --user 'cmake>=$least_cmake'"; fi
  fi
}

check_packages() {
  local manager missing=()
  manager=$(package_manager)
  mapfile -t missing < <(missing_packages kit)
  set -- "${missing[@]}"
  if (($# > 0)) && [[ -x $build/drivers/mpi ]]; then
    note packages "$# missing, but found by other means: the kit is built"
  elif (($# > 0)); then
    wrong packages "$# missing: $*" "$lab setup"
  elif [[ $manager ]]; then
    ok packages "all are installed ($manager)"
  elif [[ -x $build/drivers/mpi ]]; then
    note packages "no apt, dnf or brew, but the kit is built"
  else
    note packages "not known without apt, dnf or brew: see $lab setup"
  fi
}

check_mpi() {
  local library mpirun mpi srun_mpi said trouble anew="rm -rf ${build@Q} && $lab build"
  [[ ! $installed ]] || anew="install the kit anew"
  read_pairing "$build"
  allow_any_name
  trouble=$(trouble_here)
  if [[ $trouble ]]; then
    wrong MPI "${trouble%%: *}" "${trouble#*: }"
    return
  fi
  # Within an allocation Slurm announces ranks to all that is started.
  run=$(env -u SLURM_NTASKS -u SLURM_STEP_NUM_TASKS "$build/drivers/mpi" --dry-run --json --kernel sleep --tasks 1 2>&1 || :)
  library=$(text mpi)
  if [[ ! $library ]]; then
    wrong MPI "a program of one rank does not start: ${run:0:40}" "module load the MPI it was built with, or $anew"
    return
  fi
  mpirun=$(command -v "$mpirun" || echo "$mpirun")
  if [[ ! -x $mpirun ]]; then
    wrong MPI "$library, but there is no $mpirun" "SCALELAB_MPIRUN=PATH names its mpirun, or $anew"
    return
  fi
  said=$("$mpirun" --version 2>&1 | sed -n 1,2p | tr '\n' ' ')
  if [[ $(mpi_called "$said") != "$(mpi_called "$library")" ]]; then
    wrong MPI "built with $library, but $mpirun is $(mpi_called "$said")'s" "SCALELAB_MPIRUN=PATH names its mpirun, or $anew"
  elif ! said=$("$root/slurm/launch/launch.sh" mpi -n 2 -- --kernel sleep --tasks 2 --task-units 1 --repetitions 1 --quiet 2>&1); then
    wrong MPI "$library, but two ranks do not start" "$(head -n 1 <<<"$said")"
  else
    ok MPI "$library, two ranks started by $mpirun"
  fi
}

check_cores() {
  local cores cpus threads slow limit own
  own=$("$root/slurm/launch/launch.sh" --cores node)
  cores=$(number cores) cpus=$(number cpus) threads=$(number threads_per_core) slow=$(number efficiency_cpus) limit=$(number cpu_limit)
  ok cores "${cores:-$cpus}${threads:+, $threads thread$( ((threads == 1)) || echo s) each}${slow:+, $slow CPUs of them slow}$([[ $own == "$cpus" ]] || echo ", $own CPUs are yours")"
  if [[ $limit ]]; then
    note limit "the cgroup allows $limit of $cpus CPUs: more workers share them"
  else
    ok limit "no cgroup limits the CPUs"
  fi
  ((${cores:-$cpus} > 1)) || note cores "one core: only what waits gets faster with more workers"
}

check_files() {
  local files
  files=$(ulimit -H -n)
  [[ $files == unlimited ]] || ((files >= $(files_for 64))) ||
    note files "$files may be open: $((files > 32 ? (files - 32) / 5 : 0)) ranks at most"
}

check_memory() {
  local free
  ok memory "$(gigabytes "$(number memory_bytes)"), $(gigabytes "$(number available_bytes)") free"
  free=$(mebibytes_in /dev/shm)
  if [[ ! -d /dev/shm ]]; then
    note /dev/shm "there is none: ranks may not share the data"
  elif [[ ! -w /dev/shm ]]; then
    note /dev/shm "cannot be written: ranks may not share the data"
  elif ((free < 256)); then
    note /dev/shm "$(gigabytes "$((free << 20))") free: docker run --shm-size 1g gives more"
  else
    ok /dev/shm "$(gigabytes "$((free << 20))") free"
  fi
}

# Open MPI's ranks die without it.
check_temporary() {
  local folder=${TMPDIR:-/tmp} free
  free=$(mebibytes_in "$folder")
  if [[ ! -d $folder || ! -w $folder ]]; then
    wrong temporary "$folder takes no temporary files" "export TMPDIR=FOLDER"
  elif ((free < 16)); then
    wrong temporary "$folder has $free MiB free, 16 are needed" "export TMPDIR=FOLDER, one with room"
  else
    ok temporary "$folder, $(gigabytes "$((free << 20))") free"
    return
  fi
  return 1
}

check_slurm() {
  local said
  if command -v sbatch >/dev/null && said=$(timeout 10 sinfo --version 2>/dev/null) && timeout 10 sinfo >/dev/null 2>&1; then
    ok Slurm "$said answers: $lab slurm check looks closer"
  else
    note Slurm "none answers"
  fi
  if said=$(unshare --user --map-root-user --net true 2>&1); then
    ok namespaces "a user may have some of his own"
  else
    note namespaces "refused: ${said#unshare: }"
  fi
  if said=$("$root/slurm/cluster/cluster.sh" check 2>&1); then
    ok cluster "$lab cluster up starts a Slurm of one's own here"
  elif [[ $said == *" are missing: "* ]]; then
    note cluster "programs are missing: $lab cluster $([[ $(package_manager) =~ ^(apt|dnf)$ ]] && echo "up installs" || echo "check names") them"
  else
    note cluster "none can be started: $lab cluster check says what to do"
  fi
}

check_figures() {
  if command -v gnuplot >/dev/null; then
    ok figures "$(gnuplot --version)"
  else
    wrong figures "there is no gnuplot: reports have no figures" "$lab setup"
  fi
}

# can_be_made FOLDER
can_be_made() {
  local folder=$1
  until [[ -e $folder ]]; do folder=$(dirname -- "$folder"); done
  [[ -d $folder && -w $folder ]]
}

main() {
  local run="" system
  obey_signals
  export HOME=${HOME:-/}  # without one, Open MPI 5 does not start
  system=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\).*/\1/p' /etc/os-release 2>/dev/null || :)
  echo "scalelab on $(shown "${HOSTNAME:-this machine}"), ${system:-$(uname -sr)}"
  if [[ $installed ]]; then ok kit "installed, in $root"; else check_tools; fi  # it is built already
  [[ ! ${SCALELAB_BUILD:-} || ! -x $build/drivers/mpi ]] || ok programs "those in $build, by SCALELAB_BUILD"
  check_packages
  if [[ -x $build/drivers/mpi ]]; then
    if check_temporary; then check_mpi; fi
    if run=$("$build/drivers/sequential" --kernel sleep --tasks 1 --task-units 1 --repetitions 1 --warmup 0 --json 2>&1); then
      run=${run%%$'\n'*}
      check_cores
      check_files
      check_memory
    else
      wrong programs "sequential does not run: ${run:0:80}" "rm -rf ${build@Q} && $lab build"
    fi
  elif can_be_made "$build"; then
    note kit "not built yet: its programs look at MPI, cores, memory"
  else
    wrong kit "not built, and $build cannot be written" "SCALELAB_BUILD=FOLDER $lab build builds elsewhere"
  fi
  check_slurm
  check_figures
  if ((wrong == 0)) && [[ ! -x $build/drivers/mpi ]]; then
    echo "Nothing is known to be missing: $lab build, and then ask again."
  elif ((wrong == 0)); then
    echo "${green}All is well.${plain}"
  else
    echo "${red}$wrong to mend.${plain}"
    exit 1
  fi
}

main
