# shellcheck shell=bash disable=SC2154  # build, scratch, cores_of_node, cores_of_all: set by who sources this
# What a sweep runs: reads a plan and turns it into points. Sourced by sweep.sh.
#
# A plan is lines of a word and what it stands for; # begins a comment. slurm/plans has examples.
#   work         OPTION...   the kernel and its options; as many lines as there are works. With a name in
#                            front where two have the same kernel: work short --kernel spin ...
#   drivers      sequential openmp processes mpi
#   workers      auto        or numbers; 2x: two for each core. auto: all up to 8, then steps of about
#                            1.5, up to the cores, and where the kernel waits up to 64 or 4x
#   threads      1           of each rank of mpi; workers = ranks x threads
#   nodes        fill        one node after the other; or numbers: ranks of mpi on so many nodes
#   schedules    static      static dynamic guided; dynamic:10 with chunks of 10
#   bind         cores       or none
#   repetitions  3           in each run
#   rounds       6           how often each point is run: a fresh process each time
#   seed         1           of the order of the runs

plan_words=(work drivers workers threads nodes schedules bind repetitions rounds seed)

# The plan, by word; works are separated by line ends.
declare -A plan
begin_plan() {
  plan=([work]="" [drivers]="sequential openmp processes mpi" [workers]=auto [threads]=1 [nodes]=fill
    [schedules]=static [bind]=cores [repetitions]=3 [rounds]=6 [seed]=1)
}

