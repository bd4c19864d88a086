#!/usr/bin/env bash
# Keeps the pages true: links lead somewhere, docs/README.md has every page, README.md is short, and what they name
# exists: paths, commands and plans everywhere, in docs/architecture.md rooms and C++ names. Tests itself, on broken
# copies.
#   tests/house/docs.sh [--links FOLDER]     --links: only links, of the pages in another folder
# shellcheck disable=SC2016  # backticks are those of Markdown
set -euo pipefail
export LC_ALL=C

page_lines=200  # of README.md, at most

# parts PAGE...: lines of KIND, PAGE:LINE and TEXT with tabs between. Kinds: link, heading (as in the link to it), span
# (inline code), block (a line of a code block).
parts() {
  awk '
    function put(kind, text) { printf "%s\t%s:%d\t%s\n", kind, FILENAME, FNR, text }
    # How forges make an anchor from a heading
    function anchor(text) {
      gsub(/\]\([^)]*\)/, "", text)
      text = tolower(text)
      gsub(/[][`!"#$%&\047()*+,.\/:;<=>?@\\^{|}~]/, "", text)
      gsub(/ /, "-", text)
      return text
    }
    FNR == 1 { fenced = 0; split("", seen) }
    /^```/ { fenced = !fenced; next }
    fenced || /^    / { put("block", $0); next }
    /^#+ / {
      text = $0
      sub(/^#+ +/, "", text)
      text = anchor(text)
      put("heading", text (seen[text]++ ? "-" seen[text] - 1 : ""))
    }
    {
      text = $0
      while (match(text, /`[^`]+`/)) {
        put("span", substr(text, RSTART + 1, RLENGTH - 2))
        text = substr(text, 1, RSTART - 1) " " substr(text, RSTART + RLENGTH)
      }
      while (match(text, /\]\([^) ]*/)) {
        put("link", substr(text, RSTART + 2, RLENGTH - 2))
        text = substr(text, RSTART + RLENGTH)
      }
      if (match(text, /^\[[^]]+\]: +/)) put("link", substr(text, RLENGTH + 1))
    }' "$@"
}

# pages FOLDER: those in it, with their paths from there
pages() (cd -- "$1" && find . -name '.?*' -prune -o -path ./build -prune -o -name '*.md' -print | sed 's|^\./||' | sort)

wrong() {
  echo "$1: $2"
  failures=$((failures + 1))
}

# check_links: every link leads to a file, or to a heading of a page
check_links() {
  local kind at target page file
  while IFS=$'\t' read -r kind at target; do
    [[ $kind == link && $target != *:* ]] || continue
    page=${at%:*} file=${target%%#*}
    if [[ $page == */* ]]; then file=${page%/*}/$file; fi
    [[ $target != '#'* ]] || file=$page
    if [[ ! -e $file ]]; then
      wrong "$at" "a link to $target, which does not exist"
    elif [[ $target == *'#'* && $'\n'$(parts "$file" | sed -n 's/^heading\t.*\t//p')$'\n' != *$'\n'"${target#*#}"$'\n'* ]]; then
      wrong "$at" "a link to $target, a heading that does not exist"
    fi
  done <"$scratch/parts"
}

check_index() {
  local page listed
  listed=$(awk -F'\t' '$1 == "link" && $2 ~ /^docs\/README\.md:/ { print "docs/" $3 }' "$scratch/parts")
  for page in docs/*.md docs/*/README.md; do
    [[ $page == docs/README.md || $'\n'$listed$'\n' == *$'\n'"$page"$'\n'* ]] || wrong docs/README.md "no link to $page"
  done
}

check_length() {
  local lines
  lines=$(wc -l <README.md)
  ((lines <= page_lines)) || wrong README.md "$lines lines instead of at most $page_lines"
}

# check_commands: `lab WORD` is a word that lab knows, `lab sweep PLAN` a plan of the kit or a path
check_commands() {
  local words at command plan
  words=$("$root/lab" what-can-you-do 2>&1 || :)
  words=$(sed 's/.*expected //; s/ or / /; s/,//g' <<<"$words")
  while IFS=$'\t' read -r at command plan; do
    [[ " $words " == *" $command "* ]] || wrong "$at" "lab $command: lab knows $words"
    if [[ $command == sweep && $plan =~ ^[a-z][a-z-]*$ && ! -e slurm/plans/$plan.plan ]]; then
      wrong "$at" "lab sweep $plan: there is no slurm/plans/$plan.plan"
    fi
  done < <(awk -F'\t' '
    $1 == "span" || $1 == "block" {
      text = " " $3
      while (match(text, /[ ($](\.\/)?lab [a-z][a-z_-]*( [^ )|]+)?/)) {
        found = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        sub(/^.*lab /, "", found)
        split(found, word, " ")
        print $2 "\t" word[1] "\t" word[2]
      }
    }' "$scratch/parts")
}

# check_paths: what is named as a path from the top exists, but for the files that the README adds; NAME is any name
check_paths() {
  local at path added
  added=" $(sed -n 's/^`\([a-z]*\/[a-z]*\.cpp\)`$/\1/p' README.md | tr '\n' ' ')"
  while IFS=$'\t' read -r at path; do
    [[ $added == *" $path "* ]] || compgen -G "$path" >/dev/null || wrong "$at" "$path does not exist"
  done < <(awk -F'\t' '
    $1 == "span" || $1 == "block" {
      text = " " $3
      while (match(text, /[ "(](\.\/)?(kernels|drivers|results|slurm|tests|docs)\/[A-Za-z0-9_.*\/-]*/)) {
        path = substr(text, RSTART + 1, RLENGTH - 1)
        sub(/[.]*$/, "", path)
        if (path !~ /\/[A-Z]+(\.[a-z]+)?$/ || path ~ /README/) print $2 "\t" path
        text = substr(text, RSTART + RLENGTH)
      }
    }' "$scratch/parts")
}

# names_of FILE: each word outside of comments and text
names_of() {
  local comment='//'
  [[ $1 == *.[ch]pp ]] || comment='#'
  sed "s|$comment.*||; s|\"[^\"]*\"||g" "$1" | tr -cs 'A-Za-z0-9_' '\n' | sort -u
}

# names_in FOLDER...: FILE and NAME, with a tab between, for each C++ name
names_in() {
  find "$@" \( -name '*.cpp' -o -name '*.hpp' \) -print | sort | while IFS= read -r file; do
    names_of "$file" | sed "s|^|$file\t|"
  done
}

# rows_of PAGE: PAGE:LINE, the file and a name, for each name in a table that has a column `file`; no name where the
# table has a column `name`, and the row nothing in it
rows_of() {
  awk '
    function trimmed(text) { gsub(/^ +| +$/, "", text); return text }
    !/^\|/ { in_table = 0; next }
    {
      cells = split($0, cell, "|")
      if (!in_table) {
        in_table = 1
        file = name = 0
        for (i = 1; i <= cells; ++i) {
          if (trimmed(cell[i]) == "file") file = i
          if (trimmed(cell[i]) == "name") name = i
        }
        next
      }
      if (!file || !match(cell[file], /`[^`]+`/)) next
      row = FILENAME ":" FNR "\t" substr(cell[file], RSTART + 1, RLENGTH - 2) "\t"
      if (name && cell[name] !~ /`/) print row
      for (i = 1; i <= cells; ++i) {
        if (i == file) continue
        while (match(cell[i], /`[^`]+`/)) {
          span = substr(cell[i], RSTART + 1, RLENGTH - 2)
          cell[i] = substr(cell[i], RSTART + RLENGTH)
          if (span ~ /^[A-Za-z_][A-Za-z0-9_:]*$/) print row span
        }
      }
    }' "$1"
}

