#!/usr/bin/env bash
# Signals at random moments of the first 200 ms of whatever people start: it ends, as told, with one line at most, and
# leaves nothing. Then what a kill leaves is removed by the next.
#   tests/lab/signals.sh KIT_BUILD [TEST]...     a TEST is one of the functions below
# SCALELAB_TEST_SEED=N repeats the moments of a run that has printed it; SCALELAB_TEST_ROUNDS says how many there are:
# 12 of them, 20 with ./lab test --all, and 200 with --soak.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
SCALELAB_BUILD=$(cd -- "$1" && pwd)
shift
scratch=$(mktemp -d "${TMPDIR:-/tmp}/scalelab-test-signals.XXXXXX")
# A child of bash that gets a signal before it is anything else would do that, too.
trap '[[ $BASHPID != "$$" ]] || rm -rf "$scratch"' EXIT
# shellcheck source=tests/checks.sh
source "$root/tests/checks.sh"
export SCALELAB_BUILD TMPDIR=$scratch/tmp SCALELAB_TEST=signals.$$
mkdir "$TMPDIR"
cd "$scratch"
ulimit -c 0

sleeping=(--kernel sleep --tasks 4 --task-time 100s --repetitions 1)
cat >my.plan <<'END'
work --kernel sleep --tasks 4 --task-time 100s
drivers sequential mpi
workers 2
rounds 3
END

# Is none of what this test has started there?
none_alive() { ! env -u SCALELAB_TEST grep -lqsz "^SCALELAB_TEST=$SCALELAB_TEST\$" /proc/[0-9]*/environ; }

# signal SECONDS SIGNAL WHOM COMMAND...: leaves `status` and err. WHOM: group, as a terminal or timeout does, or self
signal() {
  local pid watchdog
  env --default-signal setsid "${@:4}" >out 2>err </dev/null &
  pid=$!
  until kill -0 -- "-$pid" 2>/dev/null || ! kill -0 "$pid" 2>/dev/null; do :; done
  sleep "$1"
  if [[ $3 == group ]]; then kill -s "$2" -- "-$pid"; else kill -s "$2" "$pid"; fi 2>/dev/null || :
  # shellcheck disable=SC2016
  env -u SCALELAB_TEST bash -c 'sleep 30; kill -KILL -- "-$1"' - "$pid" >/dev/null 2>&1 &
  watchdog=$!
  status=0
  wait "$pid" 2>/dev/null || status=$?
  { kill "$watchdog" && wait "$watchdog"; } 2>/dev/null || :
}

at_random_moments() {
  local round signal whom after number words rounds=${SCALELAB_TEST_ROUNDS:-12} bad=0
  # shellcheck disable=SC2034
  local -A commands=([mpi]="run mpi -n 2 -- ${sleeping[*]}" [openmp]="run openmp -n 2 -- ${sleeping[*]}" [sweep]="sweep my.plan --out s"
    [demo]=demo [costs]=costs [granularity]=granularity)
  # Where bash was waiting for a command that the signal has ended, it is bash that says so.
  local may_be_said='^lab sweep: round\|^scalelab: stopped by \|^\(Quit\|Hangup\|Terminated\)$'
  local names=(mpi sweep demo mpi costs granularity openmp mpi)
  ((rounds < 100)) || rounds=200
  RANDOM=${SCALELAB_TEST_SEED:=$((10#${EPOCHREALTIME#*[.,]} % 32768))}
  echo "Signals at $rounds random moments of the first 200 ms (SCALELAB_TEST_SEED=$SCALELAB_TEST_SEED):"
  for ((round = 0; round < rounds; ++round)); do
    name=${names[round % 8]}
    after=$(printf '0.%03d' $((RANDOM % 200)))
    read -r signal number <<<"$(sed -n "$((1 + RANDOM % 4))p" <<<$'INT 130\nTERM 143\nHUP 129\nQUIT 131')"
    # Until it has read the first lines of a script, bash ignores SIGQUIT; and one script starts another.
    [[ $signal != QUIT ]] || after=2${after#0}
    whom=$([[ $((RANDOM % 2)) == 0 ]] && echo group || echo self)
    read -r -a words <<<"${commands[$name]}"
    rm -rf s
    signal "$after" "$signal" "$whom" "$root/lab" "${words[@]}"
    wait_until none_alive
    if [[ $status != "$number" || $(grep -vc '^lab sweep: round' err) -gt 1 || $(grep -v "$may_be_said" err) || $(ls -A "$TMPDIR") ]]; then
      echo "          $name, SIG$signal to $whom after $after s: status $status, left $(ls -A "$TMPDIR"), said:"
      sed 's/^/          | /' err
      bad=$((bad + 1))
      rm -rf "${TMPDIR:?}"/*
    fi
  done
  check "each ends with its status, one line at most, and leaves nothing" equal "$bad" 0
}

# What builds and tests ends at once with a signal for `lab` alone, not when cmake, ctest or apt-get has ended by itself.
# They are programs of this test, which start others, and sleep.
at_work() {
  local what words signal number whom seconds bin=$scratch/bin name
  echo "Signals while something else is at work:"
  mkdir -p "$bin" "$scratch/work"
  ln -s "$SCALELAB_BUILD"/{drivers,results} "$scratch/work"
  cat >"$bin/cmake" <<'END'
#!/bin/bash
case "${0##*/} $*" in
  cmake\ -S*) [[ $AT_WORK == configure ]] || exit 0 ;;
  cmake\ --build*) [[ $AT_WORK == build ]] || exit 0 ;;
  *--version) echo "cmake version 3.30" && exit ;;
  dpkg-query*) exit 1 ;;  # no package is installed
