// The front door: what it says to wrong words, and to a machine that lacks everything.
#include <fmt/format.h>
#include <unistd.h>

#include "tests/catch.hpp"
#include "tests/drivers/programs.hpp"

using namespace scalelab::test;

namespace {

Outcome lab(const std::string& arguments) { return shell("'" LAB "' " + arguments); }

/// `lab setup` where the package manager says that nothing is installed.
Outcome setup_bare(const std::string& before, const std::string& answer) {
  return shell(
      fmt::format("bin=$(mktemp -d) && chmod 755 $bin\n"
                  "printf '#!/bin/sh\\nexit 1\\n' >$bin/dpkg-query\n"
                  "printf '#!/bin/sh\\nexit 0\\n' >$bin/apt-get\n"
                  "chmod +x $bin/*\n"
                  // A copy: the kit may lie where an ordinary user must not look.
                  "cp '{}' $bin/lab\n"
                  "echo {} | {} env PATH=$bin:/usr/bin:/bin $bin/lab setup\nstatus=$?\nrm -r $bin\n"
                  "exit $status",
                  LAB, answer, before));
}

}  // namespace

TEST_CASE("lab: wrong words are refused in one line") {
  for (const std::string words :
       {"dmeo", "demo fast", "build fast", "build release debug", "setup --maybe",
        "setup --yes now", "run", "run foo", "run openmp -n", "run openmp -n 0",
        "run openmp -n 2 --kernel spin", "bench speed", "costs fast", "costs --rounds",
        "costs --rounds 0", "costs --workers two", "costs --out records.csv", "sweep", "sweep nosuch",
        "sweep strong --speed 3", "slurm", "slurm dance", "cluster", "cluster dance"}) {
    const Outcome run = lab(words);
    INFO(words << '\n' << run.err);
    CHECK(run.status == 2);
    CHECK(lines_in(run.err) == 1);
    CHECK(contains(run.err, "expected"));
  }
}

TEST_CASE("lab: help names every command") {
  const std::string text = lab("help").out;
  for (const char* command :
       {"demo", "run", "sweep", "slurm", "cluster", "granularity", "costs", "validate", "test",
        "bench", "build", "setup"}) {
    CHECK(contains(text, std::string("./lab ") + command));
  }
  CHECK(lab("").out == text);
  for (const char* words : {"demo --help", "run --help", "test -h"}) CHECK(lab(words).out == text);
}

TEST_CASE("lab: setup shows the command and installs nothing without a yes") {
  const Outcome run = setup_bare("", "n");
  INFO(run.out << run.err);
  CHECK(run.status == 1);
  CHECK(contains(run.out + run.err, "apt-get install --yes"));
  CHECK(contains(run.out + run.err, "libeigen3-dev"));
}

TEST_CASE("lab: setup tells an ordinary user without sudo what to type as root") {
  if (geteuid() != 0 || shell("command -v sudo").status == 0) {
    WARN("not tried: needs to start as root, on a machine without sudo");
    return;
  }
  const Outcome run = setup_bare("setpriv --reuid 65534 --clear-groups", "");
  INFO(run.out << run.err);
  CHECK(run.status == 1);
  CHECK(contains(run.err, "As root:\n  apt-get update && apt-get install --yes"));
}

TEST_CASE("lab: files are looked for where the user stands, also when run builds first") {
  const Outcome run = shell(
      "cd $(mktemp -d) && printf 'y,x\\n1,2\\n3,5\\n4,4\\n7,8\\n' >mine.csv\n"
      "'" LAB
      "' run sequential -- --kernel many-models --data mine.csv --target y --tasks 2 "
      "--values fits.csv && test -s fits.csv && rm -r $PWD");
  INFO(run.err);
  CHECK(run.status == 0);
}
