# shellcheck shell=bash

# shuffle SEED: lines in a random order, the same for the same seed on every machine (awk's own random
# numbers are not): the generator of Park and Miller (Communications of the ACM 36(7), 1993).
shuffle() {
  awk -v seed="$1" '
    function next_number() { return x = x * 48271 % 2147483647 }
    BEGIN { x = seed % 2147483646 + 1; for (i = 0; i < 16; ++i) next_number() }
    { printf "%d\t%s\n", next_number(), $0 }' | sort -n -k 1,1 | cut -f 2-
}
