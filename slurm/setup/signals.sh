# shellcheck shell=bash
# Signals, for a script and what it has started. Sourced by environment.sh, so that all scripts have it.

# obey_signals: from now on a signal ends this script with one line. To be called when all of it has been read: bash 5.2
# cannot run a trap in the middle of a $(...).
obey_signals() {
  [[ ! ${standard_error:-} ]] || exec {standard_error}>&-
  exec {standard_error}>&2
  attended="" started_before=""
  trap 'end_by HUP 129' HUP
  trap 'end_by INT 130' INT
  trap 'end_by QUIT 131' QUIT
  trap 'end_by TERM 143' TERM
}

# become COMMAND...: in the place of this script, with nothing of it
become() {
  [[ ! ${standard_error:-} ]] || exec {standard_error}>&-
  exec "$@"
}

# attend COMMAND...: a program of the kit, which says itself what has ended it; what bash would say of that is not heard.
# In a process group of its own, so that a signal, of a terminal or for this script alone, reaches it once and at once.
# It reads nothing.
attend() { start_and_attend "group that tells" tied "$@"; }

# attend_silent COMMAND...: likewise one that ends without a word, as cmake does, or a function that runs some
attend_silent() { start_and_attend "group" "$@"; }

# attend_part FUNCTION...: a part of this script, which may ask on the terminal, and passes signals on itself
attend_part() { start_and_attend "part that tells" obeying "$@" <&0; }

obeying() {
  obey_signals
  "$@"
}

# tied COMMAND...: in the place of a child of a script, which is killed if the script is
tied() {
  if setpriv --pdeathsig KILL true 2>/dev/null; then exec setpriv --pdeathsig KILL "$@"; fi
  exec "$@"
}

# wait_for PID: its exit status, also where signals come meanwhile, which end `wait` early. To be called with `set +m`:
# else `wait` ends where the child is only stopped, and bash 5.2's `wait -f` reads freed memory, and may never end.
wait_for() {
  local status again
  wait "$1" && status=0 || status=$?
  while ((status > 128)) && kill -0 "$1" 2>/dev/null; do
    wait "$1" && status=0 || status=$?
  done
  # It may have ended between the signal and this: bash knows how, if it has not told yet.
  if ((status > 128)); then
    wait "$1" 2>/dev/null && again=0 || again=$?
    ((again == 127)) || status=$again
  fi
  return "$status"
}

# start_and_attend HOW COMMAND...
start_and_attend() {
  local status=0
  # `$!` is the child as soon as there is one, whenever a signal comes.
  started_before=${!:-} attended=$1
  {
    if [[ $1 == group* ]]; then
      trap pause TSTP
      set -m
      "${@:2}" </dev/null 2>&"$standard_error" {standard_error}>&- &
      set +m
    else
      "${@:2}" <&0 2>&"$standard_error" &
    fi
    wait_for "$!" || status=$?
    attended=""
    trap - TSTP
  } 2>/dev/null
  return "$status"
}

# A Ctrl-Z is not seen by another process group.
pause() {
  kill -s TSTP -- "-$!"
  kill -s STOP "$BASHPID"
  kill -s CONT -- "-$!"
}

# end_by SIGNAL STATUS: what was running, if it has ended so itself, has said so.
end_by() {
  local told=$?
  trap '' HUP INT QUIT TERM
  set +m
  if [[ $attended && ${!:-} != "$started_before" ]]; then
    end_attended "$1" "$!" 2>/dev/null && told=0 || told=$?
    [[ $attended == *"that tells" ]] || told=0
  fi
  ((told == $2)) || echo "scalelab: stopped by SIG$1" >&"$standard_error" || :
  exit "$2"
}

# end_attended SIGNAL PID: its exit status
end_attended() {
  local tries
  if [[ $attended == part* ]]; then
    # Once more, since the first might come before it heeds any; then it heeds no other.
    while kill -s "$1" "$2"; do sleep 0.05; done
  else
    kill -s "$1" -- "-$2"
    for ((tries = 0; tries < 200; ++tries)); do
      group_lives "$2" || break
      sleep 0.05
    done
    kill -s KILL -- "-$2"  # who is still there, after 10 s, does not want to end
  fi
  wait "$2"
}

# group_lives ID: what is left of the dead does not count, which in containers nobody buries
group_lives() {
  local file text
  for file in /proc/[0-9]*/stat; do
    IFS= read -r -d '' text <"$file" || :
    [[ ! ${text##*) } =~ ^[^ZX]\ [0-9]+\ $1\  ]] || return 0
  done
  return 1
}
