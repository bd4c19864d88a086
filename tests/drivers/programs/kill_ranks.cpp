// Ranks, or their launcher, are killed at random moments: the run ends, says who died, leaves
// nothing behind, and is resumed from its journal.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

std::set<std::string> shared_files() {
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator("/dev/shm")) {
    files.insert(entry.path().filename().string());
  }
  return files;
}

bool is_mapped(const std::string& file) {
  return shell(fmt::format("grep -qsF '/dev/shm/{}' /proc/[0-9]*/maps", file)).status == 0;
}

/// Whether it is a file of Clang's OpenMP, which bears its process's number, of none of `ranks`:
/// whatever uses OpenMP and is killed leaves one.
bool is_of_another(const std::string& file, const std::vector<pid_t>& ranks) {
  constexpr std::string_view openmp = "__KMP_REGISTERED_LIB_";
  return file.starts_with(openmp) &&
         std::find(ranks.begin(), ranks.end(), std::stoi(file.substr(openmp.size()))) ==
             ranks.end();
}

/// What was not there before, nobody uses, and may be of these ranks; others may run MPI here, too.
std::string left_in_shared_memory(const std::set<std::string>& before,
                                  const std::vector<pid_t>& ranks) {
  std::string left;
  for (const std::string& file : shared_files()) {
    if (!before.contains(file) && !is_mapped(file) && !is_of_another(file, ranks))
      left += file + ' ';
  }
  return left;
}

std::vector<pid_t> launchers() {
  std::vector<pid_t> all = alive_with_launchers();
  const std::vector<pid_t> ranks = alive();
  std::erase_if(
      all, [&](pid_t pid) { return std::find(ranks.begin(), ranks.end(), pid) != ranks.end(); });
  return all;
}

}  // namespace

TEST_CASE("mpi: whoever is killed, at any moment, the run ends and can be resumed") {
  Dice dice;
  const std::string options = "--kernel sleep --tasks 200 --task-units 5000";
  const std::string digest =
      field(launch("sequential", 1, options + " --repetitions 1 --warmup 0 --json").out, "digest");
  REQUIRE(digest.size() == 16);
  int resumed = 0;
  const int all_rounds = rounds(20);
  for (int round = 0; round < all_rounds; ++round) {
    const auto before = shared_files();
    const Folder folder;
    const int ranks = dice.roll(2, 4);
    const std::string schedule =
        dice.pick(std::vector<std::string>{"static", "static --chunk 3", "dynamic", "guided"});
    const std::string each = dice.pick(std::vector<std::string>{"64", "64", "1", "2"});
    const std::string victim =
        dice.pick(std::vector<std::string>{"a rank", "a rank", "a rank", "mpirun", "all ranks"});
    // Half of the rounds are about the beginning, half about the work; the last is surely so.
    const bool in_work = round % 2 == 1 || round == all_rounds - 1;
    const int delay = dice.roll(round == all_rounds - 1 ? 200 : 0, 300);
    const std::string journal = fmt::format(" --journal '{}'", folder.path());
    const std::string what = fmt::format(
        "SCALELAB_TEST_SEED={}, round {}: {} ranks, {} per node, {}, {} killed after {} ms",
        dice.seed(), round, ranks, each, schedule, victim, delay);
    INFO(what);
    Started run("export SCALELAB_RANKS_PER_NODE=" + each + '\n' +
                launching("mpi", ranks, options + journal + " --schedule " + schedule));
    REQUIRE(eventually(20 * patience, [&] {
      return alive("mpi").size() == static_cast<std::size_t>(ranks) || run.has_ended();
    }));
    if (in_work) {
      eventually(20 * patience,
                 [&] { return fs::exists(folder / "worker-0.1.journal") || run.has_ended(); });
    }
    pause_ms(delay);
    const std::vector<pid_t> alive_now = alive("mpi");
    const std::vector<pid_t> victims = victim == "mpirun"      ? launchers()
                                       : victim == "all ranks" ? alive_now
                                       : alive_now.empty()
                                           ? alive_now
                                           : std::vector<pid_t>{dice.pick(alive_now)};
    for (const pid_t pid : victims) kill(pid, SIGKILL);
    const Outcome outcome = run.wait(15);
    INFO(outcome.err);
    if (outcome.status != 0) {
      CHECK(outcome.status == 1);
      CHECK(lines_in(without_warnings(outcome.err)) == 1);
      // Open MPI 4.1 sometimes hangs if ranks die while they start; then nobody knows which it was.
      if (contains(outcome.err, "and mpirun hung")) {
        CHECK(contains(outcome.err, "scalelab: a rank on " + host_name()));
      } else if (victim != "mpirun") {
        CHECK(says_killed(outcome.err, "signal 9 (Killed)"));
      }
    } else {
      WARN("it had ended before somebody was killed");
    }
    CHECK(nobody_left(10));
    std::string left;
    eventually(10, [&] { return (left = left_in_shared_memory(before, alive_now)).empty(); });
    CHECK(left == "");

    const std::string by =
        dice.pick(std::vector<std::string>{"mpi", "mpi", "processes", "openmp", "sequential"});
    const int workers = by == "sequential" ? 1 : dice.roll(1, 4);
    const Outcome rest = launch(by, workers, options + journal + " --resume --json");
    INFO(by << ' ' << workers << ": " << rest.err);
    REQUIRE(rest.status == 0);
    CHECK(field(rest.out, "digest") == digest);
    resumed += field(rest.out, "resumed_tasks") == "0" ? 0 : 1;
  }
  CHECK(resumed >= std::max(1, all_rounds / 4));
}

