#include "results/laws/law_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <string>

#include "results/laws/law_words.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

using Times = std::vector<TimesOnWorkers>;

constexpr double other_time = 0.05;     ///< faster or slower, as a part of the time
constexpr double least_change = 0.01;   ///< by a term that is needed
constexpr double worst_residual = 0.2;  ///< of a law that is believed
constexpr double worst_miss = 0.05;     ///< of such a law, outside of a median's interval
constexpr double least_chance = 0.01;   ///< of deviations that are taken for scatter
constexpr double sure = 0.975;          ///< part of the resamples in which a law fits better

/// The largest difference between the times of two laws, as a part of the first.
double change(const FittedLaw& from, const FittedLaw& to, const Times& times) {
  double largest = 0;
  for (const TimesOnWorkers& point : times) {
    const double p = point.workers;
    const double part =
        to.coefficients.seconds(p, point.share) / from.coefficients.seconds(p, point.share) - 1;
    largest = std::max(largest, std::abs(part));
  }
  return largest;
}

/// Why no law could say anything about such a curve; or nothing.
std::string obstacle(const ScalingLaws& laws, const Times& times) {
  if (laws.fits.empty()) return "no law can be fitted to such times";
  if (times.size() < points_for_a_law) {
    return fmt::format("the curve has {} of workers: a law needs at least three",
                       times.size() == 1 ? "one number" : "two numbers");
  }
  std::vector<double> medians;
  for (const TimesOnWorkers& point : times) medians.push_back(median_of(point.seconds).value);
  // Of workers that have the same work each, none of this is odd.
  if (is_weak(laws.fits.front().law)) return "";
  const double first = medians.front();
  const auto [fastest, slowest] = std::minmax_element(medians.begin(), medians.end());
  if (*fastest > (1 - other_time) * first && *slowest < (1 + other_time) * first) {
    return fmt::format("p = {} to {} take the same time, to {:.0f} %: more workers bring nothing",
                       times.front().workers, times.back().workers, 100 * other_time);
  }
  if (*fastest > (1 - other_time) * first) {
    return fmt::format(
        "no number of workers is {:.0f} % faster than p = {}: more cost than they bring",
        100 * other_time, times.front().workers);
  }
  return "";
}

/// Where a law misses the times too much to be believed.
struct Misfit {
  double worst = 0;  ///< residual, as a part of the law; 0: it is good enough
  double workers = 0;
};

Misfit misfit(const FittedLaw& law, const Times& times) {
  Misfit found;
  const bool scatter = law.lack_of_fit.chance >= least_chance;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Median measured = median_of(times[i].seconds);
    const double expected = law.coefficients.seconds(times[i].workers, times[i].share);
    const double residual = std::abs(law.residuals[i]);
    const double miss = std::max(measured.low / expected - 1, 1 - measured.high / expected);
    const bool refused = residual > worst_residual || (!scatter && miss > worst_miss);
    if (refused && residual > found.worst) found = {residual, times[i].workers};
  }
  return found;
}

bool fits(const FittedLaw& law, const Times& times) { return misfit(law, times).worst == 0; }

/// In which part of the resamples a law leaves less than another one.
double better(const FittedLaw& law, const FittedLaw& other) {
  const std::size_t n = std::min(law.resampled_squares.size(), other.resampled_squares.size());
  std::size_t less = 0;
  for (std::size_t i = 0; i < n; ++i) {
    less += law.resampled_squares[i] < other.resampled_squares[i] ? 1 : 0;
  }
  return n == 0 ? 0 : static_cast<double>(less) / static_cast<double>(n);
}

/// Whether a law is shown to fit better than another one with as many terms: in nearly all
/// resamples, and by more than what either leaves could differ by chance.
bool beats(const FittedLaw& law, const FittedLaw& other, const Times& times) {
  const std::size_t terms = terms_of(law.law);
  if (times.size() <= terms || better(law, other) < sure) return false;
  if (law.lack_of_fit.chance < 0.05) return false;  // neither is true
  const auto left = static_cast<double>(times.size() - terms);
  return other.squares >
         law.squares * boost::math::quantile(boost::math::fisher_f(left, left), 0.95);
}

