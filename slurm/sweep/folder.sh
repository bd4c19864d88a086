# shellcheck shell=bash disable=SC2154  # lab: set by environment.sh
# What lies in the folder of a sweep. Sourced by all that look into one.
#   plan              what was asked for
#   points            what that comes to: all runs, in order, as plan.sh makes them; before them their checksum and the plan's
#   NAME.jsonl        the record of a point, one run
#   NAME.failed       what was said where a run failed
#   unfinished/       records of runs that were stopped or cut off; they are run again
#   lock, lock.K      held by who works on it, on round K of it
#   jobs              Slurm's jobs that have worked on it: id, and points that were done before

# refuse_links FOLDER: ends where something in it is neither a file nor a folder: what is written to a link goes elsewhere
refuse_links() {
  local other
  other=$(find "$1"/ -mindepth 1 -maxdepth 1 ! -type f ! -type d -print 2>/dev/null | sed -n 1p) || :
  [[ ! $other ]] || die "$1/${other##*/} is a link or a device, and a sweep writes to its folder only: remove it, or --out DIR takes another"
}

# checksums_of PLAN POINTS: a line for points to begin with. The plan's is of what it says, however it is written, PLAN.
checksums_of() { echo "# $(cksum <<<"$1") $(cksum <"$2") are the checksums of the plan and of these runs when they were planned"; }

# points_in FOLDER: its runs, a line each
points_in() { sed 1d "$1/points"; }

# refuse_edited FOLDER: ends where its points are not as they were planned
refuse_edited() {
  [[ -f $1/plan && -f $1/points ]] || die "$1: its files plan and points are wanted, and one is not there: --out DIR begins another sweep"
  [[ $(points_in "$1" | cksum) == "$(sed -n '1s/^# [0-9]* [0-9]* \([0-9]* [0-9]*\) are .*/\1/p' "$1/points")" ]] ||
    die "$1/points was edited when its runs were planned already: undo that, or $lab sweep $1/plan --out DIR begins another" 2
}

# All that only one sweep may do at a time it does while it has the folder; its drivers keep it until
# they have ended, which after a kill is a moment later. take FOLDER [ROUND]
take() {
  local folder=$1 round=${2:-}
  exec {whole}>"$folder/lock"
  if [[ ! $round ]]; then
    lock "$whole" || die "another sweep is at work in $folder"
    return
  fi
  exec {part}>"$folder/lock.$round"
  { lock --shared "$whole" && lock "$part"; } || die "another sweep is at work on round $round in $folder"
}

# Some file systems of clusters have no locks. There it is up to the user.
lock() {
  local status=0
  flock --wait 10 --conflict-exit-code 75 "$@" 2>/dev/null || status=$?
  ((status != 75))
}

# Is somebody at work on this folder?
taken() {
  local lock
  for lock in "$1"/lock*; do
    [[ ! -f $lock ]] || flock --nonblock "$lock" true || return 0
  done
  return 1
}

# states FOLDER: for each point a line: done, failed, begun (running, or cut off) or missing, and its name
states() {
  (
    cd "$1" || exit
    shopt -s nullglob
    local records=(*.jsonl) failed=(*.failed)
    {
      printf 'begun\t%s\n' "${records[@]%.jsonl}"
      printf 'failed\t%s\n' "${failed[@]%.failed}"
      # Of a record that was written elsewhere, its command says so.
      ((${#records[@]} == 0)) || awk '
        FNR == 1 { name = FILENAME; own = /^\{"kind":"run",/ && index($0, "/" name "\"") }
        own && /^\{"kind":"end",.*"status":"done"/ { sub(/\.jsonl$/, "", name); own = ""; print "done\t" name }' "${records[@]}"
    } | awk -F '\t' 'NR == FNR { state[$2] = $1; next } FNR > 1 { print ($1 in state ? state[$1] : "missing") "\t" $1 }' - points
  )
}

# of_round ROUND <lines with names: those of that round, or all if it is empty
of_round() {
  if [[ $1 ]]; then grep -E "(^|"$'\t'")r$(printf '%02d' "$1")-" || :; else cat; fi
}

# count STATE <states
count() { grep -c "^$1"$'\t' || :; }
