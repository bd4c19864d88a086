# shellcheck shell=bash disable=SC2154  # scratch, a folder, is set by who sources this
# What tests in shell are made of.

failures=0

# check WHAT COMMAND...: the test fails unless the command succeeds
check() {
  if "${@:2}"; then
    echo "  ok      $1"
  else
    echo "  FAILED  $1"
    [[ ! -s $scratch/err ]] || sed 's/^/          | /' "$scratch/err"
    failures=$((failures + 1))
  fi
}

equal() { [[ $1 == "$2" ]] || { echo "          '$1' instead of '$2'" && false; }; }
contains() { [[ $1 == *"$2"* ]] || { echo "          '$1' lacks '$2'" && false; }; }
at_most() { awk "BEGIN { exit !($1 <= $2) }" || { echo "          $1 is more than $2" && false; }; }

# within SECONDS COMMAND...: does it succeed by then?
within() {
  local tries
  for ((tries = 0; tries < 10 * $1; ++tries)); do
    "${@:2}" && return
    sleep 0.1
  done
  return 1
}

# wait_until COMMAND...: for a minute, or $patience, at most: machines that run tests are busy
wait_until() {
  within "${patience:-60}" "$@" && return
  echo "  FAILED  waited in vain: $*"
  failures=$((failures + 1))
}

skip() {
  echo "skipped: $1"
  exit 77
}

end_of_checks() {
  echo "$failures failures"
  exit "$((failures > 0))"
}