# check_tables: what a table names beside a file is in that file
check_tables() {
  local at file name part names rows=0
  while IFS=$'\t' read -r at file name; do
    rows=$((rows + 1))
    [[ $name ]] || wrong "$at" "expected a name in $file"
    [[ -e $file ]] || continue
    names=$'\n'$(names_of "$file")$'\n'
    for part in ${name//::/ }; do
      [[ $names == *$'\n'"$part"$'\n'* ]] || wrong "$at" "$part is no name in $file"
    done
  done <"$scratch/rows"
  ((rows > 0)) || wrong docs/architecture.md "expected tables with a column: file"
}

# check_rooms PAGE: it has each room, by its path from the top
check_rooms() {
  local room
  while IFS= read -r room; do
    [[ $room == *'*' ]] || grep -qE \
      "(^|[^A-Za-z0-9_/-])$room([^A-Za-z0-9_/.-]|[.]?\$|[.][^a-z])" "$1" ||
      wrong "$1" "no word of the room $room"
  done <"$scratch/rooms"
}

# check_architecture: every span is a path, a command or, outside of tables, a C++ name of the sources, A::b in one file
check_architecture() {
  local page=docs/architecture.md
  rows_of $page >"$scratch/rows"
  awk -F'\t' -v page="^$page:" '
    FILENAME == names {
      has[$1, $2] = 1
      file_of[$2, ++files[$2]] = $1
      next
    }
    FILENAME == rows { in_table[$1, $3] = 1; next }
    $1 != "span" || $2 !~ page || ($2, $3) in in_table || $3 ~ /^\.\/lab / { next }
    $3 ~ /^(kernels|drivers|results|slurm|tests|docs)\// { next }
    $3 ~ /\// || $3 ~ /^[a-z]+\.[a-z]+$/ { print "path\t" $2 "\t" $3; next }
    $3 !~ /^[A-Za-z_][A-Za-z0-9_]*(::~?[A-Za-z_][A-Za-z0-9_]*)*(\(\))?$/ { print "wrong\t" $2 "\t" $3; next }
    {
      name = $3
      gsub(/[()~]/, "", name)
      parts = split(name, part, "::")
      found = 0
      for (i = 1; i <= files[part[1]] && !found; ++i) {
        found = 1
        for (j = 2; j <= parts; ++j) if (!((file_of[part[1], i], part[j]) in has)) found = 0
      }
      if (!found) print "name\t" $2 "\t" $3
    }' names="$scratch/names" rows="$scratch/rows" "$scratch/names" "$scratch/rows" "$scratch/parts" >"$scratch/found"
  while IFS=$'\t' read -r kind at text; do
    case $kind in
      path) compgen -G "$text" >/dev/null || wrong "$at" "$text does not exist" ;;
      wrong) wrong "$at" "\`$text\`: expected a path from the top, a C++ name or ./lab COMMAND" ;;
      name) [[ -e $text ]] || wrong "$at" "$text is no name in the sources" ;;
    esac
  done <"$scratch/found"
}

