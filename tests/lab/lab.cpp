// The front door: what it says to wrong words, and to a machine that lacks everything.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

Outcome lab(const std::string& arguments) { return shell("'" LAB "' " + arguments); }

/// `lab setup` where the package manager says that nothing is installed.
Outcome setup_bare(const std::string& before, const std::string& answer) {
  return shell(fmt::format(
      "bin=$(mktemp -d) && chmod 755 $bin\n"
      "printf '#!/bin/sh\\nexit 1\\n' >$bin/dpkg-query\n"
      "printf '#!/bin/sh\\nexit 0\\n' >$bin/apt-get\n"
      "chmod +x $bin/*\n"
      // A copy: the kit may lie where an ordinary user must not look.
      "mkdir $bin/kit && cp -R '{0}' \"$(dirname '{0}')/slurm\" $bin/kit\n"
      "echo {1} | {2} env PATH=$bin:/usr/bin:/bin $bin/kit/lab setup\nstatus=$?\nrm -r $bin\n"
      "exit $status",
      LAB, answer, before));
}

}  // namespace

TEST_CASE("lab: wrong words are refused in one line") {
  for (const std::string words : {"dmeo",
                                  "demo fast",
                                  "build fast",
                                  "build release debug",
                                  "setup --maybe",
                                  "setup --yes now",
                                  "run",
                                  "run foo",
                                  "run openmp -n",
                                  "run openmp -n 0",
                                  "run openmp -n 2 --kernel spin",
                                  "bench speed",
                                  "costs fast",
                                  "costs --rounds",
                                  "costs --rounds 0",
                                  "costs --workers two",
                                  "costs --out records.csv",
                                  "sweep",
                                  "sweep nosuch",
                                  "sweep strong --speed 3",
                                  "slurm",
                                  "slurm dance",
                                  "cluster",
                                  "cluster dance"}) {
    const Outcome run = lab(words);
    INFO(words << '\n' << run.err);
    CHECK(run.status == 2);
    CHECK(lines_in(run.err) == 1);
    CHECK(contains(run.err, "expected"));
  }
}

