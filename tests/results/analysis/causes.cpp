// What is said to keep runs that never were from being faster.
#include "results/analysis/causes.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "results/analysis/from_records.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/told.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

TEST_CASE("analysis: what is lost is said by its cause, where the intervals show a loss") {
  MeasuredRuns runs;
  const Run alone = runs.run("sequential", 1);
  runs.begin(alone);
  for (int i = 0; i < 6; ++i) runs.repeat(alone, 8, {8});
  const auto add = [&](const std::string& driver, const std::string& schedule, double seconds,
                       const std::vector<double>& compute) {
    Run run = runs.run(driver, 2);
    run.schedule = schedule;
    runs.begin(run);
    for (int i = 0; i < 6; ++i) runs.repeat(run, seconds, compute);
  };
  add("imbalanced", "static", 6.0, {6.0, 2.0});
  add("imbalanced", "dynamic", 4.0, {4.0, 4.0});
  add("memory", "static", 7.0, {7.0, 7.0});
  add("waiting", "static", 8.0, {4.0, 4.0});
  runs.cpu_share = 0.5;
  add("disturbed", "static", 8.0, {8.0, 8.0});
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("imbalanced static on 2 workers: efficiency 67 % [67, 67]. 33 % of "
                            "the workers' time is lost to this: imbalance"));
  CHECK_THAT(said, Contains("33 % lost to imbalance; dynamic saves 33 % [33, 33] of the time"));
  CHECK_THAT(said, Contains("memory static on 2 workers: efficiency 57 %") &&
                       Contains("43 % of the workers' time is lost to this: the same work takes"));
  CHECK_THAT(said, Contains("waiting static on 2 workers: efficiency 50 %") &&
                       Contains("50 % of the workers' time is lost to this: all that is neither "
                                "computing nor waiting"));
  CHECK_THAT(said, Contains("disturbed static on 2 workers: efficiency 50 %") &&
                       Contains("other programs had the cores for part of the time"));
  CHECK_THAT(said, !Contains("imbalanced dynamic on 2 workers: efficiency"));
  CHECK_THAT(said,
             Contains("disturbed static, imbalanced static, imbalanced dynamic, memory static, "
                      "waiting static: "
                      "the curve has one number of workers"));
}

TEST_CASE("analysis: what the last worker computes longer is told by its CPU time") {
  const auto said = [](const std::vector<double>& compute, const std::vector<double>& on_cpu,
                       bool even) {
    MeasuredRuns runs;
    const Run alone = runs.run("sequential", 1);
    runs.begin(alone);
    for (int i = 0; i < 6; ++i) runs.repeat(alone, 16, {16});
    runs.even_tasks = even;
    runs.cpu_seconds = on_cpu;
    const Run team = runs.run("openmp", 4);
    runs.begin(team);
    const double longest = *std::max_element(compute.begin(), compute.end());
    for (int i = 0; i < 6; ++i) runs.repeat(team, longest, compute);
    return all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  };
  // Another program had the last one's core for a third of its time: all others wait for it.
  CHECK_THAT(said({4, 4, 4, 6}, {4, 4, 4, 4}, true),
             Contains("33 % of the workers' time is lost to this: other programs had the cores") &&
                 Contains("All of their time: work 67 %, other programs 33 %."));
  // It needed more CPU time for as many tasks: no other program, and no more to do.
  CHECK_THAT(said({4, 4, 4, 6}, {4, 4, 4, 6}, true), Contains("more CPU time for as many tasks") &&
                                                         !Contains("some workers have more to do"));
  CHECK_THAT(said({4, 4, 4, 6}, {4, 4, 4, 6}, false), Contains("some workers have more to do"));
}

TEST_CASE("analysis: a disturbed base does not make losses of more than all there is") {
  MeasuredRuns runs;
  runs.cpu_share = 0.5;
  const Run alone = runs.run("sequential", 1);
  runs.begin(alone);
  for (int i = 0; i < 6; ++i) runs.repeat(alone, 2, {2});
  runs.cpu_share = 1.0 / 3;
  const Run team = runs.run("openmp", 2);
  runs.begin(team);
  for (int i = 0; i < 6; ++i) runs.repeat(team, 1.5, {1.5, 1.5});
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("67 % of the workers' time is lost to this: other programs") &&
                 Contains("All of their time: work 33 %, other programs 67 %."));
}

TEST_CASE("analysis: tasks that do not divide evenly are told by their number") {
  MeasuredRuns runs;
  runs.even_tasks = true;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
      for (const char* driver : {"sequential", "openmp"}) {
        if (workers > 1 && driver[0] == 's') continue;
        Run run = runs.run(driver, workers);
        run.tasks = 100;
        run.work = Work{100, 1};
        runs.begin(run);
        const double p = static_cast<double>(workers);
        std::vector<double> compute(workers, 10 * noise * std::floor(100 / p) / 100);
        for (std::size_t i = 0; i < 100 % workers; ++i) compute[i] += 0.1 * noise;
        runs.repeat(run, 10 * noise * std::ceil(100 / p) / 100, compute);
      }
    }
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("openmp: no serial part shows up to 64 workers") &&
                       Contains("100 tasks do not divide evenly: some workers have 2 tasks") &&
                       !Contains("cache") && !Contains("superlinear"));
}

