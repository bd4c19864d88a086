#!/usr/bin/env bash
# Runs a plan: many configurations, each several times, each time as a fresh process, in a random order
# round by round. The same on a laptop and in a Slurm job: ./lab sweep comes here, and job scripts do.
POSIXLY_CORRECT=1
# shellcheck source=slurm/setup/environment.sh
. "${0%"${0##*/}"}../setup/environment.sh"
set -euo pipefail

# shellcheck source=slurm/setup/programs.sh
source "$root/slurm/setup/programs.sh"
launch=$root/slurm/launch/launch.sh
# shellcheck source=slurm/sweep/shuffle.sh
source "$root/slurm/sweep/shuffle.sh"
# shellcheck source=slurm/sweep/plan.sh
source "$root/slurm/sweep/plan.sh"
# shellcheck source=slurm/sweep/folder.sh
source "$root/slurm/sweep/folder.sh"
# shellcheck source=slurm/sweep/run_points.sh
source "$root/slurm/sweep/run_points.sh"
# shellcheck source=slurm/setup/scratch.sh
source "$root/slurm/setup/scratch.sh"

plans() { (cd "$root/slurm/plans" && echo *.plan | sed 's/\.plan//g'); }

help() {
  cat <<END
lab sweep: many runs, by a plan

  $lab sweep PLAN [OPTION]...
  $(printf %-29s "$lab sweep DIR --resume") goes on with the sweep in that folder

PLAN is a file (docs/sweeps.md), or one of those that come with the kit:
$(for plan in $(plans); do printf '  %-17s %s\n' "$plan" "$(sed -n '1s/^# //p' "$root/slurm/plans/$plan.plan")"; done)

  --out DIR          where the records go [sweeps/PLAN]
  --resume           go on where the sweep in DIR was stopped or killed
  --retry            with --resume: run again what failed, too
  --dry-run          print the commands that would be run
  --backend local    on this machine, also in a Slurm job
  --backend slurm    in a Slurm job; outside of one, submit one
                     [slurm in a Slurm job, else local]
  --round K          of all rounds only this one (for job arrays)
  --restarts N       a run that was killed is run again, N times at most [1]

These replace the plan's own lines; values have commas between them:
  --work OPTIONS     as in --work "--kernel spin --task-time 1ms --tasks 500"
  --drivers D,...    sequential, openmp, processes, mpi
  --workers W,...    numbers, 2x (two for each core), or auto
  --threads T,...    of each rank of mpi; workers = ranks x threads
  --nodes N,...      ranks of mpi on so many nodes, or fill
  --schedules S,...  static, dynamic, guided, dynamic:10 (chunks of 10)
  --bind B           cores or none
  --repetitions R    in each run
  --rounds R         runs of each configuration
  --seed S           of their order

Ctrl-C stops the run at hand; what is finished is kept. Exit status: 0 all is
done, 1 some failed, 2 wrong usage, 130 or 143 stopped before the end.
END
}

die() {
  echo "lab sweep: $(shown "$1")" >&2 || :
  exit "${2:-1}"
}

read_options() {
  local name=${1:-} replaced="" option
  [[ $name && $name != -* ]] || die "expected the name of a plan ($(plans)) or of a file" 2
  shift
  plan_file=$name out=""
  if [[ -e $name/points ]]; then
    refuse_edited "$name"
    plan_file=$name/plan out=${name%/}
  fi
  [[ -f $plan_file ]] || plan_file=$root/slurm/plans/$name.plan
  [[ -f $plan_file ]] || die "'$name': there is no such plan: expected a file, or one of $(plans)" 2
  read_plan "$plan_file"
  name=${plan_file##*/} name=${name%.plan}
  out=${out:-sweeps/$name} resume="" retry="" dry_run="" backend="" only_round="" restarts=${SCALELAB_RESTARTS:-1}
  while (($# > 0)); do
    option=${1#--}
    case $1 in
      --resume) resume=yes ;;
      --retry) retry=yes ;;
      --dry-run) dry_run=yes ;;
      --out | --backend | --round | --restarts | --work | --drivers | --workers | --threads | --nodes | --schedules | --bind | --repetitions | --rounds | --seed)
        (($# > 1)) || die "$1: expected a value behind it" 2
        case $1 in
          --out) out=${2%/} ;;
          --backend) backend=$2 ;;
          --round) only_round=$2 ;;
          --restarts) restarts=$2 ;;
          *)
            # A line of the plan is replaced by the first, and lines of work then added to.
            [[ $option != work || $replaced ]] || { plan[work]="" replaced=yes; }
            set_plan "$option" "$2" "$1"
            ;;
        esac
        shift
        ;;
      *) die "'$1': expected one of the options that $lab sweep --help lists" 2 ;;
    esac
    shift
  done
  [[ $out ]] || die "--out: expected a folder" 2
  [[ ! $only_round || $only_round =~ ^[1-9][0-9]{0,2}$ ]] || die "--round: expected a number, got '$only_round'" 2
  ((${only_round:-1} <= plan[rounds])) || die "--round: the plan has ${plan[rounds]} rounds, got $only_round" 2
  [[ $restarts =~ ^(0|[1-9][0-9]{0,3})$ ]] || die "--restarts: expected a whole number, got '$restarts'" 2
  [[ ! $retry || $resume ]] || die "--retry: expected --resume with it" 2
  [[ $backend =~ ^(local|slurm)?$ ]] || die "--backend: expected local or slurm, got '$backend'" 2
}

