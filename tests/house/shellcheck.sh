#!/usr/bin/env bash
# All shell of the kit, as shellcheck wants it, and without a trap that it does not know. Exit status 77 where there is
# no shellcheck.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
shopt -s globstar
scripts=(lab .ci/run docs/*.sh slurm/**/*.sh slurm/*.sbatch results/**/*.sh tests/**/*.sh)
# Who leaves a pipe early kills its writer, now and then; under pipefail that is a failure.
if grep -nE '[^|]\| *(head|grep -[a-zA-Z]*[qm])' "${scripts[@]}"; then
  echo "these leave a pipe early: expected sed -n 1p, or [[ \$(...) ]]"
  exit 1
fi
if ! command -v shellcheck >/dev/null; then
  echo "skipped: shellcheck is not installed"
  exit 77
fi
# SC1091: files found by a variable. SC2317: functions that are called by names in variables.
shellcheck --external-sources --severity=info --exclude=SC1091,SC2317 "${scripts[@]}"
