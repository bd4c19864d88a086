// How often what is said of scaling laws is wrong: curves whose truth is known, with noise,
// deviations, outliers and drift put in.
//   simulation [DATA_SETS [MOST]]    of each situation, 10 if not given, on 1, 2, 4 ... MOST (64)
//   workers; prints a
//                                    table
// Exit status 1 where intervals hold the truth in clearly less than 92 % or more than 99 %, or more
// than 5 % of the sentences are clearly false.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>

#include "results/analysis/verdicts.hpp"
#include "results/laws/next_measurement.hpp"
#include "tests/results/laws/judging.hpp"
#include "tests/results/laws/synthetic_curves.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

/// What the times have that no law has.
struct Disturbance {
  double deviation = 0;  ///< of each number of workers, the same in all its runs
  double outliers = 0;   ///< part of the runs, up to three times too long
  double drift = 0;      ///< from the first run to the last, in random order
};

struct Count {
  int sets = 0, fitted = 0, alpha = 0, beta = 0, false_serial = 0, false_mechanism = 0,
      false_peak = 0;
  int believed = 0, foretold = 0;
  std::map<std::string, int> chosen;
};

std::vector<Truth> truths() {
  return {of_law("ideal", {1, 0, 0, Law::amdahl}),
          of_law("Amdahl 5 %", {1, 0.05, 0, Law::amdahl}),
          of_law("USL 3 %, 0.05 %", {1, 0.03, 0.0005}),
          of_law("USL 2 %, 0.2 %", {1, 0.02, 0.002}),
          of_law("log p 0.5 %", {1, 0, 0.005, Law::tree}),
          of_law("log p 2 %", {1, 0, 0.02, Law::tree}),
          of_law("sqrt p 1 %", {1, 0, 0.01, Law::root}),
          {"halo p^-2/3",
           [](double p) { return 1 / p + (p > 1 ? 0.1 * std::pow(p, -2.0 / 3) : 0); },
           {}},
          {"second node", [](double p) { return 1 / p + 0.01 + (p > 16 ? 0.02 : 0); }, {}},
          {"saturation at 12", [](double p) { return std::max(1 / p, 1.0 / 12); }, {}},
          {"turbo 25 %", [](double p) { return (1 + 0.25 * std::log2(p) / 6) / p; }, {}},
          {"100 tasks", [](double p) { return std::ceil(100 / p) / 100; },
           Coefficients{1, 0, 0, Law::amdahl}, [](double p) { return std::ceil(100 / p) / 100; }}};
}

Times draw(const Truth& truth, const Disturbance& disturbance, double most, std::size_t runs,
           double noise, std::mt19937_64& random) {
  std::normal_distribution<> normal;
  std::uniform_real_distribution<> uniform;
  Workers workers = powers;
  std::erase_if(workers, [&](double number) { return number > most; });
  Times curve = exact(workers, truth.seconds);
  for (TimesOnWorkers& point : curve) {
    point.seconds.front() *= 1 + disturbance.deviation * normal(random);
    if (truth.share) point.share = truth.share(point.workers);
  }
  curve = noisy(curve, runs, noise, random);
  for (TimesOnWorkers& point : curve) {
    for (double& time : point.seconds) {
      time *= 1 + disturbance.drift * uniform(random);
      if (uniform(random) < disturbance.outliers) time *= 1 + 2 * uniform(random);
    }
  }
  return curve;
}