TEST_CASE("analysis: compute that grows is not called serial") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    runs.add(runs.run("sequential", 1), {10 * noise});
    for (const double p : {1.0, 2.0, 4.0, 8.0, 16.0}) {
      runs.add(runs.run("openmp", static_cast<std::uint64_t>(p)),
               {10 * noise * (1 + 0.25 * std::log2(p) / 4) / p});
    }
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, !Contains("were serial") && !Contains("may be serial") &&
                       Contains("the same work takes longer side by side"));
}

TEST_CASE("analysis: where the runs do not tell which loss is the largest, both are told") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8});
    const Run run = runs.run("openmp", 2);
    runs.begin(run);
    // 2 s or 2.4 s of 8 s are imbalance, and as much is waiting.
    const double more = round % 2 == 0 ? 0.4 : 0;
    runs.repeat(run, 8, {6 - more, 2 + more});
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("28 % of the workers' time is lost to this: all that is") &&
                 Contains("and 22 % is lost to this: imbalance") &&
                 Contains("which of them is most, the runs do not tell"));
}

TEST_CASE("analysis: a driver that is slower on one worker, too, is not slowed side by side") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8});
    runs.add(runs.run("openmp", 1), {16});
    runs.add(runs.run("openmp", 2), {8});
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("50 % of the workers' time is lost to this: the same work takes longer "
                            "in this driver, on 1 worker, too"));
  CHECK_THAT(said, !Contains("side by side"));
}

TEST_CASE("analysis: a slow time on one worker explains no loss of many that compute as the base") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8});
    runs.add(runs.run("openmp", 1), {10});
    const Run run = runs.run("openmp", 2);
    runs.begin(run);
    runs.repeat(run, 4.6, {4, 4});
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(
      said,
      Contains(
          "13 % of the workers' time is lost to this: all that is neither computing nor waiting"));
  CHECK_THAT(said, !Contains("on 1 worker, too"));
}

TEST_CASE("analysis: times that vary too much to show a loss are told, and no cause of it") {
  for (const double scatter : {0.01, 0.15}) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      runs.add(runs.run("sequential", 1), {8});
      runs.add(runs.run("openmp", 2), {6 * (1 + scatter * (round - 2.5))});  // half of them: 4 s
    }
    const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
    CAPTURE(said);
    const bool sure = scatter < 0.1;
    CHECK((said.find("33 % of the workers' time is lost to this") != std::string::npos) == sure);
    CHECK(
        (said.find("On 2 workers the times of openmp (efficiency 67 % [48, 107]) vary too much to "
                   "show how much is lost: more runs may.") == std::string::npos) == sure);
  }
}

TEST_CASE("analysis: a loss that the accounts show is not called unsure") {
  // Its times scatter, and each run's waiting with them: half of each is waiting.
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double seconds = 8 * (1 + 0.2 * (round - 2.5));
    runs.add(runs.run("sequential", 1), {8});
    runs.add_waiting(runs.run("openmp", 2), seconds, seconds / 2);
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  REQUIRE(curve_of(study, "openmp").points.back().efficiency->high >= 1);
  CHECK_THAT(all_verdicts(study),
             !Contains("vary too much") &&
                 Contains("50 % of the workers' time is lost to this: all that is neither"));
}

TEST_CASE("analysis: runs of which each lost all its time to something else have no sum") {
  MeasuredRuns runs;
  const Run alone = runs.run("sequential", 1);
  runs.add_waiting(alone, 8, 0);
  runs.add_waiting(runs.run("openmp", 2), 8, 0);
  runs.add_waiting(runs.run("openmp", 2), 8, 8);
  runs.cpu_share = 0.001;
  runs.add_waiting(runs.run("openmp", 2), 8, 8);
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("efficiency 50 %") && !Contains("All of their time") && !Contains("100 %"));
}

TEST_CASE("analysis: a slowdown is no surer than the base's own compute time") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8 + 0.48 * round});
    const Run run = runs.run("openmp", 2);
    runs.begin(run);
    runs.repeat(run, 6, {5, 5});
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("which of them is most, the runs do not tell"));
}

TEST_CASE("analysis: of one run no loss is said to be the main one") {
  MeasuredRuns runs;
  runs.add(runs.run("sequential", 1), std::vector<double>(6, 8.0));
  const Run run = runs.run("openmp", 2);
  runs.begin(run);
  for (int i = 0; i < 6; ++i) runs.repeat(run, 8, {6.0, 2.0 + 0.02});
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("which of them is most, the runs do not tell"));
}
