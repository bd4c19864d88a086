#!/usr/bin/env bash
# Keeps the arrows between the rooms: an include that the tables do not allow is an error, and so are a source file in
# no room, a file in a room that may or may not be one, and a kernel that prints. Tests itself first, on trees with one
# wrong line each.
#   tests/house/arrows.sh [--rooms]     --rooms prints the names of the rooms
set -euo pipefail

# Which room may include which others: those behind it, and what these may. In parentheses: for this room alone. A room
# names only rooms further up, so nothing goes round in circles. drivers/* is any driver: NAME.cpp with its folder NAME.
rooms() {
  cat <<'END'
kernels
kernels/csv              kernels
kernels/linear_models    kernels/csv
kernels/dummy_work       kernels

results/record           kernels
results/statistics       kernels
results/laws             results/statistics (kernels/linear_models)
results/text             results/record results/statistics (results/laws)
results/studies          results/text results/laws
results/analysis         results/studies
results/figures          results/analysis
results/report           results/figures
results/programs         results/report (kernels/csv)

drivers/common/machine   results/text
drivers/common/journal   results/text
drivers/common/board     drivers/common/machine
drivers/common/timed     drivers/common/board drivers/common/journal
drivers/common           drivers/common/timed
drivers/common/output    drivers/common
drivers/common/run       drivers/common/output
drivers/*                drivers/common/run
drivers/mpi              drivers/common/run (drivers/openmp/team.hpp drivers/openmp/thread_probe.hpp)

docs/own-kernel          kernels
END
}

# Which files may include which headers of others. `*` is any text, `!` is "all but". The last line that has the header
# decides, and in it the last word that fits. Kernels have a list of what they may know, which is no thread, no clock
# and nothing that prints.
headers() {
  cat <<'END'
*                 : !kernels/* !docs/own-kernel/*
algorithm array bit cerrno charconv cmath complex cstddef cstdint cstdlib cstring filesystem fmt/format.h fstream : *
functional iosfwd istream iterator limits map memory new numbers numeric optional random set span stdexcept string    : *
string_view system_error tuple type_traits unordered_map unordered_set utility vector                             : *
*Eigen/*          : kernels/*.cpp docs/own-kernel/*.cpp
ctime sys/prctl.h : !kernels/* !docs/own-kernel/* kernels/dummy_work/sleep.cpp
sys/resource.h sys/statvfs.h : !kernels/* !docs/own-kernel/* kernels/dummy_work/file_io.cpp
fcntl.h           : !kernels/* !docs/own-kernel/* kernels/dummy_work/file_io.cpp kernels/standard_streams.cpp
unistd.h          : !kernels/* !docs/own-kernel/* kernels/*/file_io.cpp kernels/file_descriptor.hpp kernels/cpu_*.cpp kernels/standard_streams.cpp
mpi* */mpi*       : drivers/mpi.* drivers/mpi/*
omp* */omp*       : drivers/* !drivers/common/*
END
}

# What prints, in a kernel.
printing='(^|[^a-z_0-9])(v?f?d?printf|fmt::v?print(ln)?|(fmt|std)::print(ln)?|std::(w?cout|w?cerr|w?clog)|f?puts|f?putc|putchar|fwrite|perror)([^a-z_0-9]|$)'

# lines_of FOLDER: a line for each file but the tests' and what a build has made, and FILE:LINE:TEXT for each include in
# it, wherever that stands in its line, and for each line of a kernel that prints
lines_of() (
  cd -- "$1"
  find . \( -path './.*' -o -path ./build -o -path ./tests -o -type d -exec test -e '{}/CMakeCache.txt' ';' \) -prune -o \
    -type f -print | LC_ALL=C sort | sed 's|^\./||' | while IFS= read -r file; do
    wanted='(#|%:)[[:space:]]*(include|import)'
    case $file in
      *.[ch] | *.[ch]pp | *.[ch]pp.in | *.cc | *.hh | *.[ch]xx | *.in[cl] | *.[it]pp) ;;
      results/reference/* | *.md | *.txt | *.cmake | *.cmake.in | *.csv | *.gp | *~) continue ;;
      kernels/* | drivers/* | results/* | docs/own-kernel/*) ;;
      *) continue ;;
    esac
    case $file in kernels/* | docs/own-kernel/*) wanted="$wanted|$printing" ;; esac
    echo "$file"
    sed -E 's#/\*([^*]|\*[^/])*\*/##g; s#//.*##' "$file" | grep -nE "$wanted" | sed "s|^|$file:|" || :
  done
)

