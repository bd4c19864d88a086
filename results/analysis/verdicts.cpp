#include "results/analysis/verdicts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "results/analysis/causes.hpp"
#include "results/analysis/crowded.hpp"
#include "results/analysis/next_steps.hpp"
#include "results/analysis/weak_verdicts.hpp"
#include "results/studies/derive.hpp"
#include "results/text/phrases.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

const Point& shortest_point(const Curve& curve) {
  return *std::min_element(
      curve.points.begin(), curve.points.end(),
      [](const Point& a, const Point& b) { return a.seconds.value < b.seconds.value; });
}

/// The fewest workers of a curve that a time is not shown to be shorter than; nullptr: it is.
const Point* not_slower(const Curve& curve, const Point& than) {
  const auto point = std::find_if(
      curve.points.begin(), curve.points.end(),
      [&](const Point& candidate) { return !shorter(than.seconds, candidate.seconds); });
  return point == curve.points.end() ? nullptr : &*point;
}

std::string on_workers(const CurveAt& at) {
  return fmt::format("{} on {}", at.curve->name, workers(at.point->workers));
}

CurveAt shortest_of(const Study& study) {
  const Curve& curve = *std::min_element(
      study.curves.begin(), study.curves.end(), [](const Curve& a, const Curve& b) {
        return shortest_point(a).seconds.value < shortest_point(b).seconds.value;
      });
  return {&curve, &shortest_point(curve)};
}

/// "15.4 [15.3, 15.6] times as fast as the sequential driver"; of one run each without an interval
std::string times_as_fast(const CurveAt& at, const Study& study) {
  const Point& point = *at.point;
  const Estimate& speedup = *point.speedup;
  const int digits = digits_of(speedup);
  const std::string interval = point.times_of_runs ? fmt::format(" [{:.{}f}, {:.{}f}]", speedup.low,
                                                                 digits, speedup.high, digits)
                                                   : "";
  return fmt::format("{:.{}f}{} times as fast as {}", speedup.value, digits, interval,
                     study.base ? study.base->name : "on " + workers(at.curve->base_workers));
}

/// Whether the shortest time of each curve has an interval of 95 %.
bool all_confident(const Study& study) {
  return std::all_of(study.curves.begin(), study.curves.end(),
                     [](const Curve& curve) { return shortest_point(curve).seconds.confident; });
}

/// How strong scaling ends: the shortest time of all, from how many workers on nothing shows to be
/// faster, and which curves are as fast. Fewer than six runs rank nobody: their intervals are from
/// the smallest to the largest, and one such ranking in five would be chance.
std::string tell_fastest(const Study& study) {
  const std::vector<CurveAt> fastest = fastest_of(study);
  const CurveAt shortest = shortest_of(study);
  const bool one_will_do = needs_one_worker(fastest);
  const Winner winner = winner_of(study);
  const CurveAt first = winner.at;
  std::vector<std::string> equals;
  for (const CurveAt& other : fastest) {
    if (other.curve == first.curve) continue;
    equals.push_back(fmt::format("{} on {}", other.curve->name, other.point->shape));
  }
  std::size_t drivers = 0;
  for (const Curve& curve : study.curves) {
    drivers += curve.driver == sequential_driver ? 0 : 1;
  }
  const auto time_of = [](const CurveAt& at) { return text_of_seconds(at.point->seconds.value); };
  std::string text;
  if (study.curves.size() == 1 && study.curves.front().points.size() == 1) {
    text = fmt::format("{}: {}", on_workers(first), time_of(first));
  } else if (one_will_do) {
    text = fmt::format("Nothing is shown to be faster than 1 worker alone. Shortest: {}, {}",
                       on_workers(first), time_of(first));
  } else if (winner.is_shortest) {
    text = fmt::format("{}: {}, {}", winner.is_fastest ? "Fastest" : "Shortest", on_workers(first),
                       time_of(first));
  } else {
    text = fmt::format("No more than {} are shown to be faster: {}, {}",
                       workers(first.point->workers), on_workers(first), time_of(first));
  }
  // Beside a ratio of each round that shows more than the times apart, the sentence would doubt
  // itself.
  const bool doubts = one_will_do && first.point->speedup && first.point->speedup->low > 1;
  if (first.point->speedup && first.point->workers > 1 && !doubts) {
    text += ", " + times_as_fast(first, study);
  }
  if (!winner.is_shortest) {
    text += fmt::format("; shortest: {}, {}", on_workers(shortest), time_of(shortest));
  }
  text += ".";
  if (!equals.empty()) {
    text += fmt::format(" Not slower, as far as the intervals tell: {}.", fmt::join(equals, ", "));
  }
  if (!all_confident(study) && drivers > 1 && first.point->workers > 1) {
    text += " Fewer than 6 runs of each do not tell who is fastest.";
  }
  return text;
}

