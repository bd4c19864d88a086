#!/usr/bin/env bash
# All shell of the kit, as shellcheck wants it. Exit status 77 where there is none.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
if ! command -v shellcheck >/dev/null; then
  echo "skipped: shellcheck is not installed"
  exit 77
fi
shopt -s globstar
shellcheck --external-sources --severity=info --exclude=SC1091 lab .ci/run docs/*.sh slurm/*.sh slurm/*.sbatch tests/**/*.sh
