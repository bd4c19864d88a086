# shellcheck shell=bash disable=SC2034  # scratch: read by who sources this
# Temporary files. Sourced by all that need some.

# make_scratch NAME [MIB]: sets `scratch`, a new folder, which goes when this script ends; ends with one line if there is
# no room for its files, or, where somebody else needs them, for MIB of them
make_scratch() {
  local folder=${TMPDIR:-/tmp} remedy="TMPDIR=FOLDER names another place" name
  remove_leftovers "$folder"
  name=$folder/scalelab-$1.$$.${SRANDOM:-$RANDOM$RANDOM}  # one that nobody can have prepared
  scratch=$name scratch_owner=$BASHPID
  trap remove_scratch EXIT  # first, since a signal may come at any time
  # In braces, for else bash would tell which of these a signal has ended.
  if ! { mkdir -m 700 -- "$name"; } 2>/dev/null; then
    scratch=""
    die "$folder takes no temporary files: $remedy" 1
  fi
  # Really written: df knows nothing of quotas, and not each df can be asked for a number.
  if ! { printf '%65536s' "" >"$name/room"; } 2>/dev/null || { [[ ${2:-} ]] && (($2 > 10#0$(mebibytes_in "$folder"))); }; then
    die "$folder is full, ${2:-1} MiB of temporary files are needed: $remedy" 1
  fi
  mark_scratch "$name"
  rm -f -- "$name/room"
}

# mark_scratch FOLDER: it is to go when this script ends. All that is started from here has the mark open, and so holds
# its lock.
mark_scratch() {
  local keeper mark
  mark=$(scratch_mark)
  exec {keeper}>"$1/.scalelab-scratch"
  { flock --nonblock "$keeper" && echo "$mark" >&"$keeper"; } 2>/dev/null || :
}

# keep_scratch FOLDER: from now on it is the user's
keep_scratch() { rm -f -- "$1/.scalelab-scratch"; }

remove_scratch() {
  # A child that gets a signal before it is anything else comes here, too.
  [[ $BASHPID == "$scratch_owner" ]] || return 0
  trap '' HUP INT QUIT TERM
  [[ ! $scratch ]] || rm -rf -- "$scratch"
}

# This host since it was started: locks of others may not be seen here, and theirs are left alone.
scratch_mark() { echo "$HOSTNAME $(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"; }

# remove_leftovers FOLDER: what scripts have left there that were killed: folders of one's own that mark_scratch has
# marked, not quite new, whose lock nobody holds, nor that of a journal which somebody goes on from.
remove_leftovers() {
  local left keeper mark=""
  for left in "$1"/scalelab-*.[0-9]*.[0-9]* "$1"/.scalelab-journal.??????; do
    [[ ${left##*/} =~ ^(scalelab-[a-z]+\.[0-9]+\.[0-9]+|\.scalelab-journal\.[A-Za-z0-9]+)$ && -d $left && -O $left && ! -L $left ]] || continue
    [[ $(find "$left" -maxdepth 0 -mmin +1 2>/dev/null) ]] || continue
    [[ ! -f $left/.lock || -L $left/.lock ]] || flock --nonblock "$left/.lock" true 2>/dev/null || continue
    if [[ -f $left/.scalelab-scratch && ! -L $left/.scalelab-scratch ]] && { exec {keeper}<"$left/.scalelab-scratch"; } 2>/dev/null; then
      mark=${mark:-$(scratch_mark)}
      if flock --nonblock "$keeper" 2>/dev/null && [[ $(<"$left/.scalelab-scratch") == "$mark" ]]; then rm -rf -- "$left"; fi
      exec {keeper}<&-
    else
      rmdir -- "$left" 2>/dev/null || :  # if it is empty, it was killed just then
    fi
  done
}

# What is free; many where that cannot be told
mebibytes_in() {
  local free
  free=$(df -P -k -- "$1" | awk 'NR == 2 { printf "%.0f", int($4 / 1024) }')
  echo "${free:-1000000}"
} 2>/dev/null