Estimate alpha_of(const ScalingLaws& laws) {
  const Estimate alpha = laws.estimate([](const Coefficients& c) { return c.alpha(); });
  return {std::clamp(alpha.value, 0.0, 1.0), std::clamp(alpha.low, 0.0, 1.0),
          std::clamp(alpha.high, 0.0, 1.0)};
}

/// The serial part as the kernel told it, of a work that takes c0 on one worker; nothing: it did
/// not
std::optional<double> told_serial_part(const Curve& curve, const FittedLaw& law) {
  const Point* last = last_with_like_cores(curve);
  if (last == nullptr) return std::nullopt;
  std::vector<double> seconds;
  for (const Sample& run : last->runs) {
    if (run.serial_seconds && *run.serial_seconds > 0) seconds.push_back(*run.serial_seconds);
  }
  if (seconds.empty()) return std::nullopt;
  return median_of(seconds).value / law.coefficients.c0;
}

/// "; 5.0 % were recorded as serial"
std::string beside_told(const Curve& curve, const FittedLaw& law) {
  const auto told = told_serial_part(curve, law);
  return told ? fmt::format("; {} was recorded as serial", percent(*told)) : "";
}

/// @param from_one  the curve has a time on 1 worker, of which a bound can be told
std::string tell_amdahl(const Curve& curve, const FittedLaw& law, bool from_one) {
  const ScalingLaws& laws = *curve.laws;
  const Estimate alpha = alpha_of(laws);
  if (!laws.rivals.empty()) {
    return fmt::format(
        "something keeps it from more: from {} to {} of the work may be serial, or a "
        "cost grows with the workers; {} numbers of workers cannot tell{}",
        percent(alpha.low), percent(alpha.high), law.residuals.size(), beside_told(curve, law));
  }
  std::string text =
      fmt::format("its times are as if {} of the work were serial (Amdahl)", percent(alpha));
  if (from_one && alpha.low > 0) {
    const auto bound = [](double part) {
      return part > 0.01 ? fmt::format("{:.3g}", 1 / part) : fmt::format("{:.0f}", 1 / part);
    };
    text += fmt::format(
        ", so it never gets more than {} [{}, {}] times faster than on 1 worker, if nothing else "
        "changes",
        bound(alpha.value), bound(alpha.high), bound(alpha.low));
  }
  return text + beside_told(curve, law);
}

/// What grows, in words, as far as the times can tell: a mechanism only where nothing else fits.
std::string cost_of(const FittedLaw& law, const ScalingLaws& laws) {
  const Estimate beta = law.estimate([](const Coefficients& c) { return c.beta(); });
  if (!laws.rivals.empty()) {
    std::vector<std::string> names;
    for (const Law rival : laws.rivals) names.push_back(name_of(rival));
    return fmt::format(
        "a cost {} with the workers: growth by {} fits best ({}), but {} cannot be told from it",
        beta.low > 0 ? "grows" : "may grow", law.law == Law::usl ? "p (USL)" : name_of(law.law),
        percent(beta), fmt::join(names, " and "));
  }
  switch (law.law) {
    case Law::tree:
      return fmt::format("a cost grows by log p ({}), as that of messages along a tree does",
                         percent(beta));
    case Law::root: return fmt::format("a cost grows by sqrt p ({})", percent(beta));
    default:
      return fmt::format("each worker has to deal with every other (coherency {}; USL)",
                         percent(beta));
  }
}

