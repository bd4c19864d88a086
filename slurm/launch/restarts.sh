# shellcheck shell=bash disable=SC2154  # scratch, root, signal and more are set by launch.sh, which sources this
# --restarts N: when a rank, its node or mpirun dies, the run is started again, and goes on from its journal.
# Each start is a launch.sh of its own. Of a death it leaves word in SCALELAB_LOSS_FILE instead of telling it; whatever
# else ends a run, an error of the kernel, wrong usage, a signal for the user's sake, has been told and is its end.

# lose TEXT: what has died. To who may start the run again, or else to the user.
lose() {
  if [[ ${SCALELAB_LOSS_FILE:-} ]]; then
    echo "$1" >"$SCALELAB_LOSS_FILE"
  else
    echo "scalelab: $1" >&2 || :
  fi
}

# option_of NAME OPTION...: its value, from the command line or from the file that --config names
option_of() {
  local name=$1 value file
  shift
  value=$(value_of "--$name" "$@")
  file=$(value_of --config "$@")
  [[ $value || ! -r ${file:-/nonexistent} ]] ||
    value=$(sed -n "s/^[[:space:]]*${name}[[:space:]]*=[[:space:]]*\([^#]*[^#[:space:]]\).*/\1/p" "$file")
  echo "$value"
}

# choose_journal OPTION...: sets `options`, and `own_journal`, a folder to be removed in the end, if one had to be made:
# beside the record, which all hosts see, or else where one is in a job of several nodes. A run of several repetitions,
# as it is unless one is asked for, has none: those are measurements, so each start is a whole one.
choose_journal() {
  local folder=$scratch name=journal record repetitions
  options=("$@") own_journal="" journal=$(option_of journal "$@")
  repetitions=$(option_of repetitions "$@")
  [[ ! $journal ]] || keep_scratch "$journal"
  if [[ $journal || $repetitions != 1 || $(option_of warmup "$@") != 0 ]]; then return; fi
  record=$(option_of record "$@")
  [[ ${SLURM_JOB_NUM_NODES:-1} == 1 ]] || folder=$PWD
  [[ ! $record || ! -w $(dirname -- "$record") ]] || folder=$(dirname -- "$record")
  [[ $folder == "$scratch" ]] || name=.scalelab-journal
  [[ $folder == "$scratch" ]] || remove_leftovers "$folder"
  own_journal=$(mktemp -d "$folder/$name.XXXXXX" 2>/dev/null) ||
    die "--restarts: $folder takes no journal, from which the run would go on: --journal FOLDER names a place for it" 1
  [[ $folder == "$scratch" ]] || mark_scratch "$own_journal"
  journal=$own_journal
  options+=(--journal "$journal")
  export SCALELAB_TEMPORARY_JOURNAL=yes
}

# resume_later: from now on the journal holds what is finished.
resume_later() {
  [[ ! $journal || " ${options[*]} " == *" --resume "* ]] || options+=(--resume)
}

# record_now: the file that the run at hand writes its record to, if it can be told; of a folder, the one that is new
record_now() {
  local record files
  record=$(option_of record "${options[@]}")
  [[ $record ]] || return 0
  files=$record
  [[ ! -d $record ]] || files=$(find "$record" -maxdepth 1 -name '*-mpi.jsonl' -newer "$scratch/begin")
  [[ ! -f $files ]] || echo "$files"
}

# runs_in FILE: their names, of a record
runs_in() { [[ ! $1 ]] || sed -n 's/^{"kind":"run","schema":[0-9]*,"run":"\([0-9A-Za-z-]*\)".*/\1/p' "$1"; }

# end_record LOSS: the run that died has begun a record, which is ended here, in its stead.
end_record() {
  local file run
  file=$(record_now)
  run=$(runs_in "$file" | tail -n +"$((runs_before + 1))" | tail -n 1)
  [[ $run ]] && ! grep -q "^{\"kind\":\"end\",\"run\":\"$run\"" "$file" || return 0
  [[ ! $(tail -c 1 "$file") ]] || echo >>"$file"  # it was killed within a line
  printf '{"kind":"end","run":"%s","status":"failed","exit":1,"reason":"%s","ended":"%s","warnings":[]}\n' \
    "$run" "$(tr -d '"\\[:cntrl:]' <<<"$1")" "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" >>"$file"
}

