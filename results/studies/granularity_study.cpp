#include "results/studies/granularity_study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <tuple>

#include "results/text/phrases.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

// An efficiency has two numbers that are not quite sure: the denominator, of which there are three
// times as many runs, is made so sure that both together are at 95 %, also of 11 runs of each
// length, of which the 7th is the interval's end: a third of them may be hit by other programs.
constexpr double together = 0.95;
constexpr double of_denominator = 0.9998;

/// The granularities that were measured, by units of work in a task.
struct Lengths {
  std::string driver;
  bool timers;
  std::uint64_t workers;
  std::map<double, std::vector<double>> granularities;

  double longest() const { return granularities.rbegin()->first; }
};

std::string chunks_of(const Run& run) {
  return run.chunk == 0 ? run.schedule : fmt::format("{}, chunk {}", run.schedule, run.chunk);
}

/// In the order of reading, which is random: by driver's name and timers instead, sequential first.
std::vector<Lengths> lengths_of(const std::vector<GranularityRun>& runs) {
  std::map<std::tuple<bool, std::string, bool>, Lengths> found;
  for (const GranularityRun& run : runs) {
    if (std::isinf(run.seconds)) continue;
    const bool parallel = run.driver != sequential_driver;
    auto [place, first] = found.try_emplace({parallel, run.driver, run.timers},
                                            Lengths{run.driver, run.timers, run.workers, {}});
    Lengths& lengths = place->second;
    if (run.what != runs.front().what) {
      throw std::runtime_error(fmt::format("expected one kernel and one schedule, got {} and {}",
                                           runs.front().what, run.what));
    }
    if (run.workers != lengths.workers) {
      throw std::runtime_error(fmt::format("{}: expected one number of workers, got {} and {}",
                                           run.driver, lengths.workers, run.workers));
    }
    lengths.granularities[run.units].push_back(run.granularity());
  }
  if (found.empty()) {
    throw std::runtime_error("no measured repetition: expected records of runs");
  }
  std::vector<Lengths> sorted;
  for (auto& [key, lengths] : found) sorted.push_back(std::move(lengths));
  return sorted;
}

/// Those without timers come first. @returns nullptr if there are none
const Lengths* sequential(const std::vector<Lengths>& all, Denominator denominator) {
  for (const Lengths& lengths : all) {
    if (lengths.driver != sequential_driver) continue;
    if (!lengths.timers || denominator == Denominator::any) return &lengths;
  }
  return nullptr;
}

UnitOfWork unit_of(const std::vector<Lengths>& all, Denominator denominator) {
  const Lengths* base = sequential(all, denominator);
  if (base == nullptr) {
    throw std::runtime_error(
        fmt::format("no run of the sequential driver{}: expected some with long tasks, whose rate "
                    "of work is the denominator of every efficiency",
                    denominator == Denominator::any ? "" : " with --no-accounting"));
  }
  const auto& [units, times] = *base->granularities.rbegin();
  for (const Lengths& other : all) {
    if (other.longest() <= units) continue;
    throw std::runtime_error(fmt::format(
        "{} ran longer tasks ({} units) than the sequential driver ({}), whose rate is the "
        "denominator of every efficiency: expected its tasks to be the longest",
        other.driver, other.longest(), units));
  }
  Quartile seconds = lower_quartile(times, of_denominator);
  seconds.value /= units;
  seconds.low /= units;
  seconds.high /= units;
  std::vector<double> of_unit = times;
  for (double& time : of_unit) time /= units;
  return {seconds, units, times.size(), base->timers, of_unit};
}

GranularityCurve curve_of(const Lengths& lengths, const UnitOfWork& unit) {
  GranularityCurve curve;
  curve.driver = lengths.driver;
  curve.timers = lengths.timers;
  curve.workers = lengths.workers;
  curve.fewest_runs = lengths.granularities.begin()->second.size();
  for (const auto& [units, granularities] : lengths.granularities) {
    const Quartile granularity = lower_quartile(granularities, together + 1 - of_denominator);
    const TaskLength length{units * unit.seconds.value, granularity.value};
    if (length.efficiency() > 1.05) {
      throw std::runtime_error(fmt::format(
          "{} with tasks of {} units (timers {}): efficiency {:.2f}. Above 1.05 it is no result "
          "but an error of the denominator, {} per unit: was the machine busy, or its processor "
          "slower, while the sequential driver ran? Measure again, with nothing else running",
          curve.driver, units, curve.timers ? "on" : "off", length.efficiency(),
          text_of_task_time(unit.seconds.value)));
    }
    curve.value.push_back(length);
    curve.low.push_back({units * unit.seconds.high, granularity.low});
    curve.high.push_back({units * unit.seconds.low, granularity.high});
    curve.confidence = std::min(curve.confidence, granularity.confidence);
    curve.fewest_runs = std::min(curve.fewest_runs, granularities.size());
  }
  std::vector<LengthRuns> runs;
  for (const auto& [units, granularities] : lengths.granularities) {
    runs.push_back({units, granularities});
  }
  curve.cost = fit_task_cost(runs, unit.times);
  // At least so sure that both hold, the numerator and the denominator (Bonferroni).
  curve.confidence -= 1 - unit.seconds.confidence;
  return curve;
}

}  // namespace