/// Counts what is false in what is said of one curve.
/// @param longer  than the truth's times are all of them, in the middle
/// @param beyond  workers, twice as many as in the curve
void judge(const Truth& truth, const ScalingLaws& laws, double longer, double beyond,
           Count& count) {
  ++count.sets;
  ++count.chosen[laws.chosen ? name_of(*laws.chosen) + (laws.rivals.empty() ? "" : "+") : "none"];
  if (truth.law) {
    const FittedLaw* own = laws.fit(truth.law->law);
    count.fitted += own != nullptr ? 1 : 0;
    count.alpha += own != nullptr && holds(own->estimate(alpha), truth.law->alpha()) ? 1 : 0;
    count.beta += own != nullptr && holds(own->estimate(beta), truth.law->beta()) ? 1 : 0;
  }
  if (laws.note.find("odd") != std::string::npos) ++count.false_mechanism;
  if (laws.note.find("cache") != std::string::npos ||
      laws.note.find("clock") != std::string::npos) {
    ++count.false_mechanism;
  }
  if (!laws.chosen) return;
  const bool pairs = laws.chosen == Law::usl && laws.rivals.empty();
  if (pairs && !(truth.law && truth.law->c2 > 0 && truth.law->law == Law::usl))
    ++count.false_mechanism;
  if (!truth.law) return;
  const double share = truth.share ? truth.share(beyond) : 0;
  ++count.believed;
  count.foretold += holds(foretold(laws, beyond, share), longer * truth.seconds(beyond)) ? 1 : 0;
  if (!grows(*laws.chosen)) {
    // "As if serial", with a bound on what grows and, of the ideal law, on what is serial.
    const Law next = laws.chosen == Law::ideal ? Law::amdahl : Law::usl;
    const bool same = truth.law->law == next || truth.law->c2 == 0;
    const FittedLaw* larger = laws.fit(next);  // nullptr: too few points for it
    const auto part = next == Law::amdahl ? alpha : beta;
    const double there = next == Law::amdahl ? truth.law->alpha() : truth.law->beta();
    const bool told = truth.law->c2 > 0 || laws.chosen == Law::ideal ||
                      holds(laws.estimate(alpha), truth.law->alpha());
    const bool bounded =
        !same || larger == nullptr || std::max(larger->estimate(part).high, 0.0) >= there;
    if (!told || !bounded) ++count.false_serial;
    return;
  }
  const Estimate serial = laws.estimate(alpha);
  if (serial.low > truth.law->alpha() || serial.high < truth.law->alpha()) ++count.false_serial;
  if (!holds(laws.estimate(peak_workers), peak_workers(*truth.law))) ++count.false_peak;
}

bool is_good(const Truth& truth, const Count& count) {
  bool good = !clearly_above(count.false_mechanism, count.sets, 0.05);
  if (!truth.law) return good;
  // Of 95 % intervals.
  for (const int wrong : {count.false_serial, count.false_peak}) {
    good = good && !clearly_above(wrong, count.sets, 0.08);
  }
  good = good && !clearly_above(count.believed - count.foretold, count.believed, 0.08);
  for (const int held : {count.alpha, count.beta}) {
    good = good && !clearly_above(count.fitted - held, count.fitted, 0.08);
  }
  return good && (count.sets < 1000 || !clearly_above(count.alpha, count.sets, 0.99));
}

/// Three drivers that take the same time: in how many of the data sets one is called faster.
int false_rankings(std::size_t runs, int sets) {
  std::mt19937_64 random(23);
  std::lognormal_distribution<> time(0, 0.03);
  int wrong = 0;
  for (int i = 0; i < sets; ++i) {
    Study study;
    for (const char* driver : {"openmp", "processes", "mpi"}) {
      Curve& curve = study.curves.emplace_back();
      curve.name = curve.driver = driver;
      Point& point = curve.points.emplace_back();
      point.workers = 4;
      point.shape.assign(1, '4');
      for (std::size_t run = 0; run < runs; ++run) {
        point.times.push_back(time(random));
        point.runs.emplace_back().seconds = point.times.back();
      }
      point.seconds = median_of(point.times);
    }
    const std::string text = verdicts_of(study, 0.75).front().text;
    const bool ranks = text.starts_with("Fastest: ");
    const auto equals = std::count(text.begin(), text.end(), ',') - 1;  // behind "Not slower"
    wrong += ranks && (text.find("Not slower") == std::string::npos || equals < 2) ? 1 : 0;
  }
  return wrong;
}

}  // namespace

