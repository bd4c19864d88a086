// What is said of weak scaling of runs that never were.
#include "results/analysis/weak_verdicts.hpp"

#include <cmath>
#include <vector>

#include "results/analysis/from_records.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/told.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

TEST_CASE("analysis: below the target is what all later numbers of workers are") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const std::uint64_t workers : {1U, 2U, 4U}) {
      Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
      run.scaling = "weak";
      run.tasks = 100 * workers;
      runs.add(run, {workers == 2 ? 13.0 : 8.0});
    }
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             !Contains("; below 75 %"));
}

TEST_CASE("analysis: in weak scaling an efficiency is above the target if its interval is") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    for (const std::uint64_t workers : {1U, 2U, 4U, 8U}) {
      Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
      run.scaling = "weak";
      run.tasks = 100 * workers;
      // 100, 90, then 69 to 80 and 50 %.
      const double time = workers == 1   ? 8
                          : workers == 2 ? 8.9
                          : workers == 4 ? 10 + 0.32 * round
                                         : 16;
      runs.add(run, {time});
    }
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("; at least 75 % up to 2 workers; below 75 % from 8 workers on"));
}

TEST_CASE("analysis: in weak scaling the law of a time that grows is told, with what it adds") {
  // Per doubling 50 ms of 1 s, or per worker 20 ms of 2 s on the fewest, which are 8.
  const auto said = [](const std::vector<std::uint64_t>& numbers, const auto& seconds,
                       bool waits = true) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      const double noise = 1 + 0.002 * (round - 2.5);
      for (const std::uint64_t workers : numbers) {
        Run run = runs.run("mpi", workers);
        run.scaling = "weak";
        run.tasks = 100 * workers;
        const double time = noise * seconds(static_cast<double>(workers));
        runs.add_waiting(run, time,
                         waits ? noise * seconds(static_cast<double>(numbers.front())) : time);
      }
    }
    return all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  };
  CHECK_THAT(said({1, 2, 4, 8, 16, 32}, [](double p) { return 1 + 0.05 * std::log2(p); }),
             Contains("its time grows by log p") &&
                 Contains("each doubling of the workers adds 50 ms [") && Contains("5.0 % [") &&
                 Contains("of the time on 1; ") && Contains("on 32 workers it takes 25 % [") &&
                 Contains("longer than on 1"));
  CHECK_THAT(said({8, 16, 24, 32, 64}, [](double p) { return 2 + 0.02 * (p - 8); }),
             Contains("its time grows linearly") && Contains("each worker more adds 20 ms [") &&
                 Contains("1.00 % [") && Contains("of the time on 8; ") &&
                 Contains("on 64 workers it takes 56 % ["));
  CHECK_THAT(said({1, 2, 4, 8}, [](double) { return 1.0; }),
             Contains("no cost of more workers shows up to 8 of them") && !Contains("grows by"));
  CHECK_THAT(said({1, 2, 4}, [](double p) { return 1 + 0.05 * std::log2(p); }),
             Contains("its time grows with the workers: on 4 workers it takes 10") &&
                 Contains("3 numbers of workers cannot tell") && !Contains("collectives") &&
                 !Contains("one after another"));
  // Of a rival that misses the times the interval is wide, but growth is no less than nothing.
  CHECK_THAT(said({1, 2, 4}, [](double p) { return 1 + 0.1 * p; }),
             Contains("on 4 workers it takes 27 % [0, "));
  // Where the accounts tell another story than the mechanism, it is not named.
  CHECK_THAT(said(
                 {1, 2, 4, 8, 16, 32}, [](double p) { return 1 + 0.05 * std::log2(p); }, false),
             Contains("its time grows by log p, though its workers hardly wait: their work itself "
                      "takes longer side by side: each doubling") &&
                 !Contains("collectives"));
}
