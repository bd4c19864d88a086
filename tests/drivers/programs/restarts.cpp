// lab run mpi --restarts N: a rank or mpirun dies, and the run goes on from what is finished.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The ranks, once there are so many and none of those that were there before.
std::vector<pid_t> new_ranks(std::size_t number, const std::vector<pid_t>& before) {
  std::vector<pid_t> now;
  const bool there = eventually(30 * patience, [&] {
    now = alive("mpi");
    return now.size() == number && std::ranges::none_of(now, [&](pid_t pid) {
             return std::ranges::find(before, pid) != before.end();
           });
  });
  return there ? now : std::vector<pid_t>{};
}

std::string with_restarts(int restarts) {
  return fmt::format("export SCALELAB_RESTARTS={}\n", restarts);
}

/// Instead of mpirun: what it does is this script of the shell, in which N is the number of the
/// start. It tells the program's arguments, and how earlier starts ended, in a file `told`.
class FakeMpirun {
 public:
  explicit FakeMpirun(const std::string& script) {
    std::ofstream(folder_ / "mpirun") << fmt::format(
        "#!/bin/sh\nprintf '%s [%s]\\n' \"$*\" \"$SCALELAB_EARLIER_ENDS\" >>'{0}/told'\n"
        "echo >>'{0}/starts'; N=$(wc -l <'{0}/starts')\n{1}\n",
        folder_.path(), script);
    fs::permissions(folder_ / "mpirun", fs::perms::owner_all);
  }

  /// @param more  a line of the shell to go before
  Outcome launch(const std::string& more, const std::string& options) const {
    return shell(fmt::format("export SCALELAB_MPIRUN='{0}/mpirun' TMPDIR='{0}/tmp'\nmkdir -p "
                             "'{0}/tmp'\n",
                             folder_.path()) +
                 more + launching("mpi", 2, "--kernel spin " + options));
  }

  std::string told() const { return text_of(folder_ / "told"); }
  std::size_t starts() const { return lines_in(text_of(folder_ / "starts")); }
  bool left_nothing() const { return fs::is_empty(folder_ / "tmp"); }
  std::string path() const { return folder_.path(); }

 private:
  Folder folder_;
};

constexpr const char* dies = "kill -KILL $$";
constexpr const char* dies_once =
    "[ $N -gt 1 ] && { echo 0 >\"$SCALELAB_STATUS_FILE\"; exit 0; }\nkill -KILL $$";
const std::string death = "mpirun ended with status 137, without a word from rank 0";

}  // namespace

TEST_CASE(
    "restarts: two ranks are killed, one after the other: the same bits, and the end says so") {
  const std::string options = "--kernel sleep --tasks 1600 --task-units 10000 --skew linear";
  const std::string digest =
      field(launch("openmp", 64, options + " --repetitions 1 --warmup 0 --json").out, "digest");
  REQUIRE(digest.size() == 16);
  const Folder folder;
  const std::string record = folder / "record.jsonl";
  Started run(with_restarts(2) +
              launching("mpi", 4,
                        fmt::format("{} --schedule dynamic --journal '{}/journal' --record '{}'",
                                    options, folder.path(), record)));
  std::vector<pid_t> ranks;
  for (int death = 1; death <= 2; ++death) {
    ranks = new_ranks(4, ranks);
    REQUIRE(ranks.size() == 4);
    REQUIRE(eventually(20 * patience, [&] {
      return fs::exists(folder / fmt::format("journal/worker-0.{}.journal", death));
    }));
    pause_ms(150);
    kill(ranks.back(), SIGKILL);
  }
  const Outcome outcome = run.wait(60);
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 0);
  CHECK(lines_in(without_warnings(outcome.err)) == 2);
  CHECK(says_killed(outcome.err, "signal 9 (Killed); started again, 1 of 2"));
  CHECK(says_killed(outcome.err, "signal 9 (Killed); started again, 2 of 2"));
  CHECK(contains(outcome.out, "restarts    2: rank "));
  CHECK(contains(outcome.out, digest));
  CHECK(nobody_left(10));

  const auto lines = lines_of_json(text_of(record));
  std::vector<std::string> told;
  for (const auto& line : lines) {
    if (line["kind"] != "repetition") {
      told.push_back(line["kind"].get<std::string>() +
                     (line.contains("status") ? " " + line["status"].get<std::string>() : ""));
    }
  }
  CHECK(told ==
        std::vector<std::string>{"run", "end failed", "run", "end failed", "run", "end done"});
  const auto& last = lines[lines.size() - 3];
  REQUIRE(last.contains("restarts"));
  CHECK(last["restarts"].size() == 2);
  CHECK(last["restarts"][0] == lines[1]["reason"]);
  const auto repetitions = repetitions_in(text_of(record));
  REQUIRE(repetitions.size() == 1);
  CHECK(repetitions[0]["digest"] == digest);
  CHECK(repetitions[0]["resumed_tasks"].get<int>() > 0);  // so it enters no curve
  CHECK(shell(fmt::format("exec {}/results/validate '{}'", the_kit, record)).status == 0);
}

