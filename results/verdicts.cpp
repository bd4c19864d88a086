#include "results/verdicts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "results/causes.hpp"
#include "results/phrases.hpp"
#include "results/units.hpp"

namespace scalelab {

namespace {

struct Fastest {
  const Curve* curve = nullptr;
  const Point* point = nullptr;
};

/// The fewest workers of a curve that a time is not shown to be shorter than; nothing: it is.
const Point* not_slower(const Curve& curve, const Point& than) {
  const auto point = std::find_if(
      curve.points.begin(), curve.points.end(),
      [&](const Point& candidate) { return !shorter(than.seconds, candidate.seconds); });
  return point == curve.points.end() ? nullptr : &*point;
}

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
  bool with_base = false;
  for (const Fastest& other : best) {
    if (other.curve == first.curve) continue;
    if (const Point* equal = not_slower(*other.curve, *first.point)) {
      equals.push_back(fmt::format("{} on {}", other.curve->name, equal->shape));
      with_base = with_base || other.curve->driver == "sequential";
    }
  }
  const std::string time = text_of_seconds(first.point->seconds.value);
  std::string text;
  if (study.curves.size() == 1 && study.curves.front().points.size() == 1) {
    text = fmt::format("{}: {}", on_workers(first), time);
  } else if (first.point->workers == 1 || with_base) {
    text = fmt::format("Nothing is shown to be faster than 1 worker alone. Shortest: {}, {}",
                       on_workers(first), time);
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
  // The end of the interval may be 0: no bound.
  const std::string most = alpha.low > 0 ? fmt::format("{:.3g}", 1 / alpha.low) : "any number of";
  return fmt::format(
      "{} of the work is serial (Amdahl), so it never gets more than {:.3g} [{:.3g}, {}] times "
      "faster than on 1 worker",
      percent(alpha), 1 / alpha.value, 1 / alpha.high, most);
}

std::string tell_usl(const FittedLaw& law, double most) {
  const Estimate alpha = law.estimate([](const Coefficients& c) { return c.alpha(); });
  const Estimate beta = law.estimate([](const Coefficients& c) { return c.beta(); });
  const double peak = peak_workers(law.coefficients);
  const std::string waiting =
      alpha.low > 0
          ? fmt::format("workers wait for each other (contention {}) and ", percent(alpha))
          : "";
  std::string text = fmt::format("{}each worker has to deal with every other (coherency {}; USL)",
                                 waiting, percent(beta));
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
  std::string text = fmt::format("{} on {}, each with the same work: {}, efficiency {}", curve.name,
                                 workers(last.workers), text_of_seconds(last.seconds.value),
                                 percent(*last.efficiency));
  if (last.gustafson) {
    text += fmt::format("; Gustafson's scaled speed-up, with the serial time as measured: {:.3g}",
                        *last.gustafson);
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
