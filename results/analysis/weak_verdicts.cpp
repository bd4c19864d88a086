#include "results/analysis/weak_verdicts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "results/analysis/causes.hpp"
#include "results/text/phrases.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

/// The most workers up to which every point is shown to be at the target; 0: none.
std::uint64_t worth_it_up_to(const Curve& curve, double target) {
  std::uint64_t last = 0;
  for (const Point& point : curve.points) {
    if (!point.efficiency || point.efficiency->low < target) break;
    last = point.workers;
  }
  return last;
}

/// The fewest workers from which on every point is shown to be below the target; 0: none.
std::uint64_t below_from(const Curve& curve, double target) {
  std::uint64_t from = 0;
  for (auto point = curve.points.rbegin(); point != curve.points.rend(); ++point) {
    if (!point->efficiency || point->efficiency->high >= target) break;
    from = point->workers;
  }
  return from;
}

/// The numbers of workers that the laws are fitted to.
struct Range {
  double fewest = 0;
  double most = 0;
  std::size_t counts = 0;
};

Range range_of_laws(const Curve& curve) {
  Range range;
  for (const Point& point : curve.points) {
    if (!point.has_like_cores()) continue;
    range.most = static_cast<double>(point.workers);
    if (range.counts++ == 0) range.fewest = range.most;
  }
  return range;
}

/// "49.8 ms [48 ms, 51.5 ms]"
std::string text_of(const Estimate& seconds) {
  return fmt::format("{} [{}, {}]", text_of_seconds(seconds.value), text_of_seconds(seconds.low),
                     text_of_seconds(seconds.high));
}

/// "each doubling of the workers adds 49.8 ms [48 ms, 51.5 ms], 5.0 % [4.8, 5.2] of the time on 1"
std::string step_of(const FittedLaw& law, double fewest) {
  const Estimate seconds = law.estimate([](const Coefficients& c) { return c.c2; });
  const Estimate part = law.estimate([](const Coefficients& c) { return c.beta(); });
  return fmt::format("each {} adds {}, {} of the time on {:.0f}",
                     law.law == Law::weak_tree ? "doubling of the workers" : "worker more",
                     text_of(seconds), percent(part), fewest);
}

/// "on 64 workers it takes 31 % [29, 33] longer than on 1"
std::string growth_of(const ScalingLaws& laws, const Range& range) {
  Estimate longer = laws.estimate(
      [&](const Coefficients& c) { return c.seconds(range.most) / c.seconds(range.fewest) - 1; });
  longer.low = std::max(longer.low, 0.0);  // that it grows is shown
  return fmt::format("on {:.0f} workers it takes {} longer than on {:.0f}", range.most,
                     percent(longer), range.fewest);
}

/// A mechanism only where the workers' accounts do not tell of another one.
std::string tell_growth(const Curve& curve, const FittedLaw& law, const Range& range) {
  const ScalingLaws& laws = *curve.laws;
  const bool steps = law.law != Law::weak_root;  // each worker adds less than the one before it
  if (!laws.rivals.empty()) {
    std::vector<std::string> names;
    for (const Law rival : laws.rivals) names.push_back(name_of(rival));
    return fmt::format(
        "its time grows with the workers: {}. How it grows, {} numbers of workers cannot tell: {} "
        "fits best{}, but not clearly better than {}",
        growth_of(laws, range), range.counts, name_of(law.law),
        steps ? fmt::format(" ({})", step_of(law, range.fewest)) : "", fmt::join(names, " and "));
  }
  const char* why = "";
  if (work_itself_takes_longer(curve)) {
    why = ", though its workers hardly wait: their work itself takes longer side by side";
  } else if (law.law == Law::weak_tree) {
    why = ", as that of messages along a tree and of collectives does";
  } else if (law.law == Law::weak_linear) {
    why = ", as where each worker adds something that is done one after another";
  }
  return fmt::format("its time grows {}{}: {}{}",
                     law.law == Law::weak_linear ? "linearly" : "by " + name_of(law.law), why,
                     steps ? step_of(law, range.fewest) + "; " : "", growth_of(laws, range));
}

}  // namespace

std::optional<Verdict> tell_weak(const Curve& curve, double target) {
  const Point& last = curve.points.back();
  if (curve.driver == sequential_driver || last.workers < 2 || !last.efficiency)
    return std::nullopt;
  std::string text = fmt::format("{} on {}, each with the same work: {}, efficiency {}", curve.name,
                                 workers(last.workers), text_of_seconds(last.seconds.value),
                                 percent(*last.efficiency));
  if (last.gustafson) {
    text += fmt::format("; Gustafson's scaled speed-up, with the serial time as measured: {:.3g}",
                        *last.gustafson);
  }
  const std::uint64_t up_to = worth_it_up_to(curve, target);
  if (up_to > 1) text += fmt::format("; at least {:.3g} % up to {} workers", 100 * target, up_to);
  if (const std::uint64_t from = below_from(curve, target); from > 0) {
    text += fmt::format("; below {:.3g} % from {} on", 100 * target, workers(from));
  }
  return Verdict{text + ".", "weak"};
}

Verdict tell_weak_law(const Curve& curve) {
  const ScalingLaws& laws = *curve.laws;
  const FittedLaw* law = laws.chosen_fit();
  if (law == nullptr) return {laws.note, "weak"};
  const Range range = range_of_laws(curve);
  std::string text =
      law->law == Law::constant
          ? fmt::format("no cost of more workers shows up to {:.0f} of them", range.most)
          : tell_growth(curve, *law, range);
  if (!laws.note.empty()) text += fmt::format(" ({})", laws.note);
  return {text, "weak"};
}

}  // namespace scalelab
