#!/usr/bin/env bash
# lab setup on machines that are not this one: package managers that write down what they are called with.
#   tests/lab/setup.sh
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-setup.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"

# On these machines there is nothing but what a shell needs. A copy of the kit: an ordinary user may not see this one.
machine() {
  local program
  rm -rf "${scratch:?}/bin" "$scratch/called"
  mkdir -p "$scratch/bin"
  chmod a+rx "$scratch"
  for program in awk bash cat cut dirname env grep head mkdir mktemp paste readlink sed sh sort tail touch tr uname "$@"; do
    ln -s "$(command -v "$program")" "$scratch/bin/$program"
  done
  touch "$scratch/called"
}

# fake NAME [TEXT [STATUS]]: a program that says TEXT
fake() {
  printf '#!/bin/sh\necho "%s $*" >>"%s/called"\ncat <<"X"\n%s\nX\nexit %s\n' "$1" "$scratch" "${2:-}" "${3:-0}" >"$scratch/bin/$1"
  chmod a+rx "$scratch/bin/$1"
}

# setup [WORD...]: sets `said` and `status`
setup() {
  said=$(env -u CXX -u CONDA_PREFIX -u LMOD_CMD -u MODULESHOME "${environment[@]}" PATH="$scratch/bin" TMPDIR="$scratch" \
    "${as[@]}" "$scratch/kit/lab" setup "$@" 2>&1 </dev/null) && status=0 || status=$?
}

called() { contains "$(cat "$scratch/called")" "$1"; }
not_called() { ! grep -q "^$1 " "$scratch/called"; }
says() { contains "$said" "$1"; }
lacks() { [[ $said != *"$1"* ]] || { echo "          '$said' has '$1'" && false; }; }

mkdir "$scratch/kit"
cp -R "$root/lab" "$root/slurm" "$scratch/kit"
chmod -R a+rX "$scratch/kit"
environment=() as=()

echo "dnf"
machine
fake rpm "" 1
fake dnf 14.2
setup --yes
if ((EUID == 0)); then
  check "all is installed, under Red Hat's names" called "install --assumeyes gcc-c++ make cmake openmpi-devel openssh-clients eigen3-devel boost-devel fmt-devel json-devel catch-devel gnuplot"
  check "the MPI still has to be loaded" says "module load mpi/openmpi-"
  check "that is a success" equal "$status" 0
fi
fake rpm "" 0
setup
check "what is there is not installed" says "nothing is missing"

echo "dnf, and its compiler is too old"
machine
fake rpm "" 1
fake dnf 11.5.0
setup --yes
check "what is wanted" says "g++ 11.5.0 is too old: g++ 12 or clang++ 14 is wanted"
check "and how to come by it" says "gcc-toolset-13"
check "nothing is installed" not_called "dnf install"
check "that is a failure" equal "$status" 1

echo "Debian 11"
machine
fake apt-get
fake dpkg-query "" 1
fake apt-cache "g++:
  Installed: (none)
  Candidate: 4:10.2.1-1"
fake cmake "cmake version 3.18.4"
setup --yes
check "what is wanted of the compiler" says "g++ 10.2.1 is too old: g++ 12 or clang++ 14 is wanted"
check "and of CMake" says "cmake 3.18.4 is too old: 3.25 is wanted"
check "nothing is installed" not_called apt-get
fake g++-11
fake c++ 11.4.0
setup --yes
check "a compiler that is there counts" says "c++ 11.4.0 is too old"

echo "brew"
machine
fake brew "" 1
setup --yes
check "all is installed, under Homebrew's names" called "brew install gcc make cmake open-mpi eigen@3 boost fmt nlohmann-json catch2 gnuplot"
check "which fails, and it says so" says "lab: that failed: brew install"
check "that is a failure" equal "$status" 1

echo "conda only"
machine
fake conda
environment=(MODULESHOME=/somewhere)
setup
environment=()
check "one line makes an environment" says "
  conda create --name scalelab --channel conda-forge cxx-compiler make cmake openmpi openssh eigen=3.4 libboost-devel fmt nlohmann_json catch2 gnuplot
  conda activate scalelab && ./lab build"
check "modules" says "
  module load NAME... && ./lab build
  and the same NAMEs in site_modules in slurm/site.sh, for jobs"
check "folders" says "CMAKE_PREFIX_PATH="
check "conda itself is not run" not_called conda

echo "nothing at all"
machine
setup
check "what it is built from" says "libeigen3-dev"
check "where conda is" says "https://conda-forge.org/download"
check "no modules where there are none" lacks "module load"
check "that is no failure" equal "$status" 0

if ((EUID == 0)) && command -v setpriv >/dev/null; then
  echo "an ordinary user without sudo"
  machine setpriv
  fake apt-get
  fake dpkg-query "" 1
  fake mamba
  as=(setpriv --reuid 65534 --clear-groups)
  setup --yes
  as=()
  check "what root has to do" says "13 packages are missing. As root:
  apt-get update && apt-get install --yes --no-install-recommends g++ make cmake"
  check "and what needs no root" says "mamba create --name scalelab"
  check "that is a failure" equal "$status" 1
fi

if command -v apt-cache >/dev/null && apt-cache show g++ >/dev/null 2>&1; then
  echo "this machine's apt"
  # shellcheck source=slurm/setup/packages.sh
  source "$root/slurm/setup/packages.sh"
  apt-cache pkgnames >"$scratch/names"
  for package in $(packages_for apt kit cluster tests); do
    check "$package" grep -qx -- "$package" "$scratch/names"
  done
else
  echo "  -       apt has no lists here: whether it knows all packages was not tried"
fi
end_of_checks