esac
[[ ! ${STUBBORN:-} ]] || trap '' TERM
(echo $$ >"$BEGUN" && sleep 100) &
sleep 100
END
  chmod +x "$bin/cmake"
  for name in ctest apt-get dpkg-query; do ln -s cmake "$bin/$name"; done
  while read -r what signal number whom words; do
    [[ $what != setup || $EUID == 0 ]] || continue  # nobody else is asked so
    read -r -a words <<<"$words"
    rm -f begun
    begin_signal "$signal" "$whom" env BEGUN="$scratch/begun" AT_WORK="$what" SCALELAB_BUILD="$scratch/work" PATH="$bin:$PATH" "$root/lab" "${words[@]}"
    check "$what: SIG$signal to $whom ends it at once, in one line" equal "$status $(<err) $(awk "BEGIN { print ($seconds < 3 ? \"soon\" : $seconds) }")" \
      "$number scalelab: stopped by SIG$signal soon"
    check "  and what it had started" within 3 none_alive
    check "  and it leaves nothing" equal "$(ls -A "$TMPDIR")" ""
  done <<'END'
configure TERM 143 self  build
build     HUP  129 self  build
build     INT  130 group build
build     QUIT 131 self  test
test      TERM 143 self  test -R anything
test      INT  130 self  test -R anything
test      HUP  129 group test -R anything
setup     TERM 143 self  setup --yes
END
  stopped_for_a_while
  # 10 s are too long for each day.
  ((${SCALELAB_TEST_ROUNDS:-0} < 20)) || stubborn
}

# state_of PID: T is stopped
state_of() { sed 's/.*) \(.\).*/\1/' "/proc/$1/stat"; }
is_stopped() { [[ $(state_of "$1") == T ]]; }
is_going_on() { ! is_stopped "$1"; }

stopped_for_a_while() {
  local pid
  rm -f begun
  env --default-signal BEGUN="$scratch/begun" SCALELAB_BUILD="$scratch/work" PATH="$bin:$PATH" setsid "$root/lab" test -R anything >out 2>err </dev/null &
  pid=$!
  wait_until test -s begun
  kill -s TSTP "$pid"
  check "test: a Ctrl-Z stops lab" within 3 is_stopped "$pid"
  check "  and ctest" within 3 is_stopped "$(<begun)"
  kill -s CONT "$pid"
  check "  until both go on" within 3 is_going_on "$(<begun)"
  kill -s TERM "$pid"
  status=0
  wait "$pid" 2>/dev/null || status=$?
  check "  and end as ever" equal "$status $(<err)" "143 scalelab: stopped by SIGTERM"
}

stubborn() {
  rm -f begun
  begin_signal TERM self env STUBBORN=yes BEGUN="$scratch/begun" AT_WORK=build SCALELAB_BUILD="$scratch/work" PATH="$bin:$PATH" "$root/lab" build
  check "build: who ignores the signal is killed" equal "$status $(<err)" "143 scalelab: stopped by SIGTERM"
  check "  and what it had started" within 3 none_alive
}

# begin_signal SIGNAL WHOM COMMAND...: likewise `signal`, as soon as there is a file `begun`; leaves `seconds` too
begin_signal() {
  local pid
  env --default-signal setsid "${@:3}" >out 2>err </dev/null &
  pid=$!
  wait_until test -s begun
  seconds=$EPOCHREALTIME
  if [[ $2 == group ]]; then kill -s "$1" -- "-$pid"; else kill -s "$1" "$pid"; fi
  status=0
  wait "$pid" 2>/dev/null || status=$?
  seconds="$EPOCHREALTIME - $seconds"
}

