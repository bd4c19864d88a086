#include "results/studies/derive.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "results/studies/rounds.hpp"
#include "results/text/phrases.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

/// A point that speed-ups may be over, and whose it is.
struct Reference {
  const Point* point = nullptr;
  std::string name;
};

const Point* on_workers(const Curve& curve, std::uint64_t workers) {
  const auto point =
      std::find_if(curve.points.begin(), curve.points.end(),
                   [&](const Point& candidate) { return candidate.workers == workers; });
  return point == curve.points.end() ? nullptr : &*point;
}

const Point* on_one_worker(const Curve& curve) { return on_workers(curve, 1); }

/// Of each driver's own time on so many workers; nullptr: it has none, or nothing to compare it
/// with.
const Point* own_base_of(const Curve& curve, BaseOf base) {
  if (base != BaseOf::fewest) return on_workers(curve, static_cast<std::uint64_t>(base));
  return curve.points.size() > 1 ? &curve.points.front() : nullptr;
}

bool tells_accounts(const Point& point) { return point.runs.front().spent.has_value(); }

/// The fastest way to do it alone: the hardest base to beat. Of two that are not shown to differ,
/// one that tells where its time went: nothing could be said else about where that of others goes.
Reference sequential_of(const Study& study) {
  const Point* best = nullptr;
  const auto is_better = [&](const Point& point) {
    if (best == nullptr) return true;
    if (tells_accounts(point) == tells_accounts(*best)) {
      return point.seconds.value < best->seconds.value;
    }
    return tells_accounts(point) ? !shorter(best->seconds, point.seconds)
                                 : shorter(point.seconds, best->seconds);
  };
  for (const Curve& curve : study.curves) {
    if (curve.driver != sequential_driver) continue;
    const Point* point = on_one_worker(curve);
    if (point != nullptr && is_better(*point)) best = point;
  }
  return {best, best == nullptr ? "" : "the sequential driver"};
}

/// The run whose time is in the middle: what it says of where its time went adds up to that time.
const Sample& run_in_the_middle(const Point& point) {
  std::vector<const Sample*> runs;
  for (const Sample& run : point.runs) runs.push_back(&run);
  const auto middle = runs.begin() + static_cast<std::ptrdiff_t>((runs.size() - 1) / 2);
  std::nth_element(runs.begin(), middle, runs.end(),
                   [](const Sample* a, const Sample* b) { return a->seconds < b->seconds; });
  return **middle;
}

double sum(const TimeSpent& spent) {
  return spent.compute + spent.dispatch + spent.communication + spent.idle + spent.unaccounted;
}

void derive_from_accounts(Point& point) {
  const Sample& run = run_in_the_middle(point);
  point.spent = run.spent;
  if (!run.spent || !(run.longest_compute > 0)) return;
  point.load_balance = run.spent->compute / run.longest_compute;
  point.communication_efficiency = run.longest_compute / sum(*run.spent);
}

Estimate times(const Estimate& estimate, double factor) {
  return {estimate.value * factor, estimate.low * factor, estimate.high * factor};
}

/// Time in which a worker had begun a task and somebody else had its CPU: mean over the workers. Of
/// waiting work the CPU time tells nothing. [s]
double preempted(const Sample& run, const Study& study) {
  if (study.waits || !run.spent || !(run.cpu_seconds > 0)) return 0;
  return std::max(0.0, run.spent->compute - run.cpu_seconds);
}

/// What one worker needed for all of the work, while it had its CPU. [s]
double computed_alone(const Sample& base, const Study& study) {
  return base.spent->compute - preempted(base, study);
}

/// What a worker of a point has to do, of what one of the base had.
double share_of(const Point& point, const Point& base, const Study& study) {
  return study.weak ? 1 : static_cast<double>(base.workers) / static_cast<double>(point.workers);
}

std::optional<Losses> losses_of(const Sample& run, const Point& point, const Point& base,
                                const Study& study) {
  if (!run.spent || !base.spent) return std::nullopt;
  const auto workers = static_cast<double>(point.workers);
  const double wall = sum(*run.spent);
  const double serial = run.serial_seconds.value_or(0);
  Losses losses;
  losses.serial = serial * (1 - 1 / workers) / wall;
  // Of what the last worker computes longer than others, that in which it had no CPU is no
  // imbalance.
  const double longer = run.longest_parallel - (run.spent->compute - serial / workers);
  const double disturbed = study.waits || !(run.cpu_seconds > 0)
                               ? 0
                               : std::max(0.0, longer - std::max(0.0, run.longer_on_cpu));
  losses.imbalance = (longer - disturbed) / wall;
  losses.preempted = (preempted(run, study) + disturbed) / wall;
  const double alone =
      computed_alone(run_in_the_middle(base), study) * share_of(point, base, study);
  losses.slowdown = (run.spent->compute - preempted(run, study) - alone) / wall;
  losses.work = alone / wall;
  losses.other = (wall - run.spent->compute - longer) / wall - losses.serial;
  return losses;
}