# Where the runs are started. In a job, launch.sh starts ranks with srun.
choose_backend() {
  : "${backend:=$([[ ${SLURM_JOB_ID:-} ]] && echo slurm || echo local)}"
  # shellcheck disable=SC2086
  [[ $backend == slurm ]] || unset ${!SLURM_*}  # so that launch.sh does not see the job
  cores_of_node=$("$launch" --cores node)
  cores_of_all=$("$launch" --cores)
}

# The list of points is made once, so that all that goes on later does the very same work.
make_points() {
  if [[ ! -e $out/points || ($dry_run && ! $resume) ]]; then
    points_of_plan >"$scratch/points"
    return
  fi
  [[ $resume ]] || die "there is a sweep in $out: --resume goes on, --out DIR begins another" 2
  refuse_edited "$out"
  [[ $(checksums_of "$(read_plan "$out/plan" && print_plan)" <(points_in "$out")) == "$(sed -n 1p "$out/points")" ]] ||
    die "$out/plan was edited when its runs were planned already: undo that, or $lab sweep $out/plan --out DIR begins another" 2
  diff <(read_plan "$out/plan" && print_plan) <(print_plan) >"$scratch/differences" ||
    die "$out has another plan, see its $(sed -n 's/^[<>] \([a-z]*\) .*/\1/p' "$scratch/differences" | sort -u | paste -s -d ' '): $lab sweep $out --resume goes on with it, --out DIR begins another" 2
}

# Makes the folder. Tasks of a job array may begin together: the first to come decides what is done.
make_folder() {
  local own_plan own_points
  mkdir -p "$out" 2>/dev/null || die "--out: $out cannot be made"
  [[ ! -e $out/points ]] || return 0
  own_plan=$(mktemp "$out/plan.XXXXXX")
  own_points=$(mktemp "$out/points.XXXXXX")
  if ! { print_plan >"$own_plan" && { checksums_of "$(print_plan)" "$scratch/points" && cat "$scratch/points"; } >"$own_points"; } 2>/dev/null; then
    rm -f "$own_plan" "$own_points"
    die "--out: the plan cannot be written into $out: is the disk full?"
  fi
  chmod a+r "$own_plan" "$own_points"
  mv -n "$own_plan" "$out/plan"
  # Not all file systems have links, but only those do this in one step.
  ln "$own_points" "$out/points" 2>/dev/null || mv -n "$own_points" "$out/points"
  rm -f "$own_plan" "$own_points"
}

# The points that are still to be run, in order.
points_left() {
  if [[ $dry_run && ! ($resume && -e $out/points) ]]; then
    cat "$scratch/points"
  else
    states "$out" | paste - <(points_in "$out") |
      awk -F '\t' -v retry="$retry" '$1 != "done" && ($1 != "failed" || retry)' | cut -f 3-
  fi | of_round "$only_round"
}

