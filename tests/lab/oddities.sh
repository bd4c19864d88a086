#!/usr/bin/env bash
# Odd places to work in: each works, or ends with one clear line.
#   tests/lab/oddities.sh KIT_BUILD [TEST]...     a TEST is one of the functions below
# What needs namespaces or control groups is skipped, and says so, where they are refused.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd -- "$1" && pwd)
shift
scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-oddities.XXXXXX")
group=""
trap '[[ ! $group ]] || rmdir "$group" 2>/dev/null || :; rm -rf "$scratch"' EXIT
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
lab=$root/lab
# In a namespace an ordinary user is root, whose folder for Open MPI's files in /tmp may be another's.
export SCALELAB_BUILD=$build TMPDIR=$scratch

work=(--kernel spin --tasks 40 --task-units 1000 --repetitions 2 --warmup 0)
plan='work --kernel sleep --tasks 4 --task-time 0.5ms
drivers sequential mpi
workers 2
repetitions 1
rounds 1'

digest() { sed -n 's/.*"digest":"\([0-9a-f]*\)".*/\1/p' | sort -u; }
expected=$("$lab" run sequential -- "${work[@]}" --json | digest)

# run COMMAND...: leaves `status`, and what it said in `out` and `err`
run() {
  timeout -k 5 60 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null && status=0 || status=$?
  out=$(<"$scratch/out") err=$(<"$scratch/err")
}

# all_drivers [COMMAND...]: each driver computes what it does elsewhere; run by COMMAND. Those in `excused` end with one
# line about /dev/shm instead.
excused=""
all_drivers() {
  local driver
  for driver in sequential openmp processes mpi; do
    run "$@" "$lab" run "$driver" -n "$([[ $driver == sequential ]] && echo 1 || echo 2)" -- "${work[@]}" --json
    if [[ " $excused " == *" $driver "* ]]; then
      check "$driver" ends_with 1 "/dev/shm has no room: "
    else
      check "$driver" equal "$status $(digest <<<"$out")" "0 $expected"
    fi
  done
}

says() { contains "$out$err" "$1"; }
# Exit status and one line
ends_with() { equal "$status $(wc -l <"$scratch/err")" "$1 1" && contains "$err" "$2"; }

# $in_namespace SCRIPT COMMAND...: COMMAND where SCRIPT has changed what is mounted
in_namespace=$scratch/in_namespace
namespace=()
for kind in "unshare --mount" "unshare --user --map-root-user --mount"; do
  read -r -a words <<<"$kind"
  # shellcheck disable=SC2016
  if "${words[@]}" bash -c 'mount -t tmpfs x "$1"' - "$scratch" 2>/dev/null; then
    namespace=("${words[@]}")
    break
  fi
done

cat >"$in_namespace" <<END
#!/usr/bin/env bash
exec ${namespace[*]} bash -c "set -e; \$1; shift; exec \"\\\$@\"" - "\$@"
END
chmod +x "$in_namespace"