void derive_over(Point& point, const Point& base, bool is_base, const Study& study) {
  const bool weak = study.weak;
  const auto workers = static_cast<double>(point.workers);
  // Over itself there is nothing to be unsure of.
  const Estimate faster = is_base ? Estimate{1, 1, 1} : ratio_of(base, point);
  const double share = share_of(point, base, study);
  point.speedup = weak ? times(faster, workers / static_cast<double>(base.workers)) : faster;
  point.efficiency = times(faster, share);
  if (point.spent && base.spent && point.spent->compute > 0) {
    point.computation_scalability = share * base.spent->compute / point.spent->compute;
  }
  const Sample& run = run_in_the_middle(point);
  point.losses = losses_of(run, point, base, study);
  for (const Sample& each : point.runs) {
    if (const auto losses = losses_of(each, point, base, study)) {
      point.losses_of_runs.push_back(*losses);
    }
  }
  if (weak && run.serial_seconds) {
    const double serial = *run.serial_seconds / run.seconds;
    point.gustafson = serial + workers * (1 - serial);
  }
}

/// Which points no law is fitted to, because their workers have no cores like the others'; may be
/// empty.
std::string left_out(const Curve& curve) {
  std::vector<std::string> texts;
  const auto add = [&](const auto& is_so, const char* why) {
    std::vector<std::uint64_t> numbers;
    bool to_the_end = true;  // from the first of them on
    for (const Point& point : curve.points) {
      if (is_so(point)) numbers.push_back(point.workers);
      to_the_end = to_the_end && (numbers.empty() || is_so(point));
    }
    if (numbers.empty()) return;
    const std::string which = to_the_end ? fmt::format("from {} workers on", numbers.front())
                                         : fmt::format("with {} workers", fmt::join(numbers, ", "));
    texts.push_back(fmt::format("{} {} and are left out", which, why));
  };
  add([](const Point& p) { return p.mixed_cores; }, "some are on slower cores");
  add([](const Point& p) { return p.crowding.on_shared_cores(); }, "they share cores");
  add([](const Point& p) { return p.crowding.cpu_limit; },
      "they are more than a limit of CPUs (cgroup) lets compute at a time,");
  return fmt::format("{}", fmt::join(texts, "; "));
}

void derive_laws(Curve& curve, bool weak) {
  std::vector<TimesOnWorkers> times;
  for (const Point& point : curve.points) {
    if (!point.has_like_cores()) continue;
    const auto workers = static_cast<double>(point.workers);
    times.push_back({workers, point.times, point.sharing.share(workers)});
  }
  curve.laws = times.empty() ? ScalingLaws{}
               : weak        ? fit_weak_laws(times)
                             : fit_scaling_laws(times);
  std::string& note = curve.laws->note;
  if (const std::string ends = left_out(curve); !ends.empty()) {
    note = fmt::format("{}{}{}", ends, note.empty() ? "" : "; ", note);
  }
  if (weak) return;
  // Over the law's own time on one worker, or where no law is believed, the measured one.
  const FittedLaw* law = curve.laws->chosen_fit();
  const Point* alone = on_one_worker(curve);
  if (law == nullptr && alone == nullptr) return;
  const double one = law != nullptr ? law->coefficients.c0 : alone->seconds.value;
  for (Point& point : curve.points) {
    if (point.workers < 2 || !point.has_like_cores()) continue;
    // As many workers as would share the work evenly and have as much of it each.
    const double even = 1 / point.sharing.share(static_cast<double>(point.workers));
    if (even > 1) point.karp_flatt = karp_flatt(one / point.seconds.value, even);
  }
}

}  // namespace

