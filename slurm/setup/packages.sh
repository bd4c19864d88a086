# shellcheck shell=bash disable=SC2154  # wanted, installed: set by who sources this
# What the kit is built from, what package managers call it, and how to come by it: ./lab setup. Sourced by lab
# and doctor.sh.

# The oldest that will do
least_gcc=12 least_clang=14 least_cmake=3.25

# For what (the kit, the mini cluster, or what `test --all` needs more), what it is, and its packages, with commas
# between them; - where none is needed, or there is none.
# ThreadSanitizer understands Clang's OpenMP only. Eigen 5 does not call itself compatible with 3.4.
package_table() {
  cat <<'END'
for      what       apt                                       dnf                       conda           brew
kit      compiler   g++                                       gcc-c++                   cxx-compiler    gcc
kit      make       make                                      make                      make            make
kit      CMake      cmake                                     cmake                     cmake           cmake
kit      MPI        libopenmpi-dev,openmpi-bin                openmpi-devel             openmpi         open-mpi
kit      ssh        openssh-client                            openssh-clients           openssh         -
kit      Eigen      libeigen3-dev                             eigen3-devel              eigen=3.4       eigen@3
kit      Boost      libboost-program-options-dev,libboost-dev boost-devel               libboost-devel  boost
kit      fmt        libfmt-dev                                fmt-devel                 fmt             fmt
kit      JSON       nlohmann-json3-dev                        json-devel                nlohmann_json   nlohmann-json
kit      Catch2     catch2                                    catch-devel               catch2          catch2
kit      gnuplot    gnuplot-nox                               gnuplot                   gnuplot         gnuplot
cluster  Slurm      slurmctld,slurmd,slurm-client             slurm-slurmctld,slurm-slurmd,slurm -      -
cluster  plugins    slurm-wlm-basic-plugins                   -                         -               -
cluster  munge      munge                                     munge                     -               -
cluster  users      uidmap                                    shadow-utils              -               -
cluster  network    iproute2                                  iproute                   -               -
tests    Clang      clang,libclang-rt-dev,libomp-dev          clang,compiler-rt,libomp-devel -          -
tests    format     clang-format                              clang-tools-extra         -               -
tests    MPICH      mpich,libmpich-dev                        mpich-devel               -               -
tests    network    iproute2                                  iproute                   -               -
tests    processor  qemu-user                                 qemu-user                 -               -
tests    shell      shellcheck                                ShellCheck                shellcheck      shellcheck
tests    HTML       tidy                                      tidy                      -               tidy-html5
tests    locales    locales                                   glibc-locale-source       -               -
END
}

# packages_for MANAGER PURPOSE...: their names, each once
packages_for() {
  package_table | awk -v manager="$1" -v purposes=" ${*:2} " '
    NR == 1 { for (i = 1; i <= NF; ++i) if ($i == manager) column = i; next }
    index(purposes, " " $1 " ") && $column != "-" {
      count = split($column, names, ",")
      for (i = 1; i <= count; ++i) if (!seen[names[i]]++) print names[i]
    }'
}

# The one that this machine has, or nothing
package_manager() {
  local manager
  for manager in apt-get dnf brew; do
    command -v "$manager" >/dev/null || continue
    echo "${manager%-get}"
    return
  done
}

is_installed() {
  case $1 in
    apt) [[ $(dpkg-query -W -f='${Status}' "$2" 2>/dev/null) == *"ok installed"* ]] ;;
    dnf) rpm --query --quiet --whatprovides "$2" >/dev/null 2>&1 ;;
    brew) brew list --versions "$2" >/dev/null 2>&1 ;;
  esac
}

# missing_packages PURPOSE...: of this machine's package manager
missing_packages() {
  local manager package
  manager=$(package_manager)
  [[ $manager ]] || return 0
  for package in $(packages_for "$manager" "$@"); do
    is_installed "$manager" "$package" || echo "$package"
  done
}

# install_command MANAGER PACKAGE...
install_command() {
  case $1 in
    apt) echo "apt-get update && apt-get install --yes --no-install-recommends ${*:2}" ;;
    # What is built from Red Hat's sources has half of this in two more repositories.
    dnf) echo "$(is_fedora || echo 'dnf install --assumeyes epel-release dnf-plugins-core && dnf config-manager --set-enabled crb && ')dnf install --assumeyes ${*:2}" ;;
    brew) echo "brew install ${*:2}" ;;
  esac
}

is_fedora() { grep -qsE '^ID="?fedora' /etc/os-release; }

# at_least VERSION LEAST
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | sed -n 1p) == "$2" ]]; }

# too_old_compiler COMMAND: what is wrong with its version, or nothing
too_old_compiler() {
  local version least=$least_gcc
  version=$("$1" -dumpfullversion -dumpversion)
  [[ $("$1" --version) != *clang* ]] || least=$least_clang
  at_least "$version" "$least" || echo "$1 $version is too old: g++ $least_gcc or clang++ $least_clang is wanted"
}

# candidate WHAT: the version of it that would be installed, where that can be told; WHAT is as in package_table
candidate() {
  local manager package
  manager=$(package_manager)
  package=$(package_table | awk -v what="$1" -v column="$([[ $manager == apt ]] && echo 3 || echo 4)" '$2 == what { print $column }')
  case $manager in
    apt) apt-cache policy "$package" 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p' ;;
    dnf) dnf --quiet repoquery --latest-limit 1 --queryformat '%{version}\n' "$package" 2>/dev/null | sed -n 1p ;;
  esac
}