TEST_CASE("restarts: the second start resumes, from a journal of its own if none is named") {
  const FakeMpirun mpirun(dies_once);
  const Outcome outcome = mpirun.launch(with_restarts(1), "--repetitions 1 --warmup 0");
  INFO(outcome.err << mpirun.told());
  CHECK(outcome.status == 0);
  CHECK(contains(outcome.err, "scalelab: " + death + "; started again, 1 of 1\n"));
  std::istringstream told(mpirun.told());
  std::string first;
  std::string second;
  std::getline(told, first);
  std::getline(told, second);
  CHECK(contains(first, "--warmup 0 --journal " + mpirun.path() + "/tmp/"));
  CHECK_FALSE(contains(first, "--resume"));
  CHECK(contains(second, "--journal " + mpirun.path() + "/tmp/"));
  CHECK(contains(second, "--resume [" + death + "]"));
  CHECK(mpirun.left_nothing());
}

TEST_CASE("restarts: of what is measured each start is a whole one") {
  for (const char* options :
       {"", "--repetitions 1", "--repetitions 5", "--repetitions=auto:5%", "--warmup 1"}) {
    const FakeMpirun mpirun(dies_once);
    CHECK(mpirun.launch(with_restarts(1), options).status == 0);
    CHECK_FALSE(contains(mpirun.told(), "--journal"));
    CHECK_FALSE(contains(mpirun.told(), "--resume"));
    CHECK(mpirun.starts() == 2);
  }
  const FakeMpirun mpirun(dies_once);
  std::ofstream(mpirun.path() + "/options") << "tasks = 10\nrepetitions = 7\n";
  CHECK(mpirun.launch(with_restarts(1), "--config '" + mpirun.path() + "/options'").status == 0);
  CHECK_FALSE(contains(mpirun.told(), "--journal"));
}

TEST_CASE("restarts: a journal that is named is used, and stays") {
  const FakeMpirun mpirun(dies_once);
  fs::create_directory(mpirun.path() + "/mine");
  const std::string journal = "--journal '" + mpirun.path() + "/mine'";
  CHECK(mpirun.launch(with_restarts(3), journal + " --resume").status == 0);
  CHECK(fs::exists(mpirun.path() + "/mine"));
  CHECK_FALSE(contains(mpirun.told(), "--resume --resume"));
  CHECK_FALSE(contains(mpirun.told(), "scalelab-restarts"));
  // Slurm has queued the job again: what it had finished is in the journal.
  const FakeMpirun again("echo 0 >\"$SCALELAB_STATUS_FILE\"");
  CHECK(again.launch(with_restarts(3) + "export SLURM_RESTART_COUNT=1\n", journal).status == 0);
  CHECK(contains(again.told(), "--resume"));
}

TEST_CASE("restarts: not for ever") {
  const FakeMpirun mpirun(dies);
  const Outcome outcome = mpirun.launch(with_restarts(2), "");
  INFO(outcome.err);
  CHECK(outcome.status == 1);
  CHECK(mpirun.starts() == 3);
  CHECK(contains(outcome.err, "scalelab: " + death + ", after 2 new starts\n"));
  CHECK(mpirun.left_nothing());
  // What was finished is not lost.
  const FakeMpirun with_journal(
      "for J; do [ \"$last\" = --journal ] && touch \"$J/worker-0.1.journal\"; last=$J; done\n" +
      std::string(dies));
  const Outcome kept = with_journal.launch(with_restarts(1), "--repetitions 1 --warmup 0");
  INFO(kept.err);
  const std::string start = ", after 1 new start; --journal ";
  REQUIRE(contains(kept.err, start));
  std::string journal = kept.err.substr(kept.err.find(start) + start.size());
  journal = journal.substr(0, journal.find(' '));
  CHECK(fs::exists(journal + "/worker-0.1.journal"));
}

TEST_CASE("restarts: an error, wrong usage or a signal for the user's sake is the end") {
  const Outcome usage = shell(with_restarts(2) + launching("mpi", 2, "--kernel spin --tasks 0"));
  CHECK(usage.status == 2);
  CHECK(lines_in(usage.err) == 1);
  const Outcome failure = shell(
      with_restarts(2) + launching("mpi", 2, "--kernel faulty --tasks 9 --fail-at 5", faulty));
  CHECK(failure.status == 1);
  CHECK(without_warnings(failure.err) == "scalelab: task 5 failed: the disk is on fire\n");
  const Folder folder;
  for (const int signal : {SIGINT, SIGTERM}) {
    Started run("export TMPDIR='" + folder.path() + "'\n" + with_restarts(2) +
                launching("mpi", 2, "--kernel sleep --task-time 10ms --tasks 10000"));
    REQUIRE(eventually(20 * patience, [] { return alive("mpi").size() == 2; }));
    pause_ms(500);
    run.signal(signal);
    const Outcome outcome = run.wait(20);
    INFO(outcome.err);
    CHECK(outcome.status == 128 + signal);
    CHECK(lines_in(without_warnings(outcome.err)) == 1);
    CHECK_FALSE(contains(outcome.err, "--resume"));  // that journal is gone
    CHECK(nobody_left(10));
    CHECK(fs::is_empty(folder.path()));
  }
}

TEST_CASE("restarts: what it is told") {
  for (const char* words : {"mpi -n 2 --restarts x", "mpi --restarts -1", "mpi --restarts",
                            "openmp --restarts 2", "mpi --restarts 1.5 --"}) {
    const Outcome outcome = shell(fmt::format("exec '{}' {}", LAUNCHER, words));
    CAPTURE(words, outcome.err);
    CHECK(outcome.status == 2);
    CHECK(contains(outcome.err, "lab run: --restarts: expected "));
    CHECK(lines_in(outcome.err) == 1);
  }
}
