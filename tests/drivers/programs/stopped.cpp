// Runs that are stopped (SIGSTOP) and continued: what was timed meanwhile is marked in the record.
#include <fmt/format.h>

#include <csignal>

#include "tests/catch.hpp"
#include "tests/drivers/programs/programs.hpp"

using namespace scalelab::test;

namespace {

const std::string driver = tested_driver;
const int workers = driver == "sequential" ? 1 : 2;

/// Who of a run is stopped and continued.
struct Case {
  const char* who;
  bool stops;         ///< else there is a SIGCONT only
  std::size_t first;  ///< of all processes of the driver, in the order of their ids
  std::size_t last;
};

/// Where there are several processes, one of them may be stopped alone: the reporter, or a worker.
std::vector<Case> cases() {
  // The parent of processes waits for long: of a SIGCONT alone it cannot know what was before.
  const std::size_t looks_often = driver == "processes" ? 1 : 0;
  std::vector<Case> all{{"all", true, 0, 99}, {"nobody", false, looks_often, 99}};
  if (driver == "processes" || driver == "mpi") {
    all.push_back({"the reporter", true, 0, 0});
    all.push_back({"a worker", true, looks_often + 1, looks_often + 1});
  }
  return all;
}

constexpr double stop = 0.6;  // [s]

}  // namespace

TEST_CASE("a repetition that was stopped and continued is marked, and no other") {
  // Whoever runs looks at the clock often. Such tasks need no core, which others may have.
  const std::string options = fmt::format(
      "--kernel sleep --task-time 1ms --tasks {} --repetitions 3 --warmup 0 --json", 300 * workers);
  for (const Case& each : cases()) {
    CAPTURE(each.who);
    Started run(launching(driver, workers, options));
    REQUIRE(eventually(20 * patience, [&] { return !repetitions_in(run.out()).empty(); }));
    std::vector<pid_t> pids = alive(driver);
    std::sort(pids.begin(), pids.end());
    REQUIRE(pids.size() > each.first);
    const auto send = [&](int signal) {
      for (std::size_t i = each.first; i < pids.size() && i <= each.last; ++i) {
        kill(pids[i], signal);
      }
    };
    pause_ms(50);
    if (each.stops) {
      send(SIGSTOP);
      pause_ms(static_cast<int>(1000 * stop));
    }
    send(SIGCONT);
    const Outcome outcome = run.wait(60 * patience);
    INFO(outcome.out);
    REQUIRE(outcome.status == 0);
    const auto repetitions = repetitions_in(outcome.out);
    REQUIRE(repetitions.size() == 3);
    int marked = 0;
    for (const auto& repetition : repetitions) {
      CHECK_FALSE(repetition.contains("suspended_seconds"));
      if (!repetition.contains("stopped_seconds")) {
        CHECK(repetition["seconds"] < 0.3 + stop);
        continue;
      }
      ++marked;
      CHECK(repetition["stopped_seconds"] > 0.9 * stop);
    }
    CHECK(marked == (each.stops ? 1 : 0));
    CHECK(contains(outcome.out, "1 of 3 repetitions was stopped and continued") == each.stops);
  }
  CHECK(nobody_left(1));
}