TEST_CASE("mpi: mpirun is killed when all is said: its files are removed all the same") {
  const Folder folder;
  const std::string left =
      fmt::format("/dev/shm/vader_segment.{}.{}.test.0", host_name(), getpid());
  std::ofstream(folder / "mpirun") << fmt::format(
      "#!/bin/sh\ntouch {}\necho 0 >\"$SCALELAB_STATUS_FILE\"\n"
      "echo '[warn] Epoll MOD(1) on fd 27 failed. Old events were 6' >&2\nkill -KILL $$\n",
      left);
  fs::permissions(folder / "mpirun", fs::perms::owner_all);
  const Outcome outcome = shell(fmt::format("export SCALELAB_MPIRUN='{}/mpirun'\n", folder.path()) +
                                launching("mpi", 2, "--kernel spin"));
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());  // libevent's words are none of ours
  CHECK_FALSE(fs::exists(left));
  fs::remove(left);
}

TEST_CASE("mpi: an mpirun that is killed leaves no temporary files") {
  const Folder folder;
  Started run("export TMPDIR='" + folder.path() + "'\n" +
              launching("mpi", 2, "--kernel sleep --task-time 20s --tasks 10"));
  REQUIRE(eventually(20 * patience, [] { return alive("mpi").size() == 2; }));
  CHECK_FALSE(fs::is_empty(folder.path()));
  for (const pid_t pid : launchers()) kill(pid, SIGKILL);
  CHECK(run.wait(15).status == 1);
  CHECK(nobody_left(10));
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("mpi: of an mpirun that is killed, the shell that started it says nothing") {
  const Folder folder;
  std::ofstream(folder / "mpirun")
      << "#!/bin/sh\necho 0 >\"$SCALELAB_STATUS_FILE\"\nkill -KILL $$\n";
  fs::permissions(folder / "mpirun", fs::perms::owner_all);
  // Whether bash sees its end before it waits for it is chance: one in five, measured.
  for (int round = 0; round < rounds(40); ++round) {
    const Outcome outcome =
        shell(fmt::format("export SCALELAB_MPIRUN='{}/mpirun'\n", folder.path()) +
              launching("mpi", 2, "--kernel spin"));
    CAPTURE(round, outcome.err);
    REQUIRE(outcome.status == 0);
    REQUIRE(outcome.err.empty());
  }
}

TEST_CASE("mpi: what a run that was killed with its launcher left behind is removed by the next") {
  const auto before = shared_files();
  Started run(launching("mpi", 2, "--kernel sleep --task-time 20s --tasks 10"));
  std::vector<pid_t> ranks;
  REQUIRE(eventually(20 * patience, [&] { return (ranks = alive("mpi")).size() == 2; }));
  pause_ms(500);
  run.signal(SIGKILL);
  CHECK(run.wait(5).status == 137);
  CHECK(nobody_left(10));
  // It might be of a run that is just starting: it is only removed once it is a minute old.
  for (const std::string& file : shared_files()) {
    if (before.contains(file) || is_mapped(file) || is_of_another(file, ranks)) continue;
    fs::last_write_time("/dev/shm/" + file,
                        fs::file_time_type::clock::now() - std::chrono::minutes(3));
  }
  CHECK(launch("mpi", 2, "--kernel spin --tasks 10").status == 0);
  // Others may be starting ranks here.
  std::string left;
  eventually(10, [&] { return (left = left_in_shared_memory(before, ranks)).empty(); });
  CHECK(left == "");
}