# each PATTERN WHERE WHAT WORDS...: all match, none is there twice, and there is one
each() {
  local pattern=$1 where=$2 what=$3 word seen=" "
  shift 3
  (($# > 0)) || die "$where: expected $what" 2
  for word in "$@"; do
    [[ $word =~ ^($pattern)$ ]] || die "$where: '$word': expected $what" 2
    [[ $seen != *" $word "* ]] || die "$where: '$word' is there twice" 2
    seen+="$word "
  done
}

# Of a driver's options those that a plan has words for, or that belong to the sweep
own_options='--(workers|threads-per-rank|schedule|chunk|bind|repetitions|record|json|quiet|journal|resume|dry-run)'

# Plans are read as bytes (LC_ALL=C): else `read` takes the end of a line for a part of a letter that is broken off, as
# those of Latin-1 look, and ends this script without a word.

# set_plan WORD VALUE WHERE: commas may stand between values, but not between options
set_plan() {
  local word=$1 value=$2 where=$3 words number='[1-9][0-9]{0,6}'
  local LC_ALL=C
  if [[ $word == work ]]; then
    [[ $value == *--kernel* ]] || die "$where: expected options of a driver, --kernel among them" 2
    [[ ! " $value" =~ [[:space:]]($own_options)([[:space:]=]|$) ]] || die "$where: ${BASH_REMATCH[1]}: expected among the plan's own words: ${plan_words[*]}" 2
    plan[work]+=${plan[work]:+$'\n'}$value
    return
  fi
  read -r -a words <<<"${value//,/ }"
  case $word in
    drivers) each '[a-z0-9-]+' "$where" "names of drivers" "${words[@]}" ;;
    workers) each "auto|$number|${number}x" "$where" "numbers, 2x (two for each core), or auto" "${words[@]}" ;;
    threads) each "$number" "$where" "numbers of threads for each rank" "${words[@]}" ;;
    nodes) each "fill|$number" "$where" "numbers of nodes, or fill" "${words[@]}" ;;
    schedules) each "(static|dynamic|guided)(:$number)?" "$where" "static, dynamic, guided, or with a chunk: dynamic:10" "${words[@]}" ;;
    bind) each "cores|none" "$where" "cores or none" "${words[@]}" ;;
    repetitions) each "$number|auto:[^ ]+" "$where" "a number, or a rule: auto:2%" "${words[@]}" ;;
    rounds) each "[1-9][0-9]{0,2}" "$where" "a number from 1 to 999" "${words[@]}" ;;
    seed) each "[0-9]{1,9}" "$where" "a whole number" "${words[@]}" ;;
  esac
  if [[ $word =~ ^(bind|repetitions|rounds|seed)$ ]]; then
    ((${#words[@]} == 1)) || die "$where: expected one, got '$value'" 2
  fi
  plan[$word]=${words[*]}
  [[ $word != seed ]] || plan[seed]=$((10#${words[0]}))  # 08 is no octal number
}

read_plan() {
  local line word value number=0 seen=" " beginning
  local LC_ALL=C
  begin_plan
  beginning=$(head -c 4 -- "$1" | od -A n -t x1)
  [[ ! $beginning =~ ^\ (ff\ fe|fe\ ff|00\ |..\ 00) ]] ||
    die "$1: this is UTF-16 or UTF-32 text, and a plan is UTF-8: iconv -f UTF-16 -t UTF-8 FILE >NEW, or the editor saves it so" 2
  while IFS= read -r line || [[ $line ]]; do
    number=$((number + 1))
    ((number > 1)) || line=${line#$'\xef\xbb\xbf'}  # the byte order mark of some editors
    [[ $line =~ ^[[:space:]]*# ]] && continue
    line=${line%$'\r'}  # of an editor on Windows
    [[ $line != *$'\r'* ]] || die "$1:$number: a carriage return within the line: expected lines that end as those of Unix or Windows do" 2
    read -r word value <<<"${line%%[[:space:]]#*}"
    [[ $word ]] || continue
    [[ " ${plan_words[*]} " == *" $word "* ]] || die "$1:$number: '$word': expected one of ${plan_words[*]}" 2
    [[ $word == work || $seen != *" $word "* ]] || die "$1:$number: $word: there is such a line already" 2
    seen+="$word "
    set_plan "$word" "$value" "$1:$number: $word"
  done <"$1"
}

print_plan() {
  local word line lines
  for word in "${plan_words[@]}"; do
    mapfile -t lines <<<"${plan[$word]}"
    for line in "${lines[@]}"; do printf '%-12s %s\n' "$word" "$line"; done
  done
}

# counts_up_to MOST: all up to 8, then steps of about 1.5
counts_up_to() {
  local most=$1 n=1
  while ((n < most)); do
    echo "$n"
    ((n < 8)) && n=$((n + 1)) || n=$(((3 * n + 1) / 2))
    ((5 * n > 4 * most && n > 8)) && break  # two points that are close to each other tell no more than one
  done
  echo "$most"
}

# worker_counts CORES WAITS: what `workers` stands for, in order, each once
worker_counts() {
  local cores=$1 waits=$2 word most
  for word in ${plan[workers]}; do
    case $word in
      auto)
        most=$cores
        [[ $waits == true ]] && most=$((4 * cores < 64 ? 64 : 4 * cores))
        counts_up_to "$most"
        ;;
      *x) echo $((${word%x} * cores)) ;;
      *) echo "$word" ;;
    esac
  done | sort -n -u
}

# resolve WORK: sets `name`, `waits` and `words`, its options as every run gets them. Checked and
# calibrated once, by the sequential driver: all runs must do the same number of units.
resolve() {
  local run time_option units_option units i words_before status=0
  # xargs knows quotes and nothing else of what a shell would do to these words.
  words_before=$(xargs printf '%s\n' <<<"$1" 2>/dev/null) || die "work $1: a quote is missing" 2
  mapfile -t words <<<"$words_before"
  [[ $words_before != *$'\t'* ]] || die "work $1: expected no tab in a word" 2  # they separate the fields of a point
  for i in "${words[@]}"; do  # in quotes, which hide nothing from a driver
    [[ ! $i =~ ^($own_options)(=|$) ]] || die "work $1: ${BASH_REMATCH[1]}: expected among the plan's own words: ${plan_words[*]}" 2
  done
  name=""
  if [[ ${words[0]} != -* ]]; then
    name=${words[0]}
    words=("${words[@]:1}")
  fi
  run=$("$build/drivers/sequential" "${words[@]}" --repetitions "${plan[repetitions]}" --dry-run 2>"$scratch/errors") || status=$?
  ((status <= 128)) || exit "$status"  # by a signal, which this script has got, too
  ((status == 0)) || die "work $1: $(sed 's/^scalelab: //' "$scratch/errors")" 2
  waits=$(sed -n 's/.*"waits":\([a-z]*\).*/\1/p' <<<"$run")
  [[ $name ]] || name=$(sed -n 's/.*"kernel":"\([^"]*\)".*/\1/p' <<<"$run")
  [[ $name =~ ^[A-Za-z0-9_.-]+$ ]] || die "work '$name': expected a name of letters, digits, '-', '_' and '.'" 2
  time_option=$(sed -n 's/.*"time_option":"\([^"]*\)".*/\1/p' <<<"$run")
  [[ $time_option ]] || return 0
  units_option=$(sed -n 's/.*"units_option":"\([^"]*\)".*/\1/p' <<<"$run")
  units=$(sed -n 's/.*"'"$units_option"'":"\([0-9]*\)".*/\1/p' <<<"$run")
  for i in "${!words[@]}"; do
    case ${words[i]} in
      "--$time_option") words[i]=--$units_option words[i + 1]=$units ;;
      "--$time_option="*) words[i]=--$units_option=$units ;;
    esac
  done
}

# point DRIVER WORKERS THREADS NODES SCHEDULE: one line for each round would be the same but for its
# number, so this is one of them: name, driver, ranks or workers, nodes, options; tabs between them.
point() {
  local driver=$1 workers=$2 threads=$3 nodes=$4 schedule=$5 label options
  ((workers / threads <= most_workers && threads <= most_workers)) ||
    die "workers: $workers$( ((threads == 1)) || echo ", $threads threads each"): expected at most $most_workers of $driver" 2
  label=$(printf '%s-%s-w%03d' "$name" "$driver" "$workers")
  options=("${words[@]}" --schedule "${schedule%:*}" --bind "${plan[bind]}" --repetitions "${plan[repetitions]}")
  [[ $schedule != *:* ]] || options+=(--chunk "${schedule#*:}")
  if ((threads > 1)); then
    label+=t$threads options+=(--threads-per-rank "$threads")
  fi
  [[ $nodes == fill ]] || label+=n$nodes
  [[ $driver == sequential ]] || label+=-${schedule/:/-}
  (IFS=$'\t' && echo "$label"$'\t'"$driver"$'\t'$((workers / threads))$'\t'"$nodes"$'\t'"${options[*]}")
}

# All points of a work, for one round.
points_of_work() {
  local driver workers threads nodes schedule
  resolve "$1"
  for driver in ${plan[drivers]}; do
    if [[ $driver == sequential ]]; then
      point sequential 1 1 fill static
      continue
    fi
    for schedule in ${plan[schedules]}; do
      if [[ $driver != mpi ]]; then
        for workers in $(worker_counts "$cores_of_node" "$waits"); do
          point "$driver" "$workers" 1 fill "$schedule"
        done
        continue
      fi
      for workers in $(worker_counts "$cores_of_all" "$waits"); do
        for threads in ${plan[threads]}; do
          for nodes in ${plan[nodes]}; do
            ((workers % threads == 0)) || continue
            [[ $nodes == fill ]] || ((nodes <= workers / threads)) || continue
            point mpi "$workers" "$threads" "$nodes" "$schedule"
          done
        done
      done
    done
  done
}

# All runs of the sweep in their order: round by round, so that a machine that gets slower for a while
# does so for all, and that what is there after a stop can be compared.
points_of_plan() {
  local work works round points driver
  for driver in ${plan[drivers]}; do
    [[ -x $build/drivers/$driver ]] || die "drivers: '$driver': expected some of those in $build/drivers: $(driver_names)" 2
  done
  [[ ${plan[work]} ]] || die "the plan has no line 'work': expected the kernel and its options" 2
  mapfile -t works <<<"${plan[work]}"
  points=$(for work in "${works[@]}"; do points_of_work "$work"; done)
  [[ $points ]] || die "the plan comes to no run: of mpi there are those whose threads divide the workers, on no more nodes than ranks" 2
  work=$(cut -f 1 <<<"$points" | sort | uniq -d | sed -n 1p)
  [[ ! $work ]] || die "two points are named $work: give one of the works a name of its own (work NAME --kernel ...)" 2
  for ((round = 1; round <= plan[rounds]; ++round)); do
    shuffle "$((plan[seed] * 1000 + round))" <<<"$points" | sed "s/^\([^\t]*\)/r$(printf '%02d' "$round")-\1/"
  done
}
