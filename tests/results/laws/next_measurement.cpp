// What is said to tell laws apart is measured, and does; what is foretold is held against the law
// that made the curve.
#include "results/laws/next_measurement.hpp"

#include <algorithm>

#include "results/laws/law_words.hpp"
#include "tests/catch.hpp"
#include "tests/results/laws/synthetic_curves.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

constexpr std::size_t few_resamples = 300;
const Sharing at_will;

Workers with(Workers workers, const std::vector<double>& more) {
  workers.insert(workers.end(), more.begin(), more.end());
  std::sort(workers.begin(), workers.end());
  return workers;
}

}  // namespace

TEST_CASE("next measurement: what it advises tells the law that made the curve from its rivals") {
  const int sets = fast ? 40 : 5;
  struct Case {
    Workers workers;
    Coefficients truth;
    double noise;
  };
  const std::vector<Case> cases = {{{1, 2, 4, 8}, {1, 0.05, 0.01, Law::usl}, 0.003},
                                   {{1, 2, 4, 8}, {1, 0.05, 0, Law::amdahl}, 0.01},
                                   {{1, 2, 4, 8, 16}, {1, 0, 0.05, Law::tree}, 0.01},
                                   {{1, 2, 4, 8, 16}, {1, 0.05, 0.01, Law::usl}, 0.03},
                                   {{1, 2, 3, 4, 6, 8, 12, 16}, {1, 0.02, 0.03, Law::root}, 0.01}};
  for (const auto& [workers, truth, noise] : cases) {
    std::mt19937_64 random(5);
    int advised = 0;
    int told = 0;
    for (int i = 0; i < sets; ++i) {
      const auto laws =
          fit_scaling_laws(noisy(exact(workers, truth), 6, noise, random), 1, few_resamples);
      const auto next = what_tells_apart(laws, at_will);
      CHECK(next.has_value() == (laws.chosen && !laws.rivals.empty()));
      if (!next || next->workers.empty()) continue;
      ++advised;
      if (next->few) CHECK(workers.size() < points_to_tell);
      const Workers more = with(workers, next->workers);
      const auto again = fit_scaling_laws(
          noisy(exact(more, truth), runs_for_interval, noise, random), 1, few_resamples);
      told += again.chosen == truth.law && again.rivals.empty() ? 1 : 0;
    }
    CAPTURE(workers.size(), name_of(truth.law), noise, advised, told);
    CHECK(advised >= sets / 2);
    CHECK(told >= 0.75 * advised);
  }
}

TEST_CASE("next measurement: more workers than tasks are never advised") {
  const Sharing few_tasks{12, 1, 0};
  int beyond = 0, advised = 0;
  for (const Coefficients& truth :
       {Coefficients{1, 0.05, 0.01, Law::usl}, Coefficients{1, 0.05, 0, Law::amdahl},
        Coefficients{1, 0, 0.05, Law::tree}}) {
    for (const Workers& workers : {Workers{1, 2, 4, 8}, Workers{1, 2, 3, 4, 6, 8}}) {
      std::mt19937_64 random(5);
      Times curve = exact(workers, truth);
      for (TimesOnWorkers& point : curve) point.share = few_tasks.share(point.workers);
      const auto laws = fit_scaling_laws(noisy(curve, 6, 0.01, random), 1, few_resamples);
      const auto of_any = what_tells_apart(laws, at_will);
      const auto of_few = what_tells_apart(laws, few_tasks);
      if (of_any && !of_any->workers.empty()) beyond += of_any->workers.back() > 12 ? 1 : 0;
      if (!of_few) continue;
      for (const double number : of_few->workers) {
        CHECK(number <= 12);
        CHECK(std::find(workers.begin(), workers.end(), number) == workers.end());
      }
      advised += of_few->workers.empty() ? 0 : 1;
    }
  }
  CHECK(beyond > 0);
  CHECK(advised > 0);
}

