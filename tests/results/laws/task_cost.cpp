// What a task costs, and METG from it.
#include "results/laws/task_cost.hpp"

#include <cmath>
#include <random>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

constexpr double ideal = 10e-9;

/// So many runs of lengths from 4 to 2048 units, with lognormal noise whose lower quartile is the
/// truth.
std::vector<LengthRuns> lengths_of(double overhead, double unit, double noise = 0,
                                   std::size_t runs = 11) {
  std::mt19937_64 random(1);
  std::normal_distribution<> normal;
  std::vector<LengthRuns> lengths;
  for (double units = 4; units <= 2048; units *= 2) {
    LengthRuns& length = lengths.emplace_back(LengthRuns{units, {}});
    for (std::size_t i = 0; i < runs; ++i) {
      length.granularities.push_back((overhead + unit * units) *
                                     std::exp(noise * (normal(random) + 0.67449)));
    }
  }
  return lengths;
}

}  // namespace

TEST_CASE("task cost: METG(95 %) is where 95 % of the time is work, by hand") {
  // Overhead 60 ns: 1.2 µs, of which 1.14 µs are work.
  CHECK(TaskCost{60e-9, ideal, ideal}.metg(0.95) == Approx(1.2e-6));
  CHECK(TaskCost{60e-9, ideal, ideal}.metg(0.5) == Approx(120e-9));
  // A unit takes 2 % longer: u units with 10 u / (60 + 10.2 u) = 0.95 are 184 and 2/31.
  const double units = 57 / 0.31;
  CHECK(TaskCost{60e-9, 1.02 * ideal, ideal}.metg(0.95) ==
        Approx(60e-9 + 1.02 * ideal * units).epsilon(1e-9));
  // 1 / 1.06 is less than 95 %, however long a task is.
  CHECK(std::isinf(TaskCost{60e-9, 1.06 * ideal, ideal}.metg(0.95)));
}

TEST_CASE("task cost: exact times give back overhead and unit, without an interval to speak of") {
  const auto fitted = fit_task_cost(lengths_of(60e-9, 1.02 * ideal), {ideal, ideal});
  REQUIRE(fitted);
  CHECK(fitted->cost.overhead == Approx(60e-9).epsilon(1e-9));
  CHECK(fitted->cost.unit == Approx(1.02 * ideal).epsilon(1e-9));
  CHECK(fitted->slower().value == Approx(0.02).epsilon(1e-6));
  const Estimate metg = fitted->metg(0.95);
  CHECK(metg.low == Approx(metg.value).epsilon(1e-6));
  CHECK(metg.high == Approx(metg.value).epsilon(1e-6));
}

TEST_CASE("task cost: noise of 1 % leaves METG(95 %) within a factor of 1.3") {
  const auto fitted = fit_task_cost(lengths_of(60e-9, ideal, 0.01), std::vector<double>(33, ideal));
  REQUIRE(fitted);
  const Estimate metg = fitted->metg(0.95);
  CHECK(metg.low < 1.2e-6);
  CHECK(metg.high > 1.2e-6);
  CHECK(metg.high < 1.3 * metg.low);
}

TEST_CASE("task cost: where a unit takes 10 % longer, no length is shown to reach 95 %") {
  const auto fitted =
      fit_task_cost(lengths_of(60e-9, 1.1 * ideal, 0.01), std::vector<double>(33, ideal));
  REQUIRE(fitted);
  CHECK(std::isinf(fitted->metg(0.95).low));
  CHECK(fitted->slower().low > 1 / 0.95 - 1);
  CHECK(std::isfinite(fitted->metg(0.5).high));
}

TEST_CASE("task cost: a length that no line goes through widens the interval") {
  std::vector<LengthRuns> lengths = lengths_of(60e-9, ideal, 0.002);
  const std::vector<double> denominator(33, ideal);
  const Estimate before = fit_task_cost(lengths, denominator)->metg(0.95);
  for (double& time : lengths[6].granularities) time *= 1.1;
  const auto bent = fit_task_cost(lengths, denominator);
  CHECK(bent->lack_of_fit.chance < 0.01);
  const Estimate after = bent->metg(0.95);
  CHECK(after.high - after.low > 3 * (before.high - before.low));
  CHECK(after.low < 1.2e-6);
  CHECK(after.high > 1.2e-6);
}

TEST_CASE("task cost: a noisy denominator counts, too") {
  const std::vector<LengthRuns> lengths = lengths_of(60e-9, ideal, 0.002);
  const Estimate sure = fit_task_cost(lengths, std::vector<double>(11, ideal))->metg(0.95);
  std::vector<double> noisy;
  for (int i = 0; i < 11; ++i) noisy.push_back(ideal * (0.97 + 0.01 * i));
  const Estimate unsure = fit_task_cost(lengths, noisy)->metg(0.95);
  CHECK(unsure.high - unsure.low > 3 * (sure.high - sure.low));
}

TEST_CASE(
    "task cost: one run of each length has an interval of the residuals, three lengths none") {
  const auto once = fit_task_cost(lengths_of(60e-9, ideal, 0.01, 1), {ideal});
  REQUIRE(once);
  CHECK(once->metg(0.95).low < once->metg(0.95).high);
  std::vector<LengthRuns> few = lengths_of(60e-9, ideal);
  few.resize(3);
  CHECK_FALSE(fit_task_cost(few, {ideal}));
}