/// A law of which a term would be less than nothing explains nothing.
bool is_possible(const FittedLaw& law) {
  return law.estimate([](const Coefficients& c) { return c.alpha(); }).high >= 0 &&
         law.estimate([](const Coefficients& c) { return c.beta(); }).high >= 0;
}

/// The best of the laws with a term that grows, if possible of those that are; nullptr: too few
/// points.
const FittedLaw* growing(const ScalingLaws& laws) {
  const FittedLaw* best = nullptr;
  bool possible = false;
  for (const FittedLaw& fitted : laws.fits) {
    // What has as many terms as points fits whatever it is.
    if (!grows(fitted.law) || fitted.residuals.size() <= terms_of(fitted.law)) continue;
    const bool can_be = is_possible(fitted);
    if (best == nullptr || (can_be && !possible) ||
        (can_be == possible && fitted.squares < best->squares)) {
      best = &fitted;
      possible = can_be;
    }
  }
  return best;
}

/// Of weak scaling: whether growth shows, if there are points enough by more than one law. One
/// alone may rest on a single point that is off, as a linear one does on most workers.
bool shows_growth(const FittedLaw& best, const ScalingLaws& laws) {
  const auto shows = [](const FittedLaw& law) { return grows(law.law) && term_of(law).low > 0; };
  if (best.residuals.size() < points_to_tell) return shows(best);
  return shows(best) && std::count_if(laws.fits.begin(), laws.fits.end(), shows) > 1;
}

/// Why a law does not go on to the next one.
struct Reason {
  std::string text;
  bool negative = false;  ///< its terms would be below 0, and change some time
};

/// The next larger law, if it is needed.
const FittedLaw* next_law(const FittedLaw& chosen, const ScalingLaws& laws, const Times& times,
                          Reason& reason) {
  if (grows(chosen.law)) return nullptr;
  const FittedLaw* next = chosen.law == Law::ideal ? laws.fit(Law::amdahl) : growing(laws);
  if (next == nullptr) {
    reason.text = fmt::format(
        "what grows with the workers needs at least 4 numbers of them, the "
        "curve has {}",
        times.size());
    return nullptr;
  }
  const Estimate term = term_of(*next);
  const Estimate alpha = next->estimate([](const Coefficients& c) { return c.alpha(); });
  const bool changes = change(chosen, *next, times) >= least_change;
  // Or a step to a law that does, and could be contradicted.
  const FittedLaw* last = times.size() < points_to_tell ? nullptr : growing(laws);
  const bool mends =
      !fits(chosen, times) && (fits(*next, times) || (last != nullptr && fits(*last, times)));
  if (is_weak(chosen.law) && term.high < 0 && changes) {
    reason = {falls(*next, times), true};
  } else if (is_weak(chosen.law) && !shows_growth(*next, laws) && !(mends && term.value > 0)) {
    reason.text = no_growth_shown(laws, times);
  } else if ((term.high < 0 || alpha.high < 0) && changes) {
    const char* what = next->law == Law::amdahl ? "superlinear"
                       : alpha.high < 0         ? "a law that grows fits only where"
                                        : "more workers are faster than Amdahl's law allows";
    reason = {fmt::format(
                  "{}, {}", what,
                  text_of(alpha.high < 0 ? Law::amdahl : next->law, alpha.high < 0 ? alpha : term)),
              true};
  } else if (term.low <= 0 && !(mends && term.value > 0)) {
    // Of those that do not show, the best known is named.
    const Law law = next->law == Law::amdahl ? Law::amdahl : Law::usl;
    const FittedLaw* known = laws.fit(law);
    reason.text = not_shown(chosen.law, law, term_of(*known), times.back().workers);
  } else if (!changes) {
    reason.text =
        fmt::format("{}, {}, would change no time by {:.0f} %", name_of(next->law),
                    is_weak(next->law) ? text_of_growth(*next, times) : text_of(next->law, term),
                    100 * least_change);
  } else {
    return next;
  }
  return nullptr;
}

bool any_runs(const Times& times, std::size_t fewer_than) {
  return std::any_of(times.begin(), times.end(), [&](const TimesOnWorkers& point) {
    return point.seconds.size() < fewer_than;
  });
}

