// The laws of weak scaling: the same work for each worker.
#include <algorithm>
#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/results/laws/synthetic_curves.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

const std::vector<Law> growing = {Law::weak_tree, Law::weak_root, Law::weak_linear};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <class Seconds>
ScalingLaws laws_of(const Workers& workers, Seconds seconds, double noise = 0.01,
                    std::size_t runs = 6) {
  std::mt19937_64 random(1);
  return fit_weak_laws(noisy(exact(workers, seconds), runs, noise, random));
}

}  // namespace

TEST_CASE("weak laws: exact times give back the law, from 1 worker or from 8 on") {
  for (const Workers& workers : {powers, Workers{8, 16, 24, 32, 64}}) {
    const double first = workers.front();
    const auto shape = [](Law law, double p) {
      return law == Law::weak_tree ? std::log2(p) : law == Law::weak_root ? std::sqrt(p) : p;
    };
    for (const Law law : growing) {
      const ScalingLaws laws = fit_weak_laws(
          exact(workers, [&](double p) { return 2 + 0.1 * (shape(law, p) - shape(law, first)); }));
      CAPTURE(first, name_of(law), laws.note);
      REQUIRE(laws.chosen == std::optional(law));
      CHECK(laws.rivals.empty());
      const Coefficients& c = laws.chosen_fit()->coefficients;
      CHECK(c.c0 == Approx(2).epsilon(1e-9));
      CHECK(c.c1 == 0);
      CHECK(c.c2 == Approx(0.1).epsilon(1e-9));
      CHECK(c.beta() == Approx(0.05).epsilon(1e-9));
      CHECK(c.seconds(256) == Approx(2 + 0.1 * (shape(law, 256) - shape(law, first))));
      CHECK(c.efficiency(first) == Approx(1));
    }
    const ScalingLaws laws = fit_weak_laws(exact(workers, [](double) { return 2.0; }));
    CHECK(laws.chosen == std::optional(Law::constant));
  }
}

TEST_CASE("weak laws: efficiency falls below a target where time has grown by its inverse") {
  // 1 / 0.8 of 2 s is 2.5 s: 5 doublings from 4 on, or 5 workers more.
  CHECK(workers_at_efficiency({2, 0, 0.1, Law::weak_tree, 4}, 0.8, 2) == Approx(128));
  CHECK(workers_at_efficiency({2, 0, 0.1, Law::weak_linear, 4}, 0.8, 2) == Approx(9));
  // sqrt p = 2 + 5
  CHECK(workers_at_efficiency({2, 0, 0.1, Law::weak_root, 4}, 0.8, 2) == Approx(49));
  CHECK(std::isinf(workers_at_efficiency({2, 0, 0, Law::constant, 4}, 0.8, 2)));
  CHECK(std::isinf(workers_at_efficiency({2, 0, -0.1, Law::weak_tree, 4}, 0.8, 2)));
  CHECK(workers_at_efficiency({2, 0, 0.1, Law::weak_tree, 4}, 0.8, 1) == 1);  // it always was
}

TEST_CASE("weak laws: a time that stays the same has a bound of what could have grown") {
  const ScalingLaws laws = laws_of(powers, [](double) { return 3.0; });
  REQUIRE(laws.chosen == std::optional(Law::constant));
  CHECK(laws.rivals.empty());
  INFO(laws.note);
  CHECK(contains(laws.note,
                 "not distinguishable from constant up to p = 64: the time there is at "
                 "most "));
  CHECK(contains(laws.note, " % longer than at p = 1"));
}

TEST_CASE("weak laws: growth by less than 1 % is none") {
  const ScalingLaws laws = laws_of(
      powers, [](double p) { return 1 + 0.0012 * std::log2(p); }, 1e-5);
  REQUIRE(laws.chosen == std::optional(Law::constant));
  CHECK(contains(laws.note, "log p, whose time at p = 64 is 0.7"));
  CHECK(contains(laws.note, "would change no time by 1 %"));
}

