// Runs that never were, with a known cost of each task.
#include "results/studies/granularity_study.hpp"

#include <algorithm>
#include <stdexcept>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

constexpr double unit = 10e-9;
using Runs = std::vector<GranularityRun>;

GranularityRun run_of(const std::string& driver, double units, double overhead,
                      bool timers = false) {
  GranularityRun run;
  run.driver = driver;
  run.timers = timers;
  run.workers = driver == "sequential" ? 1 : 4;
  run.kernel = "spin";
  run.what = "spin: dynamic, chunk 1";
  run.tasks = 4000;
  run.units = units;
  run.seconds = run.tasks * (units * unit + overhead) / static_cast<double>(run.workers);
  return run;
}

/// So many runs of each length, from 1 unit to 2^14, all the same.
void sweep(Runs& runs, const std::string& driver, double overhead, bool timers = false,
           int repeated = 11) {
  for (int power = 0; power <= 14; ++power) {
    for (int i = 0; i < repeated; ++i) {
      runs.push_back(run_of(driver, static_cast<double>(1 << power), overhead, timers));
    }
  }
}

const GranularityCurve& curve(const GranularityStudy& study, std::string_view driver) {
  const auto place =
      std::find_if(study.curves.begin(), study.curves.end(),
                   [&](const GranularityCurve& one) { return one.driver == driver; });
  REQUIRE(place != study.curves.end());
  return *place;
}

}  // namespace

TEST_CASE("granularity study: efficiency is work / (work + overhead), at each length") {
  Runs runs;
  sweep(runs, "openmp", 60e-9);
  sweep(runs, "sequential", 0);
  const GranularityStudy study = granularity_study(runs, Denominator::without_timers);
  CHECK(study.name == "spin");
  CHECK(study.title == "spin: dynamic, chunk 1");
  CHECK(study.unit.seconds.value == Approx(unit).epsilon(1e-12));
  CHECK(study.unit.units == 16384);
  CHECK(study.unit.runs == 11);
  REQUIRE(study.curves.size() == 2);
  CHECK(study.curves[0].driver == "sequential");
  const GranularityCurve& openmp = curve(study, "openmp");
  REQUIRE(openmp.value.size() == 15);
  CHECK(openmp.fewest_runs == 11);
  CHECK(openmp.workers == 4);
  for (std::size_t i = 0; i < openmp.value.size(); ++i) {
    const double work = static_cast<double>(1 << i) * unit;
    CHECK(openmp.value[i].work == Approx(work).epsilon(1e-12));
    CHECK(openmp.value[i].efficiency() == Approx(work / (work + 60e-9)).epsilon(1e-12));
  }
  CHECK(metg_of(openmp, 0.5).value.seconds == Approx(120e-9).epsilon(1e-12));
}

TEST_CASE("granularity study: with timers everywhere, those of the sequential driver must do") {
  Runs runs;
  sweep(runs, "openmp", 60e-9, true);
  sweep(runs, "sequential", 0, true);
  CHECK_THROWS_AS(granularity_study(runs, Denominator::without_timers), std::runtime_error);
  const GranularityStudy study = granularity_study(runs, Denominator::any);
  CHECK(study.unit.timers);
  CHECK(metg_of(curve(study, "openmp"), 0.95).value.seconds == Approx(1.2e-6).epsilon(1e-12));
}

TEST_CASE("granularity study: the sequential driver without timers comes first") {
  Runs runs;
  sweep(runs, "openmp", 60e-9);
  sweep(runs, "sequential", 50e-9, true);
  sweep(runs, "sequential", 0);
  const GranularityStudy study = granularity_study(runs, Denominator::any);
  CHECK_FALSE(study.unit.timers);
  CHECK(study.unit.seconds.value == Approx(unit).epsilon(1e-12));
  CHECK(study.curves.size() == 3);
}

TEST_CASE("granularity study: the interval goes from the fastest run to one of the slower ones") {
  Runs runs;
  for (int i = 0; i < 11; ++i) {
    runs.push_back(run_of("sequential", 1000, 0));
    runs.push_back(run_of("mpi", 8, (100 + i) * 1e-9));
    runs.push_back(run_of("mpi", 100, (100 + i) * 1e-9));
  }
  const GranularityStudy study = granularity_study(runs, Denominator::any);
  REQUIRE(study.curves.size() == 1);  // the denominator is no curve of its own
  const GranularityCurve& mpi = study.curves.front();
  CHECK(mpi.low[0].granularity == Approx(180e-9).epsilon(1e-12));
  // Of 11, the 1st and the 7th hold the lower quartile with 95 %.
  CHECK(mpi.high[0].granularity == Approx(186e-9).epsilon(1e-12));
  CHECK(mpi.value[0].granularity == Approx(182.5e-9).epsilon(1e-12));
  const MetgEstimate half = metg_of(mpi, 0.5);
  CHECK(half.low.seconds < half.value.seconds);
  CHECK(half.value.seconds < half.high.seconds);
  // Sums over i = 1 .. 6 and 1 .. 10 of C(11, i) 3^(11 - i) / 4^11: so sure are both together, at
  // least.
  CHECK(mpi.confidence == Approx((3985443.0 + 4017156.0) / 4194304 - 1).epsilon(1e-12));
}

TEST_CASE("granularity study: of 11 runs, and 33 of the denominator, its interval is one of 95 %") {
  Runs runs;
  for (int i = 0; i < 33; ++i) runs.push_back(run_of("sequential", 1000, 0));
  for (int i = 0; i < 11; ++i) runs.push_back(run_of("mpi", 8, (100 + i) * 1e-9));
  const GranularityStudy study = granularity_study(runs, Denominator::any);
  // Of 33, the 1st and the 19th hold it with 99.99 %, of 11 the 1st and the 7th with 95.02 %.
  CHECK(study.curves.front().confidence == Approx(0.9500597511720372).epsilon(1e-9));
  CHECK(study.curves.front().confidence >= 0.95);
}

TEST_CASE("granularity study: runs that measured nothing are left out, and nothing is an error") {
  Runs runs;
  sweep(runs, "sequential", 0);
  sweep(runs, "openmp", 60e-9);
  const std::size_t curves = granularity_study(runs, Denominator::any).curves.size();
  GranularityRun cut_off = run_of("mpi", 8, 0);
  cut_off.seconds = GranularityRun().seconds;
  runs.push_back(cut_off);
  CHECK(granularity_study(runs, Denominator::any).curves.size() == curves);
  CHECK_THROWS_AS(granularity_study({cut_off}, Denominator::any), std::runtime_error);
  CHECK_THROWS_AS(granularity_study({}, Denominator::any), std::runtime_error);
}
