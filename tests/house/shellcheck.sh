#!/usr/bin/env bash
# All shell of the kit, as shellcheck wants it, and without two faults that it does not know: pipes that are left early,
# and usage lines of another script. Exit status 77 where there is no shellcheck.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
shopt -s globstar
scripts=(lab .ci/run docs/*.sh slurm/**/*.sh slurm/*.sbatch results/**/*.sh tests/**/*.sh)
# Who leaves a pipe early kills its writer, now and then; under pipefail that is a failure.
if grep -nE '[^|]\| *(head|grep -[a-zA-Z]*[qm])' "${scripts[@]}"; then
  echo "these leave a pipe early: expected sed -n 1p, or [[ \$(...) ]]"
  exit 1
fi

# wrong_names FILE...: comments in which a script does not exist, or where `#   SCRIPT ARGUMENT...` is another than FILE
wrong_names() {
  awk '/^#/ {
    for (i = 2; i <= NF; ++i) {
      name = $i
      sub(/[.,:;]+$/, "", name)
      if (name !~ /^(docs|results|slurm|tests)\/[a-z_\/]+\.(sh|sbatch)$/) continue
      if ((getline line < name) < 0) print FILENAME ":" FNR ": " name " does not exist"
      else if (i == 2 && /^#   / && name != FILENAME) print FILENAME ":" FNR ": the usage of " name
      close(name)
    }
  }' "$@"
}
said=$(wrong_names <(printf '%s\n' '# One.' '#   tests/checks.sh FOLDER' '# tests/none.sh.' '# and slurm/weak.sbatch is.'))
if [[ $said != *":2: the usage of tests/checks.sh"*":3: tests/none.sh does not exist" ]]; then
  echo "wrong names were not found, but '$said'"
  exit 1
fi
said=$(wrong_names "${scripts[@]}")
if [[ $said ]]; then
  echo "$said"
  exit 1
fi

if ! command -v shellcheck >/dev/null; then
  echo "skipped: shellcheck is not installed"
  exit 77
fi
# SC1091: files found by a variable. SC2317: functions that are called by names in variables.
shellcheck --external-sources --severity=info --exclude=SC1091,SC2317 "${scripts[@]}"
