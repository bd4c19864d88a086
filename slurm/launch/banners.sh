# shellcheck shell=bash disable=SC2154  # scratch, a folder, is set by who sources this
# What launchers say on their own: sorted out of what the ranks say, and read for who was lost. Sourced by launch.sh.

# Debian's awk, mawk, would keep lines back until it has 4 KiB of them.
line_by_line=(awk)
[[ $(awk -W version 2>&1 </dev/null) != mawk* ]] || line_by_line=(awk -W interactive)

# What mpirun and srun say between their ranks' lines on standard error: it goes to the file banners in
# the folder $1, all else is passed on at once. If a rank has told why it ends, there is a file
# told; a file stopped, if all it knows is that somebody ended it.
sort_out_banners() {
  local from
  trap '' HUP INT QUIT TERM USR1  # a Ctrl-C reaches it too; it has to pass on what the ranks say then
  # Open MPI 5 puts zero bytes around what its ranks say; mawk would take them for ends of lines.
  exec {from}<&0
  # Awk takes the shell's place, so that who ends this process ends all that holds standard error.
  export banners=$1/banners told=$1/told stopped=$1/stopped
  # shellcheck disable=SC2016
  exec "${line_by_line[@]}" '
    BEGIN { banners = ENVIRON["banners"]; told = ENVIRON["told"]; stopped = ENVIRON["stopped"] }  # -v would read backslashes
    /^$/ && !inside { empty = empty "\n"; next }  # a banner may follow, which it belongs to
    /^-----------------------------------/ { inside = !inside; empty = ""; next }
    /^scalelab: stopped by a signal/ { print > stopped }
    /^scalelab: / && !/^scalelab: (warning: |stopped by a signal)/ { print > told }
    /^scalelab: / { printf "%s", empty; empty = ""; print; fflush(); next }
    inside || /^\[[^]]*:[0-9]+\] / || /^\[[^]]*\]\[\[[0-9]+,[0-9]+\],[0-9]+\]\[/ || /^\[(warn|err)\] / || /^(mpirun|mpiexec|prterun|srun|slurmstepd(-[^:]*)?): / { print >> banners; empty = ""; next }
    /^\[(mpiexec|proxy:[0-9:]+)@[^]]*\] / || /^Abort\([0-9]+\) on node / { print >> banners; empty = ""; next }  # of MPICH
    { printf "%s", empty; empty = ""; print; fflush() }' >&2 < <(exec sed -u -e '/^\x00\x00*$/d' -e 's/\x00//g' <&"$from" 2>/dev/null)
}

# What ranks print, at once. If it cannot be written the rest is read all the same: a launcher whose reader has gone
# ends in the middle of the run.
pass_on() {
  local status
  trap '' HUP INT QUIT TERM USR1
  cat && return
  status=$?
  cat >/dev/null
  return "$status"
}

# MPICH frames the end of a rank in ===== and tells it on standard output, with an empty line before.
sort_out_frames() {
  trap '' HUP INT QUIT TERM USR1
  export banners=$1/banners
  # shellcheck disable=SC2016
  exec "${line_by_line[@]}" '
    BEGIN { banners = ENVIRON["banners"] }
    /^=+$/ || /^=   / || /^YOUR APPLICATION TERMINATED WITH / || /^This typically refers to a problem / ||
      /^Please see the FAQ page for debugging / { print >> banners; empty = ""; next }
    /^$/ { empty = empty "\n"; next }
    { print empty $0; empty = ""; fflush() }
    END { printf "%s", empty }'
}

# lost_rank STATUS: "rank 3 on n2 was killed by signal 9 (Killed)", if the launcher's banners have told it, or its
# log and its exit status. MPICH's tell the process only; which rank that was, the ranks of this host have written.
lost_rank() {
  local told rank where
  told=$(node_in_banners)
  if [[ $told ]]; then
    echo "node $told was lost"
    return
  fi
  told=$(rank_in_banners)
  if [[ $told =~ ^process\ ([0-9]+)(.*) ]]; then
    rank=$(sed -n "s/^${BASH_REMATCH[1]} \([0-9]*\) .*/\1/p" "$SCALELAB_STATUS_FILE.ranks" 2>/dev/null || :)
    [[ ! $rank ]] || told="rank $rank${BASH_REMATCH[2]}"
  fi
  rank=$(sed -n 's/.* errmgr:[a-z]*: proc \[[^]]*,\([0-9]*\)\] aborted by signal$/\1/p' "$scratch/banners" 2>/dev/null | sed -n 1p)
  if [[ $told || ! $rank ]]; then
    # Of several hosts, Open MPI 5 may tell of the others only, who abort themselves.
    [[ $told ]] || ! grep -qs "peer process has unexpectedly disconnected" "$scratch/banners" ||
      told="a rank has ended, and others lost their connection to it"
    echo "$told"
    return
  fi
  where=$(sed -n "s/^[0-9]* $rank \([^.]*\).*/ on \1/p" "$SCALELAB_STATUS_FILE.ranks" 2>/dev/null || :)
  # Others, who lost their connection to it, ended first: then the status is theirs.
  if (($1 <= 128)); then
    echo "rank $rank$where was killed by a signal"
    return
  fi
  case $(kill -l "$1") in
    KILL) told="Killed" ;;
    SEGV) told="Segmentation fault" ;;
    ABRT) told="Aborted" ;;
    BUS) told="Bus error" ;;
    TERM) told="Terminated" ;;
    *) told=SIG$(kill -l "$1") ;;
  esac
  echo "rank $rank$where was killed by signal $(($1 - 128)) ($told)"
}

# The host whose connection was lost, of those that srun and Open MPI's daemons name.
node_in_banners() {
  tr '\n' ' ' 2>/dev/null <"$scratch/banners" |
    sed -n 's/.*srun: error: Node failure on \([^ ,]*\).*/\1/p
      t
      s/.*lost communication with a remote daemon.*Remote daemon: [^ ]* on node \([^ ]*\).*/\1/p' || :
}

rank_in_banners() {
  tr '\n' ' ' 2>/dev/null <"$scratch/banners" |
    sed -n 's/.*process rank \([0-9]*\) .*on node \([^ ]*\) *exited on signal \([0-9]*\) (\([^)]*\)).*/rank \1 on \2 was killed by signal \3 (\4)/p
      t
      s/.*=   PID \([0-9]*\) RUNNING AT \([^ ]*\) .*EXIT STRING: \([^(]*\) (signal \([0-9]*\)).*/process \1 on \2 was killed by signal \4 (\3)/p
      t
      s/.*srun: error: \([^ :]*\): tasks\{0,1\} \([0-9]*\)[^:]*: \(Killed\|Segmentation fault\|Aborted\|Terminated\|Bus error\|Out Of Memory\).*/rank \2 on \1 was killed (\3)/p' || :
}