leftovers() {
  echo "What a kill leaves:"
  signal 1 KILL self "$root/lab" run mpi -n 2 -- "${sleeping[@]}"
  wait_until none_alive
  check "a folder" equal "$(find "$TMPDIR" -maxdepth 1 -name 'scalelab-run.*' | wc -l)" 1
  local mark name
  mark="$(</proc/sys/kernel/hostname) $(</proc/sys/kernel/random/boot_id)"
  # Of ours: a new one, one that is held, one of another host; and what only looks like it.
  mkdir "$TMPDIR"/scalelab-run.{1.1,2.2,3.3,4.4} "$TMPDIR"/scalelab-{mine,2026.01.15,1.2.3} "$TMPDIR/elsewhere"
  for name in scalelab-run.1.1 scalelab-run.2.2 elsewhere scalelab-2026.01.15; do echo "$mark" >"$TMPDIR/$name/.scalelab-scratch"; done
  echo "another host" >"$TMPDIR/scalelab-run.3.3/.scalelab-scratch"
  touch "$TMPDIR"/scalelab-{run.4.4,mine,1.2.3,2026.01.15}/lock
  ln -s elsewhere "$TMPDIR/scalelab-run.5.5"
  find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name scalelab-run.1.1 -exec touch -h -d "2 minutes ago" '{}' ';'
  exec {held}<"$TMPDIR/scalelab-run.2.2/.scalelab-scratch"
  flock "$held"
  "$root/lab" run mpi -n 1 -- --kernel sleep --tasks 1 --task-units 1 --repetitions 1 --quiet
  exec {held}<&-
  check "is removed by the next, and nothing that is new, held, a link, of another host, or only looks like it" \
    equal "$(cd "$TMPDIR" && printf '%s ' scalelab-* elsewhere elsewhere/.s*)" \
    "scalelab-1.2.3 scalelab-2026.01.15 scalelab-mine scalelab-run.1.1 scalelab-run.2.2 scalelab-run.3.3 scalelab-run.4.4 scalelab-run.5.5 elsewhere elsewhere/.scalelab-scratch "
}

journals() {
  local folder mark name
  echo "What a kill leaves beside a record, with --restarts:"
  mark="$(</proc/sys/kernel/hostname) $(</proc/sys/kernel/random/boot_id)"
  mkdir records
  signal 1.5 KILL self "$root/lab" run mpi -n 2 --restarts 1 -- "${sleeping[@]}" --warmup 0 --record records/r.jsonl
  wait_until none_alive
  folder=$(find records -name '.scalelab-journal.*')
  check "a folder with a journal" test -d "$folder"
  # What the user was told to go on from, what is at work, of another host, a link; and what only looks like it
  mkdir records/.scalelab-journal.{keptxx,heldxx,usedxx,otherx} records/.scalelab-journal.mine-x records/mine
  touch records/.scalelab-journal.usedxx/.lock
  for name in .scalelab-journal.{heldxx,usedxx,mine-x} mine; do echo "$mark" >"records/$name/.scalelab-scratch"; done
  echo "another host" >records/.scalelab-journal.otherx/.scalelab-scratch
  touch records/.scalelab-journal.keptxx/a.journal
  ln -s mine records/.scalelab-journal.linkxx
  find records -mindepth 1 -maxdepth 1 ! -path "$folder" -exec touch -h -d "2 minutes ago" '{}' ';'
  exec {held}<records/.scalelab-journal.heldxx/.scalelab-scratch
  exec {used}<records/.scalelab-journal.usedxx/.lock
  flock "$held"
  flock "$used"
  local again=(run mpi -n 1 --restarts 1 -- --kernel sleep --tasks 1 --task-units 1 --repetitions 1 --warmup 0 --quiet --record records/r.jsonl)
  "$root/lab" "${again[@]}"
  check "stays as long as it is new" test -d "$folder"
  touch -d "2 minutes ago" "$folder"
  "$root/lab" "${again[@]}"
  exec {held}<&- {used}<&-
  check "is removed by the next, and nothing else" equal "$(cd records && printf '%s ' .sc* m* mine/.s*)" \
    ".scalelab-journal.heldxx .scalelab-journal.keptxx .scalelab-journal.linkxx .scalelab-journal.mine-x .scalelab-journal.otherx .scalelab-journal.usedxx mine mine/.scalelab-scratch "
  rm -rf "${TMPDIR:?}"/*
}

((${#} > 0)) || set -- at_random_moments at_work leftovers journals
for test; do "$test"; done
end_of_checks
