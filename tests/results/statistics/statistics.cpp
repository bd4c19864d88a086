#include "results/statistics/statistics.hpp"

#include <bit>
#include <cmath>
#include <random>
#include <stdexcept>
#include <utility>

#include "tests/catch.hpp"
#include "tests/results/statistics/noise.hpp"

using namespace scalelab;

using Samples = std::vector<double>;

// Source: order-statistic intervals for the median, 95 % (Conover, "Practical Nonparametric
// Statistics", table A3; David and Nagaraja, "Order Statistics", section 7.1).
TEST_CASE("median: intervals of equal samples do not overlap as often as all orders of them say") {
  // 3 and 3: 2 of 20 orders; 6 and 6: 2 of 924, all of one below all of the other.
  CHECK(chance_to_differ(3, 3) == Approx(2.0 / 20).epsilon(1e-9));
  CHECK(chance_to_differ(6, 6) == Approx(2.0 / 924).epsilon(1e-9));
  // Others by trying all orders: a bit is set where a time is of the first sample.
  for (const auto& [n, m] : std::vector<std::pair<int, int>>{{10, 6}, {9, 10}, {10, 10}, {1, 4}}) {
    const auto k = median_interval_place(static_cast<std::size_t>(n)).value_or(1);
    const auto l = median_interval_place(static_cast<std::size_t>(m)).value_or(1);
    int orders = 0, apart = 0;
    for (unsigned bits = 0; bits < 1U << (n + m); ++bits) {
      if (std::popcount(bits) != n) continue;
      ++orders;
      std::vector<int> first, second;
      for (int i = 0; i < n + m; ++i) ((bits >> i & 1U) != 0 ? first : second).push_back(i);
      apart += first[first.size() - k] < second[l - 1] || second[second.size() - l] < first[k - 1];
    }
    CAPTURE(n, m);
    CHECK(chance_to_differ(static_cast<std::size_t>(n), static_cast<std::size_t>(m)) ==
          Approx(static_cast<double>(apart) / orders).epsilon(1e-9));
  }
  CHECK(chance_to_differ(5000, 5000) <
        0.01);  // of two normal medians: 2 Phi(-1.96 sqrt 2) = 0.56 %
  CHECK(chance_to_differ(5000, 5000) > 0.004);
}

TEST_CASE("statistics: the place of the median's interval is that of the published tables") {
  const std::vector<std::pair<std::size_t, std::size_t>> table = {
      {6, 1},  {7, 1},  {8, 1},  {9, 2},  {10, 2}, {11, 2},
      {12, 3}, {15, 4}, {20, 6}, {25, 8}, {30, 10}};
  for (const auto& [n, place] : table) {
    CAPTURE(n);
    CHECK(median_interval_place(n) == std::optional(place));
  }
}

TEST_CASE("statistics: five samples or fewer have no 95 % interval") {
  for (std::size_t n = 0; n < 6; ++n) CHECK_FALSE(median_interval_place(n).has_value());
}

TEST_CASE("statistics: for many samples the place is the normal approximation's") {
  for (const std::size_t n : {1000UL, 10'000UL, 100'000UL}) {
    const double count = static_cast<double>(n);
    const auto place = median_interval_place(n);
    REQUIRE(place.has_value());
    CHECK(std::abs(static_cast<double>(*place) - (count - 1.959964 * std::sqrt(count)) / 2) < 1.01);
  }
}

// Source: R 4, quantile(c(7, 1, 3, 10)) and by hand.
TEST_CASE("statistics: quartiles of samples in any order") {
  const Quartiles four = quartiles_of({7, 1, 3, 10});
  CHECK((four.first == 2.5 && four.median == 5 && four.third == 7.75));
  const Quartiles one = quartiles_of({4});
  CHECK((one.first == 4 && one.median == 4 && one.third == 4));
  CHECK_THROWS_AS(quartiles_of({}), std::invalid_argument);
}

// Source: R 4, quantile(c(1, 2,c(1, 2, 4, 8), type = 7): 1.00 1.75 3.00 5.00 8.00, and by hand.
TEST_CASE("statistics: quantiles are interpolated linearly") {
  const Samples samples{1, 2, 4, 8};
  CHECK(quantile(samples, 0) == 1);
  CHECK(quantile(samples, 0.25) == 1.75);
  CHECK(quantile(samples, 0.5) == 3);
  CHECK(quantile(samples, 0.75) == 5);
  CHECK(quantile(samples, 1) == 8);
  CHECK(std::abs(quantile({0, 10, 20, 30, 40}, 0.9) - 36) < 1e-12);
  CHECK(quantile({7}, 0.3) == 7);
}

TEST_CASE("statistics: no samples have no quantile and no median") {
  CHECK_THROWS_AS(quantile({}, 0.5), std::invalid_argument);
  CHECK_THROWS_AS(median_of({}), std::invalid_argument);
}

TEST_CASE("statistics: the median of samples in any order, with its interval") {
  // Ten samples: the interval goes from the second smallest to the second largest.
  const Median ten = median_of({9, 1, 8, 2, 10, 3, 7, 4, 6, 5});
  CHECK(ten.value == 5.5);
  CHECK(ten.low == 2);
  CHECK(ten.high == 9);
  CHECK(ten.confident);
  const Median seven = median_of({70, 10, 60, 20, 50, 30, 40});
  CHECK(seven.value == 40);
  CHECK(seven.low == 10);
  CHECK(seven.high == 70);
  CHECK(seven.confident);
}

TEST_CASE("statistics: few samples give their smallest and largest, without confidence") {
  const Median three = median_of({3, 1, 2});
  CHECK(three.value == 2);
  CHECK(three.low == 1);
  CHECK(three.high == 3);
  CHECK_FALSE(three.confident);
  const Median one = median_of({5});
  CHECK((one.value == 5 && one.low == 5 && one.high == 5 && !one.confident));
}

// By hand: the numbers of ways to throw n coins with fewer than k heads, on both sides, of 2^n.
// n = 6, k = 1: 2 of 64. n = 10, k = 2: 2 (1 + 10) of 1024. n = 30, k = 10: 2 (1 + 30 + 435 + 4060
// + 27405 + 142506 + 593775 + 2035800 + 5852925 + 14307150) of 2^30.
TEST_CASE("statistics: the interval encloses the true median as often as coins say") {
  const std::vector<std::pair<std::size_t, double>> exact = {
      {6, 1 - 2.0 / 64}, {10, 1 - 22.0 / 1024}, {30, 1 - 2 * 22'964'087.0 / 1'073'741'824}};
  for (const Noise& noise : noises()) {
    for (const auto& [n, expected] : exact) {
      std::mt19937_64 random(12345);
      const int rounds = 20'000;
      int hits = 0;
      for (int round = 0; round < rounds; ++round) {
        Samples samples(n);
        for (double& sample : samples) sample = noise.draw(random);
        const Median median = median_of(samples);
        hits += median.low <= noise.median && noise.median <= median.high ? 1 : 0;
      }
      const double coverage = static_cast<double>(hits) / rounds;
      CAPTURE(noise.name, n, coverage, expected);
      CHECK(coverage > 0.93);
      CHECK(coverage < 0.99);
      CHECK(std::abs(coverage - expected) < 4 * std::sqrt(expected * (1 - expected) / rounds));
    }
  }
}
