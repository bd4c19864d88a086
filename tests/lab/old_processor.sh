#!/usr/bin/env bash
# A program that was compiled for newer processors says so on an older one: tried on an emulated one.
#   tests/lab/old_processor.sh PROGRAM ARCH
set -euo pipefail

if [[ $2 != x86-64-v[34] ]]; then
  echo "skipped: the kit was compiled for '$2', which every processor of its kind can run"
  exit 77
fi
if ! command -v qemu-x86_64 >/dev/null; then
  echo "skipped: qemu-x86_64 is not installed (Debian: qemu-user)"
  exit 77
fi
message=$(qemu-x86_64 -cpu Nehalem "$1" --kernel spin --tasks 3 2>&1) && status=0 || status=$?
echo "exit status $status: $message"
[[ $status == 1 && $message == "scalelab: this processor is older than $2"* ]]
