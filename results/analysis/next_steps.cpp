#include "results/analysis/next_steps.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/laws/law_words.hpp"
#include "results/laws/next_measurement.hpp"
#include "results/text/phrases.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

constexpr double farther = 2;  ///< times as many workers as were measured

const ScalingLaws* believed(const Curve& curve) {
  return curve.laws && curve.laws->chosen ? &*curve.laws : nullptr;
}

/// Whether a curve's machine has no core for each of so many workers; not where they only wait.
bool lacks_cores(const Study& study, const Curve& curve, double workers) {
  const std::uint64_t cores = curve.points.back().cores;
  return !study.waits && cores > 0 && workers > static_cast<double>(cores);
}

/// Half of an interval, as a part of the value.
double wide(double value, double end) { return std::abs(end / value - 1); }

/// "22.4 [21.9, 23.0]": a speed-up; of weak scaling "84 % [81, 87]", an efficiency. The base's
/// error is in it, too. Of one run each nothing tells how sure it is.
std::string foretold_of(const Study& study, const Curve& curve, double on) {
  const ScalingLaws& laws = *curve.laws;
  const Estimate seconds = foretold(laws, on, curve.points.back().sharing.share(on));
  const double base = *curve.base_seconds;
  const Median& median = study.base ? study.base->seconds : curve.points.front().seconds;
  const double value = base / seconds.value;
  const double low =
      value * (1 - std::hypot(1 - seconds.value / seconds.high, wide(median.value, median.low)));
  const double high = seconds.low > 0 ? value * (1 + std::hypot(wide(seconds.low, seconds.value),
                                                                wide(median.value, median.high)))
                                      : std::numeric_limits<double>::infinity();
  const bool once = std::all_of(laws.times.begin(), laws.times.end(),
                                [](const auto& point) { return point.seconds.size() == 1; });
  const double scale = study.weak ? 100 : 1;
  const Estimate ratio{scale * value, scale * low, scale * high};
  const int digits = std::isfinite(high) ? digits_of(ratio) : 1;
  std::string text = fmt::format("{:.{}f}{}", ratio.value, digits, study.weak ? " %" : "");
  if (once) return "about " + text;
  return fmt::format("{} [{:.{}f}, {}]", text, ratio.low, digits,
                     std::isfinite(high) ? fmt::format("{:.{}f}", ratio.high, digits) : "any");
}

/// Whether more workers than the law's best would be of no use.
bool is_beyond_peak(const ScalingLaws& laws) {
  return !is_weak(*laws.chosen) &&
         peak_workers(laws.chosen_fit()->coefficients) <= laws.times.back().workers;
}

/// "For 32 workers, twice as many as measured, a speed-up is foretold of openmp 22.4 [21.9, 23.0]"
std::optional<std::string> tell_foretold(const Study& study) {
  std::map<double, std::vector<std::string>> curves;
  std::map<double, bool> lack;
  for (const Curve& curve : study.curves) {
    const ScalingLaws* laws = believed(curve);
    if (laws == nullptr || !curve.base_seconds || is_beyond_peak(*laws)) continue;
    const double on = farther * laws->times.back().workers;
    curves[on].push_back(fmt::format("{} {}", curve.name, foretold_of(study, curve, on)));
    lack[on] = lack[on] || lacks_cores(study, curve, on);
  }
  std::vector<std::string> texts;
  for (const auto& [on, names] : curves) {
    texts.push_back(fmt::format("for {:.0f} workers, of {}{}", on, fmt::join(names, ", "),
                                lack[on] ? ", if there were as many cores" : ""));
  }
  if (texts.empty()) return std::nullopt;
  return fmt::format("{} foretold for twice as many workers as the laws rest on: {}",
                     study.weak ? "Efficiency" : "Speed-up", fmt::join(texts, "; "));
}

/// "log p, sqrt p and USL", the chosen one first
std::string names_of(const ScalingLaws& laws) {
  std::string names = name_of(*laws.chosen);
  for (const Law rival : laws.rivals) {
    names += fmt::format("{}{}", rival == laws.rivals.back() ? " and " : ", ", name_of(rival));
  }
  return names;
}

/// What to measure of a curve, or of several of which the same is to be said.
std::string tell_apart(const std::string& whom, const std::string& laws,
                       const NextMeasurement& next, bool lack_cores) {
  const std::string numbers = fmt::format("{}", fmt::join(next.workers, ", "));
  const char* with_cores = lack_cores ? " (with as many cores)" : "";
  if (next.few && next.odd) {
    return fmt::format(
        "measure {} on {} workers again, whose time is odd: without it {} cannot be told apart",
        whom, numbers, laws);
  }
  if (next.few) {
    return fmt::format(
        "measure {} on {} workers{}, too: fewer than {} numbers of workers cannot tell {} apart",
        whom, numbers, with_cores, points_to_tell, laws);
  }
  if (!next.workers.empty()) {
    return fmt::format("{} runs of {} on {} workers{} would tell {} apart", runs_for_interval, whom,
                       numbers, with_cores, laws);
  }
  if (next.runs > 0) {
    return fmt::format("{} runs of {} on each number of workers would tell {} apart", next.runs,
                       whom, laws);
  }
  return fmt::format("a few more measurements of {} may not tell {} apart", whom, laws);
}

