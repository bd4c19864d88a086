#!/usr/bin/env bash
# What surrounds a script does not change what it does: functions, options and variables of somebody's shell, other
# locales, closed standard streams, odd places for temporary files.
#   tests/lab/environment.sh KIT_BUILD [TEST]...     a TEST is one of the functions below
# Exit status 77 where all that could be tried went well, but there is no source of locales (Debian: locales).
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd -- "$1" && pwd)
shift
scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-test-environment.XXXXXX")
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
export SCALELAB_BUILD=$build
left_out=""

cat >"$scratch/my.plan" <<'END'
work --kernel spin --tasks 40 --task-units 1000
drivers sequential mpi
workers 2
repetitions 1
rounds 1
END

# What people type, in a folder of its own: a run, a sweep, its state, a job script, wrong words. Each is started by the
# words given.
session() {
  rm -rf "$scratch/here"
  mkdir "$scratch/here"
  (
    cd "$scratch/here"
    "$@" "$root/lab" run processes -n 2 -- --kernel spin --tasks 40 --task-units 1000 --repetitions 1 --json >record
    "$@" "$root/lab" sweep ../my.plan --out 'swéep 1'
    "$@" "$root/lab" slurm status 'swéep 1'
    "$@" env SCALELAB_SITE=/dev/null bash "$root/slurm/sweep.sbatch" ../my.plan --out job --drivers sequential
    "$@" bash "$root/lab" run sequenial -- --kernel spin
    "$@" "$root/lab" costs --rounds 0
    "$@" "$root/lab" granularity --rounds x
    "$@" "$root/lab" cluster dance
    "$@" "$root/lab" slurm check --nodes x
    chmod -R u+rwx .
    grep -ho '"digest":"[0-9a-f]*"' record 'swéep 1'/*.jsonl job/*.jsonl
  ) >"$scratch/said" 2>&1 </dev/null || :
}

# same WHAT [COMMAND...]: the session goes as it does elsewhere
same() {
  session "${@:2}"
  check "$1" diff "$scratch/expected" "$scratch/said"
}

functions() {
  local name hostile=()
  echo "Functions that are exported under the names of commands:"
  for name in $(compgen -b) awk basename cat chmod cmake cp cut date df diff dirname env find flock fold grep head hostname id ln mkdir \
    mkfifo mktemp mpirun mv nproc paste printf readlink rm rmdir sed setpriv sleep sort tail timeout touch tr uname uniq wc xargs; do
    hostile+=("BASH_FUNC_$name%%=() { echo a function named $name; return 7
}")
  done
  same "all builtins and programs" env "${hostile[@]}"
  echo 'site_modules=gcc; module load gcc' >"$scratch/site"
  out=$(env "BASH_FUNC_module%%=() { _help \"\$@\"; }" "BASH_FUNC__help%%=() { echo module \"\$@\"; }" \
    SCALELAB_SITE="$scratch/site" bash "$root/slurm/sweep.sbatch" 2>&1) || :
  check "but module is left to site.sh" contains "$out" "module load gcc"
}

options() {
  echo "Options of a shell:"
  same "set" env SHELLOPTS=noclobber:noglob:errexit:nounset:allexport:keyword:pipefail:monitor:posix
  same "shopt" env BASHOPTS=nullglob:failglob:nocasematch:nocaseglob:dotglob:extglob:xpg_echo:lastpipe:inherit_errexit
  same "POSIX" env POSIXLY_CORRECT=1
}

variables() {
  echo "Variables:"
  printf '%s\n' 'set -o noglob -o noclobber' 'cd() { echo cd "$@"; }' 'shopt -s nocasematch expand_aliases' 'alias sed=cat' \
    'IFS=/' 'CDPATH=/tmp' >"$scratch/bash_env"
  same "BASH_ENV" env BASH_ENV="$scratch/bash_env"
  same "CDPATH" env CDPATH="/tmp:/:$root:$scratch:."
  same "of tools" env GREP_OPTIONS="--color=always -v" GREP_COLOR="1;31" TMOUT=1 FUNCNEST=1 GLOBIGNORE='*' EXECIGNORE='*/sed' \
    BASH_COMPAT=31 ENV="$scratch/bash_env" SECONDS=100000 HOSTNAME=elsewhere.example IFS=/ LANGUAGE=de BLOCK_SIZE=1 \
    DF_BLOCK_SIZE=1 QUOTING_STYLE=c _POSIX2_VERSION=1 SQUEUE_FORMAT=%A SINFO_FORMAT=%A
  same "umask 777" bash -c 'umask 777; exec "$@"' -
}

temporary() {
  local name
  echo "TMPDIR:"
  # shellcheck disable=SC1003,SC2016
  for name in 'a\tb c\' $'new\nline' '-x %s $HOME *'; do
    mkdir -- "$scratch/$name"
    same "$(printf %q "$name")" env "TMPDIR=$scratch/$name"
    check "nothing is left in it" equal "$(ls -A "$scratch/$name")" ""
  done
  mkdir "$scratch/here.tmp"
  same "relative" env "TMPDIR=../here.tmp"
}

locales() {
  local locale
  echo "Locales:"
  for locale in tr_TR az_AZ ku_TR crh_UA lv_LV; do
    if ! localedef -i "$locale" -f UTF-8 "$scratch/$locale.UTF-8" 2>/dev/null; then
      echo "  -       not tried: there is no localedef, or no source of $locale (Debian: locales)"
      left_out=yes
      continue
    fi
    # shellcheck disable=SC2016
    [[ $locale == lv_LV ]] || check "$locale has another alphabet" \
      env "LOCPATH=$scratch" LC_ALL="$locale.UTF-8" bash -c '[[ ! mpi =~ ^[a-z]+$ ]]'
    same "$locale" env -u LC_ALL "LOCPATH=$scratch" "LANG=$locale.UTF-8" LANGUAGE=tr
  done
}

# Where standard output is closed there is nothing to compare, but what is written to files is the same.
closed_streams() {
  local which redirection left
  echo "Closed standard streams:"
  for which in "0" "1" "2" "0 1" "0 2" "1 2" "0 1 2"; do
    redirection="" left=12
    for fd in $which; do
      redirection+=" $fd>&-"
      left=${left/$fd/}
    done
    rm -rf "$scratch/here"
    mkdir "$scratch/here"
    for fd in $left; do : >"$scratch/here/$fd"; done
    (
      cd "$scratch/here"
      eval "'$root/lab' run mpi -n 2 -- --kernel spin --tasks 40 --task-units 1000 --repetitions 1 --warmup 0 --record run.jsonl \
        --values values.csv 0</dev/null >out 2>err $redirection" || echo "run: $?" >>failed
      eval "'$root/lab' sweep ../my.plan --out s 0</dev/null >out 2>err $redirection" || echo "sweep: $?" >>failed
      eval "'$root/lab' slurm status s 0</dev/null >out 2>err $redirection" || echo "status: $?" >>failed
    )
    check "$which: it ends well" equal "$(cat "$scratch/here/failed" 2>/dev/null)" ""
    check "$which: the same values" equal "$(grep -ho '"digest":"[0-9a-f]*"' "$scratch/here/"{,s/}*.jsonl | sort -u)" "$digest"
    check "$which: the records hold records" equal "$(grep -hvc '^{"kind":' "$scratch/here/"{,s/}*.jsonl | sort -u)" 0
    check "$which: and values the values" equal "$(sed 1d "$scratch/here/values.csv" | grep -c '^[0-9]*,[-+.e0-9]*$') $(wc -l <"$scratch/here/values.csv")" "40 41"
    check "$which: nothing is said of descriptors" equal "$(cat "$scratch/here/err" 2>/dev/null)" ""
  done
}

every_script() {
  local script
  echo "Scripts that do not begin so:"
  cd "$root"
  check "none" equal "$(git ls-files -- lab slurm docs tests/bench results .ci 2>/dev/null | grep -E '^lab$|\.sh$|\.sbatch$|^\.ci/run$' |
    while IFS= read -r script; do
      [[ $(sed -n 1p "$script") == '#!'* ]] || continue
      # The first line of code, and that the environment is sourced
      [[ $(grep -vE '^(#|$)' "$script" | sed -n 1p) == POSIXLY_CORRECT=1* ]] && grep -qE '^\. .*(slurm/setup/environment|sweep/job)\.sh"$|^\. .*/environment\.sh"$' "$script" || echo "$script"
    done)" ""
  cd "$scratch"
}

cd "$scratch"
session
mv said expected
digest=$(grep '^"digest' expected | sort -u)
check "all compute the same" equal "$(wc -l <<<"$digest")" 1
check "a sweep is whole" contains "$(<expected)" "2 of 2 runs are done"
((${#} > 0)) || set -- functions options variables temporary locales closed_streams every_script
for test; do "$test"; done
[[ ! $left_out || $failures != 0 ]] || skip "some locales"
end_of_checks
