#!/usr/bin/env bash
# How far a sweep is, on a laptop or a cluster: ./lab slurm status comes here.
#   slurm/sweep/status.sh [FOLDER]...     all in sweeps/, if none is named
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../setup/environment.sh"
set -euo pipefail

# shellcheck source=slurm/sweep/folder.sh
source "$root/slurm/sweep/folder.sh"

die() {
  echo "lab slurm status: $(shown "$1")" >&2 || :
  exit "${2:-1}"
}

# Slurm's jobs that are queued for the folder or at work on it, squeue's lines
jobs_of() {
  local ids
  ids=$(cut -d ' ' -f 1 "$1"/jobs* 2>/dev/null | sed 's/_.*//' | sort -u | paste -s -d ,) || :
  [[ $ids ]] && command -v squeue >/dev/null || return 0
  squeue --noheader --jobs "$ids" --format='%i %T %M of %l, %D nodes %R' 2>/dev/null || :
}

# The queue's words: running where somebody is at work on it, waiting where a job will be.
# named_states FOLDER JOBS
named_states() {
  local begun=cut-off missing=missing
  taken "$1" && begun=running missing=waiting
  [[ ! $2 ]] || missing=waiting
  states "$1" | sed "s/^begun/$begun/; s/^missing/$missing/"
}

# One line for each configuration, one mark for each round.
table() {
  awk -F '\t' '
    BEGIN { split("done failed running cut-off waiting missing", names, " "); split("#x>/..", marks, "")
            for (i in names) mark[names[i]] = marks[i] }
    {
      point = $2
      sub(/^r[0-9]+-/, "", point)
      if (!(point in line)) order[++n] = point
      round = substr($2, 2) + 0
      if (round > rounds) rounds = round
      line[point] = 1
      cell[point, round] = mark[$1]
      ++sum[$1]
    }
    END {
      for (i = 1; i <= n; ++i) {
        marks_of = ""
        for (round = 1; round <= rounds; ++round) marks_of = marks_of cell[order[i], round]
        printf "  %-48s %s\n", order[i], marks_of | "sort"
      }
      close("sort")
      printf "\n "
      for (i = 1; i <= 6; ++i) if (sum[names[i]]) printf " %d %s (%s)", sum[names[i]], names[i], mark[names[i]]
      printf "\n"
    }'
}

main() {
  local folder jobs folders=("$@")
  shopt -s nullglob
  ((${#folders[@]} > 0)) || folders=(sweeps/*/)
  ((${#folders[@]} > 0)) || die "there is no sweep in sweeps/: expected the folder of one" 2
  for folder in "${folders[@]%/}"; do
    [[ -e $folder/points ]] || die "'$folder': expected the folder of a sweep" 2
    refuse_edited "$folder"
  done
  for folder in "${folders[@]%/}"; do
    jobs=$(jobs_of "$folder")
    echo "$folder"
    echo
    named_states "$folder" "$jobs" | table
    [[ ! $jobs ]] || printf '  job %s\n' "$jobs"
    echo
  done
}

main "$@"
