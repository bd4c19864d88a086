// Laws fitted to curves whose law is known, with and without noise, and what follows from a law.
#include "results/laws/scaling_laws.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <ctime>
#include <limits>
#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/results/laws/synthetic_curves.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Of one law's parameter, in how many of the data sets its interval holds the truth.
double coverage(const std::vector<Estimate>& estimates, double truth) {
  const auto held = std::count_if(estimates.begin(), estimates.end(), [&](const Estimate& e) {
    return e.low <= truth && truth <= e.high;
  });
  return static_cast<double>(held) / static_cast<double>(estimates.size());
}

void check_coverage(double held) {
  CHECK(held >= (fast ? 0.90 : 0.82));
  CHECK(held <= (fast ? 0.99 : 1.0));
}

/// Of this process: others on the machine do not count.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

TEST_CASE("scaling laws: without noise, the coefficients are those that made the curve") {
  for (const Coefficients& truth : {ideal, amdahl, usl}) {
    const ScalingLaws laws = fit_scaling_laws(exact({1, 2, 3, 5, 8, 40}, truth));
    const FittedLaw* fit = laws.fit(Law::usl);
    REQUIRE(fit != nullptr);
    CHECK(fit->coefficients.c0 == Approx(truth.c0).epsilon(1e-12));
    CHECK(fit->coefficients.c1 == Approx(truth.c1).margin(1e-12));
    CHECK(fit->coefficients.c2 == Approx(truth.c2).margin(1e-12));
    for (const double residual : fit->residuals) CHECK(std::abs(residual) < 1e-12);
  }
}

// A benchmark of N. Gunther, "Guerrilla Capacity Planning", 2007, chapter 5, as fitted by the R
// package usl (S. Moeding), which minimizes squares of throughputs, not of relative times: expect
// agreement within its own errors only.
TEST_CASE("scaling laws: a ray tracer on 64 processors, as published") {
  const Workers processors = {1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64};
  const std::vector<double> throughput = {20, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310};
  Times curve;
  for (std::size_t i = 0; i < processors.size(); ++i) {
    curve.push_back({processors[i], {1 / throughput[i]}});
  }
  // Version 1.8: parts of the measured time on one processor; standard errors 0.0032 and 6.9e-5.
  const Coefficients all = fit_scaling_laws(curve).fit(Law::usl)->coefficients;
  CHECK(std::abs(all.c1 * throughput[0] - 0.05002) < 0.0032);
  CHECK(std::abs(all.c2 * throughput[0] - 4.708e-6) < 6.9e-5);

  // Version 3, its test of confint on the first six: 95 % intervals of three parameters.
  curve.resize(6);
  const Coefficients six = fit_scaling_laws(curve).fit(Law::usl)->coefficients;
  CAPTURE(six.alpha(), six.beta(), 1 / six.c0);
  CHECK((six.alpha() > 0.00754 && six.alpha() < 0.0414));
  CHECK((six.beta() > 0.0011 && six.beta() < 0.00215));
  CHECK((1 / six.c0 > 19.3 && 1 / six.c0 < 22.4));
}

TEST_CASE("scaling laws: 95 % intervals hold the truth in 90 to 99 % of simulated curves") {
  for (const std::size_t runs : {3u, 6u}) {
    for (const Coefficients& truth : {amdahl, usl}) {
      std::mt19937_64 random(runs);
      std::vector<Estimate> alphas, betas;
      for (int i = 0; i < data_sets; ++i) {
        const Times curve = noisy(exact(powers, truth), runs, 0.02, random);
        const ScalingLaws laws = fit_scaling_laws(curve, 1, resamples);
        const FittedLaw* fit = laws.fit(truth.c2 > 0 ? Law::usl : Law::amdahl);
        alphas.push_back(fit->estimate(alpha));
        betas.push_back(fit->estimate(beta));
      }
      CAPTURE(runs, truth.beta());
      check_coverage(coverage(alphas, truth.alpha()));
      if (truth.c2 > 0) check_coverage(coverage(betas, truth.beta()));
    }
  }
}

TEST_CASE("scaling laws: where one number of workers was run once, the intervals still hold") {
  std::mt19937_64 random(7);
  std::vector<Estimate> alphas;
  for (int i = 0; i < data_sets; ++i) {
    Times curve = noisy(exact(powers, amdahl), 6, 0.02, random);
    curve.back().seconds.resize(1);
    const ScalingLaws laws = fit_scaling_laws(curve, 1, resamples);
    alphas.push_back(laws.fit(Law::amdahl)->estimate(alpha));
  }
  check_coverage(coverage(alphas, amdahl.alpha()));
}

TEST_CASE("scaling laws: two wild runs do not lead to times below 0") {
  Times curve = exact(powers, amdahl);
  for (TimesOnWorkers& point : curve) point.seconds.push_back(point.seconds.front() * 50);
  const ScalingLaws laws = fit_scaling_laws(curve);
  for (const Coefficients& sample : laws.fit(Law::ideal)->resampled) CHECK(sample.c0 > 0);
}

