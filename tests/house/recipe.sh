#!/usr/bin/env bash
# Keeps the README's word: in a copy of the tree, adds the kernel and the driver that it shows, with
# its files and one line each, builds, and runs them beside the kit's own.
#   tests/house/recipe.sh SOURCE-FOLDER WORK-FOLDER [CMAKE-OPTION...]
set -euo pipefail

source=$1
work=$2
shift 2

# block FILE: what the README shows under the line `FILE`
block() {
  awk -v title="\`$1\`" '
    $0 == title { found = 1; next }
    found && /^```cpp/ { inside = 1; next }
    inside && /^```/ { exit }
    inside { print }' "$source/README.md"
}

# expect NAME WANTED GOT
expect() {
  if [[ $2 != "$3" ]]; then
    echo "recipe: $1: expected '$2', got '$3'" >&2
    exit 1
  fi
}

mkdir -p "$work"
for part in CMakeLists.txt kernels drivers results slurm; do
  rm -rf "${work:?}/$part"
  cp -R "$source/$part" "$work/$part"
done

for file in kernels/darts.cpp drivers/threads.cpp; do
  block "$file" >"$work/$file"
  [[ -s $work/$file ]] || { echo "recipe: the README shows no $file" >&2; exit 1; }
done
sed -i 's/^set(SCALELAB_KERNELS$/&\n  darts/' "$work/kernels/CMakeLists.txt"
sed -i 's/^set(SCALELAB_DRIVERS$/&\n  threads/' "$work/drivers/CMakeLists.txt"

cmake -S "$work" -B "$work/build" -DSCALELAB_TESTS=OFF "$@"
# What it shows are drivers: without the programs of results/ that takes half the time.
cmake --build "$work/build" --parallel "$(nproc)" --target driver_{sequential,threads,openmp,processes,mpi}

export SCALELAB_BUILD=$work/build
options=(--kernel darts --darts 500 --tasks 200 --json --repetitions 2 --schedule dynamic)
digest() { sed -n '2s/.*"digest":"\([0-9a-f]*\)".*/\1/p'; }
expected=$("$work/slurm/launch/launch.sh" sequential -- "${options[@]}" | digest)
expect "length of the digest" 16 "${#expected}"
for driver in threads openmp processes mpi; do
  expect "digest of $driver" "$expected" "$("$work/slurm/launch/launch.sh" "$driver" -n 3 -- "${options[@]}" | digest)"
done
models=(--kernel many-models --tasks 50 --json --repetitions 2)
expect "digest of many-models by threads" \
  "$("$work/slurm/launch/launch.sh" sequential -- "${models[@]}" | digest)" \
  "$("$work/slurm/launch/launch.sh" threads -n 3 -- "${models[@]}" | digest)"

# The values are estimates of pi: with 100,000 darts in all, within 0.03 (6 standard deviations).
mean=$("$work/slurm/launch/launch.sh" threads -n 3 -- --kernel darts --darts 500 --tasks 200 --quiet --values /dev/stdout |
  awk -F, 'NR > 1 { sum += $2 } END { print (sum / 200 > 3.11 && sum / 200 < 3.17) ? "pi" : sum / 200 }')
expect "mean of the values" pi "$mean"
wrong=$("$work/slurm/launch/launch.sh" threads -n 3 -- --kernel darts --darts none 2>&1) && status=0 || status=$?
wrong=$(grep -v '^scalelab: warning: ' <<<"$wrong" || :)  # a build with sanitizers has one
expect "exit status of a wrong option" 2 "$status"
expect "message of a wrong option" "scalelab: --darts: expected a whole number of at least 1, got 'none'" "$wrong"
echo "recipe: kernel and driver were added, built and run"
