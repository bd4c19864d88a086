#include "results/laws/law_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

using Times = std::vector<TimesOnWorkers>;

constexpr double other_time = 0.05;     ///< faster or slower, as a part of the time
constexpr double least_change = 0.01;   ///< by a term that is needed
constexpr double worst_residual = 0.2;  ///< of a law that is believed
constexpr double worst_miss = 0.05;     ///< of such a law, outside of a median's interval

/// The term that the law has and the one before it has not, as a part of c0.
Estimate term_of(const FittedLaw& fitted) {
  return fitted.estimate(
      [&](const Coefficients& c) { return fitted.law == Law::amdahl ? c.alpha() : c.beta(); });
}

/// "4.8 % [4.1, 5.5]", or, of beta, "0.00052 [0.0004, 0.0006]"
std::string text_of(Law law, const Estimate& term) {
  if (law == Law::usl) {
    return fmt::format("beta is {:.2g} [{:.2g}, {:.2g}]", term.value, term.low, term.high);
  }
  return fmt::format("alpha is {:.2g} % [{:.2g}, {:.2g}]", 100 * term.value, 100 * term.low,
                     100 * term.high);
}

std::string at_most(Law law, const Estimate& term) {
  return law == Law::usl ? fmt::format("beta is at most {:.2g}", term.high)
                         : fmt::format("alpha is at most {:.2g} %", 100 * term.high);
}

/// The largest difference between the times of two laws, as a part of the first.
double change(const FittedLaw& from, const FittedLaw& to, const Times& times) {
  double largest = 0;
  for (const TimesOnWorkers& point : times) {
    const double p = point.workers;
    const double part = to.coefficients.seconds(p) / from.coefficients.seconds(p) - 1;
    largest = std::max(largest, std::abs(part));
  }
  return largest;
}

/// Why no law could say anything about such a curve; or nothing.
std::string obstacle(const ScalingLaws& laws, const Times& times) {
  if (laws.fits.empty()) return "no law can be fitted to such times";
  if (times.size() < 3) {
    return fmt::format("the curve has {} of workers: a law needs at least three",
                       times.size() == 1 ? "one number" : "two numbers");
  }
  std::vector<double> medians;
  for (const TimesOnWorkers& point : times) medians.push_back(median_of(point.seconds).value);
  const double first = medians.front();
  const auto [fastest, slowest] = std::minmax_element(medians.begin(), medians.end());
  if (*fastest > (1 - other_time) * first && *slowest < (1 + other_time) * first) {
    return fmt::format("p = {} to {} take the same time, to {:.0f} %: nothing is shared out",
                       times.front().workers, times.back().workers, 100 * other_time);
  }
  if (*fastest > (1 - other_time) * first) {
    return fmt::format(
        "no number of workers is {:.0f} % faster than p = {}: more cost than they bring",
        100 * other_time, times.front().workers);
  }
  if (laws.fits.front().resampled.empty()) {
    return "each number of workers was run once: no interval can tell the laws apart";
  }
  return "";
}

/// Why a law does not go on to the next one.
struct Reason {
  std::string text;
  bool negative = false;  ///< its terms would be below 0, and change some time
};

Reason negative_term(const FittedLaw& next, const Estimate& alpha, const Estimate& term) {
  if (next.law == Law::amdahl) {
    return {fmt::format("superlinear, {}: do the data of more workers fit into their caches, or "
                        "were the fewest workers slow?",
                        text_of(Law::amdahl, alpha)),
            true};
  }
  if (alpha.high < 0) {
    return {fmt::format("USL fits only where {}", text_of(Law::amdahl, alpha)), true};
  }
  return {fmt::format("more workers are faster than Amdahl's law allows, {}: do their data fit "
                      "into caches, or did the clock frequency change?",
                      text_of(Law::usl, term)),
          true};
}

/// The next larger law, if it is needed.
const FittedLaw* next_law(const FittedLaw& chosen, const ScalingLaws& laws, const Times& times,
                          Reason& reason) {
  if (chosen.law == Law::usl) return nullptr;
  const FittedLaw* next = laws.fit(chosen.law == Law::ideal ? Law::amdahl : Law::usl);
  if (next == nullptr) {
    reason.text =
        fmt::format("USL needs at least 5 numbers of workers, the curve has {}", times.size());
    return nullptr;
  }
  const Estimate term = term_of(*next);
  const Estimate alpha = next->estimate([](const Coefficients& c) { return c.alpha(); });
  const bool changes = change(chosen, *next, times) >= least_change;
  if ((term.high < 0 || alpha.high < 0) && changes) {
    reason = negative_term(*next, alpha, term);
  } else if (term.low <= 0) {
    reason.text = fmt::format("not distinguishable from {} up to p = {}: {}", name_of(next->law),
                              times.back().workers, at_most(next->law, term));
  } else if (!changes) {
    reason.text = fmt::format("{}, {}, would change no time by {:.0f} %", name_of(next->law),
                              text_of(next->law, term), 100 * least_change);
  } else {
    return next;
  }
  return nullptr;
}

/// What the law misses the worst, as a sentence; nothing where it is good enough.
std::string misfit(const FittedLaw& law, const Times& times) {
  std::string text;
  double worst = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Median measured = median_of(times[i].seconds);
    const double expected = law.coefficients.seconds(times[i].workers);
    const double residual = std::abs(law.residuals[i]);
    const double miss = std::max(measured.low / expected - 1, 1 - measured.high / expected);
    if ((residual > worst_residual || miss > worst_miss) && residual > worst) {
      worst = residual;
      text = fmt::format("no law fits: {} misses the time at p = {} by {:.0f} %", name_of(law.law),
                         times[i].workers, 100 * residual);
    }
  }
  return text;
}

bool fewer_than_three_runs(const Times& times) {
  return std::any_of(times.begin(), times.end(),
                     [](const TimesOnWorkers& point) { return point.seconds.size() < 3; });
}

}  // namespace

void choose(ScalingLaws& laws, const std::vector<TimesOnWorkers>& times) {
  laws.chosen.reset();
  laws.note = obstacle(laws, times);
  if (!laws.note.empty()) return;

  const FittedLaw* chosen = &laws.fits.front();
  Reason reason;
  while (const FittedLaw* next = next_law(*chosen, laws, times, reason)) chosen = next;

  const std::string no_law = misfit(*chosen, times);
  if (reason.negative && (!no_law.empty() || chosen->law == Law::amdahl)) {
    // Amdahl's bound would be wrong; "no serial part shows" is not.
    laws.note = fmt::format("{}; {}", no_law.empty() ? "no law fits" : no_law, reason.text);
  } else if (no_law.empty()) {
    laws.chosen = chosen->law;
    laws.note = reason.text;
    if (fewer_than_three_runs(times)) {
      const char* few = "of fewer than 3 runs the intervals are somewhat too narrow";
      laws.note = fmt::format("{}{}{}", reason.text, reason.text.empty() ? "" : "; ", few);
    }
  } else {
    laws.note = fmt::format(
        "{}: does something end at once, as cores or memory bandwidth do, or was the machine busy?",
        no_law);
  }
}

}  // namespace scalelab