TEST_CASE("scaling laws: what is no curve is refused") {
  CHECK_THROWS_AS(fit_scaling_laws({}), std::invalid_argument);
  CHECK_THROWS_AS(fit_scaling_laws({{1, {}}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_scaling_laws({{1, {0}}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_scaling_laws({{1, {1}}, {1, {1}}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_scaling_laws({{2, {1}}, {1, {1}}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_scaling_laws({{1, {1, std::nan("")}}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_scaling_laws({{1, {infinity}}}), std::invalid_argument);
}

TEST_CASE("scaling laws: the same seed gives the same result, another one another") {
  std::mt19937_64 random(2);
  const Times curve = noisy(exact(powers, usl), 6, 0.02, random);
  const auto low = [&](std::uint64_t seed) {
    return fit_scaling_laws(curve, seed, resamples).fit(Law::usl)->estimate(beta).low;
  };
  CHECK(low(1) == low(1));
  CHECK(low(1) != low(2));
}

TEST_CASE("scaling laws: the unit of time and the order of runs change nothing but the unit") {
  std::mt19937_64 random(2);
  const Times curve = noisy(exact(powers, usl), 5, 0.02, random);
  Times nanoseconds = curve;
  for (TimesOnWorkers& point : nanoseconds) {
    for (double& time : point.seconds) time *= 0x1p30;
  }
  const ScalingLaws laws = fit_scaling_laws(curve);
  const ScalingLaws scaled = fit_scaling_laws(nanoseconds);
  CHECK(scaled.note == laws.note);
  const Estimate a = laws.fit(Law::usl)->estimate(alpha);
  const Estimate b = scaled.fit(Law::usl)->estimate(alpha);
  CHECK(b.value == Approx(a.value).epsilon(1e-9));
  CHECK(b.low == Approx(a.low).epsilon(1e-9));
  CHECK(b.high == Approx(a.high).epsilon(1e-9));
}

// The median of n = 2 k - 1 draws from n times is at most the j-th of them if k draws or more are,
// each with probability j / n.
TEST_CASE("scaling laws: resampled medians are distributed as the binomial says") {
  for (const unsigned n : {7u, 99u, 101u, 1001u}) {
    TimesOnWorkers point{1, {}};
    for (unsigned i = 0; i < n; ++i) point.seconds.push_back(1 + i * 37 % n);  // 1 .. n, shuffled
    const std::size_t draws = 20'000;
    const ScalingLaws laws = fit_scaling_laws({point}, 1, draws);
    const std::vector<Coefficients>& resampled = laws.fit(Law::ideal)->resampled;
    for (const double part : {0.4, 0.45, 0.5, 0.55, 0.6}) {
      const double j = std::floor(part * n);
      const auto below = std::count_if(resampled.begin(), resampled.end(),
                                       [&](const Coefficients& c) { return c.c0 < j + 0.5; });
      const boost::math::binomial draws_below(n, j / n);
      const double expected = boost::math::cdf(boost::math::complement(draws_below, n / 2));
      CAPTURE(n, j);
      CHECK(static_cast<double>(below) / draws == Approx(expected).margin(0.015));
    }
  }
}

TEST_CASE("scaling laws: resampled medians of even numbers of times spread as drawn ones do") {
  const auto spread_of = [](unsigned n) {
    TimesOnWorkers point{1, {}};
    for (unsigned i = 0; i < n; ++i) point.seconds.push_back(100.0 + i / static_cast<double>(n));
    const Estimate c0 =
        fit_scaling_laws({point}, 1, 20'000).fit(Law::ideal)->estimate([](const Coefficients& c) {
          return c.c0;
        });
    CHECK(c0.value == Approx((c0.low + c0.high) / 2).epsilon(1e-4));
    return c0.high - c0.low;
  };
  // 100 are drawn one by one, 102 are not. The standard error of a median is 1 / (2 f sqrt(n)).
  CHECK(spread_of(102) == Approx(spread_of(100)).margin(0.011));  // a step at each end
  CHECK(spread_of(10'000) == Approx(2 * 1.96 / (2 * 100)).epsilon(0.03));
}

TEST_CASE("scaling laws: a curve of 8 numbers of workers with 6 runs takes less than 50 ms") {
  std::mt19937_64 random(2);
  const Times curve = noisy(exact({1, 2, 3, 4, 8, 16, 32, 64}, usl), 6, 0.02, random);
  double shortest = infinity;
  for (int i = 0; i < 5; ++i) {
    const double begin = cpu_seconds();
    fit_scaling_laws(curve);
    shortest = std::min(shortest, cpu_seconds() - begin);
  }
  if (fast) CHECK(shortest < 0.05);
  CHECK(shortest < 5);
}

TEST_CASE("scaling laws: 100 000 repetitions take no more than a second") {
  std::mt19937_64 random(2);
  const Times curve = noisy(exact(powers, usl), 14'000, 0.02, random);
  const double begin = cpu_seconds();
  const ScalingLaws laws = fit_scaling_laws(curve);
  const double spent = cpu_seconds() - begin;
  CHECK(laws.chosen == std::optional(Law::usl));
  if (fast) CHECK(spent < 1);
  CHECK(spent < 60);
}

TEST_CASE("Karp-Flatt: of an exact curve it is alpha + beta p") {
  for (const Coefficients& truth : {ideal, amdahl, usl}) {
    for (double p = 2; p <= 4096; p *= 2) {
      const double serial = karp_flatt(truth.c0 / truth.seconds(p), p);
      CHECK(std::abs(serial - (truth.alpha() + truth.beta() * p)) <
            1e-12 * std::max(1.0, p * serial));
    }
  }
  CHECK_THROWS_AS(karp_flatt(1, 1), std::invalid_argument);
  CHECK_THROWS_AS(karp_flatt(0, 2), std::invalid_argument);
}

TEST_CASE("workers at an efficiency: the closed forms of Amdahl and USL") {
  // 1 / (1 + alpha (p - 1)) = 3/4 at p = 1 + 1 / (3 alpha).
  CHECK(workers_at_efficiency({1, 0.05, 0}, 0.75, 1) == Approx(1 + 1 / 0.15).epsilon(1e-12));
  // 1 / (1 + beta p (p - 1)) = 1/2 at p (p - 1) = 1 / beta = 90: p = 10.
  CHECK(workers_at_efficiency({7, 0, 7.0 / 90}, 0.5, 7) == Approx(10).epsilon(1e-12));
  CHECK(workers_at_efficiency({1, 0, 0}, 0.75, 1) == infinity);
  CHECK(workers_at_efficiency({1, -0.01, 0}, 0.75, 1) == infinity);
  CHECK(workers_at_efficiency({1, -0.01, -0.001}, 0.75, 1) == infinity);
  // Over another time: 1.5 / (p T(p)) = 0.75 where p T(p) = 2; T(p) p = 1 + 0.05 (p - 1).
  CHECK(workers_at_efficiency({1, 0.05, 0}, 0.75, 1.5) == Approx(21).epsilon(1e-12));
  CHECK(workers_at_efficiency({1, 0.05, 0}, 0.75, 0.7) == 1);
  CHECK_THROWS_AS(workers_at_efficiency({1, 0, 0}, 1, 1), std::invalid_argument);
  CHECK_THROWS_AS(workers_at_efficiency({1, 0, 0}, 0, 1), std::invalid_argument);
}

TEST_CASE("workers at an efficiency: it is where a search step by step finds it") {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<> part(-0.05, 0.1);
  int found = 0;
  for (int i = 0; i < 2000; ++i) {
    const Coefficients law{1, part(random), part(random) / 50};
    const double workers = workers_at_efficiency(law, 0.75, law.c0);
    const auto below = [&](double p) {
      // Where p T(p) is no longer positive, the law means nothing, and nothing can follow.
      return p * law.seconds(p) > law.c0 / 0.75;
    };
    double p = 1;
    while (p < 500 && !below(p)) p += 0.01;
    CAPTURE(law.c1, law.c2, workers);
    if (p < 500) {
      ++found;
      CHECK(workers == Approx(p).margin(0.0101));
    } else {
      CHECK(workers >= 499.9);
    }
  }
  CHECK(found > 500);
}

TEST_CASE("peak of the law: Gunther's closed form, and where a search finds the shortest time") {
  CHECK(peak_workers({1, 0.03, 0.0005}) == Approx(std::sqrt(0.97 / 0.0005)).epsilon(1e-12));
  CHECK(peak_workers({1, 0.05, 0}) == infinity);
  CHECK(peak_workers({1, 0.05, -1e-6}) == infinity);
  CHECK(peak_workers({1, 1, 0}) == 1);
  CHECK(peak_workers({1, 1.2, 0.1}) == 1);
  CHECK(peak_workers({1, 0.5, 2}) == 1);
  for (const Coefficients& law : {usl, Coefficients{2, 0.2, 0.02}, Coefficients{1, -0.1, 0.01}}) {
    double best = 1;
    for (double p = 1; p < 200; p += 0.01) {
      if (law.seconds(p) < law.seconds(best)) best = p;
    }
    CHECK(peak_workers(law) == Approx(best).margin(0.02));
  }
}

TEST_CASE("scaling laws: an interval may end at infinity") {
  std::mt19937_64 random(6);
  const ScalingLaws laws = fit_scaling_laws(noisy(exact(powers, amdahl), 6, 0.02, random));
  const Estimate peak = laws.fit(Law::usl)->estimate(peak_workers);
  CHECK(peak.high == infinity);
  CHECK(peak.low > 1);
  CHECK_FALSE(std::isnan(peak.low));
}
