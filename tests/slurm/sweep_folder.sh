# shellcheck shell=bash disable=SC2154  # root, sweep_program: set by sweep.sh, which sources this
# Tests of what somebody else has done to the folder of a sweep: edited its plan or points, put records or links there.

edited_plan() {
  echo "A plan in the folder of a sweep that is edited:"
  say_plan $'work --kernel sleep --tasks 4 --task-units 10\ndrivers sequential\nrounds 1\nrepetitions 1'
  sweep --out edited
  sed -i 's/^drivers/# Mine.\ndrivers   /' edited/plan
  "$sweep_program" edited --resume >out 2>err </dev/null || :
  check "written otherwise it is the same" equal "$(summary)" "lab sweep: 1 of 1 runs are done, 0 failed, 0 are missing: edited"
  sed -i 's/^rounds .*/rounds 2/' edited/plan
  refused "edited/plan was edited when its runs were planned already" edited --resume
  sed -i 's/^rounds .*/rounds 2/' my.plan
  refused "edited/plan was edited when its runs were planned already" my.plan --out edited --resume
  "$sweep_program" edited/plan --out another >out 2>err </dev/null || :
  check "in another folder it is run" equal "$(summary)" "lab sweep: 2 of 2 runs are done, 0 failed, 0 are missing: another"
}

edited_points() {
  local edit path
  echo "Points in the folder of a sweep that are not as they were planned:"
  say_plan $'work --kernel sleep --tasks 4 --task-units 10\ndrivers sequential openmp\nworkers 1\nrounds 2\nrepetitions 1'
  sweep --out made
  sweep --out other --seed 2
  rm made/r02-*
  # shellcheck disable=SC2016
  for edit in '1,2d' '$d' '2{h;d};3G' '2s/10/99/' 's/openmp/sequential/g' 1d '1s/[0-9]/1&/g' '1s/#/# 1 2 3 4 are the sums/;$d' '' 'd' '$s/.$//' \
    '$a r03-sleep-sequential-w001\tsequential\t1\tfill\t--kernel\tsleep' 'y/\t/ /'; do
    rm -rf copy
    cp -r made copy
    if [[ $edit ]]; then sed -i "$edit" copy/points; else : >copy/points; fi
    refused "copy/points was edited when its runs were planned already" copy --resume
    refused "copy/points was edited when its runs were planned already" my.plan --out copy --resume --dry-run
    status=0
    "$root/slurm/sweep/status.sh" copy >out 2>err || status=$?
    check "  and by its status: ${edit:-(emptied)}" contains "$status $(wc -l <err)$(<err)" "2 1lab slurm status: copy/points was edited"
  done
  cp other/points copy/points
  refused "copy/plan was edited when its runs were planned already" copy --resume
  for path in plan points; do
    rm -rf copy
    cp -r made copy
    rm "copy/$path"
    mkdir "copy/$path"
    refused_with 1 "copy: its files plan and points are wanted, and one is not there" copy --resume
  done
  rm -r copy/points
  cp made/points copy/points
  rm -r copy/plan
  refused_with 1 "copy: its files plan and points are wanted, and one is not there" my.plan --out copy --resume
  check "nothing was run meanwhile" equal "$(find copy -name 'r02-*')" ""
}

foreign_records() {
  echo "Records that were written elsewhere, under the name of a run:"
  say_plan $'work --kernel sleep --tasks 4 --task-units 10\ndrivers sequential openmp\nworkers 1\nrounds 2\nrepetitions 1'
  sweep --out mixed
  cp mixed/r01-sleep-sequential-w001.jsonl mixed/r02-sleep-openmp-w001-static.jsonl
  sed -i 1d mixed/r01-sleep-openmp-w001-static.jsonl
  sweep --out mixed --resume
  check "are not believed, but kept, and the runs are run" equal "$status $(summary) $(ls mixed/unfinished)" \
    "0 lab sweep: 4 of 4 runs are done, 0 failed, 0 are missing: mixed $(printf 'r01-sleep-openmp-w001-static.1.jsonl\nr02-sleep-openmp-w001-static.1.jsonl')"
  check "each by its driver" equal "$(grep -l '"driver":"openmp"' mixed/*.jsonl | wc -l)" 2
}

links() {
  local name
  echo "Links in the folder of a sweep:"
  say_plan $'work --kernel sleep --tasks 4 --task-units 10\ndrivers sequential\nrounds 1\nrepetitions 1'
  for name in lock plan points r01-sleep-sequential-w001.jsonl r01-sleep-sequential-w001.failed unfinished; do
    rm -rf folder
    mkdir folder
    echo mine >victim
    ln -s ../victim "folder/$name"
    refused_with 1 "folder/$name is a link or a device" my.plan --out folder
    check "what it leads to is as it was" equal "$(<victim)" mine
  done
  rm -rf folder
  mkdir folder
  mkfifo folder/lock
  refused_with 1 "folder/lock is a link or a device" my.plan --out folder
  check "nobody waits for it" contains "$(timeout 5 "$root/slurm/sweep/status.sh" folder 2>&1)" "expected the folder of a sweep"
  mkdir elsewhere
  rm -rf folder
  ln -s elsewhere folder
  sweep --out folder
  check "but the folder itself may be one" equal "$(summary)" "lab sweep: 1 of 1 runs are done, 0 failed, 0 are missing: folder"
}