# What there is that is too old, or would be once it is installed
too_old_tools() {
  local version
  if command -v "${CXX:-c++}" >/dev/null; then
    too_old_compiler "${CXX:-c++}"
  elif version=$(candidate compiler) && [[ $version ]] && ! at_least "$version" "$least_gcc"; then
    echo "g++ $version is too old: g++ $least_gcc or clang++ $least_clang is wanted"
  fi
  version=$(cmake --version 2>/dev/null | sed -n '1s/[^0-9]*//p')
  version=${version:-$(candidate CMake)}
  [[ ! $version ]] || at_least "$version" "$least_cmake" || echo "cmake $version is too old: $least_cmake is wanted"
}

# What to do where nothing can be installed for all: for the tools that are here
advise_without_root() {
  local conda
  for conda in conda mamba micromamba; do command -v "$conda" >/dev/null && break || conda=""; done
  if [[ $conda ]]; then
    echo "With $conda, which needs no root:"
    echo "  $conda create --name scalelab --channel conda-forge $(packages_for conda kit | paste -s -d ' ')"
    echo "  $conda activate scalelab && ./lab build"
  fi
  if [[ $(type -t module) || ${LMOD_CMD:-} || ${MODULESHOME:-} ]]; then
    echo "With modules, for g++ $least_gcc (or clang++ $least_clang), CMake $least_cmake, an MPI, Eigen 3.4, Boost, fmt, nlohmann/json, gnuplot:"
    echo "  module avail                    how they are called here"
    echo "  module load NAME... && ./lab build"
    echo "  and the same NAMEs in site_modules in slurm/site.sh, for jobs"
  fi
  [[ $conda ]] || echo "Without root: conda, from https://conda-forge.org/download; with it, $lab setup says more."
  echo "What lies in folders of its own, cmake finds by them:"
  echo "  CMAKE_PREFIX_PATH=/PATH/OF/EIGEN:/PATH/OF/FMT ./lab build"
}

# setup [--yes]: installs what is missing of `wanted`, the purposes, or says how
setup() {
  local yes=${1:-} manager missing=() install old=""
  [[ $# -le 1 && ($# -eq 0 || $yes == --yes) ]] || die "setup: expected --yes or nothing, got '$*'" 2
  [[ $(uname -s) == Linux ]] || die "the kit needs Linux, and this is $(uname -s): take a virtual machine, or a container of Debian"
  manager=$(package_manager)
  [[ " ${wanted[*]} " != *" kit "* ]] || old=$(too_old_tools)
  if [[ $old ]]; then
    echo "$old" | sed 's/^/lab: /' >&2 || :
    echo "Debian 12, Ubuntu 24.04, Fedora 38 and newer have what is wanted. Where it has another name: CXX=g++-$least_gcc ./lab build" >&2 || :
    [[ $manager != dnf ]] || is_fedora ||
      echo "Red Hat and the like: dnf install gcc-toolset-13, then scl enable gcc-toolset-13 './lab build'" >&2 || :
    advise_without_root >&2
    exit 1
  fi
  if [[ ! $manager ]]; then
    echo "lab: this machine has no apt-get, dnf or brew. What Debian calls the packages that are needed:"
    echo "  $(packages_for apt "${wanted[@]}" | paste -s -d ' ')"
    advise_without_root
    return
  fi
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  if ((${#missing[@]} == 0)); then
    [[ ${quiet_setup:-} ]] || echo "lab: nothing is missing"
    return
  fi
  install=$(install_command "$manager" "${missing[@]}")
  if [[ $manager == brew ]]; then
    confirm "$install" "$yes"
    bash -c "$install" || die "that failed: $install"
  elif ((EUID == 0)); then
    # Only `lab setup` itself asks; demo and test are expected to do all that is needed.
    if [[ -z ${quiet_setup:-} ]]; then confirm "$install" "$yes"; fi
    echo "lab: installing ${#missing[@]} packages"
    DEBIAN_FRONTEND=noninteractive logged "$(setup_log)" bash -c "$install"
  elif command -v sudo >/dev/null; then
    confirm "sudo sh -c '$install'" "$yes"
    sudo sh -c "$install" || refuse "$install" "that failed"
  else
    refuse "$install" "${#missing[@]} packages are missing"
  fi
  case $manager in
    # Red Hat's MPIs are not in the PATH; nor is, of Homebrew, a compiler named c++, or what is not the newest.
    dnf) echo "lab: then, in each shell: module load mpi/openmpi-$(uname -m)" ;;
    brew) echo "lab: then: CXX=\$(ls \$(brew --prefix)/bin/g++-* | tail -n 1) CMAKE_PREFIX_PATH=\$(brew --prefix eigen@3) ./lab build" ;;
  esac
}

# Beside the build, or where that cannot be, among the temporary files
setup_log() {
  local folder
  folder=$(folder_of release)
  { [[ ! $installed ]] && mkdir -p "$folder" && touch "$folder/setup.log"; } 2>/dev/null ||
    folder=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-setup.XXXXXX")  # a name that nobody can have prepared
  echo "$folder/setup.log"
}

# refuse INSTALL WHY
refuse() {
  echo "lab: $2. As root:
  $1" >&2
  advise_without_root >&2
  exit 1
}

confirm() {
  local reply
  echo "lab: to be run:"
  echo "  $1"
  [[ $2 == --yes ]] && return
  read -r -p "lab: run it? [y/N] " reply || reply=n
  [[ $reply == [yY]* ]] && return
  echo "lab: nothing was installed" >&2 || :
  ((EUID == 0)) || advise_without_root >&2
  exit 1
}
