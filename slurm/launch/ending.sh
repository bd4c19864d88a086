# shellcheck shell=bash disable=SC2034,SC2154  # what is set and read here belongs to run_mpi in launch.sh, which sources this
# How a run of ranks ends: by itself, by a signal, by a death; its exit status, and the one line that is said of it.

# stop STATUS: the ranks have 3 s for the tasks in hand. mpirun and srun pass SIGUSR1 on to them. mpirun
# does no more; after SIGTERM it would kill them 1 s later, and wait for longer than that itself. If it has to
# be killed, what it started on other hosts holds standard error open for 2 s more: not waited for.
stop() {
  local readers=() alone=""
  signal=$1
  [[ -n $launcher && -z $last_resort ]] || return 0
  echo "$signal" >"$SCALELAB_STATUS_FILE.asked"  # so that the record tells the signal that it was
  # Once rank 0 is done, what it has printed is still on its way, and mpirun would end at once.
  [[ -s $SCALELAB_STATUS_FILE ]] || kill -USR1 "$launcher" 2>/dev/null || :
  [[ $- == *m* ]] || alone=yes
  set -m  # in a process group of its own, with its sleep
  (
    sleep 4.3
    # srun then ends its ranks on all nodes; if it is killed, they stay. Those of mpirun end with it.
    [[ $name != srun || -e $scratch/launcher_ended ]] || { kill -TERM "$launcher" && sleep 2; }
    [[ -e $scratch/launcher_ended ]] || kill -KILL "$launcher" || :
    sleep 0.2
    touch "$scratch/output_cut"
    read -r -a readers <"/proc/$frames/task/$frames/children" || :  # no line end
    kill -KILL "${readers[@]}" "$frames" "$sorter"
  ) 2>/dev/null &
  last_resort=$!
  [[ ! $alone ]] || set +m
  disown "$last_resort" 2>/dev/null || :
}

# slow_start SECONDS: what is to be doubted after them. Ranks of this host leave word when they have been started, and
# when MPI has; of other hosts nothing is known here.
slow_start() {
  if [[ -e $SCALELAB_STATUS_FILE.begun ]]; then return; fi
  if [[ -s $SCALELAB_STATUS_FILE.ranks ]]; then
    echo "MPI has not started for $1 s"
  else
    echo "no rank has been started on ${HOSTNAME%%.*} for $1 s, and if others have some, they may hang"
  fi
}

# Open MPI 4.1 can hang when ranks die while they start: it leaves them unburied. Looks for such ranks
# every other second, without starting a process, which would cost those who compute; ends mpirun.
bury_hung_launcher() {
  local pause file pid state dead="" before begin=$SECONDS patience=60 paused="" doubt
  exec {pause}<>"$scratch/pause"
  while kill -0 "$launcher" 2>/dev/null; do
    read -r -t 2 -u "$pause" || :
    if ((SECONDS - begin > patience)); then
      doubt=$(slow_start "$patience")
      [[ ! $doubt ]] || echo "scalelab: warning: $doubt: $lab doctor may know what keeps it, Ctrl-C ends it" >&2 || :
      patience=1000000
    fi
    read -r _ _ state _ 2>/dev/null <"/proc/$launcher/stat" || state=""
    if [[ $state == T ]]; then  # it buries nobody then
      [[ $paused ]] || echo "scalelab: warning: mpirun is stopped, and passes nothing on: kill -CONT $launcher" >&2 || :
      paused=yes dead=""
      continue
    fi
    before=$dead dead=" "
    for file in /proc/"$launcher"/task/*/children; do
      local children=()
      read -r -a children 2>/dev/null <"$file" || :
      for pid in "${children[@]}"; do
        read -r _ _ state _ 2>/dev/null <"/proc/$pid/stat" || continue
        [[ $state == Z ]] || continue
        dead+="$pid "
        [[ $before == *" $pid "* ]] || continue
        if [[ ! -e $SCALELAB_STATUS_FILE.asked ]]; then
          lose "a rank on ${HOSTNAME%%.*} died while it started, and mpirun hung"
          touch "$scratch/told"
        fi
        kill -KILL "$launcher"
        return
      done
    done
  done
}

# tell_end: exits. Known are the launcher's `status`, the `signal` that came, what rank 0 has left as its exit status, and
# whether what was printed could be written.
tell_end() {
  local said
  # mpirun may have been killed at the very end, when all was said and its files were still there.
  ((status == 0)) || { wait_for_ranks; remove_segments; [[ $name == srun ]] || remove_session "$launcher"; }
  said=$(cat "$SCALELAB_STATUS_FILE" 2>/dev/null || :)
  if [[ $output_lost && ! -e $scratch/told && ! -e $scratch/output_cut && ($said == 0 || ! $said && $status == 0) ]]; then
    lost=$(sed -n 's/^[^:]*: .*: //p' "$scratch/output.error")
    ((output_lost != 141)) || lost="Broken pipe"
    echo "scalelab: standard output cannot be written${lost:+: $lost}" >&2 || :
    exit 1
  fi
  [[ $said && ! $signal ]] && exit "$said"
  # A signal that came when all was done, and printed, has changed nothing.
  [[ $said == 0 && $status == 0 && ! $output_lost ]] && exit 0
  if [[ $said == 0 ]]; then
    echo "scalelab: stopped by SIG$(kill -l "$signal") before all that was printed was written" >&2 || :
    exit "$signal"
  fi
  if [[ -n $signal ]]; then
    # mpirun loses what rank 0 says at the very end if another rank has left just before.
    [[ -e $scratch/told || -e $scratch/stopped ]] || echo "scalelab: stopped by SIG$(kill -l "$signal")" >&2 || :
    exit "$signal"
  fi
  ((status == 0)) && exit 0  # rank 0 is on another host, which has no such file
  [[ -e $scratch/told ]] && exit "$((status == 2 ? 2 : 1))"
  lost=$(lost_rank "$status")
  if [[ -n $lost ]]; then
    # srun terminates the others where one ends badly: what it has said of that one tells more.
    [[ $name != srun || $lost != *"(Terminated)" ]] || cat "$scratch/banners" >&2 2>/dev/null || :
    lose "$lost"
  elif [[ ! -e $scratch/stopped ]]; then
    cat "$scratch/banners" >&2 2>/dev/null || :
    lost="$name ended with status $status, without a word from rank 0"
    # Of a launcher that was killed there may be more to come.
    if ((status == 137)); then lose "$lost"; else echo "scalelab: $lost" >&2 || :; fi
  fi
  exit 1
}
