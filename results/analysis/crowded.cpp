#include "results/analysis/crowded.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

#include "results/analysis/causes.hpp"
#include "results/analysis/comparisons.hpp"
#include "results/text/phrases.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

/// How a sentence about workers that are crowded for these reasons begins.
/// @param share_units  at some points each has a hardware thread; `why` says whether at all
std::string beginning(const Crowding& why, bool share_units, bool gains) {
  const std::string limit = "a limit of CPUs (cgroup) lets compute at a time";
  const std::string turns =
      share_units ? "take turns where there are not as many hardware threads" : "take turns";
  std::string who = "Several workers on one core";
  std::string wait = turns;
  if (why.few_cores && why.cpu_limit) {
    who = fmt::format("More workers than cores, or than {},", limit);
    wait = "have to wait";
  } else if (why.few_cores) {
    who = "More workers than cores";
    wait = share_units ? turns : "take turns on them";
  } else if (why.cpu_limit) {
    who = fmt::format("More workers than {}", limit);
    wait = "have to wait";
  }
  if (share_units) {
    const bool wait_at_all = why.take_turns() || why.cpu_limit;
    wait = fmt::format("share a core's units as hardware threads (SMT){}",
                       wait_at_all ? ", or " + wait : "");
  }
  const char* so = gains ? "still gain time" : "no gain shows";
  if (gains && !share_units) return fmt::format("{} {}", who, so);
  return fmt::format("{} {}, and {}", who, wait, so);
}

/// Sentences that begin alike are one. @param gains  tell of those that gain, or of the others
std::vector<Verdict> tell_oversubscribed(const Study& study, bool gains) {
  std::vector<std::pair<std::string, std::vector<std::string>>> told;  // and of whom
  for (const Curve& curve : study.curves) {
    const std::vector<const Point*> crowded = beyond_the_cores(curve);
    if (crowded.empty()) continue;
    const Point* within = last_with_like_cores(curve);
    const Point& last = curve.points.back();
    Crowding why;
    bool share_units = false;
    bool any_gains = false;
    for (const Point* point : crowded) {
      why |= point->crowding;
      share_units = share_units || point->crowding.hardware_threads;
      any_gains = any_gains || shorter(point->seconds, within->seconds);
    }
    if (any_gains != gains) continue;
    const std::string begin = beginning(why, share_units, gains);
    auto same = std::find_if(told.begin(), told.end(),
                             [&](const auto& other) { return other.first == begin; });
    if (same == told.end()) same = told.insert(told.end(), {begin, {}});
    // Of a limit of 2.5 CPUs, 3 workers get no more than these.
    const std::string together =
        why.cpu_limit ? fmt::format(": {:.3g} CPUs together", last.cpus) : "";
    same->second.push_back(fmt::format("{} ({} on {}, {} on {}{})", curve.name,
                                       text_of_seconds(within->seconds.value), within->shape,
                                       text_of_seconds(last.seconds.value), last.shape, together));
  }
  std::vector<Verdict> verdicts;
  for (const auto& [begin, curves] : told) {
    verdicts.push_back({fmt::format("{}: {}.", begin, fmt::join(curves, ", ")), "speedup"});
  }
  return verdicts;
}

}  // namespace

std::vector<Verdict> tell_oversubscribed(const Study& study) {
  std::vector<Verdict> verdicts = tell_oversubscribed(study, false);
  for (Verdict& verdict : tell_oversubscribed(study, true)) verdicts.push_back(std::move(verdict));
  return verdicts;
}

}  // namespace scalelab