std::string tell_growing(const Curve& curve, const FittedLaw& law, double most) {
  const ScalingLaws& laws = *curve.laws;
  const Estimate alpha = alpha_of(laws);
  std::string text;
  if (alpha.low > 0)
    text = fmt::format("workers wait for each other (contention {}) and ", percent(alpha));
  text += cost_of(law, laws);
  const Estimate peaks = laws.estimate(peak_workers);
  if (std::isfinite(peaks.value)) {
    const std::string range =
        std::isfinite(peaks.high)
            ? fmt::format("{:.0f} [{:.0f}, {:.0f}] workers each costs", peaks.value, peaks.low,
                          peaks.high)
            : fmt::format(
                  "{:.0f} workers (at least {:.0f}, and perhaps no number of them) each may cost",
                  peaks.value, peaks.low);
    text += fmt::format("; beyond {} more than it brings{}", range,
                        peaks.value > most
                            ? fmt::format(", if the law holds beyond the {:.0f} measured", most)
                            : "");
  }
  return text + beside_told(curve, law);
}

/// "; efficiency falls below 75 % from 17 workers on": by the law, where it stands alone and agrees
/// with the points that are shown to be above and below; else between these. May be empty.
std::string tell_target(const Curve& curve, const FittedLaw& law, double target) {
  const Point* above = nullptr;  // the last that is shown to be
  const Point* below = nullptr;  // the next that is shown to be
  for (const Point& point : curve.points) {
    if (!point.efficiency || !point.has_like_cores()) continue;
    if (point.efficiency->low >= target) {
      above = &point;
      below = nullptr;
    } else if (point.efficiency->high < target && below == nullptr) {
      below = &point;
    }
  }
  if (below == &curve.points.front()) {
    return fmt::format("; efficiency is below {:.3g} % on {} already", 100 * target,
                       workers(below->workers));
  }
  const double enough = std::ceil(workers_at_target(curve, law, target));
  const double most = most_workers_of_laws(curve);
  const bool agrees = (above == nullptr || enough > static_cast<double>(above->workers)) &&
                      enough <= (below != nullptr ? static_cast<double>(below->workers) : most);
  if (curve.laws->rivals.empty() && enough > 1 && agrees) {
    return fmt::format("; efficiency falls below {:.3g} % from {:.0f} workers on", 100 * target,
                       enough);
  }
  if (below == nullptr) return "";
  if (above == nullptr || below->workers == above->workers + 1) {
    return fmt::format("; efficiency is below {:.3g} % on {}", 100 * target,
                       workers(below->workers));
  }
  return fmt::format("; efficiency falls below {:.3g} % between {} and {} workers", 100 * target,
                     above->workers, below->workers);
}

/// How far a curve goes by its law, without its name.
Verdict tell_law(const Curve& curve, double target) {
  const ScalingLaws& laws = *curve.laws;
  const FittedLaw* law = laws.chosen_fit();
  if (law == nullptr) return {laws.note, "time"};
  const double most = most_workers_of_laws(curve);
  const bool on_one = curve.points.front().workers == 1;
  std::string text;
  if (law->law == Law::ideal) {
    text = fmt::format("no serial part shows up to {:.0f} workers", most);
  } else if (work_itself_takes_longer(curve) && !told_serial_part(curve, *law)) {
    text = fmt::format(
        "nothing is shown to be serial: up to {:.0f} workers hardly wait, their work "
        "itself takes longer side by side",
        most);
  } else if (law->law == Law::amdahl) {
    text = tell_amdahl(curve, *law, on_one);
  } else {
    text = tell_growing(curve, *law, most);
  }
  text += tell_target(curve, *law, target);
  if (!laws.note.empty()) text += fmt::format(" ({})", laws.note);
  return {text, law->law == Law::ideal ? "speedup" : "karp-flatt"};
}

/// Curves of which the same is said share a sentence.
std::vector<Verdict> tell_laws(const Study& study, double target) {
  std::vector<std::pair<Verdict, std::vector<std::string>>> told;  // and of whom
  for (const Curve& curve : study.curves) {
    if (!curve.laws) continue;
    const Verdict verdict = study.weak ? tell_weak_law(curve) : tell_law(curve, target);
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
        {sentence(fmt::format("{}: {}", fmt::join(names, ", "), verdict.text)), verdict.figure});
  }
  return verdicts;
}

