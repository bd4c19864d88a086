#!/usr/bin/env bash
# Is this machine ready? One screen: what there is, what is missing, and what mends it. ./lab doctor comes here.
#   slurm/doctor.sh [PACKAGE...]      PACKAGEs: of this distribution, that are missing
# Exit status: 0 the kit can do all of its work, 1 something that it needs is missing, 2 wrong usage.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=slurm/programs.sh
source "$root/slurm/programs.sh"
wrong=0
green="" red="" plain=""
if [[ -t 1 && ${TERM:-dumb} != dumb && ! ${NO_COLOR:-} ]]; then
  green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

# ok WHAT VALUE; note WHAT VALUE: it would be better otherwise; wrong WHAT VALUE REMEDY
ok() { printf '  %sok%s     %-10s  %.58s\n' "$green" "$plain" "$1" "$2"; }
note() { printf '  -      %-10s  %s\n' "$1" "$2"; }
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

# at_least VERSION LEAST
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

check_tools() {
  local compiler version least
  compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt" 2>/dev/null || :)
  compiler=${compiler:-${CXX:-c++}}
  if ! command -v "$compiler" >/dev/null; then
    wrong compiler "there is no $compiler" "./lab setup"
  else
    version=$("$compiler" -dumpfullversion -dumpversion)
    least=12
    [[ $("$compiler" --version) != *clang* ]] || least=14
    if at_least "$version" "$least"; then
      ok compiler "$("$compiler" --version | head -n 1)"
    else
      wrong compiler "$compiler $version is too old" "install g++ 12 or clang++ 14; then rm -r $build and ./lab build"
    fi
  fi
  if ! command -v cmake >/dev/null; then
    wrong cmake "there is none" "./lab setup"
  else
    version=$(cmake --version | sed -n '1s/[^0-9]*//p')
    if at_least "$version" 3.25; then ok cmake "$version"; else wrong cmake "$version" "at least 3.25 is needed: pip install cmake, or a module"; fi
  fi
}

check_packages() {
  if (($# > 0)) && [[ -x $build/drivers/mpi ]]; then
    note packages "$# missing, but found by other means: the kit is built"
  elif (($# > 0)); then
    wrong packages "$# missing: $*" "./lab setup"
  elif command -v apt-get >/dev/null; then
    ok packages "all are installed"
  else
    note packages "this is no Debian: ./lab setup lists what is needed"
  fi
}

# "Open MPI 4.1", of what a library or a launcher calls itself; other MPIs have the launcher of MPICH
mpi_called() {
  local version
  version=$(grep -oE '[0-9]+\.[0-9]+' <<<"$1" | head -n 1)
  case $1 in
    *"Open MPI"* | *OpenRTE* | *PRRTE*) echo "Open MPI ${version%%.*}" ;;
    *) echo "MPICH" ;;
  esac
}

check_mpi() {
  local library launcher said
  run=$("$build/drivers/mpi" --dry-run --json --kernel sleep --tasks 1 2>&1 || :)
  library=$(text mpi)
  if [[ ! $library ]]; then
    wrong MPI "a program of one rank does not start: ${run:0:40}" "module load the MPI it was built with, or rm -r build and ./lab build"
    return
  fi
  launcher=$(command -v mpirun || :)
  if [[ ! $launcher ]]; then
    wrong MPI "$library, but there is no mpirun" "module load the MPI it was built with"
    return
  fi
  said=$(mpirun --version 2>&1 | head -n 2 | tr '\n' ' ')
  if [[ $(mpi_called "$said") != "$(mpi_called "$library")" ]]; then
    wrong MPI "built with $library, but $launcher is $(mpi_called "$said")'s" "module load the MPI it was built with, or rm -r build and ./lab build"
  elif ! said=$("$root/slurm/launch.sh" mpi -n 2 -- --kernel sleep --tasks 2 --task-units 1 --repetitions 1 --quiet 2>&1); then
    wrong MPI "$library, but two ranks do not start" "$(head -n 1 <<<"$said")"
  else
    ok MPI "$library, two ranks started by $launcher"
  fi
}

check_cores() {
  local cores cpus threads slow limit
  cores=$(number cores) cpus=$(number cpus) threads=$(number threads_per_core) slow=$(number efficiency_cpus) limit=$(number cpu_limit)
  ok cores "${cores:-$cpus}${threads:+, $threads thread$( ((threads == 1)) || echo s) each}${slow:+, $slow CPUs of them slow}$([[ $(nproc) == "$cpus" ]] || echo ", $(nproc) CPUs are yours")"
  [[ ! $limit ]] || note limit "the cgroup allows $limit of $cpus CPUs: more workers share them"
  ((${cores:-$cpus} > 1)) || note cores "one core: only what waits gets faster with more workers"
}

check_memory() {
  local bytes
  ok memory "$(gigabytes "$(number memory_bytes)"), $(gigabytes "$(number available_bytes)") free"
  bytes=$(df -B 1 --output=avail /dev/shm 2>/dev/null | tail -n 1 || :)
  if [[ ! $bytes ]]; then
    note /dev/shm "there is none: ranks of a node have a copy of the data each"
  elif ((bytes < 1 << 28)); then
    note /dev/shm "$(gigabytes "$bytes") free: large data are copied for each rank (docker run --shm-size 1g)"
  else
    ok /dev/shm "$(gigabytes "$bytes") free"
  fi
}

check_slurm() {
  local said
  if command -v sbatch >/dev/null && said=$(timeout 10 sinfo --version 2>/dev/null) && timeout 10 sinfo >/dev/null 2>&1; then
    ok Slurm "$said answers: ./lab slurm check looks closer"
  else
    note Slurm "none answers; ./lab cluster up starts one here"
  fi
  if said=$("$root/slurm/cluster.sh" check 2>&1); then
    ok cluster "one can be started here"
  else
    note cluster "$(tail -n 1 <<<"$said" | cut -c 1-56)"
  fi
}

check_figures() {
  if command -v gnuplot >/dev/null; then
    ok figures "$(gnuplot --version)"
  else
    wrong figures "there is no gnuplot: reports have no figures" "./lab setup"
  fi
}

main() {
  local run="" system
  system=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\).*/\1/p' /etc/os-release 2>/dev/null || :)
  echo "scalelab on ${HOSTNAME:-this machine}, ${system:-$(uname -sr)}"
  check_tools
  check_packages "$@"
  if [[ -x $build/drivers/mpi ]]; then
    check_mpi
    run=$("$build/drivers/sequential" --kernel sleep --tasks 1 --task-units 1 --repetitions 1 --warmup 0 --json)
    run=${run%%$'\n'*}
    check_cores
    check_memory
  else
    note kit "not built yet: its programs look at MPI, cores, memory"
  fi
  check_slurm
  check_figures
  if ((wrong == 0)) && [[ ! -x $build/drivers/mpi ]]; then
    echo "Nothing is missing so far: ./lab build, and then ask again."
  elif ((wrong == 0)); then
    echo "${green}All is well.${plain}"
  else
    echo "${red}$wrong to mend.${plain}"
    exit 1
  fi
}

main "$@"
