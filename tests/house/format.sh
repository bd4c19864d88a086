#!/usr/bin/env bash
# All C++ of the kit, as .clang-format wants it. Exit status 77 where there is no clang-format 14: others differ in
# what they make of the same file.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
for format in clang-format-14 clang-format; do
  [[ $("$format" --version 2>/dev/null) == *" version 14."* ]] && break
  format=""
done
if [[ ! $format ]]; then
  echo "skipped: clang-format 14 is not installed"
  exit 77
fi
shopt -s globstar
"$format" --dry-run --Werror {kernels,drivers,results,tests}/**/*.[ch]pp
