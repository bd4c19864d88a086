#!/usr/bin/env bash
# All shell of the kit, as shellcheck wants it. Exit status 77 where there is none.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
if ! command -v shellcheck >/dev/null; then
  echo "skipped: shellcheck is not installed"
  exit 77
fi
# SC1091: files found by a variable. SC2317: functions that are called by names in variables.
shopt -s globstar
shellcheck --external-sources --severity=info --exclude=SC1091,SC2317 lab .ci/run docs/*.sh slurm/*.sh slurm/*.sbatch results/**/*.sh tests/**/*.sh
