// What is said to be measured next, of runs that never were.
#include "results/analysis/next_steps.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "results/analysis/from_records.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/told.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

TEST_CASE("analysis: what would tell laws apart is told, for each curve that needs it") {
  MeasuredRuns runs;
  for (int round = 0; round < 6; ++round) {
    const double noise = 1 + 0.002 * (round - 2.5);
    Run alone = runs.run("sequential", 1);
    alone.tasks = 64'000;
    runs.add(alone, {10 * noise});
    for (const char* driver : {"openmp", "mpi"}) {
      for (const std::uint64_t workers : {1U, 2U, 4U, 8U}) {
        const auto p = static_cast<double>(workers);
        Run run = runs.run(driver, workers);
        run.tasks = 64'000;
        runs.add(run, {10 * noise * (1 / p + 0.05 * (p - 1) / p + 0.01 * (p - 1))});
      }
    }
  }
  const Study study = analysis_from_records({runs.path()}, {}).studies.at(0);
  CHECK_THAT(all_verdicts(study), Contains("What next: 6 runs of mpi, openmp on 32 workers") &&
                                      Contains(" would tell USL, Amdahl and sqrt p apart."));
}

TEST_CASE("analysis: what any study needs is told where it is missing") {
  const auto said = [](const std::vector<std::pair<std::string, std::uint64_t>>& measured,
                       std::uint64_t cores = 64, bool waits = false) {
    MeasuredRuns runs;
    for (const auto& [driver, workers] : measured) {
      Run run = runs.run(driver, workers);
      run.machines[0].cores = cores;
      run.waits = waits;
      runs.add(run, {10 / static_cast<double>(workers)});
    }
    return all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0));
  };
  const std::string base = "measure the sequential driver, too";
  const std::string few = "measure openmp on 5 numbers of workers or more";
  CHECK_THAT(said({{"openmp", 1}, {"openmp", 2}}),
             Contains("What next: " + base) &&
                 Contains("; " + few + ": a law needs 3, and to tell laws apart takes 5."));
  CHECK_THAT(said({{"sequential", 1}, {"openmp", 1}, {"openmp", 2}}),
             Contains("What next: " + few + ": ") && !Contains(base));
  // Of 2 cores no more numbers of workers come, unless these only wait.
  const std::vector<std::pair<std::string, std::uint64_t>> on_two{
      {"sequential", 1}, {"openmp", 1}, {"openmp", 2}, {"openmp", 4}, {"openmp", 8}};
  CHECK_THAT(said(on_two, 2), Contains("for a law of openmp the 2 cores here are too few: it needs "
                                       "3 numbers of workers, and to tell laws apart takes 5") &&
                                  !Contains(few));
  CHECK_THAT(said(on_two, 2, true), !Contains(few));
  CHECK_THAT(said({{"sequential", 1}}),
             Contains("What next: measure openmp, processes or mpi, too") && !Contains(few));
  CHECK_THAT(said({{"sequential", 1},
                   {"openmp", 1},
                   {"openmp", 2},
                   {"openmp", 4},
                   {"openmp", 8},
                   {"openmp", 16}}),
             !Contains(few) && !Contains(base) && !Contains("too, on 1 worker"));
}

TEST_CASE("analysis: tasks that are too few for a law are told") {
  MeasuredRuns runs;
  for (const std::uint64_t workers : {1U, 2U}) {
    for (const char* driver : {"sequential", "openmp"}) {
      if (workers > 1 && driver == std::string("sequential")) continue;
      Run run = runs.run(driver, workers);
      run.tasks = 2;
      runs.add(run, {10 / static_cast<double>(workers)});
    }
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             Contains("What next: for a law of openmp 2 tasks are too few: it needs 3"));
}

TEST_CASE("analysis: in weak scaling more workers have more tasks, so these limit no advice") {
  for (const std::uint64_t each : {1U, 1000U}) {
    MeasuredRuns runs;
    for (int round = 0; round < 6; ++round) {
      const double noise = 1 + 0.002 * (round - 2.5);
      for (const std::uint64_t workers : {1U, 2U, 4U, 8U}) {
        Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
        run.scaling = "weak";
        run.tasks = each * workers;
        const double seconds = 10 * noise * (1 + 0.05 * std::log2(static_cast<double>(workers)));
        runs.add_waiting(run, seconds, 10 * noise);
        if (workers > 1) continue;
        run.driver = "openmp";
        runs.add_waiting(run, seconds, 10 * noise);
      }
    }
    CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
               Contains("What next: 6 runs of openmp on 32 workers would tell"));
  }
}
