// Which law is chosen, and the sentence where there is none to choose.
#include "results/laws/law_choice.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/results/laws/synthetic_curves.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Six runs with noise of 1 %.
template <class Seconds>
ScalingLaws laws_of(const Workers& workers, Seconds seconds) {
  std::mt19937_64 random(1);
  return fit_scaling_laws(noisy(exact(workers, seconds), 6, 0.01, random));
}

/// A sentence instead of a law.
void check_refused(const ScalingLaws& laws, const std::string& note) {
  INFO(laws.note);
  CHECK_FALSE(laws.chosen.has_value());
  CHECK(laws.chosen_fit() == nullptr);
  CHECK(contains(laws.note, note));
}

}  // namespace

TEST_CASE("law choice: with noise of 2 % the law that made the curve is chosen") {
  for (const std::size_t runs : {3u, 6u}) {
    for (const auto& [law, truth] :
         {std::pair(Law::ideal, ideal), std::pair(Law::amdahl, amdahl), std::pair(Law::usl, usl)}) {
      std::mt19937_64 random(runs);
      int right = 0;
      for (int i = 0; i < data_sets; ++i) {
        const Times curve = noisy(exact(powers, truth), runs, 0.02, random);
        right += fit_scaling_laws(curve, 1, resamples).chosen == std::optional(law) ? 1 : 0;
      }
      CAPTURE(runs, name_of(law), right, data_sets);
      CHECK(right >= 0.9 * data_sets);
    }
  }
}

TEST_CASE("law choice: a smaller law is chosen with the bound that the times allow") {
  std::mt19937_64 random(3);
  const ScalingLaws none = fit_scaling_laws(noisy(exact({1, 2, 4}, ideal), 6, 0.02, random));
  INFO(none.note);
  CHECK(none.chosen == std::optional(Law::ideal));
  CHECK(contains(none.note, "not distinguishable from Amdahl up to p = 4: alpha is at most "));
  const ScalingLaws serial = fit_scaling_laws(noisy(exact(powers, amdahl), 6, 0.02, random));
  INFO(serial.note);
  CHECK(serial.chosen == std::optional(Law::amdahl));
  CHECK(contains(serial.note, "not distinguishable from USL up to p = 64: beta is at most "));
}

TEST_CASE("law choice: a term that changes no time by 1 % is not believed, however well known") {
  std::mt19937_64 random(1);
  const Coefficients nearly_ideal{1, 1e-4, 0};
  const ScalingLaws laws = fit_scaling_laws(noisy(exact(powers, nearly_ideal), 6, 1e-4, random));
  const Estimate term = laws.fit(Law::amdahl)->estimate(alpha);
  CHECK(term.low > 0.9e-4);
  CHECK(laws.chosen == std::optional(Law::ideal));
  CHECK(contains(laws.note, "would change no time by 1 %"));
}

TEST_CASE("law choice: one or two numbers of workers have no law") {
  check_refused(laws_of({4}, ideal), "one number of workers: a law needs at least three");
  check_refused(laws_of({1, 8}, amdahl), "two numbers of workers: a law needs at least three");
  CHECK(laws_of({1, 8}, amdahl).fit(Law::amdahl) == nullptr);
}

TEST_CASE("law choice: Amdahl takes three numbers of workers, USL five") {
  const ScalingLaws three = laws_of({1, 2, 8}, amdahl);
  CHECK(three.chosen == std::optional(Law::amdahl));
  CHECK(three.fit(Law::usl) == nullptr);
  CHECK(contains(three.note, "USL needs at least 5 numbers of workers, the curve has 3"));
  CHECK(laws_of({1, 2, 8, 16, 32}, usl).chosen == std::optional(Law::usl));
}

TEST_CASE("law choice: times that do not change or that rise are no law but a sentence") {
  check_refused(laws_of(powers, [](double) { return 2.0; }), "p = 1 to 64 take the same time");
  check_refused(fit_scaling_laws(exact(powers, [](double) { return 2.0; })), "take the same time");
  check_refused(laws_of(powers, [](double p) { return 1 + 0.1 * p; }),
                "no number of workers is 5 % faster than p = 1");
}

TEST_CASE("law choice: a kink at the number of cores is not sold as a serial fraction") {
  for (const double cores : {2.0, 4.0, 8.0}) {
    CAPTURE(cores);
    const auto time = [&](double p) { return std::max(1 / p, 1 / cores); };
    check_refused(laws_of(powers, time), "no law fits");
    check_refused(laws_of({1, 2, 3, 4, 5, 6, 7, 8, 12, 16}, time), "no law fits");
  }
  check_refused(laws_of({1, 2, 3, 4}, [](double p) { return std::max(1 / p, 0.5); }),
                "no law fits: Amdahl misses the time at p = 2 by 15 %");
}

TEST_CASE("law choice: steady times show a gentle kink, too") {
  // Memory's bandwidth is used up from 6 of 8 workers on; nothing is serial.
  const auto time = [](double p) { return std::max(1 / p, 1.0 / 6); };
  std::mt19937_64 random(1);
  const ScalingLaws laws = fit_scaling_laws(noisy(exact({1, 2, 4, 6, 8}, time), 6, 0.002, random));
  check_refused(laws, "no law fits");
}

TEST_CASE("law choice: times that go up and down follow no law") {
  const std::vector<double> times = {1, 0.2, 0.9, 0.1, 0.7, 0.05, 0.8};
  check_refused(
      laws_of(powers, [&](double p) { return times[static_cast<std::size_t>(std::log2(p))]; }),
      "no law fits");
}

TEST_CASE("law choice: superlinear times are said to be so") {
  const ScalingLaws mild = laws_of({1, 2, 4, 8}, [](double p) {
    return Coefficients{1, -0.01, 0}.seconds(p);
  });
  INFO(mild.note);
  CHECK(mild.chosen == std::optional(Law::ideal));
  CHECK(contains(mild.note, "superlinear, alpha is -"));
  check_refused(laws_of(powers,
                        [](double p) {
                          return Coefficients{1, -0.014, 0}.seconds(p);
                        }),
                "superlinear");
  // A fast clock for one worker only: faster than Amdahl's law later on.
  const ScalingLaws turbo =
      laws_of({1, 2, 4, 8, 16}, [](double p) { return (p == 1 ? 0.85 : 1) / p; });
  check_refused(turbo, "no law fits");
  CHECK(contains(turbo.note, "more workers are faster than Amdahl's law allows"));
  // And by so little that no residual would tell: a bound of 20 that 64 workers pass.
  const Coefficients faster{1, 0.08, -0.0002};
  check_refused(laws_of(powers, faster), "more workers are faster than Amdahl's law allows");
}

TEST_CASE("law choice: without repeated runs there are no intervals and no choice") {
  const ScalingLaws laws = fit_scaling_laws(exact(powers, amdahl));
  check_refused(laws, "each number of workers was run once");
  const FittedLaw* fit = laws.fit(Law::amdahl);
  CHECK(fit->resampled.empty());
  const Estimate estimate = fit->estimate(alpha);
  CHECK((estimate.low == estimate.value && estimate.high == estimate.value));
}

TEST_CASE("law choice: two runs each are enough to choose, and said to be few") {
  std::mt19937_64 random(5);
  const ScalingLaws laws = fit_scaling_laws(noisy(exact(powers, amdahl), 2, 0.01, random));
  CHECK(laws.chosen.has_value());
  CHECK(contains(laws.note, "fewer than 3 runs"));
}
