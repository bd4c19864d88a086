// What is said of more workers than cores in runs that never were.
#include "results/analysis/crowded.hpp"

#include "results/analysis/from_records.hpp"
#include "tests/catch.hpp"
#include "tests/results/analysis/told.hpp"
#include "tests/results/studies/measured_runs.hpp"

using namespace scalelab;
using namespace scalelab::test;

TEST_CASE("analysis: more workers than cores are compared with all cores at work only") {
  MeasuredRuns runs;
  for (const std::uint64_t workers : {1U, 4U}) {
    Run run = runs.run(workers == 1 ? "sequential" : "openmp", workers);
    run.machines[0].cores = 2;
    runs.add(run, {workers == 1 ? 8.0 : 4.0});
    if (workers == 1) {
      Run one = runs.run("openmp", 1);
      one.machines[0].cores = 2;
      runs.add(one, {8.0});
    }
  }
  CHECK_THAT(all_verdicts(analysis_from_records({runs.path()}, {}).studies.at(0)),
             !Contains("ore workers than cores"));
}
