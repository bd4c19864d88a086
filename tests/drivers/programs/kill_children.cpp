// Children of `processes` are killed at random moments: the run survives, and its values are right.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

struct Work {
  std::string options;
  std::string digest = {};
};

/// Tasks of some 4 ms, or of far less, or that compute.
std::vector<Work> all_work() {
  std::vector<Work> all = {{"--kernel sleep --tasks 160 --task-units 3000"},
                           {"--kernel sleep --tasks 3000 --task-units 60 --skew pareto"},
                           {"--kernel spin --tasks 400 --task-units 60000"},
                           {"--kernel spin --tasks 40000 --task-units 500 --skew exponential"}};
  for (Work& work : all) {
    work.digest = field(
        launch("sequential", 1, work.options + " --repetitions 1 --warmup 0 --json").out, "digest");
    REQUIRE(work.digest.size() == 16);
  }
  return all;
}

void kill_one(Dice& dice, pid_t parent) {
  const std::vector<pid_t> children = children_of(parent);
  if (!children.empty()) kill(dice.pick(children), SIGKILL);
}

}  // namespace

TEST_CASE("processes: children may be killed at any moment, the values are right") {
  Dice dice;
  UNSCOPED_INFO("SCALELAB_TEST_SEED=" << dice.seed());
  const std::vector<Work> all = all_work();
  const std::vector<std::string> schedules = {"static", "static --chunk 3", "dynamic",
                                              "dynamic --chunk 4", "guided"};
  int kills = 0;
  std::size_t retries = 0;
  for (int round = 0; round < rounds(100); ++round) {
    const Work& work = dice.pick(all);
    const std::string& schedule = dice.pick(schedules);
    const int workers = dice.pick(std::vector<int>{1, 2, 3, 4, 8});
    Started run(
        launching("processes", workers,
                  fmt::format("{} --schedule {} --repetitions 2 --json", work.options, schedule)));
    // A child that is killed before all have started ends the run: see below.
    REQUIRE(eventually(30 * patience, [&] { return !run.out().empty() || run.has_ended(); }));
    std::string moments;
    const int times = dice.roll(1, 3);
    for (int i = 0; i < times; ++i) {
      const int delay = dice.roll(0, 80);
      moments += fmt::format(" {} ms", delay);
      pause_ms(delay);
      if (!run.has_ended()) {
        kill_one(dice, run.pid());
        ++kills;
      }
    }
    const Outcome outcome = run.wait(30);
    INFO("SCALELAB_TEST_SEED=" << dice.seed() << ", round " << round << ": " << workers
                               << " workers, " << work.options << ' ' << schedule
                               << ", killed after" << moments << '\n'
                               << outcome.out << outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK(without_warnings(outcome.err).empty());
    const auto lines = repetitions_in(outcome.out);
    REQUIRE(lines.size() == 3);
    for (const auto& line : lines) {
      CHECK(line["digest"].get<std::string>() == work.digest);
      std::uint64_t tasks = 0;
      for (const auto& n : line["accounts"]["tasks"]) tasks += n.get<std::uint64_t>();
      CHECK(std::to_string(tasks) == field(outcome.out, "tasks"));
      retries += line["retries"].get<std::size_t>();
    }
    CHECK(nobody_left(1));
  }
  // Some were killed when their work was done.
  INFO(kills << " kills, " << retries << " retries");
  CHECK(retries <= static_cast<std::size_t>(kills));
  CHECK(retries * 3 >= static_cast<std::size_t>(kills));
}

TEST_CASE("processes: all children are killed at once, again and again") {
  Dice dice;
  const std::string options = "--kernel sleep --tasks 400 --task-units 5000 --warmup 0";
  const std::string digest =
      field(launch("processes", 8, options + " --repetitions 1 --json").out, "digest");
  for (const std::string schedule : {"static", "dynamic", "guided"}) {
    Started run(
        launching("processes", 4, options + " --repetitions 2 --json --schedule " + schedule));
    REQUIRE(eventually(20 * patience, [&] { return lines_in(run.out()) >= 2; }));
    for (int i = 0; i < 8; ++i) {
      pause_ms(dice.roll(20, 60));
      for (const pid_t child : children_of(run.pid())) kill(child, SIGKILL);
    }
    const Outcome outcome = run.wait(30);
    INFO("SCALELAB_TEST_SEED=" << dice.seed() << ", " << schedule << '\n'
                               << outcome.out << outcome.err);
    CHECK(outcome.status == 0);
    const auto lines = repetitions_in(outcome.out);
    REQUIRE(lines.size() == 2);
    CHECK(lines[1]["digest"].get<std::string>() == digest);
    CHECK(lines[1]["retries"] >= 16);
    CHECK(nobody_left(1));
  }
}

TEST_CASE("processes: children that die while a journal is kept leave it whole") {
  Dice dice;
  const std::string options = "--kernel sleep --tasks 400 --task-units 4000 --schedule dynamic";
  const std::string digest =
      field(launch("processes", 8, options + " --repetitions 1 --warmup 0 --json").out, "digest");
  for (int round = 0; round < std::max(2, rounds(6)); ++round) {
    const Folder folder;
    const std::string journal = fmt::format(" --journal '{}'", folder.path());
    Started run(launching("processes", 4, options + journal + " --json"));
    REQUIRE(eventually(20 * patience, [&] { return children_of(run.pid()).size() == 4; }));
    pause_ms(static_cast<int>(60 * patience));
    for (int i = 0; i < 3; ++i) {
      pause_ms(dice.roll(0, 60));
      kill_one(dice, run.pid());
    }
    const bool stop = round % 2 == 1;
    pause_ms(dice.roll(0, 60));
    if (stop) run.signal(SIGKILL);
    const Outcome outcome = run.wait(30);
    INFO("SCALELAB_TEST_SEED=" << dice.seed() << ", round " << round << '\n' << outcome.err);
    CHECK(outcome.status == (stop ? 137 : 0));
    CHECK(nobody_left(2));
    const Outcome rest = launch("openmp", 8, options + journal + " --resume --json");
    INFO(rest.err);
    CHECK(rest.status == 0);
    CHECK(field(rest.out, "digest") == digest);
    if (!stop) CHECK(field(outcome.out, "digest") == digest);
  }
}

TEST_CASE("processes: a child that is killed while it starts either is replaced or ends the run") {
  Dice dice;
  const std::string options = "--kernel sleep --tasks 100 --task-units 1000 --repetitions 1 --json";
  const std::string digest = field(launch("processes", 8, options).out, "digest");
  for (int round = 0; round < rounds(20); ++round) {
    Started run(launching("processes", 16, options));
    REQUIRE(eventually(20 * patience,
                       [&] { return !children_of(run.pid()).empty() || run.has_ended(); }));
    kill_one(dice, run.pid());
    const Outcome outcome = run.wait(20);
    INFO("SCALELAB_TEST_SEED=" << dice.seed() << ", round " << round << '\n' << outcome.err);
    if (outcome.status == 0) {
      CHECK(field(outcome.out, "digest") == digest);
    } else {
      CHECK(outcome.status == 1);
      CHECK(lines_in(without_warnings(outcome.err)) == 1);
      CHECK(contains(outcome.err, "was killed by signal 9 (Killed)"));
    }
    CHECK(nobody_left(1));
  }
}

#ifdef LATE_SIGNAL
TEST_CASE("a signal between the look for it and the wait for children is not waited with") {
  // Both workers sleep for long, so nothing else wakes the parent; in a second, the hard end wins.
  const Outcome run = shell(
      fmt::format("LD_PRELOAD='{}' '{}/drivers/processes' --kernel sleep --workers 2 --tasks 4 "
                  "--task-time 20s --schedule dynamic --repetitions 1 --warmup 0 --json",
                  LATE_SIGNAL, the_kit));
  INFO(run.err);
  CHECK(run.status == 143);
  CHECK(contains(run.err, "stopped by SIGTERM or SIGUSR1 after 0 of 1 repetitions"));
  CHECK(field(run.out, "status") == "stopped");
  CHECK(nobody_left(1));
}
#endif