# check FOLDER: a line for each thing that is wrong in it, and one that counts the includes
check() {
  rooms >"$scratch/rooms"
  headers >"$scratch/headers"
  lines_of "$1" | LC_ALL=C awk '
    function wrong(text) { print text; ++failures }
    function add(room, names,   word, i, n) {
      n = split(names, word, " ")
      for (i = 1; i <= n; ++i) if (index(may[room], " " word[i] " ") == 0) may[room] = may[room] word[i] " "
    }
    function matches(text, pattern) {
      gsub(/[.+]/, "[&]", pattern)
      gsub(/\*/, ".*", pattern)
      return text ~ "^" pattern "$"
    }
    # The room in which a file lies, or nothing
    function room_of(path,   folder) {
      folder = path
      if (path ~ /^drivers\/[^\/]*\.[^\/]*$/) sub(/\..*$/, "", folder)
      else sub(/\/?[^\/]*$/, "", folder)
      if (!(folder in may) && folder ~ /^drivers\/[^\/]+$/) {  # a driver without a line of its own is like any other
        may[folder] = may["drivers/*"]
      }
      return folder in may ? folder : ""
    }
    # The last of a list of patterns that fits decides; a list that begins with ! is "all but"
    function fits(text, list,   words, word, i, result) {
      words = split(list, word, " ")
      result = word[1] ~ /^!/
      for (i = 1; i <= words; ++i) {
        if (word[i] ~ /^!/) { if (matches(text, substr(word[i], 2))) result = 0 }
        else if (matches(text, word[i])) result = 1
      }
      return result
    }

    FILENAME == rooms_file {
      if (NF == 0) next
      alone = 0
      may[$1] = " "
      for (i = 2; i <= NF; ++i) {
        name = $i
        if (name ~ /^\(/) alone = 1
        gsub(/[()]/, "", name)
        if (!(name in may) && name !~ /\.hpp$/) wrong("the table: " $1 " names " name ", which is not further up")
        if (alone) only[$1] = only[$1] " " name " "
        else add($1, name may[name])
      }
      next
    }
    FILENAME == headers_file {
      colon = index($0, " : ")
      header[++rules] = substr($0, 1, colon)
      who[rules] = substr($0, colon + 3)
      next
    }
    !/:[0-9]+:/ {  # a file
      file = $0
      room = room_of(file)
      if (room == "") wrong(file ": it lies in no room of the table in tests/house/arrows.sh")
      else if (file !~ /\.[ch]pp(\.in)?$/) wrong(file ": expected a name that ends in .cpp or .hpp")
      next
    }
    {
      match($0, /:[0-9]+:/)
      at = substr($0, 1, RSTART + RLENGTH - 2)
      text = substr($0, RSTART + RLENGTH)
      if (room == "") next
      if (!match(text, /(#|%:)[ \t]*(include|import)/)) { wrong(at ": kernels print nothing: " text); next }
      ++includes
      text = substr(text, RSTART)
      if (!match(text, /["<][^">]+[">]/)) { wrong(at ": expected \"FILE\" or <FILE>: " text); next }
      target = substr(text, RSTART + 1, RLENGTH - 2)
      quoted = substr(text, RSTART, 1) == "\""
      to = room_of(target)
      if (target ~ /(^|\/)\.\.?\/|\/\// || (to == "" && (quoted || target ~ /^(kernels|drivers|results|slurm|docs|tests)\//))) {
        wrong(at ": \"" target "\": expected a path from the top of the tree, into a room of the table")
      } else if (to == "") {
        for (i = rules; !fits(target, header[i]); --i) {}
        if (!fits(file, who[i])) wrong(at ": " room " -> <" target ">: it is for " who[i])
      } else if (target !~ /\.hpp$/) {
        wrong(at ": \"" target "\": expected a name that ends in .hpp")
      } else if (to != room && index(may[room] only[room], " " to " ") == 0 && index(only[room], " " target " ") == 0) {
        allowed = may[room] only[room]
        gsub(/ +/, " ", allowed)
        gsub(/^ | $/, "", allowed)
        wrong(at ": " room " -> " to ": it may include " (allowed == "" ? "nothing" : allowed))
      }
    }
    END {
      print "arrows: " includes + 0 " includes" (failures ? ", " failures " errors" : "")
      exit failures > 0
    }' rooms_file="$scratch/rooms" headers_file="$scratch/headers" "$scratch/rooms" "$scratch/headers" -
}

# says EXPECTED FILE LINE: so of a tree that has this line alone; nothing is wrong where EXPECTED is "1 includes"
says() {
  local said status=0 expected=1
  [[ $1 != [01]" includes" ]] || expected=0
  rm -rf "$scratch/tree"
  mkdir -p "$scratch/tree/${2%/*}"
  printf '#pragma once\n\n%s\n' "$3" >"$scratch/tree/$2"
  said=$(check "$scratch/tree") || status=$?
  if [[ $said != *"$1"* || $status != "$expected" ]]; then
    echo "arrows: $2 with $3: expected '$1', got '$said'"
    exit 1
  fi
}

test_itself() {
  local fine="1 includes" nothing="0 includes"
  says "kernels/a.hpp:3: kernels -> drivers/common: it may include nothing" kernels/a.hpp '#include "drivers/common/driver.hpp"'
  says "kernels/a.cpp:3: kernels -> kernels/dummy_work: " kernels/a.cpp '  # include "kernels/dummy_work/task_costs.hpp"'
  says "results/record/a.cpp:3: results/record -> drivers/common/run: " results/record/a.cpp '#include <drivers/common/run/a.hpp>'
  says "results/statistics/a.cpp:3: results/statistics -> results/text: " results/statistics/a.cpp '#include "results/text/units.hpp"'
  says "drivers/common/run/a.cpp:3: drivers/common/run -> results/laws: " drivers/common/run/a.cpp '#include "results/laws/scaling_laws.hpp"'
  says "results/analysis/a.cpp:3: results/analysis -> kernels/linear_models: " results/analysis/a.cpp '#include "kernels/linear_models/csv.hpp"'
  says "drivers/common/machine/a.hpp:3: drivers/common/machine -> drivers/common/board: " drivers/common/machine/a.hpp '#include "drivers/common/board/times.hpp"'
  says "drivers/common/run/a.cpp:3: drivers/common/run -> results/analysis: " drivers/common/run/a.cpp '#include "results/analysis/rules.hpp"'
  says "drivers/common/a.cpp:3: drivers/common -> drivers/mpi: " drivers/common/a.cpp '#include "drivers/mpi/communicator.hpp"'
  says "drivers/a.cpp:3: drivers/a -> drivers/openmp: " drivers/a.cpp '#include "drivers/openmp/team.hpp"'
  says "drivers/mpi.cpp:3: drivers/mpi -> drivers/openmp: " drivers/mpi.cpp '#include "drivers/openmp/costs.hpp"'
  says "drivers/openmp/a.cpp:3: drivers/openmp -> <mpi.h>: it is for drivers/mpi.* drivers/mpi/*" drivers/openmp/a.cpp '#include <mpi.h>'
  says "drivers/common/a.cpp:3: drivers/common -> <omp.h>: " drivers/common/a.cpp '#include <omp.h>'
  says "kernels/a.hpp:3: kernels -> <Eigen/Core>: " kernels/a.hpp '#include <Eigen/Core>'
  says "kernels/dummy_work/a.cpp:3: kernels/dummy_work -> <chrono>: " kernels/dummy_work/a.cpp '#include <chrono>'
  says "kernels/a.cpp:3: \"options.hpp\": expected a path from the top" kernels/a.cpp '#include "options.hpp"'
  says "drivers/common/run/a.cpp:3: \"drivers/common/run/../../mpi/a.hpp\": expected" drivers/common/run/a.cpp '#include "drivers/common/run/../../mpi/a.hpp"'
  says "kernels/a.cpp:3: expected \"FILE\" or <FILE>: #include HEADER" kernels/a.cpp '#include HEADER'
  says "kernels/new_room/a.cpp: it lies in no room" kernels/new_room/a.cpp ''
  says "results/a.cpp: it lies in no room" results/a.cpp ''
  local header
  for header in '"drivers/mpi/a.hpp"' '<drivers/mpi/a.hpp>' '<../drivers/mpi/a.hpp>' '<kernels/../drivers/mpi/a.hpp>' \
    '<drivers//mpi/a.hpp>' '<tests/catch.hpp>' '<pthread.h>' '<condition_variable>' '<stdio.h>' '<print>' '<ostream>' \
    '<fmt/core.h>' '<chrono>' '<mpi.h>' '<omp.h>' '<boost/timer/timer.hpp>'; do
    says "kernels/a.cpp:3: " kernels/a.cpp "#include $header"
  done
  for header in mpi.h mpi-ext.h mpi/mpi.h openmpi/mpi.h; do
    says "drivers/openmp/a.cpp:3: drivers/openmp -> <$header>: " drivers/openmp/a.cpp "#include <$header>"
    says "drivers/mpix.cpp:3: drivers/mpix -> <$header>: " drivers/mpix.cpp "#include <$header>"
  done
  says "kernels/a.cpp:3: kernels -> drivers/mpi: " kernels/a.cpp '/* * */#/**/include "drivers/mpi/a.hpp"'
  says "kernels/a.cpp:3: kernels -> <thread>: " kernels/a.cpp '%:include <thread>'
  says "kernels/a.cpp:3: \"kernels/a.ipp\": expected a name that ends in .hpp" kernels/a.cpp '#include "kernels/a.ipp"'
  says "kernels/a.ipp: expected a name that ends" kernels/a.ipp ''
  says "drivers/common/a.tpp:3: drivers/common -> <mpi.h>: " drivers/common/a.tpp '#include <mpi.h>'
  says "drivers/common/a.defs: expected a name that ends" drivers/common/a.defs ''
  says "kernels/a.cpp:3: kernels print nothing: " kernels/a.cpp 'fmt::print("{}", x);'
  says "kernels/a.cpp:3: kernels print nothing: " kernels/a.cpp 'if (x) printf("x");'
  says "kernels/a.cpp:3: kernels print nothing: " kernels/a.cpp 'std::cout << x;'
  says "$nothing" kernels/a.cpp 'std::snprintf(text, 8, "x"); // printf'
  says "$nothing" drivers/openmp.cpp 'std::printf("x");'
  says "$nothing" kernels/README.md '#include <mpi.h>'
  says "$fine" drivers/mpi.cpp '#include "drivers/openmp/team.hpp"'
  says "$fine" drivers/mpi/a.hpp '#include <mpi.h>'
  says "$fine" drivers/threads.cpp '#include "drivers/common/driver.hpp"'
  says "$fine" drivers/threads/team.cpp '#include "kernels/kernel.hpp"'
  says "$fine" kernels/dummy_work/sleep.cpp '#include <ctime>'
  says "$fine" kernels/darts.cpp '#include "kernels/random.hpp"'
  says "$fine" results/laws/a.cpp '#include "kernels/linear_models/least_squares.hpp"'
}

if [[ ${1:-} == --rooms ]]; then
  rooms | awk 'NF { print $1 }'
  exit
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
test_itself
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
# A table of rooms that are gone would forbid nothing.
rooms | awk 'NF && $1 !~ /\*/ { print $1 }' | while IFS= read -r room; do
  [[ -d $root/$room ]] || { echo "the table names $room, which is no folder" && exit 1; }
done
check "$root"
