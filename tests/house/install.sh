#!/usr/bin/env bash
# The kit once it is installed: staged, moved to a folder with a blank in its name, each header compiled, used from
# elsewhere, and docs/own-kernel built against it.
#   tests/house/install.sh KIT_BUILD CXX_COMPILER
set -euo pipefail

build=$1 compiler=$2
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
scratch=$(cd -- "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$scratch"' EXIT
prefix="$scratch/moved here" kit="$scratch/moved here/share/scalelab" include="$scratch/moved here/include/scalelab"
drivers=(sequential openmp processes mpi)
unset SCALELAB_BUILD

# lab WORD...: the installed one; leaves $status, and what it printed in the files out and err
lab() {
  status=0
  timeout -k 5 120 "$prefix/bin/lab" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}
out() { cat "$scratch/out"; }
digest() { sed -n '2s/.*"digest":"\([0-9a-f]*\)".*/\1/p' "$scratch/out"; }
# of_run NAME: a text in the line of the run
of_run() { sed -n "1s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$scratch/out"; }

# digests OPTION...: of all drivers, with how many drivers have each: "4 0123456789abcdef"
digests() {
  local driver workers
  for driver in "${drivers[@]}"; do
    workers=(-n 3)
    [[ $driver != sequential ]] || workers=()
    lab run "$driver" "${workers[@]}" -- "$@" --repetitions 1 --json
    digest
  done | sort | uniq -c | sed 's/^ *//'
}
one_digest() { [[ $1 =~ ^4\ [0-9a-f]{16}$ ]] || { echo "          '$1'" && false; }; }

# compile_headers: each by itself, with no other's help
compile_headers() {
  find "$include" -name '*.hpp' -print0 |
    xargs -0 -n 16 -P 2 "$compiler" -std=c++20 -fsyntax-only -w -I "$include" -x c++
}

install_kit() {
  echo "An install, moved:"
  DESTDIR=$scratch/stage cmake --install "$build" --prefix "/the kit" >"$scratch/out" 2>"$scratch/err"
  check "it keeps to DESTDIR" equal "$(ls "$scratch/stage")" "the kit"
  mv "$scratch/stage/the kit" "$prefix"
  check "it has no tests" equal "$(find "$prefix" -name '*test*' -o -name 'catch*' -o -name 'faulty*')" ""
  check "it knows nothing of where it was built" equal \
    "$(grep -rlF -e "$build" -e "$root/" "$prefix/bin" "$prefix/lib"*/cmake "$prefix/lib"*/*/cmake "$kit/slurm" "$kit/lab" "$kit/installed" 2>/dev/null)" ""
  status=0
  "$root/tests/house/docs.sh" --links "$kit" >"$scratch/out" 2>"$scratch/err" || status=$?
  check "all links in its pages lead somewhere" equal "$status $(out)" "0 "
  check "it has headers for kernels and drivers" test -e "$include/kernels/description.hpp" -a -e "$include/drivers/common/driver.hpp"
  compile_headers >"$scratch/out" 2>"$scratch/err" || status=$?
  check "each header can be compiled by itself" equal "$status $(out)" "0 "
  touch "$scratch/installed"
  sleep 0.1
}

use_kit() {
  echo "Used from another folder:"
  mkdir "$scratch/class room"
  cd "$scratch/class room"
  # Not what the machine's own shell would find
  ln -s "$prefix/bin/lab" lab
  check "help, by a link to it" contains "$(./lab help)" "    lab demo  "
  for command in build test bench; do
    lab "$command"
    check "$command needs the sources" equal "$status $(wc -l <"$scratch/err")" "2 1"
  done
  lab doctor
  check "the doctor does not ask for what builds it" contains "$(out)" "installed, in"
  check "it knows the launcher of its MPI" equal "$("$kit/slurm/launch/launch.sh" --pairing)" \
    "$(SCALELAB_BUILD=$build "$root/slurm/launch/launch.sh" --pairing)"
  models=(--kernel many-models --data "$kit/kernels/data/diabetes.csv" --target progression --tasks 50)
  models_digest=$(digests "${models[@]}")
  check "four drivers, one digest" one_digest "$models_digest"
  sweep=(--work "--kernel sleep --tasks 4 --task-units 200" --drivers "sequential,openmp,mpi" --workers "1,2" --rounds 1 --repetitions 1)
  lab sweep first-look "${sweep[@]}"
  check "a sweep" contains "$status $(out)" "0 lab sweep: 5 of 5 runs are done"
  lab validate sweeps/first-look
  check "whose records are as they should be" equal "$status" 0
  lab report sweeps/first-look
  check "a report" equal "$status $(test -s sweeps/first-look/report/report.html && echo page)" "0 page"
  if command -v gnuplot >/dev/null; then
    check "with figures" test -s sweeps/first-look/report/figures/sleep-speedup.svg
  fi
  check "a job script, without Slurm" contains "$(bash "$kit/slurm/strong.sbatch" "${sweep[@]}" 2>&1)" "5 of 5 runs are done"
  check "another, that sums up" contains "$(bash "$kit/slurm/collect.sbatch" sweeps/strong 2>&1)" "sleep"
}

# The number of primes in each of 40 blocks of 500 numbers, by the sieve of Eratosthenes.
sieve() {
  awk 'BEGIN {
    most = 20000
    for (n = 2; n < most; ++n) {
      if (n in composite) continue
      ++primes[int(n / 500)]
      for (k = n * n; k < most; k += n) composite[k] = 1
    }
    for (block = 0; block < 40; ++block) print block "," primes[block] + 0
  }'
}

