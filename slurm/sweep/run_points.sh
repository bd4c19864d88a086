# shellcheck shell=bash disable=SC2034,SC2154  # what is set and read here belongs to main in sweep.sh, which sources this
# Runs points, one after the other: what is a failure, what a kill, and what a signal ends.

# command_of POINT: sets `name` and `command`
command_of() {
  local fields
  IFS=$'\t' read -r -a fields <<<"$1"
  name=${fields[0]}
  command=("$launch" "${fields[1]}" -n "${fields[2]}")
  [[ ${fields[3]} == fill ]] || command+=(-N "${fields[3]}")
  command+=(-- "${fields[@]:4}" --quiet --record "$out/$name.jsonl")
}

# A run that was stopped or cut off is run again, but what it had measured is not lost.
set_aside() {
  local file=$out/$1.jsonl number=1
  [[ -e $file ]] || return 0
  if [[ ! -s $file ]]; then
    rm "$file"
    return
  fi
  mkdir -p "$out/unfinished"
  while [[ -e $out/unfinished/$1.$number.jsonl ]]; do number=$((number + 1)); done
  mv "$file" "$out/unfinished/$1.$number.jsonl"
}

# Starts a run and waits for it, also where a signal wakes this script up meanwhile. Sets `status`.
start_and_wait() {
  tied "$@" >"$scratch/output" 2>&1 </dev/null &
  runner=$!
  [[ ! $stopped ]] || kill -TERM "$runner" 2>/dev/null || :  # it came just before
  wait_for "$runner" && status=0 || status=$?
  runner=""
}

# left_record NAME: one that is whole. srun can end with 0 where a node has just come back, and nothing was started.
left_record() { grep -qsE '^\{"kind":"end",.*"status":"done"' "$out/$1.jsonl"; }

# A run that was killed, by the system or by Slurm where a node was lost, may not have failed by itself.
was_killed() {
  ((status == 137 || status == 0)) ||
    grep -qE '^scalelab: (stopped by a signal|(srun|mpirun) ended with status)|CANCELLED AT' "$scratch/output" || [[ $(loss) ]]
}

# Who has died of the run at hand, and where, if that is known
loss() {
  sed -n 's/^scalelab: \(rank .* was killed.*\|node .* was lost\|a rank .* \(died\|has ended\).*\)/\1/p' "$scratch/output" | sed -n 1p
}

run_point() {
  local point=$1 name command status why=""
  command_of "$point"
  set_aside "$name"
  rm -f "$out/$name.failed"
  # From its beginning: what goes on from a journal is no measurement.
  SCALELAB_EARLIER_ENDS=${earlier_ends[$name]:-} start_and_wait "${command[@]}"
  [[ ! $stopped ]] || return 0
  ((status != 0)) || ! left_record "$name" || return 0
  if [[ ! $last_chance ]] && was_killed; then
    killed+=("$point")
    if ((status == 0)); then
      why="it left no record"
      show "$name left no record; it is run again at the end"
    else
      why=$(loss)
      show "$name was killed; it is run again at the end${why:+: $why}"
    fi
    earlier_ends[$name]+=${earlier_ends[$name]:+$'\n'}${why:-it was killed}
    return
  fi
  failures=$((failures + 1))
  {
    printf 'exit status %s of: %s\n' "$status" "${command[*]@Q}"
    cat "$scratch/output"
  } 2>/dev/null >"$out/$name.failed" || die "$out takes no more files, is the disk full? $(grep -m 1 . "$scratch/output")"
  show "$name failed: $(grep -m 1 . "$scratch/output" || echo "exit status $status, and no record")"
}

# stop STATUS: the run at hand has 3 s to end in order.
stop() {
  stopped=$1
  [[ ! $runner ]] || kill -TERM "$runner" 2>/dev/null || :
}

# say TEXT: on a terminal in the place of what was said before; elsewhere nothing
say() { [[ ! -t 2 ]] || printf '\r\033[K%s' "$1" >&2 || :; }

# show TEXT: a line of its own
show() {
  say ""
  echo "lab sweep: $(shown "$1")" >&2 || :
}

time_left() { awk -v s="$1" 'BEGIN { if (s < 90) printf "%d s", s; else if (s < 5400) printf "%.0f min", s / 60; else printf "%.1f h", s / 3600 }'; }

run_points() {
  local point points=() left="" n=0 round="" begin=$SECONDS
  mapfile -t points
  for point in "${points[@]}"; do
    [[ ! $stopped && ! $no_more ]] || break
    if [[ ! -t 2 && ${point%%-*} != "$round" ]]; then
      round=${point%%-*}
      show "round $((10#${round#r})), $n of ${#points[@]} runs done$left"
    fi
    ((n < 5)) || left=", about $(time_left $(((SECONDS - begin) * (${#points[@]} - n) / n))) left"
    say "$((n + 1))/${#points[@]} $(cut -f 1 <<<"$point")$left"
    run_point "$point"
    n=$((n + 1))
  done
  say ""
}
