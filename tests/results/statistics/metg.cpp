#include "results/statistics/metg.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

/// Tasks that each cost the same overhead [s], by lengths a factor of 2 apart.
std::vector<TaskLength> curve_of(double overhead, double shortest, double longest) {
  std::vector<TaskLength> curve;
  for (double work = shortest; work <= longest; work *= 2) curve.push_back({work, work + overhead});
  return curve;
}

}  // namespace

TEST_CASE("metg: with overhead c for each task, METG(50 %) is 2 c and METG(95 %) is 20 c") {
  for (const double overhead : {30e-9, 77e-9, 250e-9}) {
    const auto curve = curve_of(overhead, 8e-9, 16e-6);
    const Metg half = metg(curve, 0.5);
    CHECK(half.kind == Metg::Kind::at);
    CHECK(half.seconds == Approx(2 * overhead).epsilon(1e-12));
    const Metg most = metg(curve, 0.95);
    CHECK(most.kind == Metg::Kind::at);
    CHECK(most.seconds == Approx(20 * overhead).epsilon(1e-12));
  }
}

TEST_CASE("metg: where even the shortest tasks are efficient it is below theirs") {
  const Metg result = metg(curve_of(10e-9, 1e-6, 16e-6), 0.5);
  CHECK(result.kind == Metg::Kind::below);
  CHECK(result.seconds == Approx(1.01e-6));
}

TEST_CASE("metg: where not even the longest tasks are efficient it is not reached") {
  const Metg result = metg(curve_of(10e-6, 1e-6, 8e-6), 0.5);
  CHECK(result.kind == Metg::Kind::not_reached);
  CHECK(result.seconds == Approx(18e-6));
}

TEST_CASE("metg: one length has no neighbours to interpolate between") {
  CHECK(metg({{1e-6, 1.5e-6}}, 0.5).kind == Metg::Kind::below);
  CHECK(metg({{1e-6, 1.5e-6}}, 0.95).kind == Metg::Kind::not_reached);
  CHECK_THROWS(metg({}, 0.5));
}

TEST_CASE("metg: a dip among long tasks does not count, the minimum does") {
  auto curve = curve_of(100e-9, 10e-9, 16e-6);
  curve[curve.size() - 2].granularity *= 3;
  CHECK(metg(curve, 0.5).seconds == Approx(200e-9).epsilon(1e-12));
}

TEST_CASE("metg: where tasks take longer it is no shorter") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> factor(1, 1.5);
  for (int trial = 0; trial < 1000; ++trial) {
    auto curve = curve_of(100e-9, 10e-9, 16e-6);
    for (TaskLength& length : curve) length.granularity *= factor(random);
    auto slower = curve;
    for (TaskLength& length : slower) length.granularity *= factor(random);
    for (const double efficiency : {0.5, 0.8}) {
      const Metg fast = metg(curve, efficiency);
      const Metg slow = metg(slower, efficiency);
      if (slow.kind == Metg::Kind::not_reached) continue;
      REQUIRE(fast.kind == Metg::Kind::at);
      CHECK(fast.seconds <= slow.seconds * (1 + 1e-12));
    }
  }
}

TEST_CASE("lower_quartile: it is the third smallest of nine, whatever the large ones are") {
  const Quartile quartile = lower_quartile({9e9, 3, 8e9, 1, 7, 2, 5, 4, 6});
  CHECK(quartile.value == 3);
  CHECK(quartile.low == 1);
}

TEST_CASE("lower_quartile: of eleven samples the smallest and the seventh hold it with 95 %") {
  std::vector<double> samples;
  for (int i = 1; i <= 11; ++i) samples.push_back(i);
  const Quartile quartile = lower_quartile(samples);
  CHECK(quartile.low == 1);
  CHECK(quartile.high == 7);
  // Sum over i = 1 .. 6 of C(11, i) 3^(11 - i) / 4^11, by hand.
  CHECK(quartile.confidence == Approx(3985443.0 / 4194304).epsilon(1e-12));
}

TEST_CASE("lower_quartile: its interval holds the quartile as often as it says") {
  std::mt19937 random(1);
  std::exponential_distribution<double> skewed(1);
  const double truth = std::log(4.0 / 3);
  for (const std::size_t n : {2u, 6u, 11u, 20u}) {
    int held = 0;
    const int trials = 20000;
    double confidence = 0;
    for (int trial = 0; trial < trials; ++trial) {
      std::vector<double> samples(n);
      for (double& sample : samples) sample = skewed(random);
      const Quartile quartile = lower_quartile(samples);
      held += quartile.low <= truth && truth <= quartile.high ? 1 : 0;
      confidence = quartile.confidence;
    }
    INFO(n << " samples");
    CHECK(held / static_cast<double>(trials) == Approx(confidence).margin(0.012));
    CHECK((n < 11 || confidence >= 0.95));
  }
}

TEST_CASE("lower_quartile: of one sample nothing is sure") {
  const Quartile quartile = lower_quartile({3});
  CHECK(quartile.value == 3);
  CHECK(quartile.low == 3);
  CHECK(quartile.high == 3);
  CHECK(quartile.confidence == 0);
}