/// How much of a time a shorter one saves. Both ends hold with 95 % each.
Estimate saved(const Median& shorter_time, const Median& time) {
  return {1 - shorter_time.value / time.value, 1 - shorter_time.high / time.low,
          1 - shorter_time.low / time.high};
}

/// Where a driver was run with several schedules: does another one save time, with most workers
/// that have a core each?
std::optional<Verdict> tell_schedule(const Study& study, const Curve& curve) {
  const Point* last = last_with_like_cores(curve);
  if (last == nullptr || last->workers < 2) return std::nullopt;
  const Curve* best = nullptr;
  const Point* there = nullptr;
  for (const CurveAt& other : with_other_schedules(study, curve, last->workers)) {
    if (!shorter(other.point->seconds, last->seconds)) continue;
    if (there != nullptr && there->seconds.value <= other.point->seconds.value) continue;
    best = other.curve;
    there = other.point;
  }
  if (best == nullptr) return std::nullopt;
  const Estimate share = saved(there->seconds, last->seconds);
  if (share.value < worth_telling) return std::nullopt;
  const bool imbalanced = last->losses && last->losses->imbalance > worth_telling;
  return Verdict{
      fmt::format(
          "{} on {}: {}{} saves {} of the time.", curve.name, workers(last->workers),
          imbalanced ? fmt::format("{} lost to imbalance; ", percent(last->losses->imbalance)) : "",
          best->schedule, percent(share)),
      "where"};
}

}  // namespace

const Point& fastest_point(const Curve& curve) { return *not_slower(curve, shortest_point(curve)); }

std::vector<CurveAt> fastest_of(const Study& study) {
  const CurveAt shortest = shortest_of(study);
  std::vector<CurveAt> fastest;
  for (const Curve& curve : study.curves) {
    if (const Point* point = not_slower(curve, *shortest.point)) fastest.push_back({&curve, point});
  }
  std::stable_sort(fastest.begin(), fastest.end(), [](const CurveAt& a, const CurveAt& b) {
    return a.point->seconds.value < b.point->seconds.value;
  });
  return fastest;
}

bool needs_one_worker(const std::vector<CurveAt>& fastest) {
  return std::any_of(fastest.begin(), fastest.end(),
                     [](const CurveAt& at) { return at.point->workers == 1; });
}

Winner winner_of(const Study& study) {
  const std::vector<CurveAt> fastest = fastest_of(study);
  const CurveAt shortest = shortest_of(study);
  if (needs_one_worker(fastest)) return {shortest, true, false};
  const bool is_shortest = fastest.front().point == shortest.point;
  return {fastest.front(), is_shortest, is_shortest && all_confident(study)};
}

std::vector<Verdict> verdicts_of(const Study& study, double target) {
  std::vector<Verdict> verdicts;
  const auto add = [&](std::vector<Verdict> more) {
    for (Verdict& verdict : more) verdicts.push_back(std::move(verdict));
  };
  if (!study.weak) add({{tell_fastest(study), "speedup"}});
  if (study.weak) {
    for (const Curve& curve : study.curves) {
      if (auto verdict = tell_weak(curve, target)) add({*verdict});
    }
  }
  add(tell_laws(study, target));
  const auto causes_from = verdicts.size();
  add(tell_causes(study));
  if (!study.weak) add(tell_oversubscribed(study));
  for (std::size_t i = causes_from; i < verdicts.size(); ++i) verdicts[i].tells_cause = true;
  for (const Curve& curve : study.curves) {
    if (!may_have_a_better_schedule(curve)) continue;
    if (auto verdict = tell_schedule(study, curve)) add({*verdict});
  }
  add(tell_next(study));
  // One number of workers is no curve: there are bars only.
  const bool curves = std::any_of(study.curves.begin(), study.curves.end(),
                                  [](const Curve& curve) { return curve.points.size() > 1; });
  for (Verdict& verdict : verdicts) {
    if (!curves) verdict.figure = "where";
  }
  return verdicts;
}

}  // namespace scalelab