/// Of curves whose law has rivals, each thing once.
std::vector<std::string> tell_rivals(const Study& study) {
  struct Advice {
    std::string laws;
    NextMeasurement next;
    bool lack_cores;
    std::vector<std::string> curves;
  };
  std::vector<Advice> all;
  for (const Curve& curve : study.curves) {
    if (believed(curve) == nullptr) continue;
    const auto next =
        what_tells_apart(*curve.laws, study.weak ? Sharing{} : curve.points.back().sharing);
    if (!next) continue;
    const Advice advice{names_of(*curve.laws),
                        *next,
                        !next->workers.empty() && lacks_cores(study, curve, next->workers.back()),
                        {curve.name}};
    const auto same = std::find_if(all.begin(), all.end(), [&](const Advice& other) {
      return tell_apart("", other.laws, other.next, other.lack_cores) ==
             tell_apart("", advice.laws, advice.next, advice.lack_cores);
    });
    if (same != all.end()) {
      same->curves.push_back(curve.name);
    } else {
      all.push_back(advice);
    }
  }
  std::vector<std::string> texts;
  for (const Advice& advice : all) {
    texts.push_back(tell_apart(fmt::format("{}", fmt::join(advice.curves, ", ")), advice.laws,
                               advice.next, advice.lack_cores));
  }
  return texts;
}

/// What every study needs and this one has not: a base, and drivers to hold against it.
std::vector<std::string> tell_missing(const Study& study) {
  bool alone = false;
  bool others = false;
  for (const Curve& curve : study.curves) {
    (curve.driver == sequential_driver ? alone : others) = true;
  }
  if (!alone) {
    return {
        "measure the sequential driver, too: only over its time a speed-up holds what a driver "
        "costs itself"};
  }
  if (!others) return {"measure openmp, processes or mpi, too, on 1 worker and on more"};
  return {};
}

/// Why there cannot be enough numbers of workers to tell laws apart; empty: there can.
std::string what_is_short(const Study& study, const Curve& curve) {
  const Point& last = curve.points.back();
  const std::uint64_t tasks = study.weak ? 0 : last.sharing.tasks;
  if (tasks > 0 && tasks < points_to_tell) {
    return fmt::format("{} task{} {} too few", tasks, tasks == 1 ? "" : "s",
                       tasks == 1 ? "is" : "are");
  }
  if (!lacks_cores(study, curve, static_cast<double>(points_to_tell))) return "";
  if (last.cpus > 0) return fmt::format("the limit of {:.3g} CPUs here is too low", last.cpus);
  return fmt::format("the {} core{} here {} too few", last.cores, last.cores == 1 ? "" : "s",
                     last.cores == 1 ? "is" : "are");
}

/// Of curves that have too few numbers of workers for any law.
std::vector<std::string> tell_few(const Study& study) {
  std::map<std::string, std::vector<std::string>> curves;  // by what is short
  for (const Curve& curve : study.curves) {
    const auto numbers = std::count_if(curve.points.begin(), curve.points.end(),
                                       [](const Point& point) { return point.has_like_cores(); });
    if (curve.driver == sequential_driver ||
        numbers >= static_cast<std::ptrdiff_t>(points_for_a_law))
      continue;
    curves[what_is_short(study, curve)].push_back(curve.name);
  }
  std::vector<std::string> texts;
  for (const auto& [is_short, names] : curves) {
    const std::string whom = fmt::format("{}", fmt::join(names, ", "));
    texts.push_back(
        is_short.empty()
            ? fmt::format(
                  "measure {} on {} numbers of workers or more: a law needs {}, and to tell laws "
                  "apart takes {}",
                  whom, points_to_tell, points_for_a_law, points_to_tell)
            : fmt::format("for a law of {} {}: it needs {} numbers of workers, and to tell laws "
                          "apart takes {}",
                          whom, is_short, points_for_a_law, points_to_tell));
  }
  return texts;
}

}  // namespace

std::vector<Verdict> tell_next(const Study& study) {
  std::vector<Verdict> verdicts;
  const char* figure = study.weak ? "weak" : "speedup";
  if (const auto text = tell_foretold(study)) verdicts.push_back({sentence(*text), figure});
  std::vector<std::string> advice = tell_missing(study);
  for (std::string& few : tell_few(study)) advice.push_back(std::move(few));
  for (std::string& rivals : tell_rivals(study)) advice.push_back(std::move(rivals));
  if (!advice.empty()) {
    verdicts.push_back({sentence(fmt::format("What next: {}", fmt::join(advice, "; "))), figure});
  }
  return verdicts;
}

}  // namespace scalelab