void GranularityRun::add(const Repetition& repetition) {
  seconds = std::min(seconds, repetition.seconds);
}

bool has_length(const Run& run) {
  const auto tasks = static_cast<double>(run.tasks);
  return run.work && run.work->total > 0 && run.work->serial == 0 &&
         run.work->longest * tasks < run.work->total * (1 + 1e-9);
}

GranularityRun granularity_run_of(const Run& run) {
  GranularityRun result;
  result.driver = run.driver;
  result.timers = run.accounting;
  result.workers = run.workers;
  result.kernel = run.kernel;
  result.what = fmt::format("{}: {}", run.kernel, chunks_of(run));
  result.tasks = static_cast<double>(run.tasks);
  result.units = run.work->total / result.tasks;
  return result;
}

GranularityStudy granularity_study(const std::vector<GranularityRun>& runs,
                                   Denominator denominator) {
  const std::vector<Lengths> all = lengths_of(runs);
  GranularityStudy study;
  study.name = runs.front().kernel;
  study.title = runs.front().what;
  study.unit = unit_of(all, denominator);
  for (const Lengths& lengths : all) {
    const GranularityCurve curve = curve_of(lengths, study.unit);
    // Long tasks only: the denominator.
    if (curve.driver == sequential_driver && curve.value.size() == 1) continue;
    study.curves.push_back(curve);
  }
  if (study.curves.empty()) {
    throw std::runtime_error(
        "no run with short tasks: expected the same work in shorter and shorter tasks");
  }
  return study;
}

MetgEstimate metg_of(const GranularityCurve& curve, double efficiency) {
  return {metg(curve.value, efficiency), metg(curve.low, efficiency), metg(curve.high, efficiency)};
}

namespace {

/// What a line says of a granularity that was not measured, in words that do not go beyond the
/// lengths that were.
Metg within(const GranularityCurve& curve, double seconds) {
  if (std::isinf(seconds)) return {Metg::Kind::never, seconds};
  const double shortest = curve.value.front().granularity;
  const double longest = curve.value.back().granularity;
  if (seconds < shortest) return {Metg::Kind::below, shortest};
  if (seconds > longest) return {Metg::Kind::not_reached, longest};
  return {Metg::Kind::at, seconds};
}

}  // namespace

MetgEstimate metg_95_of(const GranularityCurve& curve) {
  if (!curve.cost) return metg_of(curve, 0.95);
  Estimate seconds = curve.cost->metg(0.95);
  // That it is never reached is said where the interval leaves no doubt.
  if (std::isfinite(seconds.low)) {
    seconds.value = std::min(seconds.value, std::numeric_limits<double>::max());
  }
  return {within(curve, seconds.value), within(curve, seconds.low), within(curve, seconds.high)};
}

std::string text_of(const Metg& metg) {
  switch (metg.kind) {
    case Metg::Kind::at: return text_of_task_time(metg.seconds);
    case Metg::Kind::below: return fmt::format("<{}", text_of_task_time(metg.seconds, 2));
    case Metg::Kind::not_reached: return "not reached";
    case Metg::Kind::never: return "never";
  }
  throw std::logic_error("a kind of METG that nobody knows");
}

std::string interval_of(const MetgEstimate& estimate) {
  const auto text = [](const Metg& end) {
    return end.kind == Metg::Kind::not_reached
               ? fmt::format(">{}", text_of_task_time(end.seconds, 2))
               : text_of(end);
  };
  if (estimate.low.kind == Metg::Kind::never) return "never";
  if (estimate.high.kind == Metg::Kind::never)
    return fmt::format("{} .. never", text(estimate.low));
  return text_of_interval(text(estimate.low), text(estimate.high));
}

std::vector<std::string> never_95(const GranularityStudy& study) {
  std::vector<std::string> sure;
  std::vector<std::string> unsure;
  for (const GranularityCurve& curve : study.curves) {
    if (!curve.cost || std::isfinite(curve.cost->metg(0.95).value)) continue;
    const bool never = metg_95_of(curve).value.kind == Metg::Kind::never;
    (never ? sure : unsure)
        .push_back(fmt::format("{}{} {}", curve.driver, curve.timers ? " with timers" : "",
                               percent(curve.cost->slower())));
  }
  std::vector<std::string> sentences;
  if (!sure.empty()) {
    sentences.push_back(
        fmt::format("No task is long enough for 95 % where a unit of work takes 5 % longer than in "
                    "the sequential driver's long tasks: {}.",
                    fmt::join(sure, ", ")));
  }
  if (!unsure.empty()) {
    sentences.push_back(
        fmt::format("The runs do not tell whether any task is long enough for 95 %: a unit of work "
                    "takes longer than in the sequential driver's long tasks by {}.",
                    fmt::join(unsure, ", ")));
  }
  return sentences;
}

}  // namespace scalelab
