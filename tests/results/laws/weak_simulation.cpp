// How often what is said of weak scaling is wrong: times whose growth is known, with noise put in.
//   weak_simulation [DATA_SETS]    of each situation, 10 if not given; prints a table
// Exit status 1 where intervals hold the truth in clearly less than 92 % or more than 99 %, or more
// than 5 % of the sentences are clearly false.
#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <optional>

#include "tests/results/laws/judging.hpp"
#include "tests/results/laws/synthetic_curves.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

struct Situation {
  std::string name;
  Workers workers;
  double deviation = 0;  ///< of each number of workers, the same in all its runs
  double outliers = 0;   ///< part of the runs, up to three times too long
};

struct Count {
  int sets = 0;
  int beta = 0;          ///< its interval holds the truth, where the true law was fitted
  int range = 0;         ///< as told, of how much longer most workers take
  int ranges = 0;        ///< that are told
  int false_law = 0;     ///< one is named without rivals that is not the truth
  int false_still = 0;   ///< "no cost shows" with a bound that is below the truth
  int false_growth = 0;  ///< or one that is not there
  std::map<std::string, int> chosen;
};

std::vector<Truth> truths() {
  return {of_law("constant", {1, 0, 0, Law::constant}),
          of_law("log p, 0.5 %", {1, 0, 0.005, Law::weak_tree}),
          of_law("log p, 5 %", {1, 0, 0.05, Law::weak_tree}),
          of_law("sqrt p, 5 %", {1, 0, 0.05, Law::weak_root}),
          of_law("linear, 0.2 %", {1, 0, 0.002, Law::weak_linear}),
          of_law("linear, 2 %", {1, 0, 0.02, Law::weak_linear}),
          {"saturating, 30 %", [](double p) { return 1 + 0.3 * (1 - 1 / p); }, {}},
          {"second node, 20 %", [](double p) { return p > 16 ? 1.2 : 1; }, {}},
          {"falling, 10 %", [](double p) { return 0.9 + 0.1 / p; }, {}}};
}

Times draw(const Truth& truth, const Situation& situation, std::size_t runs, double noise,
           std::mt19937_64& random) {
  std::normal_distribution<> normal;
  std::uniform_real_distribution<> uniform;
  Times curve = exact(situation.workers, truth.seconds);
  for (TimesOnWorkers& point : curve) {
    point.seconds.front() *= 1 + situation.deviation * normal(random);
  }
  curve = noisy(curve, runs, noise, random);
  for (TimesOnWorkers& point : curve) {
    for (double& time : point.seconds) {
      if (uniform(random) < situation.outliers) time *= 1 + 2 * uniform(random);
    }
  }
  return curve;
}

/// The bound in "... the time there is at most 1.2 % longer than at p = 1", as a part.
double bound_of(const ScalingLaws& laws, double first, double last) {
  double most = 0;
  for (const FittedLaw& fitted : laws.fits) {
    const Estimate longer = fitted.estimate(
        [&](const Coefficients& c) { return c.seconds(last) / c.seconds(first) - 1; });
    most = std::max(most, longer.high);
  }
  return most;
}

/// Counts what is false in what is said of one curve.
void judge(const Truth& truth, const Situation& situation, const ScalingLaws& laws, Count& count) {
  const double first = situation.workers.front();
  const double last = situation.workers.back();
  const double longer = truth.seconds(last) / truth.seconds(first) - 1;
  ++count.sets;
  ++count.chosen[laws.chosen ? name_of(*laws.chosen) + (laws.rivals.empty() ? "" : "+") : "none"];
  if (truth.law && grows(truth.law->law)) {
    const double part = truth.law->c2 / truth.seconds(first);
    count.beta += holds(laws.fit(truth.law->law)->estimate(beta), part) ? 1 : 0;
  }
  if (!laws.chosen) return;
  if (!grows(*laws.chosen)) {
    if (bound_of(laws, first, last) < longer) ++count.false_still;
    return;
  }
  if (longer <= 0) ++count.false_growth;
  if (laws.rivals.empty() && !(truth.law && truth.law->law == *laws.chosen)) ++count.false_law;
  const Estimate told =
      laws.estimate([&](const Coefficients& c) { return c.seconds(last) / c.seconds(first) - 1; });
  ++count.ranges;
  count.range += holds(told, longer) ? 1 : 0;
}

bool is_good(const Truth& truth, const Count& count) {
  for (const int wrong : {count.false_law, count.false_still, count.false_growth}) {
    if (clearly_above(wrong, count.sets, 0.05)) return false;
  }
  if (!truth.law || !grows(truth.law->law)) return true;
  return !clearly_above(count.ranges - count.range, count.ranges, 0.08) &&
         are_of_95_percent(count.beta, count.sets);
}

}  // namespace

int main(int argc, char** argv) {
  const int sets = argc > 1 ? std::atoi(argv[1]) : 10;
  if (sets < 1) {
    fmt::print(stderr, "weak_simulation: expected a number of data sets\n");
    return 2;
  }
  const std::vector<Situation> situations = {{"1, 2, .., 64", powers},
                                             {"1, 2, 4, 8", {1, 2, 4, 8}},
                                             {"8, 16, .., 128", {8, 16, 32, 64, 128}},
                                             {"1, 4, 16", {1, 4, 16}},
                                             {"2 % off", powers, 0.02},
                                             {"10 % outliers", powers, 0, 0.1}};
  bool good = true;
  fmt::print(
      "{} data sets; held: 95 % intervals that hold the truth; false: sentences\n\n"
      "{:<17} {:<15} {:>5} {:>4}  {:>5} {:>5}  {:>5} {:>5} {:>6}   chosen (+: cannot be told from "
      "others)\n",
      sets, "truth", "workers", "noise", "runs", "beta", "range", "law", "still", "growth");
  for (const Truth& truth : truths()) {
    for (const Situation& situation : situations) {
      for (const double noise : {0.01, 0.03, 0.05}) {
        for (const std::size_t runs : {6u, 10u}) {
          if (&situation != &situations.front() && noise > 0.03) continue;
          std::mt19937_64 random(17);
          Count count;
          for (int i = 0; i < sets; ++i) {
            const Times curve = draw(truth, situation, runs, noise, random);
            judge(truth, situation, fit_weak_laws(curve, 1, resamples), count);
          }
          std::string chosen;
          for (const auto& [law, times] : count.chosen) {
            chosen += fmt::format(" {} {:.0f}", law, percent_of(times, sets));
          }
          const bool fine = is_good(truth, count);
          good = good && fine;
          const bool has_beta = truth.law && grows(truth.law->law);
          fmt::print(
              "{:<17} {:<15} {:>3.0f} % {:>4}  {:>5} {:>5}  {:>5.1f} {:>5.1f} {:>6.1f}  {}{}\n",
              truth.name, situation.name, 100 * noise, runs,
              has_beta ? fmt::format("{:.1f}", percent_of(count.beta, sets)) : "",
              count.ranges > 0 ? fmt::format("{:.1f}", percent_of(count.range, count.ranges)) : "",
              percent_of(count.false_law, sets), percent_of(count.false_still, sets),
              percent_of(count.false_growth, sets), chosen, fine ? "" : "   <- FAILED");
        }
      }
    }
  }
  return good ? 0 : 1;
}
