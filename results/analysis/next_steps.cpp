#include "results/analysis/next_steps.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
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

/// "openmp 22.4 [21.9, 23.0]": its speed-up; of weak scaling "openmp 84 % [81, 87]", its efficiency
std::string foretold_of(const Study& study, const Curve& curve, double on) {
  const Estimate seconds = foretold(*curve.laws, on, curve.points.back().sharing.share(on));
  const double base = *curve.base_seconds;
  const Estimate ratio{base / seconds.value, base / seconds.high, base / seconds.low};
  if (study.weak) return fmt::format("{} {}", curve.name, percent(ratio));
  const int digits = digits_of(ratio);
  return fmt::format("{} {:.{}f} [{:.{}f}, {:.{}f}]", curve.name, ratio.value, digits, ratio.low,
                     digits, ratio.high, digits);
}

/// "on 32 workers, twice as many as the laws rest on, they foretell a speed-up of openmp 22.4 [..]"
std::vector<std::string> tell_foretold(const Study& study) {
  std::map<double, std::vector<std::string>> curves;
  std::map<double, bool> lack;
  for (const Curve& curve : study.curves) {
    const ScalingLaws* laws = believed(curve);
    if (laws == nullptr || !curve.base_seconds) continue;
    const double on = farther * laws->times.back().workers;
    curves[on].push_back(foretold_of(study, curve, on));
    lack[on] = lack[on] || lacks_cores(study, curve, on);
  }
  std::vector<std::string> texts;
  for (const auto& [on, names] : curves) {
    texts.push_back(fmt::format(
        "on {:.0f} workers, twice as many as the laws rest on, they foretell {} of {}{}", on,
        study.weak ? "an efficiency" : "a speed-up", fmt::join(names, ", "),
        lack[on] ? ", on a machine with so many cores" : ""));
  }
  return texts;
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
  return fmt::format("a few more measurements of {} would not tell {} apart", whom, laws);
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
    const auto next = what_tells_apart(*curve.laws);
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

}  // namespace

std::optional<Verdict> tell_next(const Study& study) {
  std::vector<std::string> texts = tell_rivals(study);
  for (std::string& text : tell_foretold(study)) texts.push_back(std::move(text));
  if (texts.empty()) return std::nullopt;
  return Verdict{sentence(fmt::format("What next: {}", fmt::join(texts, "; "))), "speedup"};
}

}  // namespace scalelab
