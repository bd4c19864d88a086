// Being asked to end: SIGINT, SIGTERM, SIGHUP, SIGUSR1, --timeout. The tasks in hand have 3 s, what
// is finished is kept, the exit status says why, and nobody is left.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;
namespace fs = std::filesystem;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 2;

using Clock = std::chrono::steady_clock;

struct Signal {
  const char* name;
  int number;
  int status;
};
const std::vector<Signal> signals = {{"SIGINT", SIGINT, 130},
                                     {"SIGTERM", SIGTERM, 143},
                                     {"SIGHUP", SIGHUP, 129},
                                     {"SIGUSR1", SIGUSR1, 143}};

/// Runs that keep a journal, by which it is seen that they have begun.
class Runs {
 public:
  void add(const std::string& options) {
    folders_.push_back(std::make_unique<Folder>());
    runs_.push_back(std::make_unique<Started>(launching(
        driver, workers, fmt::format("{} --journal '{}'", options, folders_.back()->path()))));
  }
  /// All their workers have begun with their first tasks.
  bool have_begun() const {
    const bool begun = eventually(20 * patience, [this] {
      return std::all_of(folders_.begin(), folders_.end(), [](const auto& folder) {
        return files_in(folder->path(), ".journal").size() == static_cast<std::size_t>(workers);
      });
    });
    pause_ms(300);
    return begun;
  }
  Started& operator[](std::size_t n) { return *runs_[n]; }
  const Folder& folder(std::size_t n) const { return *folders_[n]; }

 private:
  std::vector<std::unique_ptr<Folder>> folders_;
  std::vector<std::unique_ptr<Started>> runs_;
};

}  // namespace

TEST_CASE(
    "a signal in the first moments of a run ends it, with its exit status and at most one line") {
  Dice dice;
  CAPTURE(dice.seed());
  for (int i = 0; i < rounds(40); ++i) {
    const Folder folder;
    const Signal& signal = dice.pick(signals);
    Started run(
        launching(driver, workers,
                  fmt::format("--kernel sleep --task-units 100 --tasks 100000 --record '{}' "
                              "--values '{}' --journal '{}'",
                              folder / "r.jsonl", folder / "v.csv", folder / "j")));
    REQUIRE(eventually(5, [&] {  // it is no copy of this program any more
      std::error_code gone;
      const std::string exe = fmt::format("/proc/{}/exe", run.pid());
      return fs::read_symlink(exe, gone) != fs::read_symlink("/proc/self/exe", gone);
    }));
    const int moment = dice.roll(0, 200);
    pause_ms(moment);
    run.signal(signal.number);
    const Outcome outcome = run.wait(10);
    INFO(signal.name << " after " << moment << " ms: " << outcome.err);
    // Before a program has said what it does at SIGUSR1, that ends it by itself.
    const bool at_once = signal.number == SIGUSR1 && outcome.status == 128 + SIGUSR1;
    CHECK((outcome.status == signal.status || at_once));
    CHECK(lines_in(without_warnings(outcome.err)) <= 1);
    CHECK_FALSE(fs::exists(folder / "v.csv"));
    CHECK(nobody_left(2));
  }
}

TEST_CASE("a signal ends long tasks after the grace, with its exit status and one line") {
  Runs runs;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    runs.add("--kernel sleep --task-time 20s --tasks 10");
  }
  REQUIRE(runs.have_begun());
  std::vector<Clock::time_point> begins;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    begins.push_back(Clock::now());
    runs[i].signal(signals[i].number);
  }
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const Outcome run = runs[i].wait(10);
    const double seconds = seconds_since(begins[i]);
    INFO(signals[i].name << ": " << run.err);
    CHECK(run.status == signals[i].status);
    CHECK(seconds < 5 * patience);
    CHECK(lines_in(without_warnings(run.err)) == 1);
    CHECK(contains(without_warnings(run.err), "scalelab: stopped by "));
    CHECK(run.out.empty());
  }
  CHECK(nobody_left(1));
}

TEST_CASE("tasks that end within the grace are finished and kept") {
  const std::string options = "--kernel sleep --task-time 1500ms --tasks 10 --schedule dynamic";
  Runs runs;
  for (std::size_t i = 0; i < signals.size(); ++i) runs.add(options);
  REQUIRE(runs.have_begun());
  for (std::size_t i = 0; i < signals.size(); ++i) runs[i].signal(signals[i].number);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const Outcome run = runs[i].wait(10);
    INFO(signals[i].name << ": " << run.err);
    CHECK(run.status == signals[i].status);
    CHECK(lines_in(without_warnings(run.err)) == 1);
    CHECK(contains(run.err, "after 0 of 1 repetitions; --resume goes on from the journal"));
  }
  CHECK(nobody_left(1));
  // Ten workers, so that the rest takes no longer than one task.
  std::vector<std::unique_ptr<Started>> rests;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    rests.push_back(std::make_unique<Started>(launching(
        "openmp", 10,
        fmt::format("{} --journal '{}' --resume --json", options, runs.folder(i).path()))));
  }
  for (const auto& resumed : rests) {
    const Outcome rest = resumed->wait(20);
    INFO(rest.err);
    CHECK(rest.status == 0);
    CHECK(field(rest.out, "resumed_tasks") == std::to_string(workers));
  }
  CHECK(nobody_left(1));
}

