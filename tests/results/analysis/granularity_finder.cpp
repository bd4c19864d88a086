// Which runs are one work in shorter and shorter tasks.
#include "results/analysis/granularity_finder.hpp"

#include <fmt/format.h>

#include "results/analysis/from_records.hpp"
#include "results/report/csv.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/told.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

TEST_CASE("analysis: the same work in shorter and shorter tasks is a curve over their length") {
  MeasuredRuns runs;
  const double unit = 10e-9;
  const double overhead = 1e-6;
  for (const std::uint64_t units : {100U, 1000U, 10000U, 100000U}) {
    for (const char* driver : {"sequential", "openmp"}) {
      const std::uint64_t workers = driver == std::string("openmp") ? 2 : 1;
      Run run = runs.run(driver, workers);
      run.options["task-units"] = std::to_string(units);
      run.tasks = 10'000'000 / units;
      run.work = Work{1e7, static_cast<double>(units)};
      if (workers == 2) run.schedule = "dynamic";
      const double each = static_cast<double>(units) * unit + (workers == 2 ? overhead : 0);
      runs.add(run, {static_cast<double>(run.tasks) * each / static_cast<double>(workers)});
    }
  }
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  CHECK(analysis.studies.empty());
  REQUIRE(analysis.granularity.size() == 1);
  CHECK(analysis.granularity[0].name == "spin-granularity");
  for (const GranularityCurve& curve : analysis.granularity[0].curves) {
    if (curve.driver != "openmp") continue;
    // Half of the time is work where the work takes as long as the overhead.
    CHECK(metg_of(curve, 0.5).value.seconds == Approx(2 * overhead).epsilon(0.01));
  }
  CHECK(granularity_csv(analysis).find("spin-granularity,openmp,on,2,1e-06,2e-06") !=
        std::string::npos);
}

TEST_CASE("analysis: curves over the length of tasks do not mix what was run in other ways") {
  MeasuredRuns runs;
  for (const std::uint64_t units : {100U, 1000U, 10000U, 100000U}) {
    for (const char* threads : {"0", "1", "2"}) {  // 0: sequential
      const bool alone = threads == std::string("0");
      Run run = runs.run(alone ? "sequential" : "mpi", alone ? 1 : 4);
      if (!alone) run.driver_options["threads-per-rank"] = threads;
      run.options["task-units"] = std::to_string(units);
      run.tasks = 10'000'000 / units;
      run.work = Work{1e7, static_cast<double>(units)};
      runs.add(run, {alone ? 1.0 : threads == std::string("1") ? 0.3 : 0.6});
    }
  }
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  REQUIRE(analysis.granularity.size() == 2);
  CHECK(analysis_from_records({runs.path()}, {.merged = {"threads-per-rank"}}).granularity.size() ==
        1);
  // The sequential driver was not bound.
  MeasuredRuns unbound;
  for (const std::uint64_t units : {100U, 1000U, 10000U, 100000U}) {
    for (const char* driver : {"sequential", "mpi"}) {
      Run run = unbound.run(driver, 1);
      if (driver == std::string("sequential")) run.bind = "none";
      run.options["task-units"] = std::to_string(units);
      run.tasks = 10'000'000 / units;
      run.work = Work{1e7, static_cast<double>(units)};
      unbound.add(run, {1});
    }
  }
  CHECK(analysis_from_records({unbound.path()}, {}).granularity.size() == 1);
}

TEST_CASE("analysis: the option that cuts the work into tasks is called as its kernel calls it") {
  MeasuredRuns runs;
  for (const std::uint64_t units : {100U, 1000U, 10000U, 100000U}) {
    Run run = runs.run("openmp", 1);
    run.options = {
        {"seed", "1"}, {"nap", fmt::format("{}us", units)}, {"naps", std::to_string(units)}};
    run.time_option = "nap";
    run.units_option = "naps";
    run.tasks = 10'000'000 / units;
    run.work = Work{1e7, static_cast<double>(units)};
    runs.add(run, {1});
    Run alone = run;
    alone.id += "-alone";
    alone.driver = "sequential";
    runs.add(alone, {1});
  }
  const Analysis analysis = analysis_from_records({runs.path()}, {});
  CHECK(analysis.studies.empty());
  CHECK(analysis.granularity.size() == 1);
}
