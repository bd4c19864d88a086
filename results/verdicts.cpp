#include "results/verdicts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "results/units.hpp"

namespace scalelab {

namespace {

/// Losses below this are not worth a sentence.
constexpr double worth_telling = 0.05;

std::string percent(double share) {
  const double value = 100 * share;
  return fmt::format("{:.{}f} %", value, std::fabs(value) < 9.95 ? 1 : 0);
}

/// As many digits as the interval is worth, but two or three that count: 15.5 [15.4, 15.9],
/// 1.5 [0.7, 2.6]
int digits_of(const Estimate& estimate) {
  const double width = estimate.high - estimate.low;
  const double size = std::fabs(estimate.value);
  const int worth = width > 0 ? static_cast<int>(-std::floor(std::log10(width))) : 0;
  const int two = size > 0 ? 1 - static_cast<int>(std::floor(std::log10(size))) : 1;
  return std::clamp(std::clamp(worth, two, two + 1), 0, 4);
}

/// "4.8 % [4.1, 5.5]"
std::string percent(const Estimate& share) {
  const Estimate value{100 * share.value, 100 * share.low, 100 * share.high};
  const int digits = digits_of(value);
  return fmt::format("{:.{}f} % [{:.{}f}, {:.{}f}]", value.value, digits, value.low, digits,
                     value.high, digits);
}

std::string workers(std::uint64_t number) {
  return fmt::format("{} worker{}", number, number == 1 ? "" : "s");
}

/// Whether a is shorter than b as far as their intervals say.
bool shorter(const Median& a, const Median& b) { return a.high < b.low; }

struct Fastest {
  const Curve* curve = nullptr;
  const Point* point = nullptr;
};

std::string on_workers(const Fastest& fastest) {
  return fmt::format("{} on {}", fastest.curve->name, workers(fastest.point->workers));
}

/// How strong scaling ends: the fastest of all, and those that are as fast.
std::string tell_fastest(const Study& study) {
  std::vector<Fastest> best;
  for (const Curve& curve : study.curves) best.push_back({&curve, &fastest_point(curve)});
  const Fastest first = *std::min_element(
      best.begin(), best.end(),
      [](const auto& a, const auto& b) { return a.point->seconds.value < b.point->seconds.value; });
  std::vector<std::string> equals;
  for (const Fastest& other : best) {
    if (other.curve == first.curve || shorter(first.point->seconds, other.point->seconds)) continue;
    equals.push_back(fmt::format("{} on {}", other.curve->name, other.point->shape));
  }
  const std::string time = text_of_seconds(first.point->seconds.value);
  std::string text;
  if (first.point->workers == 1 && study.curves.size() > 1) {
    text = fmt::format("Nothing is shown to be faster than {}, {}", on_workers(first), time);
  } else {
    text = fmt::format("Fastest: {}, {}", on_workers(first), time);
  }
  if (first.point->speedup && first.point->workers > 1) {
    const Estimate& speedup = *first.point->speedup;
    const int digits = digits_of(speedup);
    text += fmt::format(", {:.{}f} [{:.{}f}, {:.{}f}] times as fast as {}", speedup.value, digits,
                        speedup.low, digits, speedup.high, digits,
                        study.base ? study.base->name : "on 1 worker");
  }
  if (!equals.empty()) {
    text += fmt::format(". Not slower, as far as the intervals tell: {}", fmt::join(equals, ", "));
  }
  return text + ".";
}

double most_workers(const Curve& curve) {
  double most = 0;
  for (const Point& point : curve.points) {
    if (!point.oversubscribed) most = std::max(most, static_cast<double>(point.workers));
  }
  return most;
}

std::string tell_amdahl(const FittedLaw& law) {
  const Estimate alpha = law.estimate([](const Coefficients& c) { return c.alpha(); });
  return fmt::format(
      "{} of the work is serial (Amdahl), so it never gets more than {:.3g} times faster than on 1 "
      "worker",
      percent(alpha), 1 / alpha.value);
}

std::string tell_usl(const FittedLaw& law, double most) {
  const Estimate alpha = law.estimate([](const Coefficients& c) { return c.alpha(); });
  const Estimate beta = law.estimate([](const Coefficients& c) { return c.beta(); });
  const double peak = peak_workers(law.coefficients);
  std::string text = fmt::format(
      "workers wait for each other (contention {}) and each has to deal with every other "
      "(coherency "
      "{}; USL)",
      percent(alpha), percent(beta));
  if (std::isfinite(peak)) {
    text += fmt::format(
        "; beyond {:.0f} workers each costs more than it brings{}", peak,
        peak > most ? fmt::format(", if the law holds beyond the {:.0f} measured", most) : "");
  }
  return text;
}

/// How far a curve goes by its law, without its name.
Verdict tell_law(const Curve& curve, double target) {
  const ScalingLaws& laws = *curve.laws;
  const FittedLaw* law = laws.chosen_fit();
  if (law == nullptr) return {laws.remark, "time"};
  const double most = most_workers(curve);
  std::string text;
  switch (law->law) {
    case Law::ideal: text = fmt::format("no serial part shows up to {:.0f} workers", most); break;
    case Law::amdahl: text = tell_amdahl(*law); break;
    case Law::usl: text = tell_usl(*law, most); break;
  }
  const double enough = workers_at_efficiency(law->coefficients, target);
  if (enough <= most) {
    text += fmt::format("; efficiency falls below {} from {:.0f} workers on", percent(target),
                        std::max(std::ceil(enough), 2.0));
  }
  if (!laws.remark.empty()) text += fmt::format(" ({})", laws.remark);
  return {text, law->law == Law::ideal ? "speedup" : "karp-flatt"};
}

/// Curves of which the same is said share a sentence.
std::vector<Verdict> tell_laws(const Study& study, double target) {
  std::vector<std::pair<Verdict, std::vector<std::string>>> told;  // and of whom
  for (const Curve& curve : study.curves) {
    if (!curve.laws) continue;
    const Verdict verdict = tell_law(curve, target);
    const auto same = std::find_if(told.begin(), told.end(), [&](const auto& other) {
      return other.first.text == verdict.text;
    });
    if (same != told.end()) {
      same->second.push_back(curve.name);
    } else {
      told.push_back({verdict, {curve.name}});
    }
  }
  std::vector<Verdict> verdicts;
  for (const auto& [verdict, names] : told) {
    verdicts.push_back(
        {fmt::format("{}: {}.", fmt::join(names, ", "), verdict.text), verdict.figure});
  }
  return verdicts;
}

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

/// Workers that compute and have no core of their own.
std::vector<Verdict> tell_oversubscribed(const Study& study) {
  std::vector<std::string> in_vain;
  std::vector<std::string> gaining;
  for (const Curve& curve : study.curves) {
    const Point* within = last_within_cores(curve);
    const Point& last = curve.points.back();
    if (within == nullptr || !last.oversubscribed) continue;
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

const Point* point_with(const Curve& curve, std::uint64_t number) {
  for (const Point& point : curve.points) {
    if (point.workers == number) return &point;
  }
  return nullptr;
}

/// Where a driver was run with several schedules: does another one save time?
std::vector<Verdict> tell_schedules(const Study& study) {
  std::vector<Verdict> verdicts;
  for (const Curve& curve : study.curves) {
    if (!curve.schedule.starts_with("static") || curve.driver == "sequential") continue;
    const Point& last = curve.points.back();
    const Curve* best = nullptr;
    for (const Curve& other : study.curves) {
      if (other.driver != curve.driver || other.schedule == curve.schedule ||
          other.threads_per_rank != curve.threads_per_rank || other.bind != curve.bind) {
        continue;
      }
      const Point* there = point_with(other, last.workers);
      if (there == nullptr || !shorter(there->seconds, last.seconds)) continue;
      if (best == nullptr ||
          there->seconds.value < point_with(*best, last.workers)->seconds.value) {
        best = &other;
      }
    }
    if (best == nullptr) continue;
    const double saved = 1 - point_with(*best, last.workers)->seconds.value / last.seconds.value;
    if (saved < worth_telling) continue;
    verdicts.push_back(
        {fmt::format("{} on {}: {}{} saves {} of the time.", curve.name, workers(last.workers),
                     last.losses && last.losses->imbalance > worth_telling
                         ? fmt::format("{} lost to imbalance; ", percent(last.losses->imbalance))
                         : "",
                     best->schedule, percent(saved)),
         "where"});
  }
  return verdicts;
}

/// The most workers up to which every point is at the target, as its interval tells; 0: none.
std::uint64_t worth_it_up_to(const Curve& curve, double target) {
  std::uint64_t last = 0;
  for (const Point& point : curve.points) {
    if (!point.efficiency || point.efficiency->high < target) break;
    last = point.workers;
  }
  return last;
}

/// Weak scaling: does the time stay the same?
std::optional<Verdict> tell_weak(const Curve& curve, double target) {
  const Point& last = curve.points.back();
  if (curve.driver == "sequential" || last.workers < 2 || !last.efficiency) return std::nullopt;
  std::string text = fmt::format(
      "{} on {}, each with the same work: efficiency {}, so {:.3g} times "
      "the work in the time of one",
      curve.name, workers(last.workers), percent(*last.efficiency), last.speedup->value);
  if (last.gustafson) {
    text += fmt::format(" (Gustafson, with the serial time as measured: {:.3g})", *last.gustafson);
  }
  if (const std::uint64_t up_to = worth_it_up_to(curve, target); up_to < last.workers) {
    text += up_to < 2 ? fmt::format("; below {} from the first", percent(target))
                      : fmt::format("; at least {} up to {} workers", percent(target), up_to);
  }
  return Verdict{text + ".", "weak"};
}

}  // namespace

const Point& fastest_point(const Curve& curve) {
  const auto best = std::min_element(
      curve.points.begin(), curve.points.end(),
      [](const Point& a, const Point& b) { return a.seconds.value < b.seconds.value; });
  return *std::find_if(curve.points.begin(), curve.points.end(), [&](const Point& point) {
    return point.seconds.value <= best->seconds.high;
  });
}

std::vector<Verdict> verdicts_of(const Study& study, double target) {
  std::vector<Verdict> verdicts;
  const auto add = [&](std::vector<Verdict> more) {
    for (Verdict& verdict : more) verdicts.push_back(std::move(verdict));
  };
  if (!study.weak) add({{tell_fastest(study), "speedup"}});
  add(tell_laws(study, target));
  if (study.weak) {
    for (const Curve& curve : study.curves) {
      if (auto verdict = tell_weak(curve, target)) add({*verdict});
    }
  }
  const auto causes_from = verdicts.size();
  add(tell_causes(study));
  if (!study.weak) add(tell_oversubscribed(study));
  for (std::size_t i = causes_from; i < verdicts.size(); ++i) verdicts[i].tells_cause = true;
  add(tell_schedules(study));
  // One number of workers is no curve: there are bars only.
  const bool curves = std::any_of(study.curves.begin(), study.curves.end(),
                                  [](const Curve& curve) { return curve.points.size() > 1; });
  for (Verdict& verdict : verdicts) {
    if (!curves) verdict.figure = "where";
  }
  return verdicts;
}

}  // namespace scalelab