TEST_CASE("a signal at any moment ends the run, and nobody is left") {
  Dice dice;
  INFO("SCALELAB_TEST_SEED=" << dice.seed());
  for (int round = 0; round < rounds(12); ++round) {
    const Signal& signal = dice.pick(signals);
    const int delay = dice.roll(0, 900);
    Started run(launching(driver, workers,
                          "--kernel sleep --task-time 5ms --tasks 40 --repetitions 1000 --quiet"));
    pause_ms(delay);
    const bool catches = run.catches(signal.number);
    run.signal(signal.number);
    const Outcome outcome = run.wait(15);
    INFO(signal.name << " after " << delay << " ms: " << outcome.err);
    // In the first milliseconds there may be no more than a shell, which the signal ends.
    const bool early = delay < 100 * patience || (!catches && delay < 600 * patience);
    CHECK((outcome.status == signal.status || (early && outcome.status == 128 + signal.number)));
    CHECK(lines_in(without_warnings(outcome.err)) <= 1);
    CHECK(nobody_left(5));
  }
}

TEST_CASE("a second signal changes nothing") {
  Runs runs;
  runs.add("--kernel sleep --task-time 20s --tasks 10");
  runs.add("--kernel sleep --task-time 1500ms --tasks 10");
  REQUIRE(runs.have_begun());
  for (int i = 0; i < 3; ++i) {
    for (const std::size_t n : {0U, 1U}) runs[n].signal(i == 0 ? SIGTERM : SIGINT);
    pause_ms(100);
  }
  for (const std::size_t n : {0U, 1U}) {
    const Outcome run = runs[n].wait(10);
    INFO(run.err);
    CHECK((run.status == 143 || (driver == "mpi" && run.status == 130)));
    CHECK(lines_in(without_warnings(run.err)) == 1);
  }
  CHECK(nobody_left(1));
}

TEST_CASE("repetitions that were measured before a signal have been printed") {
  // A repetition takes 0.1 s at least: some are done after 2 s, not all 1000.
  Started run(
      launching(driver, workers, "--kernel faulty --tasks 100 --json --repetitions 1000", faulty));
  REQUIRE(eventually(20 * patience, [&] { return lines_in(run.out()) >= 3; }));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait(10);
  CHECK(outcome.status == 143);
  CHECK(lines_in(outcome.out) < 1000);
  CHECK(contains(outcome.err, "stopped by SIGTERM or SIGUSR1 after "));
  CHECK(repetitions_in(outcome.out).size() >= 2);
  const auto end = lines_of_json(outcome.out).back();
  CHECK(end["kind"] == "end");
  CHECK(end["status"] == "stopped");
  CHECK(end["exit"] == 143);
  CHECK(contains(end["reason"], "stopped by SIGTERM or SIGUSR1 after "));
}

TEST_CASE("the record tells the signal that it was") {
  Started run(
      launching(driver, workers, "--kernel faulty --tasks 100 --json --repetitions 1000", faulty));
  REQUIRE(eventually(20 * patience, [&] { return lines_in(run.out()) >= 2; }));
  run.signal(SIGINT);
  const Outcome outcome = run.wait(10);
  CHECK(outcome.status == 130);
  const auto end = lines_of_json(outcome.out).back();
  CHECK(end["exit"] == 130);
  CHECK(contains(end["reason"], "stopped by SIGINT after "));
  CHECK(contains(outcome.err, "stopped by SIGINT after "));
}

TEST_CASE("what was measured before a signal is summed up for people") {
  const Folder folder;
  const std::string record = folder / "record.jsonl";
  Started run(launching(
      driver, workers,
      "--kernel faulty --tasks 20 --warmup 0 --repetitions 100000 --record '" + record + "'",
      faulty));
  REQUIRE(eventually(20 * patience, [&] {
    return shell(fmt::format("test $(wc -l <'{}') -ge 10", record)).status == 0;
  }));
  run.signal(SIGINT);
  const Outcome outcome = run.wait(10);
  INFO(outcome.err);
  CHECK(outcome.status == 130);
  CHECK(contains(outcome.out, "digest"));
  CHECK(contains(outcome.out, "median of"));
}

TEST_CASE("--timeout ends the run in time, with exit status 1 and one line") {
  // Of a task that is too long, the end is not waited for longer than the grace.
  const auto begin = Clock::now();
  Started of_short(
      launching(driver, workers, "--kernel sleep --task-time 5ms --tasks 100000 --timeout 1"));
  Started of_long(
      launching(driver, workers, "--kernel sleep --task-time 20s --tasks 10 --timeout 1"));
  std::vector<double> seconds;
  for (const auto& [run, limit] : {std::pair{&of_short, 5}, {&of_long, 9}}) {
    const Outcome outcome = run->wait(20);
    seconds.push_back(seconds_since(begin));
    INFO(outcome.err);
    CHECK(outcome.status == 1);
    CHECK(seconds.back() >= 1);
    CHECK(seconds.back() < limit * patience);
    CHECK(lines_in(without_warnings(outcome.err)) == 1);
    CHECK(contains(without_warnings(outcome.err), "--timeout"));
  }
  CHECK(seconds[0] < seconds[1] - 1.5);  // short tasks need no grace
  CHECK(nobody_left(1));
}