# check FOLDER [--links]
check() (
  cd -- "$1"
  failures=0
  mapfile -t all < <(pages .)
  ((${#all[@]} > 0)) || wrong "$1" "expected pages"
  parts "${all[@]}" >"$scratch/parts"
  check_links
  if [[ ${2:-} != --links ]]; then
    check_index
    check_length
    check_commands
    check_paths
    check_architecture
    check_tables
    check_rooms docs/architecture.md
  fi
  ((failures == 0))
)

# finds EXPECTED PAGE SED-SCRIPT: in a copy where that was done to the page
finds() {
  local said status=0
  rm -rf "$scratch/tree/docs" "$scratch/tree/README.md"
  cp -R "$root/docs" "$root/README.md" "$scratch/tree"
  sed -i "$3" "$scratch/tree/$2"
  said=$(check "$scratch/tree") || status=$?
  if [[ $said != *"$1"* || $status != 1 ]]; then
    echo "docs: after '$3' in $2: expected '$1', got '$said' ($status)"
    exit 1
  fi
}

test_itself() {
  local folder room failures=0
  mkdir "$scratch/tree"
  for folder in kernels drivers results slurm tests; do ln -s "$root/$folder" "$scratch/tree/$folder"; done
  finds "README.md:1: a link to docs/none.md, which does not exist" README.md '1s|$| [x](docs/none.md)|'
  finds "docs/slurm.md:1: a link to ../README.md#none, a heading" docs/slurm.md '1s|$| [x](../README.md#none)|'
  finds "docs/slurm.md:1: a link to #none, a heading" docs/slurm.md '1s|$| [x](#none)|'
  finds "README.md: 201 lines instead of at most 200" README.md ':more; $!{ N; b more }; s/\n/&&/; :fill; /\(\n.*\)\{200\}/!{ s/$/\n/; b fill }'
  finds "docs/README.md: no link to docs/costs.md" docs/README.md '/costs.md/d'
  finds "docs/costs.md:1: lab prices: lab knows demo run" docs/costs.md '1s|$| `./lab prices`|'
  finds "docs/costs.md:2: lab prices: lab knows demo run" docs/costs.md '1s|$|\n    ./lab prices --rounds 3|'
  finds "docs/sweeps.md:1: lab sweep none: there is no slurm/plans/none.plan" docs/sweeps.md '1s|$| `./lab sweep none`|'
  finds "docs/sweeps.md:1: kernels/spin.cpp does not exist" docs/sweeps.md '1s|$| `kernels/spin.cpp`|'
  finds "docs/architecture.md:1: drivers/none.cpp does not exist" docs/architecture.md '1s|$| `drivers/none.cpp`|'
  finds "docs/architecture.md:1: lab.cpp does not exist" docs/architecture.md '1s|$| `lab.cpp`|'
  finds "docs/architecture.md:1: Workman is no name in the sources" docs/architecture.md '1s|$| `Workman`|'
  finds "docs/architecture.md:1: Worker::none_of_these is no name" docs/architecture.md '1s|$| `Worker::none_of_these`|'
  finds "docs/architecture.md:1: \`two words\`: expected a path" docs/architecture.md '1s|$| `two words`|'
  finds "draw_figures is no name in results/report/page.cpp" docs/architecture.md 's/`html_of`/`draw_figures`/'
  finds "Ledger is no name in drivers/common/timed/worker.cpp" docs/architecture.md 's/`Worker::run_part`/`Ledger::run_part`/'
  finds "cores_per_node is no name in slurm/launch/launch.sh" docs/architecture.md 's/`start_ranks_with`/`cores_per_node`/'
  finds "expected a name in results/record/fields.hpp" docs/architecture.md 's/| `fields` |/| |/'
  finds "docs/architecture.md: expected tables with a column: file" docs/architecture.md 's/| file |/| path |/'
  finds "docs/architecture.md: no word of the room drivers/common/output" docs/architecture.md 's/output/exit/g'
  # A part of its path, or the path of what is in it, is no word of a room.
  while IFS= read -r room; do
    [[ $room != *'*' ]] || continue
    sed "s#$room\b#${room}x#g; \$ s#\$# $room/none $room.cpp ${room##*/}#" "$root/docs/architecture.md" >"$scratch/page"
    if [[ $(check_rooms "$scratch/page") != *"no word of the room $room"* ]]; then
      echo "docs: without $room, nothing was said"
      exit 1
    fi
  done <"$scratch/rooms"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
if [[ ${1:-} == --links ]]; then
  check "$2" --links
  exit
fi
(cd -- "$root" && names_in kernels drivers results) >"$scratch/names"
"$root/tests/house/arrows.sh" --rooms >"$scratch/rooms"
check "$root"
test_itself
echo "docs: $(pages "$root" | wc -l) pages"