# start_once COMMAND...: waits for it, also where signals come meanwhile, and passes those on. Sets `status`.
start_once() {
  local said
  set -m  # so that it heeds SIGINT, and a Ctrl-C reaches it once, from here
  exec {said}>&2
  {
    tied "$@" <&0 2>&"$said" {said}>&- &
    attempt=$!
    set +m
    [[ ! $signal ]] || kill -s "$signal" "$attempt" || :  # it came just before
    wait_for "$attempt" && status=0 || status=$?
  } 2>/dev/null
  exec {said}>&-
  attempt=""
}

forward() {
  signal=$1
  [[ ! $attempt ]] || kill -s "$signal" "$attempt" 2>/dev/null || :
}

# A signal that came when no start was there to heed it
end_if_stopped() {
  [[ $signal ]] || return 0
  echo "scalelab: stopped by SIG$signal" >&2 || :
  [[ $signal != USR1 ]] || exit 143
  exit $((128 + $(kill -l "$signal")))
}

# keep_journal: what has been finished is not thrown away; sets `kept`, what to say of it
keep_journal() {
  [[ $journal && $(find "$journal" -name '*.journal' 2>/dev/null) ]] || return 0
  if [[ $own_journal == "$scratch"/* ]]; then
    journal=${TMPDIR:-/tmp}/scalelab-${own_journal##*/}
    mv -- "$own_journal" "$journal"
  fi
  [[ ! $own_journal ]] || keep_scratch "$journal"
  own_journal=""
  kept="; --journal $journal --resume goes on from what is finished"
}

end_restarts() {
  # A child that gets a signal before it is anything else comes here, too.
  [[ $BASHPID == "$scratch_owner" ]] || return 0
  [[ ! $own_journal ]] || rm -rf -- "$own_journal"
  remove_scratch
}

# run_mpi_again MOST WORKERS NODES OPTION...: run_mpi, started again MOST times at most
run_mpi_again() {
  local most=$1 command=("$root/slurm/launch/launch.sh" mpi -n "$2") n loss kept="" attempt="" signal="" status options journal own_journal="" runs_before name
  [[ ! $3 ]] || command+=(-N "$3")
  shift 3
  for name in HUP INT QUIT TERM USR1; do
    # shellcheck disable=SC2064
    trap "forward $name" "$name"
  done
  make_scratch restarts
  trap 'trap "" USR1; end_restarts' EXIT
  export SCALELAB_LOSS_FILE=$scratch/loss SCALELAB_EARLIER_ENDS="" SCALELAB_LOST_NODES=${SCALELAB_LOST_NODES:-}
  unset SCALELAB_RESTARTS
  choose_journal "$@"
  ((${SLURM_RESTART_COUNT:-0} == 0)) || resume_later  # Slurm has queued the job again
  for ((n = 1;; ++n)); do
    end_if_stopped
    rm -f "$SCALELAB_LOSS_FILE"
    touch "$scratch/begin"
    runs_before=$(runs_in "$(record_now)" | wc -l)
    start_once "${command[@]}" -- "${options[@]}"
    if [[ ! -s $SCALELAB_LOSS_FILE ]]; then
      ((status == 0 || n == 1)) || keep_journal
      [[ ! $kept ]] || echo "scalelab: ${kept#; }" >&2 || :
      exit "$status"
    fi
    loss=$(<"$SCALELAB_LOSS_FILE")
    end_record "$loss"
    end_if_stopped
    ((n <= most)) || break
    echo "scalelab: $loss; started again, $n of $most" >&2 || :
    SCALELAB_EARLIER_ENDS+=${SCALELAB_EARLIER_ENDS:+$'\n'}$loss
    [[ ! $loss =~ ^node\ ([^ ]+)\  ]] || SCALELAB_LOST_NODES+=" ${BASH_REMATCH[1]}"
    resume_later
  done
  keep_journal
  ((n == 1)) || loss+=", after $((n - 1)) new start$( ((n == 2)) || echo s)"
  echo "scalelab: $loss$kept" >&2 || :
  exit 1
}