TEST_CASE("weak laws: of three numbers of workers growth is told, but not its law") {
  for (const Law law : growing) {
    const Coefficients truth{1, 0, 0.05, law};
    const ScalingLaws laws = laws_of(
        {1, 2, 4}, [&](double p) { return truth.seconds(p); }, 0.005);
    CAPTURE(name_of(law), laws.note);
    REQUIRE(laws.chosen.has_value());
    CHECK(grows(*laws.chosen));
    CHECK(laws.rivals.size() == 2);
    const Estimate longer =
        laws.estimate([](const Coefficients& c) { return c.seconds(4) / c.seconds(1) - 1; });
    CHECK(longer.low <= truth.seconds(4) - 1);
    CHECK(longer.high >= truth.seconds(4) - 1);
  }
}

TEST_CASE("weak laws: a time that falls has no law, and the base is doubted") {
  const ScalingLaws laws = laws_of(powers, [](double p) { return 1 - 0.03 * std::log2(p); });
  INFO(laws.note);
  CHECK_FALSE(laws.chosen.has_value());
  CHECK(laws.note.starts_with("no law fits"));
  CHECK(contains(laws.note, "; superlinear: the time at p = 64 is 18 % ["));
  CHECK(contains(laws.note, "shorter than at p = 1"));
}

TEST_CASE("weak laws: what levels off or has a step is no law with a name") {
  const auto levels_off = [](double p) { return 1 + 0.5 * (1 - 1 / p); };
  const auto steps = [](double p) { return p > 16 ? 1.5 : 1.0; };
  const auto nameless = [](const ScalingLaws& laws) {
    return !laws.chosen || !laws.rivals.empty() || contains(laws.note, "no law fits");
  };
  CHECK(nameless(laws_of(powers, levels_off)));
  CHECK(nameless(laws_of(powers, steps)));
}

TEST_CASE("weak laws: one odd time is named, and the law is that of all others") {
  const ScalingLaws laws =
      laws_of(powers, [](double p) { return (1 + 0.05 * std::log2(p)) * (p == 8 ? 3 : 1); });
  INFO(laws.note);
  CHECK(contains(laws.note, "the time at p = 8 is odd, 3"));
  REQUIRE(laws.chosen == std::optional(Law::weak_tree));
  CHECK(laws.chosen_fit()->coefficients.c2 == Approx(0.05).epsilon(0.1));
}

TEST_CASE("weak laws: of one run each, intervals are those of the residuals") {
  const auto truth = [](double p) { return 1 + 0.1 * std::log2(p); };
  const ScalingLaws laws = laws_of(powers, truth, 0.01, 1);
  INFO(laws.note);
  REQUIRE(laws.chosen.has_value());
  CHECK(contains(laws.note, "of one run each, so its intervals rest on the law itself"));
  const Estimate part = laws.fit(Law::weak_tree)->estimate(beta);
  CHECK(part.low < 0.1);
  CHECK(part.high > 0.1);
}

TEST_CASE("weak laws: a time that is all growth has an interval above 0") {
  // T = p / 100 from 8 on: by a straight line nothing is left on 0 workers.
  const ScalingLaws laws = laws_of({8, 16, 32, 64, 128}, [](double p) { return p / 100; });
  INFO(laws.note);
  REQUIRE(laws.chosen == std::optional(Law::weak_linear));
  const Estimate part = laws.chosen_fit()->estimate(beta);
  CHECK(part.low > 0.11);
  CHECK(part.low < 0.125);
  CHECK(part.high > 0.125);
  CHECK(part.high < 0.14);
}

TEST_CASE("weak laws: two numbers of workers have none, and times are positive") {
  CHECK(contains(laws_of({1, 2}, [](double p) { return p; }).note, "a law needs at least three"));
  CHECK_THROWS_AS(fit_weak_laws({}), std::invalid_argument);
  CHECK_THROWS_AS(fit_weak_laws({{1, {1.0}}, {2, {-1.0}}}), std::invalid_argument);
}