/// What else has to be known of a law that is believed.
std::vector<std::string> cautions(const FittedLaw& law, const Times& times) {
  std::vector<std::string> texts;
  double worst = 0;
  for (const double residual : law.residuals) worst = std::max(worst, std::abs(residual));
  if (law.lack_of_fit.chance < least_chance) {
    texts.push_back(
        fmt::format("it misses times by up to {:.1f} %, more than the runs scatter, and "
                    "its intervals allow for that",
                    100 * worst));
  }
  if (terms_of(law.law) > 1 && times.size() == terms_of(law.law) + 1) {
    texts.push_back(
        fmt::format("{} numbers of workers hardly contradict it: if they are some per cent off, "
                    "its intervals are too narrow",
                    times.size()));
  }
  if (times.front().workers > 1 && !is_weak(law.law)) {
    texts.push_back(
        fmt::format("its time on 1 worker is foretold from {} on", times.front().workers));
  }
  const bool once = !std::any_of(times.begin(), times.end(), [](const TimesOnWorkers& point) {
    return point.seconds.size() > 1;
  });
  if (once) {
    texts.emplace_back("of one run each, so its intervals rest on the law itself");
  } else if (any_runs(times, 3)) {
    texts.emplace_back("of fewer than 3 runs the intervals are somewhat too narrow");
  }
  return texts;
}

/// Of the laws that do not fit, the one that does so best, if its terms are something.
const FittedLaw& nearest_misfit(const ScalingLaws& laws, const FittedLaw& chosen,
                                const Times& times) {
  const FittedLaw* nearest = &chosen;
  for (const FittedLaw& fitted : laws.fits) {
    const Coefficients& c = fitted.coefficients;
    const bool exact = grows(fitted.law) && times.size() <= terms_of(fitted.law);
    if (exact || c.c1 < 0 || c.c2 < 0 || fits(fitted, times)) continue;
    // Of a term that does not show nothing should be told.
    if (grows(fitted.law) && term_of(fitted).low <= 0) continue;
    if (fitted.squares < nearest->squares) nearest = &fitted;
  }
  return *nearest;
}

/// Those that fit as well with as many terms; of few points, with another number of them, too. A
/// law of weak scaling leaves few points nothing to contradict it, and so beats no other.
std::vector<Law> rivals_of(const FittedLaw& chosen, const ScalingLaws& laws, const Times& times) {
  std::vector<Law> rivals;
  if (terms_of(chosen.law) == 1) return rivals;
  const bool few = times.size() < points_to_tell;
  for (const FittedLaw& other : laws.fits) {
    if (other.law == chosen.law || terms_of(other.law) == 1 || !is_possible(other)) continue;
    const bool as_well = grows(other.law) != grows(chosen.law)
                             ? few && fits(other, times)
                             : (few && is_weak(chosen.law)) || !beats(chosen, other, times);
    if (as_well) rivals.push_back(other.law);
  }
  return rivals;
}

}  // namespace

void choose(ScalingLaws& laws, const std::vector<TimesOnWorkers>& times) {
  laws.chosen.reset();
  laws.rivals.clear();
  laws.note = obstacle(laws, times);
  if (!laws.note.empty()) return;

  const FittedLaw* chosen = &laws.fits.front();
  Reason reason;
  while (const FittedLaw* next = next_law(*chosen, laws, times, reason)) chosen = next;

  std::vector<std::string> texts;
  if (!fits(*chosen, times)) {
    const FittedLaw& nearest = nearest_misfit(laws, *chosen, times);
    const Misfit missed = misfit(nearest, times);
    texts.push_back(
        fmt::format("no law fits: the nearest, {}, misses the time at p = {} by {:.0f} %",
                    with_terms(nearest, times), missed.workers, 100 * missed.worst));
  } else if (reason.negative && chosen->law != Law::ideal) {
    // Amdahl's bound would be wrong, and so would be a constant time; "no serial part shows" is
    // not.
    texts.emplace_back("no law fits");
  } else {
    laws.chosen = chosen->law;
    laws.rivals = rivals_of(*chosen, laws, times);
  }
  if (!reason.text.empty() && (laws.chosen || reason.negative)) texts.push_back(reason.text);
  if (laws.chosen) {
    for (const std::string& text : cautions(*chosen, times)) texts.push_back(text);
  }
  laws.note = fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace scalelab