need_namespace() {
  ((${#namespace[@]})) || { echo "  -       not tried: mount namespaces are refused here" && return 1; }
}

# A cmake that only configures, and the kit alone; compiling takes minutes.
mkdir "$scratch/only-configure"
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "$1" = --build ] || exec "%s" -DSCALELAB_TESTS=OFF -DSCALELAB_ARCH= "$@"\n' "$(command -v cmake)" >"$scratch/only-configure/cmake"
chmod +x "$scratch/only-configure/cmake"

path() {
  local odd="$scratch/büro with space/x y" lab SCALELAB_BUILD
  mkdir -p "$odd"
  mkdir "$odd/kit"
  cp -R "$root"/{CMakeLists.txt,CMakePresets.json,lab,docs,drivers,kernels,results,slurm,tests} "$odd/kit"
  lab=$odd/kit/lab
  export SCALELAB_BUILD="$odd/my build"
  mkdir "$SCALELAB_BUILD"
  cp -R "$build/drivers" "$build/results" "$SCALELAB_BUILD"
  cd "$odd"
  all_drivers
  run "$lab" run openmp -n 2 -- "${work[@]}" --quiet --record "recö rd.jsonl"
  run "$lab" validate "recö rd.jsonl"
  check "a record" says "files: 1, runs: 1, repetitions: 2, findings: 0"
  echo "$plan" >"plän 1.plan"
  run "$lab" sweep "plän 1.plan" --out "swéep 1"
  check "a sweep" says "2 of 2 runs are done"
  run "$lab" report "swéep 1"
  check "a report" equal "$status $(ls "swéep 1/report/report.html")" "0 swéep 1/report/report.html"
  run "$lab" doctor
  check "the doctor" equal "$status" 0
  run env SCALELAB_BUILD="$odd/new build" PATH="$scratch/only-configure:$PATH" "$lab" build
  check "cmake" equal "$status $(ls "$odd/new build/Makefile")" "0 $odd/new build/Makefile"
  cd "$scratch"
}

read_only() {
  local elsewhere=$scratch/elsewhere read_only="mount --bind '$root' '$root'; mount -o remount,bind,ro '$root'"
  need_namespace || return 0
  run "$in_namespace" "$read_only" env PATH="$scratch/only-configure:$PATH" SCALELAB_BUILD="$elsewhere" "$lab" build
  check "a build elsewhere" equal "$status $(ls "$elsewhere/Makefile")" "0 $elsewhere/Makefile"
  run "$in_namespace" "$read_only" env -u SCALELAB_BUILD "$lab" build
  check "a build in it" ends_with 1 "SCALELAB_BUILD=FOLDER ./lab ... builds elsewhere"
  # Where the build lies in the source, as it does by default, it can be read nevertheless.
  cp -R "$build/drivers" "$build/results" "$elsewhere"
  SCALELAB_BUILD=$elsewhere all_drivers "$in_namespace" "$read_only"
  echo "$plan" >a.plan
  SCALELAB_BUILD=$elsewhere run "$in_namespace" "$read_only" "$lab" sweep a.plan --out read_only
  check "a sweep" says "2 of 2 runs are done"
  SCALELAB_BUILD=$elsewhere run "$in_namespace" "$read_only" "$lab" report read_only
  check "a report" equal "$status" 0
  SCALELAB_BUILD=$elsewhere run "$in_namespace" "$read_only" "$lab" validate read_only
  check "validate" says "findings: 0"
}

no_home() {
  all_drivers env -u HOME
  run env -u HOME "$lab" doctor
  check "the doctor" equal "$status $err" "0 "
  run env -u HOME "$lab" cluster status
  check "a cluster's status" ends_with 1 "none runs"
}

decimal_commas() {
  local comma
  if ! localedef -i de_DE -f UTF-8 "$scratch/de_DE.UTF-8" 2>/dev/null; then
    echo "  -       not tried: there is no localedef, or no source of de_DE (Debian: locales)"
    return
  fi
  comma=(env "LOCPATH=$scratch" LC_ALL=de_DE.UTF-8)
  check "this locale has commas" equal "$("${comma[@]}" bash -c 'printf %.1f 1,5')" 1,5
  all_drivers "${comma[@]}"
  run "${comma[@]}" "$lab" run openmp -n 2 -- --kernel sleep --tasks 4 --task-time 1.5ms --record comma.jsonl
  check "a time is read with a point" says "bound       0.003 s"
  run "${comma[@]}" "$lab" validate comma.jsonl
  check "a record" says "runs: 1, repetitions: 11, findings: 0"
  "$lab" report comma.jsonl --out report >/dev/null
  mv report with-points
  "${comma[@]}" "$lab" report comma.jsonl --out report >/dev/null
  # Cairo writes into a PDF when it was made, and compresses that.
  check "a report is the same, byte by byte" diff -r --exclude="*.pdf" with-points report
  # It calculates in awk. How well it can measure here is another matter.
  run "${comma[@]}" "$lab" granularity --drivers sequential --workers 1 --rounds 1 --longest 2us --out g.jsonl
  check "granularity" equal "$(grep -c 'awk\|expected' <<<"$out$err") $(grep -c '"kind":"run"' g.jsonl)" "0 $(grep -c '"status":"done"' g.jsonl)"
  run "${comma[@]}" "$lab" doctor
  check "the doctor's sizes" grep -q 'memory  *[0-9.]* GiB' <<<"$out"
}

one_core() {
  local core
  core=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
  all_drivers taskset -c "$core"
  run taskset -c "$core" "$lab" run openmp -- "${work[@]}" --json
  check "one worker, if nobody says how many" says '"workers":1,'
  run taskset -c "$core" "$lab" doctor
  check "the doctor" equal "$status" 0
}

limited_cpus() {
  local limit
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    group=/sys/fs/cgroup/scalelab-oddities.$$ limit="echo '50000 100000' >$group/cpu.max; echo \$\$ >$group/cgroup.procs"
  else
    group=/sys/fs/cgroup/cpu/scalelab-oddities.$$ limit="echo 50000 >$group/cpu.cfs_quota_us; echo \$\$ >$group/cgroup.procs"
  fi
  if ! { mkdir "$group" && bash -c "set -e; $limit"; } 2>/dev/null; then
    echo "  -       not tried: a control group with a limit of CPUs cannot be made here"
    rmdir "$group" 2>/dev/null || :
    group=""
    return
  fi
  run bash -c "$limit; exec \"\$@\"" - "$lab" run openmp -n 2 -- "${work[@]}" --json
  check "openmp" equal "$status $(digest <<<"$out")" "0 $expected"
  check "the limit is in the record" says '"cpu_limit":0.5'
  check "there is a warning" says "2 workers on ${HOSTNAME%%.*}, where a limit (cgroup) allows 0.5 CPUs"
  run bash -c "$limit; exec \"\$@\"" - "$lab" run mpi -n 2 -- "${work[@]}" --json
  check "mpi" equal "$status $(digest <<<"$out")" "0 $expected"
  run bash -c "$limit; exec \"\$@\"" - "$lab" doctor
  check "the doctor" says "the cgroup allows 0.5 of "
  check "the group is empty" within 5 rmdir "$group"
  group=""
}

no_shared_memory() {
  local by_clang="" by_mpich=""
  need_namespace || return 0
  mkdir -p dev
  # Its OpenMP needs a page for each process.
  [[ ! $("$build/drivers/sequential" --dry-run --json --kernel sleep --tasks 1) =~ '"compiler":"Clang 1'[4-7] ]] || by_clang=yes
  [[ $(<"$build/drivers/mpi.launcher") != *MPICH* ]] || by_mpich=yes
  excused=${by_clang:+openmp mpi}
  if [[ ${namespace[*]} != *--user* ]]; then  # only root makes a /dev without it
    echo "  none:"
    # shellcheck disable=SC2016
    all_drivers "$in_namespace" 'mount --rbind /dev dev; mount -t tmpfs x /dev
      for name in null zero random urandom tty full; do touch /dev/$name; mount --bind dev/$name /dev/$name; done
      ln -s /proc/self/fd /dev/fd; mkdir /dev/pts'
  fi
  echo "  of a page:"
  excused=${by_clang:+mpi}${by_mpich:+ mpi}
  all_drivers "$in_namespace" 'mount -t tmpfs -o size=4k x /dev/shm'
  check "there is a warning" says "/dev/shm has no room"
  run "$in_namespace" 'mount -t tmpfs -o size=4k x /dev/shm' "$lab" doctor
  check "the doctor" says "/dev/shm    0.0 GiB free"
  echo "  full of what killed ranks have left:"
  run "$in_namespace" 'mount -t tmpfs -o size=16m x /dev/shm; head -c 32m /dev/zero >/dev/shm/mpich_shar_tmpleft 2>/dev/null || :
    touch -d "2 minutes ago" /dev/shm/mpich_shar_tmpleft' "$lab" run mpi -n 2 -- "${work[@]}" --json
  check "mpi" equal "$status $(digest <<<"$out")" "0 $expected"
  echo "  that cannot be written:"
  excused=${by_clang:+openmp mpi}${by_mpich:+ mpi}
  all_drivers "$in_namespace" 'mount -t tmpfs -o ro x /dev/shm'
  excused=""
}

full_tmp() {
  local writable="" full="mount --bind '$scratch' /mnt; mount -t tmpfs -o size=64k,mode=1777 x /tmp; cat /dev/zero >/tmp/fill 2>/dev/null || :; cd /mnt"
  need_namespace || return 0
  if [[ $root == /tmp/* || $build == /tmp/* ]]; then
    echo "  -       not tried: the kit itself is in /tmp"
    return
  fi
  echo "$plan" >a.plan
  # Presets have their folders, in which no other build is begun.
  [[ ! -w $build || $build == "$root"/build/[!r]* ]] || writable=yes
  for words in "run mpi -n 2 -- ${work[*]}" "sweep a.plan --out full" costs granularity demo ${writable:+build}; do
    # shellcheck disable=SC2086
    run "$in_namespace" "$full" env -u TMPDIR SCALELAB_BUILD="$build" "$lab" $words
    check "$words" ends_with 1 "/tmp is full"
  done
  run "$in_namespace" "$full" env -u TMPDIR "$lab" run openmp -n 2 -- "${work[@]}" --json
  check "openmp needs none" equal "$status $(digest <<<"$out")" "0 $expected"
  run "$in_namespace" "$full" env -u TMPDIR "$lab" doctor
  check "the doctor" says "export TMPDIR="
  all_drivers "$in_namespace" "$full" env TMPDIR=/mnt
  run "$in_namespace" "$full" env TMPDIR=/mnt "$lab" sweep a.plan --out full
  check "a sweep with TMPDIR" says "2 of 2 runs are done"
}

full_disk() {
  local full="mkdir -p disk; mount -t tmpfs -o size=64k x disk; cp a.plan disk; cat /dev/zero >disk/fill 2>/dev/null || :; cd disk"
  need_namespace || return 0
  echo "$plan" >a.plan
  run "$in_namespace" "$full" "$lab" run mpi -n 2 -- "${work[@]}" --quiet --record r.jsonl
  check "a record" ends_with 1 "--record: 'r.jsonl' cannot be written: No space left on device"
  run "$in_namespace" "$full" "$lab" sweep a.plan --out s
  check "a sweep" ends_with 1 "is the disk full?"
}

cd "$scratch"
((${#} > 0)) || set -- path read_only no_home decimal_commas one_core limited_cpus no_shared_memory full_tmp full_disk
for test; do
  echo "$test"
  "$test"
done
end_of_checks