# As somebody types them, wherever that is
print_commands() {
  local point name command front=$root/lab
  [[ ! $installed && ! $PWD -ef $root ]] || front=$lab
  printf 'mkdir -p %q\n' "$out"
  while IFS= read -r point; do
    command_of "$point"
    printf '%q run' "$front" && printf ' %q' "${command[@]:1}" && echo || return
  done
}

report() {
  local all finished failed missing states name
  states=$(states "$out" | of_round "$only_round")
  all=$(grep -c . <<<"$states" || :)
  finished=$(count "done" <<<"$states")
  failed=$(count failed <<<"$states")
  missing=$((all - finished - failed))
  echo "lab sweep: $finished of $all runs${only_round:+ of round $only_round} are done, $failed failed, $missing are missing: $out"
  for name in $(printf '%s\n' "${!earlier_ends[@]}" | sort); do
    echo "  run again: $name: $(paste -s -d ';' <<<"${earlier_ends[$name]}" | sed 's/;/; /g')"
  done
  ((failed == 0)) || echo "  what was said where a run failed: $out/*.failed"
  if ((missing > 0)); then
    printf '  to go on: %s sweep %q --resume\n' "$lab" "$out"
  else
    printf '  what they say, with figures: %s report %q\n' "$lab" "$out"
  fi
}

# submit PLAN OPTION...: a job that runs them, with the backend that it has there
submit() {
  local arguments=() job folder=$out
  [[ " $* " == *" --out "* || -e $1/points ]] || folder+=-JOB
  while (($# > 0)); do
    if [[ $1 == --backend ]]; then shift; else arguments+=("$1"); fi
    shift
  done
  timeout 30 sinfo >/dev/null 2>&1 ||
    die "--backend slurm: no Slurm answers here: $lab cluster run -- ... makes a cluster"
  # shellcheck source=slurm/site.sh
  source "${SCALELAB_SITE:-$root/slurm/site.sh}"
  job=$(sbatch --parsable "$root/slurm/sweep.sbatch" "${arguments[@]}")
  echo "lab sweep: submitted job $job"
  echo "  records: ${folder/%-JOB/-$job}; what it says: scalelab-sweep-$job.out"
  echo "  how far it is: $lab slurm status"
  exit
}

main() {
  local tries again
  runner="" stopped="" no_more="" failures=0 killed=() last_chance=""
  obey_signals
  trap 'no_more=143' USR1  # the time limit is near: the run at hand may end
  if [[ ${1:-} == --help || ${1:-} == -h || ${1:-} == help ]]; then
    help 2>/dev/null || die "standard output cannot be written: is the disk full?"
    exit
  fi
  read_options "$@"
  [[ $backend != slurm || ${SLURM_JOB_ID:-} || $dry_run ]] || submit "$@"
  [[ -x $build/drivers/sequential ]] || die "$build/drivers/sequential is missing: $lab build builds it"
  choose_backend
  make_scratch sweep
  declare -A earlier_ends=()
  unset SCALELAB_RESTARTS  # of the runs: what they would go on from is no measurement
  [[ $dry_run ]] || refuse_links "$out"
  make_points
  if [[ $dry_run ]]; then
    points_left >"$scratch/left"
    print_commands 2>/dev/null <"$scratch/left" || die "standard output cannot be written: is the disk full?"
    exit
  fi
  make_folder
  take "$out" "$only_round"
  # In a job once more: when a lost node is back, Slurm still ends what has the number of one of its last steps.
  tries=$restarts
  [[ ! ${SLURM_JOB_ID:-} || $tries == 0 ]] || tries=$((tries + 1))
  ((tries > 0)) || last_chance=yes
  trap 'stop 129' HUP
  trap 'stop 130' INT
  trap 'stop 131' QUIT
  trap 'stop 143' TERM
  run_points < <(points_left)
  for ((; tries > 0 && ${#killed[@]} > 0; --tries)); do
    [[ ! ${SLURM_JOB_ID:-} || $stopped || $no_more ]] || start_and_wait sleep 5
    again=("${killed[@]}")
    killed=()
    ((tries > 1)) || last_chance=yes
    run_points < <(printf '%s\n' "${again[@]}")
  done
  report
  if ((${stopped:-${no_more:-0}})); then exit "${stopped:-$no_more}"; fi
  ((failures == 0)) || exit 1
}

main "$@"