int main(int argc, char** argv) {
  const int sets = argc > 1 ? std::atoi(argv[1]) : 10;
  const double most = argc > 2 ? std::atof(argv[2]) : powers.back();
  if (sets < 1 || std::find(powers.begin() + 2, powers.end(), most) == powers.end()) {
    fmt::print(stderr,
               "simulation: expected a number of data sets, and 4, 8, 16, 32 or 64 workers\n");
    return 2;
  }
  const std::vector<std::pair<std::string, Disturbance>> disturbances = {
      {"", {}},
      {"1 % off", {0.01}},
      {"2 % off", {0.02}},
      {"5 % off", {0.05}},
      {"5 % outliers", {0, 0.05}},
      {"10 % outliers", {0, 0.1}},
      {"drift 20 %", {0, 0, 0.2}}};
  bool good = true;
  fmt::print(
      "{} data sets on 1, 2, 4, ..., {} workers; held: 95 % intervals that hold the truth; false: "
      "sentences\n\n",
      sets, most);
  fmt::print(
      "{:<17} {:<13} {:>5} {:>4}  {:>5} {:>5} {:>5}  {:>6} {:>5} {:>5}   chosen (+: cannot be told "
      "from "
      "others)\n",
      "truth", "disturbed by", "noise", "runs", "alpha", "beta", fmt::format("{}", 2 * most),
      "serial", "pairs", "peak");
  for (const Truth& truth : truths()) {
    for (const auto& [name, disturbance] : disturbances) {
      if (!truth.law && disturbance.deviation > 0) continue;
      for (const double noise : {0.01, 0.03, 0.05, 0.1}) {
        for (const std::size_t runs : {6u, 10u}) {
          if (!name.empty() && noise > 0.03) continue;
          std::mt19937_64 random(17);
          Count count;
          for (int i = 0; i < sets; ++i) {
            const Times curve = draw(truth, disturbance, most, runs, noise, random);
            judge(truth, fit_scaling_laws(curve, 1, resamples), 1 + disturbance.drift / 2, 2 * most,
                  count);
          }
          std::string chosen;
          for (const auto& [law, times] : count.chosen) {
            chosen += fmt::format(" {} {:.0f}", law, percent_of(times, sets));
          }
          const bool is_law = truth.law.has_value();
          const bool fine = is_good(truth, count);
          good = good && fine;
          fmt::print(
              "{:<17} {:<13} {:>3.0f} % {:>4}  {:>5} {:>5} {:>5}  {:>6.1f} {:>5.1f} {:>5.1f}  "
              "{}{}\n",
              truth.name, name, 100 * noise, runs,
              is_law ? fmt::format("{:.1f}", percent_of(count.alpha, count.fitted)) : "",
              is_law && truth.law->c2 > 0
                  ? fmt::format("{:.1f}", percent_of(count.beta, count.fitted))
                  : "",
              is_law ? fmt::format("{:.1f}", percent_of(count.foretold, count.believed)) : "",
              percent_of(count.false_serial, sets), percent_of(count.false_mechanism, sets),
              percent_of(count.false_peak, sets), chosen, fine ? "" : "   <- FAILED");
        }
      }
    }
  }
  fmt::print("\nThree equal drivers, noise 3 %: one is called faster than another one\n");
  for (const std::size_t runs : {3u, 6u, 10u}) {
    const int all = 100 * sets;
    const int wrong = false_rankings(runs, all);
    const bool fine = !clearly_above(wrong, all, 0.05);
    good = good && fine;
    fmt::print("  {:>2} runs of each: {:.1f} % of {}{}\n", runs, percent_of(wrong, all), all,
               fine ? "" : "   <- FAILED");
  }
  return good ? 0 : 1;
}
