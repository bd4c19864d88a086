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

/// Whether it is the law that was chosen, or one of those that cannot be told from it.
bool believes(const ScalingLaws& laws, Law law) {
  return laws.chosen == std::optional(law) ||
         std::find(laws.rivals.begin(), laws.rivals.end(), law) != laws.rivals.end();
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
  const int sets = data_sets / 4;
  for (const std::size_t runs : {3u, 6u}) {
    for (const auto& [law, truth] :
         {std::pair(Law::ideal, ideal), std::pair(Law::amdahl, amdahl), std::pair(Law::usl, usl)}) {
      std::mt19937_64 random(runs);
      int right = 0;
      for (int i = 0; i < sets; ++i) {
        const Times curve = noisy(exact(powers, truth), runs, 0.02, random);
        right += believes(fit_scaling_laws(curve, 1, resamples), law) ? 1 : 0;
      }
      CAPTURE(runs, name_of(law), right, sets);
      CHECK(right >= 0.9 * sets);
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

TEST_CASE("law choice: few numbers of workers cannot tell what is serial from what grows") {
  const ScalingLaws three = laws_of({1, 2, 8}, amdahl);
  CHECK(three.chosen == std::optional(Law::amdahl));
  CHECK(believes(three, Law::usl));
  CHECK(contains(three.note, "needs at least 4 numbers of them, the curve has 3"));
  // A curve of the USL that Amdahl's law alone would take for 13 % serial, quite sure of it.
  const ScalingLaws four = laws_of({1, 2, 4, 8}, Coefficients{1, 0.05, 0.01});
  CHECK(believes(four, Law::usl));
  CHECK(four.rivals.size() > 1);
  const Estimate serial = four.estimate(alpha);
  CHECK((serial.low < 0.05 && serial.high > 0.13));
  CHECK(laws_of({1, 2, 8, 16, 32}, usl2).chosen == std::optional(Law::usl));
}

TEST_CASE("law choice: what grows as log p is not said to grow as p, and the other way round") {
  const auto tree = [](double p) { return 1 / p + 0.02 * std::log2(p); };
  const auto root = [](double p) { return 1 / p + 0.01 * (std::sqrt(p) - 1); };
  CHECK(laws_of(powers, tree).chosen == std::optional(Law::tree));
  CHECK(laws_of(powers, tree).rivals.empty());
  CHECK(laws_of(powers, root).chosen == std::optional(Law::root));
  CHECK(laws_of(powers, usl2).chosen == std::optional(Law::usl));
  CHECK(laws_of(powers, usl2).rivals.empty());
  // Of 16 workers only, none can be told from the others: both peaks are in the interval.
  std::mt19937_64 random(4);
  const ScalingLaws unsure = fit_scaling_laws(
      noisy(exact({1, 2, 4, 8, 16}, [](double p) { return 1 / p + 0.05 * std::log2(p); }), 6, 0.03,
            random));
  CHECK(believes(unsure, Law::tree));
  CHECK(believes(unsure, Law::usl));
  const Estimate peak = unsure.estimate(peak_workers);
  CHECK((peak.low < 12 && peak.high > 13.9));
}

TEST_CASE("law choice: a law that misses times by more than the runs scatter is less sure") {
  std::mt19937_64 random(6);
  Times bent = exact(powers, amdahl);
  for (std::size_t i = 0; i < bent.size(); ++i) bent[i].seconds.front() *= i % 2 == 0 ? 1.02 : 0.98;
  const ScalingLaws sure = fit_scaling_laws(noisy(exact(powers, amdahl), 6, 0.001, random));
  const ScalingLaws laws = fit_scaling_laws(noisy(bent, 6, 0.001, random));
  REQUIRE(laws.chosen == std::optional(Law::amdahl));
  CHECK(contains(laws.note, "more than the runs scatter"));
  CHECK(laws.chosen_fit()->lack_of_fit.chance < 1e-6);
  const Estimate wide = laws.estimate(alpha);
  const Estimate narrow = sure.estimate(alpha);
  CHECK(wide.high - wide.low > 10 * (narrow.high - narrow.low));
  CHECK(narrow.high - narrow.low < 0.001);
}

TEST_CASE("law choice: outliers do not hide the law that the others keep to") {
  std::mt19937_64 random(8);
  std::uniform_real_distribution<> part;
  int right = 0;
  constexpr int sets = 50;
  for (int i = 0; i < sets; ++i) {
    Times curve = noisy(exact(powers, usl2), 10, 0.01, random);
    for (TimesOnWorkers& point : curve) {
      for (double& time : point.seconds) time *= part(random) < 0.1 ? 1 + 2 * part(random) : 1;
    }
    right += believes(fit_scaling_laws(curve, 1, resamples), Law::usl) ? 1 : 0;
  }
  CHECK(right >= 0.95 * sets);
}

TEST_CASE("law choice: one time that is odd is named, and the law is that of the others") {
  std::mt19937_64 random(2);
  Times curve = exact(powers, amdahl);
  curve[3].seconds.front() *= 3;
  const ScalingLaws laws = fit_scaling_laws(noisy(curve, 6, 0.01, random));
  CHECK(laws.chosen == std::optional(Law::amdahl));
  CHECK(laws.estimate(alpha).value == Approx(0.05).epsilon(0.03));
  CHECK(contains(laws.note, "the time at p = 8 is odd, 3 times that of the law of all others"));
}

TEST_CASE("law choice: what could be at most is never less than nothing") {
  // By little faster than Amdahl's law, and steady: beta's interval lies below 0.
  std::mt19937_64 random(3);
  const Coefficients faster{1, 0.1, -0.00003};
  const ScalingLaws laws =
      fit_scaling_laws(noisy(exact({1, 2, 4, 8, 16}, faster), 6, 0.0001, random));
  INFO(laws.note);
  CHECK(laws.fit(Law::usl)->estimate(beta).high < 0);
  CHECK(laws.chosen == std::optional(Law::amdahl));
  CHECK(contains(laws.note, "no sign of a cost that grows with the workers up to p = 16"));
  CHECK(!contains(laws.note, "at most"));
}

TEST_CASE("law choice: few tasks on many workers are no serial part") {
  const auto share = [](double p) { return std::ceil(100 / p) / 100; };
  Times curve = exact({1, 2, 4, 8, 16, 32, 64}, share);
  for (TimesOnWorkers& point : curve) point.share = share(point.workers);
  std::mt19937_64 random(2);
  const ScalingLaws laws = fit_scaling_laws(noisy(curve, 6, 0.01, random));
  CHECK(laws.chosen == std::optional(Law::ideal));
  CHECK(laws.fit(Law::amdahl)->estimate(alpha).high < 0.002);
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
                "misses the time at p = ");
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
  // And by so little that no residual would tell: a bound of 20 that 64 workers pass.
  const Coefficients faster{1, 0.08, -0.0002};
  check_refused(laws_of(powers, faster), "more workers are faster than Amdahl's law allows");
}

TEST_CASE("law choice: of one run each the intervals rest on the residuals, and hold the truth") {
  int held = 0;
  std::mt19937_64 random(9);
  const int sets = data_sets / 5;
  for (int i = 0; i < sets; ++i) {
    const ScalingLaws laws =
        fit_scaling_laws(noisy(exact(powers, amdahl), 1, 0.02, random), 1, resamples);
    const Estimate serial = laws.fit(Law::amdahl)->estimate(alpha);
    held += serial.low <= 0.05 && 0.05 <= serial.high ? 1 : 0;
    if (laws.chosen) CHECK(contains(laws.note, "of one run each"));
  }
  CAPTURE(held, sets);
  CHECK(held >= (fast ? 0.91 : 0.7) * sets);  // of 200, or of 10
  CHECK(held <= (fast ? 0.985 : 1) * sets);
}

TEST_CASE("law choice: two runs each are enough to choose, and said to be few") {
  std::mt19937_64 random(5);
  const ScalingLaws laws = fit_scaling_laws(noisy(exact(powers, amdahl), 2, 0.01, random));
  CHECK(laws.chosen.has_value());
  CHECK(contains(laws.note, "fewer than 3 runs"));
}

TEST_CASE("law choice: three numbers of workers hardly contradict a law, and that is told") {
  const ScalingLaws three = fit_scaling_laws(exact({1, 2, 4}, amdahl));
  REQUIRE(three.chosen == Law::amdahl);
  CHECK(contains(three.note, "3 numbers of workers hardly contradict it"));
  const ScalingLaws more = fit_scaling_laws(exact({1, 2, 4, 8, 16, 32}, amdahl));
  REQUIRE(more.chosen == Law::amdahl);
  CHECK(!contains(more.note, "hardly"));
}