TEST_CASE("--timeout does not touch a run that ends before it") {
  const Outcome run = launch(driver, workers, "--kernel sleep --tasks 10 --timeout 60 --json");
  INFO(run.err);
  CHECK(run.status == 0);
  CHECK(without_warnings(run.err).empty());
}

TEST_CASE("a signal that comes when all is done changes nothing") {
  if (driver != "mpi") return;  // whose launcher has files to remove by then
  const Folder bin;
  std::ofstream(bin / "rm") << R"(#!/bin/bash
/bin/rm "$@"
[[ ! "$*" =~ ^-rf\ [^\ ]*/scalelab-run\.[A-Za-z0-9]*$ ]] || kill -TERM $PPID
)";
  fs::permissions(bin / "rm", fs::perms::owner_all);
  const Outcome run =
      shell(launching(driver, workers, "--kernel spin --tasks 10 --task-units 10 --quiet", the_kit,
                      fmt::format("PATH='{}':\"$PATH\"", bin.path())));
  CHECK(run.status == 0);
  CHECK(without_warnings(run.err).empty());
}

TEST_CASE("pipes that nobody opens, or reads, are given up in time, and the record says so") {
  const Folder folder;
  REQUIRE(mkfifo((folder / "absent").c_str(), 0600) == 0);
  REQUIRE(mkfifo((folder / "silent").c_str(), 0600) == 0);
  const int silent = open((folder / "silent").c_str(), O_RDONLY | O_NONBLOCK);  // and reads nothing
  REQUIRE(silent >= 0);
  // 400 kB of values: more than a pipe takes.
  const std::string options =
      "--kernel many-models --rows 60 --features 5 --tasks 4000 --repetitions 1 --warmup 0 --quiet "
      "--values '{0}/{1}' --record '{0}/{1}.jsonl'";
  struct Case {
    std::string pipe;
    std::string reason;
    double at_most;  ///< from the signal to the end [s]
  };
  std::vector<Case> cases{
      {"absent",
       "stopped by SIGTERM or SIGUSR1 before --values, a pipe that nobody reads, was written", 3}};
  if (driver == "sequential" || driver == "mpi") {
    cases.push_back(
        {"silent", "stopped by SIGTERM or SIGUSR1 before all of --values was written", 6});
  }
  std::vector<std::unique_ptr<Started>> runs;
  for (const Case& each : cases) {
    runs.push_back(std::make_unique<Started>(
        launching(driver, workers, fmt::format(fmt::runtime(options), folder.path(), each.pipe))));
    REQUIRE(eventually(20 * patience, [&] { return fs::exists(folder / (each.pipe + ".jsonl")); }));
  }
  if (cases.size() > 1) {  // it has printed what fits into the pipe
    REQUIRE(eventually(20 * patience, [&] {
      int bytes = 0;
      return ioctl(silent, FIONREAD, &bytes) == 0 && bytes > 60'000;
    }));
  }
  pause_ms(300);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto begin = Clock::now();
    runs[i]->signal(SIGTERM);
    const Outcome outcome = runs[i]->wait(20);
    CAPTURE(cases[i].pipe, outcome.err);
    CHECK(outcome.status == 143);
    CHECK(seconds_since(begin) < cases[i].at_most * patience);
    CHECK(without_warnings(outcome.err) == "scalelab: " + cases[i].reason + "\n");
    std::ifstream file(folder / (cases[i].pipe + ".jsonl"));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto lines = lines_of_json(text);
    REQUIRE(!lines.empty());
    CHECK(lines.back()["kind"] == "end");
    CHECK(lines.back()["status"] == "stopped");
    CHECK(lines.back()["exit"] == 143);
    CHECK(lines.back()["reason"] == cases[i].reason);
  }
  close(silent);
  CHECK(nobody_left(5));
}

TEST_CASE("whoever started the workers is killed: nobody is left") {
  Runs runs;
  runs.add("--kernel sleep --task-time 30s --tasks 10");
  REQUIRE(runs.have_begun());
  runs[0].signal(SIGKILL);
  CHECK(runs[0].wait(5).status == 137);
  CHECK(nobody_left(10));
}

TEST_CASE("mpirun is killed: nobody is left, and it is said") {
  if (driver != "mpi") return;
  Runs runs;
  runs.add("--kernel sleep --task-time 30s --tasks 10");
  REQUIRE(runs.have_begun());
  const auto ranks = alive();
  for (const pid_t pid : alive_with_launchers()) {
    const bool is_rank = std::find(ranks.begin(), ranks.end(), pid) != ranks.end();
    if (!is_rank) kill(pid, SIGKILL);
  }
  const Outcome run = runs[0].wait(10);
  INFO(run.err);
  CHECK(run.status == 1);
  CHECK(lines_in(without_warnings(run.err)) == 1);
  CHECK(nobody_left(10));
}
