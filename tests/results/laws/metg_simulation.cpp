// How often the interval of METG(95 %) holds what is true: lengths of tasks whose cost is known,
// with noise put in.
//   metg_simulation [DATA_SETS]    of each situation, 10 if not given; prints a table
// Exit status 1 where intervals hold the truth in clearly less than 92 % or more than 99 %, or more
// than 5 % of "never" are clearly false.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "results/laws/task_cost.hpp"
#include "tests/results/laws/judging.hpp"

using namespace scalelab;
using namespace scalelab::test;

namespace {

constexpr double ideal = 8.5e-9;  // of a unit, in the sequential driver's long tasks [s]

struct Situation {
  std::string name;
  double overhead;       ///< of a task [s]
  double slower;         ///< a unit in this driver, over one in the sequential driver
  double deviation = 0;  ///< of each length, the same in all its runs
  double slowed = 0;     ///< part of the runs that are 1.7 times as long
};

struct Count {
  int held = 0;
  int never = 0;  ///< is what is told
};

/// Runs of `./lab granularity`: tasks of 2048 units down to 4. A length's time is the lower
/// quartile of its runs, which is the truth.
class Measured {
 public:
  Measured(const Situation& situation, double noise, std::size_t runs, std::mt19937_64& random)
      : situation_(situation), noise_(noise), random_(random) {
    for (double units = 4; units <= 2048; units *= 2) {
      const double off = 1 + situation.deviation * normal_(random_);
      const double truth = situation.overhead + situation.slower * ideal * units;
      lengths.push_back({units, times(truth * off, runs)});
    }
    denominator = times(ideal, 3 * runs);
  }

  std::vector<LengthRuns> lengths;
  std::vector<double> denominator;

 private:
  std::vector<double> times(double truth, std::size_t runs) {
    constexpr double below_quartile = 0.674490;  // standard deviations from there to the median
    std::vector<double> result;
    for (std::size_t i = 0; i < runs; ++i) {
      const bool slowed = uniform_(random_) < situation_.slowed;
      result.push_back(truth * std::exp(noise_ * (normal_(random_) + below_quartile)) *
                       (slowed ? 1.7 : 1));
    }
    return result;
  }

  const Situation& situation_;
  double noise_;
  std::mt19937_64& random_;
  std::normal_distribution<> normal_;
  std::uniform_real_distribution<> uniform_;
};

}  // namespace

int main(int argc, char** argv) {
  const int sets = argc > 1 ? std::atoi(argv[1]) : 10;
  if (sets < 1) {
    fmt::print(stderr, "metg_simulation: expected a number of data sets\n");
    return 2;
  }
  const std::vector<Situation> situations = {{"60 ns", 60e-9, 1},
                                             {"60 ns, 2 % slower", 60e-9, 1.02},
                                             {"200 ns", 200e-9, 1},
                                             {"60 ns, 10 % slower", 60e-9, 1.1},
                                             {"60 ns, 1 % off", 60e-9, 1, 0.01},
                                             {"60 ns, 2 % off", 60e-9, 1, 0.02},
                                             {"60 ns, 10 % slowed", 60e-9, 1, 0, 0.1}};
  bool good = true;
  fmt::print(
      "{} data sets: 95 % intervals of METG(95 %) that hold the truth, their median width over it, "
      "and what never reaches 95 %\n\n{:<20} {:>5} {:>4}  {:>9} {:>5} {:>6} {:>6}\n",
      sets, "overhead of a task", "noise", "runs", "METG", "held", "wide", "never");
  for (const Situation& situation : situations) {
    const double truth = TaskCost{situation.overhead, situation.slower * ideal, ideal}.metg(0.95);
    for (const double noise : {0.01, 0.03, 0.05}) {
      for (const std::size_t runs : {6u, 11u}) {
        std::mt19937_64 random(17);
        Count count;
        std::vector<double> widths;
        for (int i = 0; i < sets; ++i) {
          const Measured measured(situation, noise, runs, random);
          const Estimate told =
              fit_task_cost(measured.lengths, measured.denominator, 1, 500)->metg(0.95);
          count.held += holds(told, truth) ? 1 : 0;
          count.never += std::isinf(told.low) ? 1 : 0;
          widths.push_back((told.high - told.low) / truth);
        }
        std::sort(widths.begin(), widths.end());
        const bool reached = std::isfinite(truth);
        const bool fine = (!reached || are_of_95_percent(count.held, sets)) &&
                          !(reached && clearly_above(count.never, sets, 0.05));
        good = good && fine;
        fmt::print("{:<20} {:>3.0f} % {:>4}  {:>9} {:>5} {:>6} {:>6.1f}{}\n", situation.name,
                   100 * noise, runs, reached ? fmt::format("{:.2f} µs", 1e6 * truth) : "never",
                   reached ? fmt::format("{:.1f}", percent_of(count.held, sets)) : "",
                   reached ? fmt::format("{:.2f}", widths[widths.size() / 2]) : "",
                   percent_of(count.never, sets), fine ? "" : "   <- FAILED");
      }
    }
  }
  return good ? 0 : 1;
}
