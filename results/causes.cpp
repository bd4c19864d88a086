#include "results/causes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "results/phrases.hpp"
#include "results/units.hpp"

namespace scalelab {

namespace {

/// What a kernel's tasks share when they are slower side by side.
std::string slowed_by(const Study& study) {
  if (study.kernel == "stream") return "memory-bound: the workers share the memory's bandwidth";
  if (study.kernel == "file-io") return "bound by the disk, which the workers share";
  return "the same work takes longer side by side: shared caches, memory or clock rate";
}

/// With most workers that have a core each; nothing where none have.
const Point* last_within_cores(const Curve& curve) {
  const Point* last = nullptr;
  for (const Point& point : curve.points) {
    if (!point.oversubscribed) last = &point;
  }
  return last;
}

/// Why a curve's last point within the cores is not p times as fast.
struct Cause {
  const Curve* curve;
  const Point* point;
  double share;  ///< of all workers' time that is lost by it
  std::string text;
};

std::optional<Cause> cause_of(const Study& study, const Curve& curve) {
  const Point* last = last_within_cores(curve);
  if (last == nullptr || last->workers < 2 || !last->efficiency || !last->losses) {
    return std::nullopt;
  }
  if (last->efficiency->high > 1 - worth_telling) return std::nullopt;
  const Losses& losses = *last->losses;
  const std::vector<std::pair<double, std::string>> causes{
      {losses.serial, "all others wait while one worker does the serial part"},
      {losses.imbalance, "imbalance: some workers have more to do than others"},
      {losses.preempted, "other programs had the cores for part of the time"},
      {losses.slowdown, slowed_by(study)},
      {losses.other,
       "all that is neither computing nor imbalance: handing out, messages, waking up"}};
  const auto& [share, text] = *std::max_element(causes.begin(), causes.end());
  return Cause{&curve, last, share, text};
}

}  // namespace

/// Curves that stop for the same reason share a sentence.
std::vector<Verdict> tell_causes(const Study& study) {
  std::vector<std::vector<Cause>> groups;
  for (const Curve& curve : study.curves) {
    const auto cause = cause_of(study, curve);
    if (!cause) continue;
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return group.front().text == cause->text &&
             group.front().point->workers == cause->point->workers;
    });
    (same != groups.end() ? *same : groups.emplace_back()).push_back(*cause);
  }
  std::vector<Verdict> verdicts;
  for (const std::vector<Cause>& group : groups) {
    std::vector<std::string> names;
    std::vector<std::string> efficiencies;
    for (const Cause& cause : group) {
      names.push_back(cause.curve->name);
      efficiencies.push_back(percent(*cause.point->efficiency));
    }
    const auto [least, most] =
        std::minmax_element(group.begin(), group.end(),
                            [](const Cause& a, const Cause& b) { return a.share < b.share; });
    const std::string least_lost = fmt::format("{:.0f}", 100 * least->share);
    const std::string most_lost = fmt::format("{:.0f}", 100 * most->share);
    verdicts.push_back(
        {fmt::format("{} on {}: efficiency {}. {}{} % of the workers' time is lost to this: {}.",
                     fmt::join(names, ", "), workers(group.front().point->workers),
                     fmt::join(efficiencies, ", "), least_lost,
                     least_lost == most_lost ? "" : fmt::format(" to {}", most_lost),
                     group.front().text),
         "where"});
  }
  return verdicts;
}

std::vector<Verdict> tell_oversubscribed(const Study& study) {
  std::vector<std::string> in_vain;
  std::vector<std::string> gaining;
  for (const Curve& curve : study.curves) {
    const Point* within = last_within_cores(curve);
    const Point& last = curve.points.back();
    // Only beside all cores at work it shows what more workers than cores bring.
    if (within == nullptr || !last.oversubscribed || within->workers != within->cores) continue;
    const bool gains = std::any_of(curve.points.begin(), curve.points.end(), [&](const Point& p) {
      return p.oversubscribed && shorter(p.seconds, within->seconds);
    });
    (gains ? gaining : in_vain)
        .push_back(fmt::format("{} ({} on {}, {} on {})", curve.name,
                               text_of_seconds(within->seconds.value), within->shape,
                               text_of_seconds(last.seconds.value), last.shape));
  }
  std::vector<Verdict> verdicts;
  if (!in_vain.empty()) {
    verdicts.push_back(
        {fmt::format("More workers than cores take turns on them, and no gain shows: "
                     "{}.",
                     fmt::join(in_vain, ", ")),
         "speedup"});
  }
  if (!gaining.empty()) {
    verdicts.push_back(
        {fmt::format("More workers than cores still gain time: {}.", fmt::join(gaining, ", ")),
         "speedup"});
  }
  return verdicts;
}

}  // namespace scalelab