own_kernel() {
  echo "A kernel of one's own, docs/own-kernel:"
  cp -R "$kit/docs/own-kernel" "$scratch/own kernel"
  cd "$scratch/own kernel"
  check "cmake finds the kit" cmake_quietly -S . -B build -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
  check "it is built" cmake_quietly --build build --parallel 2
  check "no warnings are forced on it" equal "$(grep -c -- ' -W' build/compile_commands.json)" 0
  local kits
  lab run sequential -- "${models[@]}" --json --repetitions 1
  kits="$(of_run kernels_code) $(of_run flags)"
  export SCALELAB_BUILD=build
  check "the launcher is the kit's" equal "$("$kit/slurm/launch/launch.sh" --pairing)" \
    "$(SCALELAB_BUILD='' "$kit/slurm/launch/launch.sh" --pairing)"
  local primes=(--kernel primes --tasks 40 --span 500 --schedule dynamic)
  check "four drivers, one digest" one_digest "$(digests "${primes[@]}")"
  check "the kit's own kernels are there, the same bits" equal "$(digests "${models[@]}")" "$models_digest"
  check "the record tells the same flags, and other code" equal \
    "$(of_run flags) $([[ $(of_run kernels_code) == "${kits%% *}" ]] || echo other) $(of_run type)" "${kits#* } other Release"
  for driver in "${drivers[@]}"; do
    lab run "$driver" -- "${primes[@]}" --quiet --values "$scratch/values"
    check "$driver counts as the sieve does" equal "$(tail -n +2 "$scratch/values")" "$(sieve)"
    lab run "$driver" -- --kernel primes --span none
    check "$driver refuses a wrong option" equal "$status $(grep -v warning: "$scratch/err")" \
      "2 scalelab: --span: expected a whole number from 1 to 1000000, got 'none'"
  done
  lab sweep skew --work "--kernel primes --tasks 40 --span 100" --drivers sequential,openmp --workers 2 \
    --schedules static,dynamic --rounds 1 --repetitions 1
  check "a sweep of it" contains "$status $(out)" "0 lab sweep: 3 of 3 runs are done"
  lab report sweeps/skew --no-figures
  check "and its report" contains "$status $(out)" "primes"
  unset SCALELAB_BUILD
}
cmake_quietly() { cmake "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || { cat "$scratch/out" && false; }; }

other_mpi() {
  echo "Another MPI than that of the kit:"
  local used other
  used=$(sed -n 's/^MPI_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
  for other in /usr/bin/mpicxx.mpich /usr/bin/mpicxx.openmpi; do
    [[ -x $other && ! $other -ef $used ]] || continue
    cmake -S . -B other -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" \
      -DMPI_CXX_COMPILER="$other" >"$scratch/out" 2>&1 || :
    check "$other is refused" contains "$(tr -s ' \n' ' ' <"$scratch/out")" "scalelab was built with the MPI of"
  done
}

install_kit
use_kit
own_kernel
other_mpi
check "nothing was written to the prefix" equal "$(find "$prefix" -newer "$scratch/installed")" ""
end_of_checks