TEST_CASE("next measurement: one run each has no scatter to count runs by") {
  std::mt19937_64 random(2);
  int advised = 0;
  for (int i = 0; i < 20; ++i) {
    const auto next = what_tells_apart(
        fit_scaling_laws(
            noisy(exact({1, 2, 3, 4, 5, 6}, Coefficients{1, 0, 0.05, Law::tree}), 1, 0.02, random),
            1, few_resamples),
        at_will);
    if (!next) continue;
    ++advised;
    CHECK(next->runs == 0);
    for (const double workers : next->workers) CHECK(workers <= 96);
  }
  CHECK(advised > 0);
}

TEST_CASE("next measurement: outliers among the runs do not make it believe that nothing helps") {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<> uniform;
  int advised = 0;
  int some = 0;
  for (int i = 0; i < 20; ++i) {
    Times curve =
        noisy(exact({1, 2, 4, 8, 16}, Coefficients{1, 0, 0.05, Law::tree}), 10, 0.01, random);
    for (TimesOnWorkers& point : curve) {
      for (double& time : point.seconds) time *= uniform(random) < 0.1 ? 3 : 1;
    }
    const auto next = what_tells_apart(fit_scaling_laws(curve, 1, few_resamples), at_will);
    if (!next) continue;
    ++advised;
    some += next->workers.empty() && next->runs == 0 ? 0 : 1;
  }
  CAPTURE(advised, some);
  CHECK(advised >= 10);
  CHECK(some >= 0.9 * advised);
}

TEST_CASE("next measurement: an odd time is measured again, before anything else") {
  std::mt19937_64 random(6);
  Times curve = noisy(exact({1, 2, 4, 8, 16}, amdahl), 6, 0.01, random);
  for (double& time : curve[3].seconds) time *= 3;
  const auto laws = fit_scaling_laws(curve);
  REQUIRE(laws.odd_workers == 8);
  const auto next = what_tells_apart(laws, at_will);
  REQUIRE(next);
  CHECK(next->odd);
  CHECK(next->workers == std::vector<double>{8});
}

TEST_CASE("next measurement: laws without rivals need none, and no law foretells nothing") {
  std::mt19937_64 random(3);
  const auto sure = fit_scaling_laws(noisy(exact(powers, usl2), 6, 0.001, random));
  REQUIRE(sure.rivals.empty());
  CHECK_FALSE(what_tells_apart(sure, at_will).has_value());
  CHECK_FALSE(what_tells_apart(fit_scaling_laws(exact({1, 2}, amdahl)), at_will).has_value());
}

TEST_CASE("next measurement: twice as many workers take what was foretold in nearly all curves") {
  const int sets = data_sets / 4;
  const Coefficients tree{1, 0, 0.02, Law::tree};
  const Coefficients root{1, 0, 0.01, Law::root};
  for (const Coefficients& truth : {ideal, amdahl, usl, usl2, tree, root}) {
    std::mt19937_64 random(11);
    int held = 0;
    for (int i = 0; i < sets; ++i) {
      const auto laws =
          fit_scaling_laws(noisy(exact(powers, truth), 6, 0.02, random), 1, resamples);
      REQUIRE(laws.chosen);
      const Estimate seconds = foretold(laws, 128);
      held += seconds.low <= truth.seconds(128) && truth.seconds(128) <= seconds.high ? 1 : 0;
    }
    CAPTURE(truth.c1, truth.c2, held, sets);
    CHECK(held >= (fast ? 0.9 : 0.7) * sets);  // of a dozen sets only
  }
}

TEST_CASE("next measurement: what few tasks allow is foretold with their largest share") {
  const auto laws = fit_scaling_laws(exact(powers, amdahl));
  CHECK(foretold(laws, 128, 0.01).value == Approx(amdahl.seconds(128, 0.01)));
  CHECK(foretold(laws, 128).value == Approx(amdahl.seconds(128)));
}
