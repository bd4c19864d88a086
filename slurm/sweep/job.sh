# shellcheck shell=bash disable=SC2154  # kit, the folder of the kit, is set by the job scripts
# What job scripts share: a sweep that goes on by itself until it is complete. Sourced by slurm/*.sbatch.

# shellcheck source=slurm/setup/environment.sh
. "$kit/slurm/setup/environment.sh"
set -euo pipefail
# shellcheck source=slurm/site.sh
source "${SCALELAB_SITE:-$kit/slurm/site.sh}"
# shellcheck source=slurm/sweep/folder.sh
source "$kit/slurm/sweep/folder.sh"

# What the job script was given
arguments=("$@")

# Of a short time limit, Slurm may speak before there is a sweep.
nearly_over=""
trap 'nearly_over=yes' USR1

# How long the run at hand may go on when Slurm has said that the time is nearly over (--signal). [s]
last_run_time=${SCALELAB_LAST_RUN_TIME:-60}

die() {
  echo "scalelab: $(shown "$1")" >&2 || :
  exit "${2:-1}"
}

# Of a job array, one task. (Slurm's own number of its last task is that of the whole array.)
job_id() { echo "${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_}${SLURM_ARRAY_TASK_ID:-$SLURM_JOB_ID}"; }

# How long this job has waited. [s] It is in the records, but nothing in a job's environment tells it.
queue_seconds() {
  local submitted started
  read -r submitted started < <(squeue --noheader --jobs "$(job_id)" --format '%V %S') || return 0
  echo $(($(date -d "$started" +%s) - $(date -d "$submitted" +%s)))
}

# The states of the points that this job is to run.
states_here() { states "$out" | of_round "$round"; }
unfinished() { sed -n 's/^\(begun\|missing\)\t//p'; }  # of the states that are read: the names

# The last two attempts have begun with as many finished points as there are now.
stuck() { [[ $(tail -n 2 "$attempts" 2>/dev/null | awk -v now="$1" '$2 == now' | wc -l) == 2 ]]; }

give_up() {
  local run
  run=$(states_here | unfinished | sed -n 1p)
  die "two attempts without a finished run: $run does not fit the time limit, $out is not complete"
}

# The time was over before the sweep. The same job once more; where that is forbidden, one like it that
# begins when this one has ended.
go_on_later() {
  local job script
  if scontrol requeue "$(job_id)" 2>/dev/null; then
    echo "scalelab: queued again to go on: $out"
    trap - TERM
    exec sleep 120  # Slurm ends this job now
  fi
  # As it was submitted; this is a copy.
  script=$(scontrol show job "$(job_id)" | sed -n 's|^ *Command=\(.*/slurm/[a-z]*\.sbatch\).*|\1|p')
  job=$(sbatch --parsable --dependency="afterany:$(job_id)" --job-name="$SLURM_JOB_NAME" \
    --time="$(squeue --noheader --jobs "$(job_id)" --format %l)" --nodes="$SLURM_JOB_NUM_NODES" \
    --partition="$SLURM_JOB_PARTITION" ${SLURM_JOB_ACCOUNT:+--account="$SLURM_JOB_ACCOUNT"} \
    ${SLURM_ARRAY_TASK_ID:+--array="$SLURM_ARRAY_TASK_ID"} "$script" "${arguments[@]}" --out "$out") ||
    die "Slurm does neither queue this job again nor take another one to go on: $out"
  echo "scalelab: requeueing is forbidden, job $job goes on: $out"
}

end_sweep_later() { (sleep "$last_run_time" && kill -TERM "$sweep") 2>/dev/null & }

# run_sweep PLAN OPTION...: those of ./lab sweep
run_sweep() {
  (($# > 0)) || die "expected the name of a plan behind the script" 2
  local plan=$1 option out round="" attempts before sweep status
  shift
  out=${plan##*/} out=sweeps/${out%.plan}
  [[ ! ${SLURM_JOB_ID:-} ]] || out+=-${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}
  [[ ! -e $plan/points ]] || out=$plan
  for option; do
    [[ ${before:-} != --out ]] || out=$option
    [[ ${before:-} != --round ]] || round=$option
    before=$option
  done
  attempts=$out/jobs${round:+.$round}
  if [[ ${SLURM_JOB_ID:-} ]]; then
    mkdir -p "$out"
    refuse_links "$out"
    SCALELAB_QUEUE_SECONDS=$(queue_seconds)
    export SCALELAB_QUEUE_SECONDS
    before=$(states_here 2>/dev/null | count "done") || :
    ((${SLURM_RESTART_COUNT:-0} == 0)) || ! stuck "$before" || give_up
    echo "$(job_id) $before" >>"$attempts"
  fi
  "$kit/slurm/sweep/sweep.sh" "$plan" "$@" --out "$out" --resume &
  sweep=$!
  trap 'nearly_over=yes; kill -USR1 "$sweep"; end_sweep_later' USR1
  trap 'kill -TERM "$sweep"' TERM INT
  [[ ! $nearly_over ]] || end_sweep_later
  wait_for "$sweep" && status=0 || status=$?
  trap '' TERM INT
  if [[ ${SLURM_JOB_ID:-} && ! -e $out/points ]]; then  # it was refused
    rm -f "$attempts"
    rmdir "$out" 2>/dev/null || :
  fi
  if [[ $nearly_over && ${SLURM_JOB_ID:-} && $(states_here | unfinished) ]]; then
    stuck "$(states_here | count "done")" && give_up
    go_on_later
    exit 0
  fi
  exit "$status"
}

# collect FOLDER
collect() {
  (($# == 1)) || die "expected the folder of a sweep behind the script" 2
  local folder=$1 root=$kit status=0 figures=()
  # shellcheck source=slurm/setup/programs.sh
  source "$kit/slurm/setup/programs.sh"
  [[ -e $folder/points ]] || die "'$folder': expected the folder of a sweep" 2
  refuse_links "$folder"
  refuse_edited "$folder"
  command -v gnuplot >/dev/null || figures=(--no-figures)
  {
    "$kit/slurm/sweep/status.sh" "$folder" || status=1
    "$results/validate" "$folder" || status=1
    [[ ! ${figures[*]} ]] || echo "collect: gnuplot is not on this node: tables only; $lab report $folder draws figures elsewhere"
    "$results/analyze" "$folder" "${figures[@]}" || status=1
  } >"$folder/summary.txt" 2>&1
  cat "$folder/summary.txt"
  exit "$status"
}
