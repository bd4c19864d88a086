#include "results/laws/law_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scalelab {

namespace {

using Times = std::vector<TimesOnWorkers>;

constexpr double least_told = 0.01;  ///< of what could have grown [%]

/// By how much the time on most workers is longer than on the fewest, by the law. [%]
Estimate longer_on_most(const FittedLaw& law, const Times& times) {
  return law.estimate([&](const Coefficients& c) {
    return 100 * (c.seconds(times.back().workers) / c.seconds(times.front().workers) - 1);
  });
}

/// "4.7", "120"
std::string digits(double number) {
  return std::abs(number) < 100 ? fmt::format("{:.2g}", number) : fmt::format("{:.0f}", number);
}

}  // namespace

Estimate term_of(const FittedLaw& fitted) {
  return fitted.estimate(
      [&](const Coefficients& c) { return fitted.law == Law::amdahl ? c.alpha() : c.beta(); });
}

std::string text_of(Law law, const Estimate& term) {
  if (grows(law)) {
    return fmt::format("beta is {:.2g} [{:.2g}, {:.2g}]", term.value, term.low, term.high);
  }
  return fmt::format("alpha is {:.2g} % [{:.2g}, {:.2g}]", 100 * term.value, 100 * term.low,
                     100 * term.high);
}

std::string text_of_growth(const FittedLaw& law, const Times& times) {
  const Estimate longer = longer_on_most(law, times);
  return fmt::format("whose time at p = {} is {} % [{}, {}] longer than at p = {}",
                     times.back().workers, digits(longer.value), digits(longer.low),
                     digits(longer.high), times.front().workers);
}

std::string not_shown(Law chosen, Law law, const Estimate& term, double most_workers) {
  if (term.high <= 0) {
    return fmt::format("no sign of {} up to p = {}",
                       grows(law) ? "a cost that grows with the workers" : "a serial part",
                       most_workers);
  }
  return fmt::format("{} is not distinguishable from {} up to p = {}: {}", name_of(chosen),
                     name_of(law), most_workers,
                     grows(law) ? fmt::format("beta is at most {:.2g}", term.high)
                                : fmt::format("alpha is at most {:.2g} %", 100 * term.high));
}

std::string no_growth_shown(const ScalingLaws& laws, const Times& times) {
  double most = 0;
  for (const FittedLaw& fitted : laws.fits) {
    if (grows(fitted.law)) most = std::max(most, longer_on_most(fitted, times).high);
  }
  const double last = times.back().workers;
  if (most < least_told) return fmt::format("no sign of a cost that grows up to p = {}", last);
  return fmt::format(
      "not distinguishable from constant up to p = {}: the time there is at most {} % longer than "
      "at p = {}",
      last, digits(most), times.front().workers);
}

std::string falls(const FittedLaw& law, const Times& times) {
  const Estimate longer = longer_on_most(law, times);
  return fmt::format(
      "superlinear: the time at p = {} is {} % [{}, {}] shorter than at p = {}, with the same work "
      "for each worker; was the base slow or disturbed, or do fewer workers lack something that "
      "more have?",
      times.back().workers, digits(-longer.value), digits(-longer.high), digits(-longer.low),
      times.front().workers);
}

std::string with_terms(const FittedLaw& law, const Times& times) {
  // Of one residual more than terms an interval says nothing.
  if (terms_of(law.law) == 1 || law.residuals.size() < points_to_tell) return name_of(law.law);
  if (is_weak(law.law)) {
    return fmt::format("{}, {}", name_of(law.law), text_of_growth(law, times));
  }
  const Estimate alpha = law.estimate([](const Coefficients& c) { return c.alpha(); });
  std::string text = fmt::format("{}, whose {}", name_of(law.law), text_of(Law::amdahl, alpha));
  if (grows(law.law)) text += fmt::format(" and {}", text_of(law.law, term_of(law)));
  return text;
}

}  // namespace scalelab