void derive(Study& study, BaseOf base) {
  for (Curve& curve : study.curves) {
    for (Point& point : curve.points) {
      derive_from_accounts(point);
      point.throughput = static_cast<double>(point.tasks) / point.seconds.value;
      point.core_seconds = static_cast<double>(point.workers) * point.seconds.value;
    }
  }
  const Reference sequential = sequential_of(study);
  if (base == BaseOf::sequential && sequential.point != nullptr) {
    study.base = Base{sequential.name, sequential.point->seconds};
    if (study.title.find(" of ") == std::string::npos) {
      const auto tasks = static_cast<double>(sequential.point->tasks);
      study.title += fmt::format(", {} each in the sequential driver",
                                 text_of_seconds(sequential.point->seconds.value / tasks));
    }
  }
  if (base == BaseOf::sequential && sequential.point == nullptr) {
    base = BaseOf::fewest;
    study.notes.push_back(
        "no run of the sequential driver: speed-ups are over each driver's own time on its fewest "
        "workers, which hides what those cost; --base pN takes that on N");
  }
  if (base != BaseOf::sequential) {
    study.own_base = base == BaseOf::fewest ? "on its fewest workers"
                                            : "on " + workers(static_cast<std::uint64_t>(base));
  }
  for (Curve& curve : study.curves) {
    const Point* reference =
        base == BaseOf::sequential ? sequential.point : own_base_of(curve, base);
    if (base != BaseOf::sequential && base != BaseOf::fewest && reference == nullptr) {
      study.notes.push_back(
          fmt::format("{}: no run {}, so no speed-up over that", curve.name, study.own_base));
    }
    if (reference != nullptr) {
      const Point over = *reference;  // which may be one of those that are changed
      curve.base_seconds = over.seconds.value;
      curve.base_workers = over.workers;
      for (const Sample& run : over.runs) {
        if (run.spent) {
          curve.base_compute.push_back(computed_alone(run, study) *
                                       (study.weak ? 1 : static_cast<double>(over.workers)));
        }
      }
      for (Point& point : curve.points) derive_over(point, over, &point == reference, study);
    }
    if (curve.driver != sequential_driver) derive_laws(curve, study.weak);
  }
  const auto any_point = [&](bool (*is_so)(const Point&)) {
    return std::any_of(study.curves.begin(), study.curves.end(), [&](const Curve& curve) {
      return std::any_of(curve.points.begin(), curve.points.end(), is_so);
    });
  };
  // Of a base that is stopped by a limit, others did not take the rest of the time.
  if (any_point([](const Point& point) { return point.throttled && point.workers == 1; })) {
    study.notes.push_back(
        "a limit (cgroup) of less than 1 CPU slows 1 worker alone, and so the base, too: it has to "
        "wait for part of the time");
  } else if (sequential.point != nullptr && base == BaseOf::sequential) {
    const Sample& run = run_in_the_middle(*sequential.point);
    const double share = preempted(run, study) / run.seconds;
    if (share > 0.05) {
      study.notes.push_back(fmt::format(
          "the base was disturbed: other programs had its core for {:.0f} % of the time, so all "
          "speed-ups are too high; measure again, with nothing else running",
          100 * share));
    }
  }
  if (any_point(
          [](const Point& point) { return point.efficiency && point.efficiency->value > 1.05; })) {
    study.notes.push_back(
        "an efficiency above 105 %: was the base disturbed or slow, or do the data of more workers "
        "fit into their caches?");
  }
  for (const Curve& curve : study.curves) {
    const FittedLaw* law = curve.laws ? curve.laws->chosen_fit() : nullptr;
    if (law == nullptr || !study.base) continue;
    const double share = law->coefficients.c0 / study.base->seconds.value;
    if (share < 0.9) {
      study.notes.push_back(fmt::format(
          "{}: by its law 1 worker needs only {} of the sequential driver's time: was the base "
          "disturbed, or do its fewest workers lack something that more have?",
          curve.name, percent(share)));
    }
  }
  if (one_after_the_other(study)) {
    study.notes.push_back(
        "runs of a configuration were started one after the other: what the machine does "
        "meanwhile, as "
        "warming up, would look like scaling; lab sweep mixes them");
  }
  constexpr double visible = 0.03;
  if (const auto drift = drift_of(study); drift && std::abs(*drift) > visible) {
    study.notes.push_back(fmt::format(
        "all times {} by {:.0f} % from the first round to the last: what are compared "
        "are runs of the same round; did the machine warm up, or another program start?",
        *drift > 0 ? "rose" : "fell", 100 * std::abs(*drift)));
  }
}

double most_workers_of_laws(const Curve& curve) {
  double most = 0;
  for (const Point& point : curve.points) {
    if (point.has_like_cores()) most = std::max(most, static_cast<double>(point.workers));
  }
  return most;
}

double workers_at_target(const Curve& curve, const FittedLaw& law, double target) {
  const double work = is_weak(law.law) ? 1 : static_cast<double>(curve.base_workers);
  const double base = curve.base_seconds ? *curve.base_seconds * work : law.coefficients.c0;
  return workers_at_efficiency(law.coefficients, target, base);
}

}  // namespace scalelab
