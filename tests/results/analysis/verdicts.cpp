// What is said of runs that never were.
#include "results/analysis/verdicts.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "results/analysis/from_records.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/told.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

TEST_CASE("analysis: the shortest time makes a curve the fastest, also where one worker would do") {
  MeasuredRuns runs;
  for (const double noise : {-3.5, 3.5}) {
    runs.add(runs.run("openmp", 1), {9 + noise});
    runs.add(runs.run("openmp", 2), {7.5 + noise});
    runs.add(runs.run("processes", 2), {8 + 0.01 * noise});
  }
  CHECK_THAT(
      all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
      Contains("Nothing is shown to be faster than 1 worker alone. Shortest: openmp on 2 "
               "workers, 7.5 s, 1.2 [0.5, 3.1] times as fast as on 1 worker. Not slower, as far "
               "as the intervals tell: processes on 2."));
}

TEST_CASE("analysis: beside the shortest time stands how many workers are shown to be faster") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.01 * round;
    runs.add(runs.run("sequential", 1), {8 * noise});
    for (const auto& [workers, time] : std::map<std::uint64_t, double>{{2, 4}, {4, 2.02}, {8, 2}}) {
      runs.add(runs.run("openmp", workers), {time * noise});
    }
    Run slow = runs.run("mpi", 2);
    runs.add(slow, {9 * noise});
  }
  CHECK_THAT(
      all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
      Contains("No more than 4 workers are shown to be faster: openmp on 4 workers, 2.07 s") &&
          Contains("; shortest: openmp on 8 workers, 2.05 s.") && !Contains("Not slower") &&
          !Contains("Fastest"));
}

TEST_CASE("analysis: fewer than six runs call no driver the fastest") {
  for (const int rounds : {3, 6}) {
    MeasuredRuns runs;
    for (int round = 0; round < rounds; ++round) {
      const double noise = 1 + 0.01 * round;
      runs.add(runs.run("sequential", 1), {8 * noise});
      runs.add(runs.run("openmp", 2), {4 * noise});
      runs.add(runs.run("mpi", 2), {5 * noise});
    }
    const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
    CAPTURE(rounds, said);
    CHECK((said.find("Fastest: openmp on 2 workers") == 0) == (rounds == 6));
    CHECK((said.find("Shortest: openmp on 2 workers") == 0) == (rounds == 3));
    CHECK((said.find("Fewer than 6 runs of each do not tell who is fastest.") !=
           std::string::npos) == (rounds == 3));
  }
}

TEST_CASE("analysis: where nothing is faster than one worker alone, that is said") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8.0 + round});
    runs.add(runs.run("openmp", 2), {8.5 + round});
  }
  CHECK_THAT(
      all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
      Contains(
          "Nothing is shown to be faster than 1 worker alone. Shortest: sequential on 1 worker, "
          "10.5 s") &&
          Contains("Not slower, as far as the intervals tell: openmp on 2"));
}

TEST_CASE("analysis: an injected serial part is found in the times, and said in a sentence") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    Run alone = runs.run("sequential", 1);
    alone.tasks = 64'000;
    runs.add(alone, {10 * noise});
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
      const auto p = static_cast<double>(workers);
      Run run = runs.run("mpi", workers);
      run.tasks = 64'000;
      runs.add_waiting(run, 10 * noise * (0.05 + 0.95 / p), 10 * noise / p);
    }
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  const Curve& curve = curve_of(study, "mpi");
  REQUIRE(curve.laws);
  REQUIRE(curve.laws->chosen == Law::amdahl);
  CHECK(curve.laws->chosen_fit()->coefficients.alpha() == Approx(0.05).epsilon(0.001));
  for (const Point& point : curve.points) {
    if (point.workers > 1) CHECK(*point.karp_flatt == Approx(0.05).epsilon(0.02));
  }
  CHECK_THAT(all_verdicts(study), Contains("as if 5.00 % [") &&
                                      Contains("of the work were serial") &&
                                      Contains("20 [19.9, 20.1] times faster"));
  // 1 / (1 + 0.05 (p - 1)) = 0.75 at p = 7.67
  CHECK_THAT(all_verdicts(study), Contains("below 75 % from 8 workers on"));
  // 1 / (0.05 + 0.95 / 128) = 17.4
  CHECK_THAT(all_verdicts(study), Contains("Speed-up foretold for twice as many workers as the "
                                           "laws rest on: for 128 workers, of mpi 17.4 ["));
}

TEST_CASE("analysis: without a time on 1 worker no bound over that is told") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    runs.add(runs.run("sequential", 1), {10 * noise});
    for (const double p : {2.0, 4.0, 8.0, 16.0, 32.0}) {
      runs.add_waiting(runs.run("mpi", static_cast<std::uint64_t>(p)),
                       10 * noise * (0.05 + 0.95 / p), 10 * noise / p);
    }
  }
  const std::string said = all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  CHECK_THAT(said, Contains("of the work were serial (Amdahl)") && !Contains("never gets more"));
}

TEST_CASE("analysis: where efficiency falls below the target agrees with what was measured") {
  struct Times {
    std::vector<double> efficiencies;  // on 1, 2, 4, ... workers
    const char* said;
  };
  const std::vector<Times> all = {
      // Too few to tell laws apart: each has a number of its own.
      {{1, 0.92, 0.78, 0.58}, "; efficiency falls below 75 % between 4 and 8 workers"},
      {{1, 0.7, 0.5, 0.3}, "; efficiency is below 75 % on 2 workers"},
      // By Amdahl's law with a serial part of 5 % it would be from 8 workers on.
      {{1, 0.952, 0.87, 0.765, 0.571, 0.392},
       "; efficiency falls below 75 % between 8 and 16 workers"}};
  for (const Times& times : all) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      const double noise = 1 + 0.001 * (round - 2.5);
      std::uint64_t workers = 1;
      for (const double efficiency : times.efficiencies) {
        Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
        run.tasks = 64'000;
        runs.add(run, {10 * noise / (efficiency * static_cast<double>(workers))});
        if (workers == 1) {
          run.driver = "openmp";
          runs.add(run, {10 * noise});
        }
        workers *= 2;
      }
    }
    const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
    INFO(all_verdicts(study));
    REQUIRE(curve_of(study, "openmp").laws->chosen);
    CHECK_THAT(all_verdicts(study), Contains(times.said));
  }
}

TEST_CASE("analysis: only the schedule may differ where one is said to save time") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    runs.add(runs.run("sequential", 1), {8});
    runs.add(runs.run("openmp", 2), {6});
    Run dynamic = runs.run("openmp", 2);
    dynamic.schedule = "dynamic";
    dynamic.accounting = false;
    runs.add(dynamic, {4});
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             !Contains("dynamic saves"));
}