TEST_CASE("lab: help names every command") {
  const std::string text = lab("help").out;
  for (const char* command : {"demo", "run", "sweep", "slurm", "cluster", "granularity", "costs",
                              "compare", "validate", "test", "bench", "build", "setup"}) {
    CHECK(contains(text, std::string("./lab ") + command));
  }
  CHECK(lab("").out == text);
  for (const char* words : {"demo --help", "run --help", "test -h"}) CHECK(lab(words).out == text);
  for (const std::string command : {"sweep", "report", "compare"}) {  // whose help is their own
    CHECK(lab(command + " -h").out == lab(command + " --help").out);
    CHECK(lab(command + " -h").status == 0);
  }
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

namespace {

/// `lab doctor` where these programs come first: each a name and what it prints. One that is called
/// mpirun is taken for the launcher.
Outcome doctor_with(const std::vector<std::pair<std::string, std::string>>& programs,
                    const std::string& build = KIT_BUILD) {
  std::string script = "bin=$(mktemp -d)\n";
  for (const auto& [name, text] : programs) {
    script += fmt::format("printf '#!/bin/sh\\ncat <<X\\n{}\\nX\\n' >$bin/{}\n", text, name);
  }
  return shell(
      script +
      fmt::format("chmod -R +x $bin\n[ ! -e $bin/mpirun ] || export "
                  "SCALELAB_MPIRUN=$bin/mpirun\nSCALELAB_BUILD='{}' PATH=$bin:$PATH '{}' doctor\n"
                  "status=$?\nrm -r $bin\nexit $status",
                  build, LAB));
}

}  // namespace

TEST_CASE("lab: the doctor finds this machine well, on one screen") {
  const Outcome run = doctor_with({});
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK(run.err.empty());
  CHECK(contains(run.out, "\nAll is well.\n"));
  CHECK(contains(run.out, "two ranks started by "));
  CHECK(std::count(run.out.begin(), run.out.end(), '\n') <= 24);
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("lab: the doctor names a launcher of another MPI") {
  const bool open_mpi = contains(launch("mpi", 1, "--dry-run --json --kernel sleep --tasks 1").out,
                                 "\"mpi\":\"Open MPI");
  const Outcome run = doctor_with({{"mpirun", open_mpi ? "HYDRA build details:\\n    Version: 4.0.2"
                                                       : "mpirun (Open MPI) 4.1.4"}});
  INFO(run.out << run.err);
  CHECK(run.status == 1);
  std::istringstream words(run.out);  // without the ends of lines, which may be anywhere
  std::string said;
  for (std::string word; words >> word;) said += word + ' ';
  CHECK(contains(said, open_mpi ? "/mpirun is MPICH's" : "/mpirun is Open MPI 4's"));
  CHECK(contains(run.out, "\n1 to mend.\n"));
}

TEST_CASE("lab: what needs the kit's programs, the doctor calls well only when they are built") {
  const Folder folder;
  const Outcome run = doctor_with({}, folder / "nothing");
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK_FALSE(contains(run.out, "All is well"));
  CHECK_FALSE(contains(run.out, "ok     programs"));
  CHECK(contains(run.out, "Nothing is known to be missing: ./lab build, and then ask again.\n"));
}

TEST_CASE("lab: a build folder that was copied with the kit is named") {
  const Folder folder;
  const Outcome run = shell(fmt::format(
      "unset SCALELAB_BUILD; cp '{}' '{}' && cd '{}' && ln -s '" SOURCES
      "/slurm' && mkdir -p build/release && "
      "echo CMAKE_HOME_DIRECTORY:INTERNAL=/of/another >build/release/CMakeCache.txt && ./lab build",
      LAB, folder.path(), folder.path()));
  CHECK(run.status == 1);
  CHECK(run.err == fmt::format("lab: {0} belongs to the sources in /of/another, as if it had been "
                               "copied: rm -rf '{0}', and ask again\n",
                               folder / "build/release"));
}

TEST_CASE("lab: somebody else's build is left alone") {
  const Folder folder;
  std::ofstream(folder / "CMakeCache.txt") << "CMAKE_HOME_DIRECTORY:INTERNAL=/of/another\n";
  const Outcome run = shell(fmt::format("SCALELAB_BUILD='{}' '{}' build", folder.path(), LAB));
  CHECK(run.status == 1);
  CHECK(run.err ==
        fmt::format("lab: {} is a build of the sources in /of/another: name another folder\n",
                    folder.path()));
  CHECK_FALSE(std::filesystem::exists(folder / "lab.log"));
}

TEST_CASE("lab: the doctor tells a folder in which nothing can be built") {
  const Outcome run = doctor_with({}, "/etc/passwd/nothing");
  INFO(run.out << run.err);
  CHECK(run.status == 1);
  CHECK(
      contains(run.out, "WRONG  kit         not built, and /etc/passwd/nothing cannot be written"));
}

TEST_CASE("lab: the doctor says what is too old or missing, and what mends it") {
  const Outcome run =
      doctor_with({{"cmake", "cmake version 3.18.4"}, {"dpkg-query", "not there"}}, "/nothing");
  INFO(run.out << run.err);
  CHECK(run.status == 1);
  CHECK(contains(run.out, "WRONG  cmake       3.18.4"));
  CHECK((shell("command -v apt-get").status != 0 || contains(run.out, "missing: g++ make ")));
  CHECK(contains(run.out, "./lab setup\n"));

  const Outcome old = doctor_with({{"c++", "10.2.1"}}, "/nothing");
  INFO(old.out << old.err);
  CHECK(old.status == 1);
  CHECK(contains(old.out, "c++ 10.2.1 is too old: g++ 12 or clang++ 14 is wanted"));

  std::vector<std::pair<std::string, std::string>> compilers{{"c++", "10.2.1"}};
  for (int version = 12; version <= 20; ++version) {
    for (const char* name : {"g++", "clang++"}) {
      compilers.emplace_back(fmt::format("{}-{}", name, version), "10.2.1");
    }
  }
  const Outcome none = doctor_with(compilers, "/nothing");
  INFO(none.out << none.err);
  CHECK(none.status == 1);
  CHECK(contains(none.out, "c++ 10.2.1 is too old"));
  CHECK(contains(none.out, "./lab setup\n"));
}

TEST_CASE("lab: the doctor says how many CPUs are ours, and uses no colours where nobody looks") {
  const Outcome run = shell(
      "core=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')\n"
      "SCALELAB_BUILD='" KIT_BUILD "' exec taskset -c $core '" LAB "' doctor");
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK((contains(run.out, ", 1 CPUs are yours") || shell("nproc --all").out == "1\n"));
  CHECK_FALSE(contains(run.out, "\x1b"));
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
