# shellcheck shell=bash disable=SC2034  # scratch: read by who sources this
# Temporary files. Sourced by all that need some.

# make_scratch NAME [MIB]: sets `scratch`, a new folder; ends with one line if there is no room for its
# files, or, where somebody else needs them, for MIB of them
make_scratch() {
  local folder=${TMPDIR:-/tmp} remedy="TMPDIR=FOLDER names another place"
  scratch=$(mktemp -d "$folder/scalelab-$1.XXXXXX" 2>/dev/null) ||
    die "$folder takes no temporary files: $remedy" 1
  # Really written: df knows nothing of quotas, and not each df can be asked for a number.
  if ! head -c 65536 /dev/zero >"$scratch/room" 2>/dev/null || { [[ ${2:-} ]] && (($2 > $(mebibytes_in "$folder"))); }; then
    rm -rf "$scratch"
    die "$folder is full, ${2:-1} MiB of temporary files are needed: $remedy" 1
  fi
  rm "$scratch/room"
}

# What is free; many where that cannot be told
mebibytes_in() {
  local free
  free=$(df -P -k "$1" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
  echo "${free:-1000000}"
}
