#include "results/analysis/studies.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <tuple>

#include "results/record/workers.hpp"
#include "results/text/file_names.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

/// One repetition as curves need it.
struct Timing {
  double seconds;
  std::optional<TimeSpent> spent;
  double longest_compute;
  double longest_parallel;
  double longer_on_cpu;
  double most_tasks;
  double cpu_seconds;
  std::optional<double> serial_seconds;
};

/// A run, as long as repetitions may still come.
struct OpenRun {
  std::string id;
  std::string started;
  std::string shape;
  std::size_t hosts;
  std::uint64_t workers;
  std::uint64_t tasks;
  Sharing sharing;
  double bytes;
  bool in_caches;
  bool warmed_up;
  Seats seats;
  std::vector<Timing> timings;
  std::set<std::string> digests;
};

struct OpenCurve {
  Fields fields;
  Curve curve;  // without points
  std::vector<std::string> command;
  std::deque<OpenRun> runs;  // which stay where they are
};

double mean(const std::vector<double>& numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number;
  return sum / static_cast<double>(numbers.size());
}

/// How much longer the longest is than the mean, without what the first one did alone.
double longer_than_mean(std::vector<double> seconds, double serial) {
  seconds.front() -= serial;
  return *std::max_element(seconds.begin(), seconds.end()) - mean(seconds);
}

Timing timing_of(const Repetition& repetition) {
  const Accounts& accounts = repetition.workers;
  Timing timing{repetition.seconds, {}, 0, 0, 0, 1, 0, repetition.serial_seconds};
  if (accounts.compute_seconds.empty()) return timing;
  timing.spent = {mean(accounts.compute_seconds), mean(accounts.dispatch_seconds),
                  mean(accounts.communication_seconds), mean(accounts.idle_seconds),
                  mean(accounts.unaccounted_seconds)};
  timing.longest_compute =
      *std::max_element(accounts.compute_seconds.begin(), accounts.compute_seconds.end());
  const double serial = timing.serial_seconds.value_or(0);  // which the first worker does
  if (!accounts.cpu_seconds.empty()) {
    timing.cpu_seconds = mean(accounts.cpu_seconds);
    timing.longer_on_cpu = longer_than_mean(accounts.cpu_seconds, serial);
  }
  const auto most =
      static_cast<double>(*std::max_element(accounts.tasks.begin(), accounts.tasks.end()));
  double all = 0;
  for (const std::uint64_t tasks : accounts.tasks) all += static_cast<double>(tasks);
  if (all > 0) timing.most_tasks = most * static_cast<double>(accounts.tasks.size()) / all;
  std::vector<double> parallel = accounts.compute_seconds;
  parallel.front() -= serial;
  timing.longest_parallel = *std::max_element(parallel.begin(), parallel.end());
  return timing;
}

std::string schedule_of(const Run& run) {
  return run.chunk == 0 ? run.schedule : fmt::format("{},{}", run.schedule, run.chunk);
}

/// Guided chunks end as single tasks; static ones without a chunk are as even as can be.
Sharing sharing_of(const Run& run) {
  Sharing sharing{run.tasks, 1, 0};
  if (run.schedule != "guided" && run.chunk > 0) sharing.chunk = run.chunk;
  if (run.work && run.work->total > 0) {
    const double longest = run.work->longest / run.work->total;
    constexpr double alike = 1.001;
    if (longest * static_cast<double>(run.tasks) > alike) sharing.longest = longest;
  }
  return sharing;
}

/// That a repetition moves; 0: not known.
double bytes_of(const Run& run) {
  if (!run.work || !run.bytes_per_unit) return 0;
  return (run.work->total + run.work->serial) * static_cast<double>(*run.bytes_per_unit);
}

/// On each machine the workers, or one of several machines for all that is known, have no more in
/// hand than the last-level cache.
bool is_in_caches(const Run& run) {
  if (run.machines.empty() || run.working_set_bytes == 0) return false;
  const std::uint64_t all = run.working_set_bytes * (run.workers / run.machines.size());
  return all < run.machines.front().last_level_cache_bytes.value_or(0);
}

/// Who repeats a run does not want to write into the records that he has.
std::vector<std::string> without_record(const std::vector<std::string>& command) {
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i] == "--record") {
      ++i;  // and its path
    } else if (!command[i].starts_with("--record=")) {
      rest.push_back(command[i]);
    }
  }
  return rest;
}

Sample sample_of(const OpenRun& run) {
  Sample sample;
  sample.run = run.id;
  sample.started = run.started;
  sample.warmed_up = run.warmed_up;
  for (const Timing& timing : run.timings) sample.repetitions.push_back(timing.seconds);
  sample.seconds = median_of(sample.repetitions).value;
  std::vector<Timing> sorted = run.timings;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) / 2);
  std::nth_element(sorted.begin(), middle, sorted.end(),
                   [](const Timing& a, const Timing& b) { return a.seconds < b.seconds; });
  sample.spent = middle->spent;
  sample.longest_compute = middle->longest_compute;
  sample.cpu_seconds = middle->cpu_seconds;
  sample.longest_parallel = middle->longest_parallel;
  sample.longer_on_cpu = middle->longer_on_cpu;
  sample.most_tasks = middle->most_tasks;
  sample.serial_seconds = middle->serial_seconds;
  return sample;
}

Point point_of(const std::vector<const OpenRun*>& runs) {
  Point point;
  point.workers = runs.front()->workers;
  point.shape = runs.front()->shape;
  point.tasks = runs.front()->tasks;
  point.sharing = runs.front()->sharing;
  point.bytes = runs.front()->bytes;
  point.in_caches = runs.front()->in_caches;
  point.cores = runs.front()->seats.cores;
  for (const OpenRun* run : runs) {
    point.runs.push_back(sample_of(*run));
    point.digests.insert(run->digests.begin(), run->digests.end());
    point.crowding |= run->seats.crowding;
    point.throttled = point.throttled || run->seats.throttled;
    point.cpus = std::max(point.cpus, run->seats.cpus);
    point.mixed_cores = point.mixed_cores || run->seats.mixed;
  }
  std::stable_sort(point.runs.begin(), point.runs.end(),
                   [](const Sample& a, const Sample& b) { return a.started < b.started; });
  point.times_of_runs = point.runs.size() > 1;
  if (point.times_of_runs) {
    for (const Sample& run : point.runs) point.times.push_back(run.seconds);
  } else {
    point.times = point.runs.front().repetitions;
  }
  point.seconds = point.times_of_runs ? median_of(point.times) : median_and_range_of(point.times);
  point.quartiles = quartiles_of(point.times);
  return point;
}

/// Where the same number of workers was on one node and on two, these are two curves.
bool is_split_by_nodes(const OpenCurve& open) {
  std::map<std::uint64_t, std::size_t> hosts;
  return std::any_of(open.runs.begin(), open.runs.end(), [&](const OpenRun& run) {
    return hosts.try_emplace(run.workers, run.hosts).first->second != run.hosts;
  });
}

std::vector<Curve> curves_of(const OpenCurve& open) {
  const bool split = is_split_by_nodes(open);
  std::map<std::size_t, std::map<std::uint64_t, std::vector<const OpenRun*>>> runs;
  for (const OpenRun& run : open.runs) runs[split ? run.hosts : 0][run.workers].push_back(&run);
  std::vector<Curve> curves;
  for (const auto& [hosts, by_workers] : runs) {
    Curve& curve = curves.emplace_back(open.curve);
    if (split) curve.nodes = hosts;
    for (const auto& [workers, same] : by_workers) curve.points.push_back(point_of(same));
  }
  return curves;
}

/// Names that tell the curves of a study apart, and no longer than that.
void name_curves(std::vector<Curve>& curves) {
  // The sequential driver has only one worker, so it is rarely run with all schedules and bindings
  // of the others: it is told apart from its own kind only.
  const auto differs = [&](const Curve& one, const auto& of) {
    return std::any_of(curves.begin(), curves.end(), [&](const Curve& other) {
      return (one.driver == sequential_driver) == (other.driver == sequential_driver) &&
             of(one) != of(other);
    });
  };
  for (Curve& curve : curves) {
    const bool schedules = differs(curve, [](const Curve& c) { return c.schedule; });
    const bool binds = differs(curve, [](const Curve& c) { return c.bind; });
    const bool timers = differs(curve, [](const Curve& c) { return c.accounting; });
    curve.name = curve.driver;
    if (schedules) curve.name += fmt::format(" {}", curve.schedule);
    if (curve.threads_per_rank > 1) {
      curve.name += fmt::format(" {} threads", curve.threads_per_rank);
    }
    if (curve.nodes > 0) {
      curve.name += fmt::format(" {} node{}", curve.nodes, curve.nodes == 1 ? "" : "s");
    }
    if (binds) curve.name += curve.bind == "cores" ? " bound" : " unbound";
    if (timers && !curve.accounting) curve.name += " untimed";
    if (curve.traced) curve.name += " traced";
  }
  std::map<std::string, int> same;
  for (Curve& curve : curves) {
    if (const int n = ++same[curve.name]; n > 1) curve.name += fmt::format(" ({})", n);
  }
}

}  // namespace

struct Studies::Growing {
  Fields work;
  Run run;  // the first
  std::deque<OpenCurve> curves;
  std::map<std::uint64_t, std::set<std::string>> digests;  // by number of tasks
  std::size_t resumed = 0;                                 // repetitions that do not count
  std::size_t replaced = 0;
  std::size_t interrupted = 0;

  OpenCurve& curve_of_fields(const Fields& fields, const Run& by) {
    for (OpenCurve& open : curves) {
      if (open.fields == fields) return open;
    }
    OpenCurve& open = curves.emplace_back();
    open.fields = fields;
    open.curve.driver = by.driver;
    open.curve.schedule = schedule_of(by);
    open.curve.bind = by.bind;
    open.curve.threads_per_rank = threads_per_rank(by);
    open.curve.accounting = by.accounting;
    open.curve.traced = by.trace;
    open.command = without_record(by.command);
    return open;
  }
};

/// Where a run has been sorted to, and its next repetitions go.
struct Studies::SortedRun {
  Growing* study = nullptr;
  std::set<std::string> digests;
  OpenRun* run = nullptr;  // none yet: so far none of its repetitions counts
};

Studies::Studies(std::set<std::string> merged) : merged_(std::move(merged)) {}
Studies::~Studies() = default;

Fields Studies::without_merged(Fields fields) {
  for (const auto& [field, value] : fields) fields_.insert(field);
  std::erase_if(fields, [&](const auto& field) { return merged_.contains(field.first); });
  return fields;
}

Studies::Growing& Studies::study_of(const Run& run) {
  const Fields work = without_merged(work_of(run));
  for (const auto& study : studies_) {
    if (study->work == work) return *study;
  }
  Growing& study = *studies_.emplace_back(std::make_unique<Growing>());
  study.work = work;
  study.run = run;
  return study;
}

void Studies::add(const Run& run, const Repetition& repetition) {
  SortedRun& sorted = sorted_[run.id];
  if (sorted.study == nullptr) sorted.study = &study_of(run);
  sorted.study->digests[run.tasks].insert(repetition.digest);
  if (repetition.resumed_tasks > 0) ++sorted.study->resumed;
  if (repetition.retries > 0) ++sorted.study->replaced;
  if (was_interrupted(repetition)) ++sorted.study->interrupted;
  // Bits are compared of all repetitions, also of those whose time does not count.
  sorted.digests.insert(repetition.digest);
  if (sorted.run != nullptr) sorted.run->digests.insert(repetition.digest);
  if (!counts(repetition)) return;
  if (sorted.run == nullptr) {
    OpenCurve& curve = sorted.study->curve_of_fields(without_merged(configuration_of(run)), run);
    Seats seats = seats_of(run);
    if (run.waits) {
      seats.crowding = {};
      seats.throttled = seats.mixed = false;
      seats.cpus = 0;
    }
    sorted.run = &curve.runs.emplace_back(OpenRun{run.id,
                                                  run.started,
                                                  workers_of(run),
                                                  hosts_of(run),
                                                  run.workers,
                                                  run.tasks,
                                                  sharing_of(run),
                                                  bytes_of(run),
                                                  is_in_caches(run),
                                                  run.warmup > 0,
                                                  seats,
                                                  {},
                                                  sorted.digests});
  }
  sorted.run->timings.push_back(timing_of(repetition));
}

std::set<std::string> Studies::fields() const { return fields_; }

namespace {

/// "spin: 2000 tasks of 50 µs"
std::string title_of(const Run& run) {
  std::string title = run.kernel;
  if (run.data) title += fmt::format(" on {}", *run.data);
  const bool weak = run.scaling == "weak" && run.workers > 0;
  title += fmt::format(": {} tasks", weak ? run.tasks / run.workers : run.tasks);
  if (run.work && run.seconds_per_unit && run.tasks > 0) {
    title += fmt::format(" of {}", text_of_seconds(run.work->total * *run.seconds_per_unit /
                                                   static_cast<double>(run.tasks)));
  }
  if (weak) title += " for each worker";
  if (run.work && run.work->serial > 0) {
    title += fmt::format(", {:.3g} % serial",
                         100 * run.work->serial / (run.work->serial + run.work->total));
  }
  const auto skew = run.options.find("skew");
  if (skew != run.options.end() && skew->second != "uniform") {
    title += fmt::format(", skew {}", skew->second);
  }
  return title;
}

/// Records of older versions do not have the field. Of what moves bytes, that is memory, if the
/// worker has them in a workspace, and else the disk.
std::string bound_by(const Run& run) {
  if (run.bound_by) return *run.bound_by;
  if (!run.bytes_per_unit) return "";
  return run.workspace_bytes > 0 ? "memory" : "disk";
}

/// What is in one of the works and not in all: "--skew pareto".
std::string difference_of(const Fields& work, const std::vector<const Fields*>& others) {
  std::vector<std::string> texts;
  for (const auto& entry : work) {
    const bool same = std::all_of(others.begin(), others.end(), [&](const Fields* other) {
      const auto there = other->find(entry.first);
      return there != other->end() && there->second == entry.second;
    });
    const auto& [field, value] = entry;
    if (!same && field != "data" && field != "tasks" && field != "tasks-per-worker" &&
        field != "scaling") {
      texts.push_back(fmt::format("{} {}", field, value));
    }
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

std::vector<Study> Studies::finish() {
  std::vector<Study> studies;
  std::set<std::string> names;
  for (const auto& growing : studies_) {
    const Run& run = growing->run;
    Study& study = studies.emplace_back();
    study.name = unique_name(name_for_files(run.kernel), names);
    study.title = title_of(run);
    std::vector<const Fields*> others;
    for (const auto& other : studies_) {
      if (other->run.kernel == run.kernel) others.push_back(&other->work);
    }
    std::string difference = difference_of(growing->work, others);
    // The data's name is in the title, and its digest says nothing to a reader, unless that is all.
    const bool of_same_name = std::any_of(studies_.begin(), studies_.end(), [&](const auto& other) {
      return other->run.data == run.data && other->run.data_digest != run.data_digest;
    });
    if (difference.empty() && of_same_name)
      difference = "data " + run.data_digest.value_or("without a digest");
    if (!difference.empty()) study.title += fmt::format(" ({})", difference);
    study.kernel = run.kernel;
    study.weak = run.scaling == "weak";
    study.waits = run.waits;
    study.bound_by = bound_by(run);
    study.options = run.options;
    for (const OpenCurve& open : growing->curves) {
      for (Curve& curve : curves_of(open)) study.curves.push_back(std::move(curve));
      study.commands.push_back(open.command);
    }
    std::stable_sort(study.curves.begin(), study.curves.end(), [](const Curve& a, const Curve& b) {
      const auto key = [](const Curve& curve) {
        return std::tuple(curve.driver != sequential_driver, curve.driver);
      };
      return key(a) < key(b);
    });
    name_curves(study.curves);
    if (growing->resumed + growing->replaced > 0) {
      study.notes.push_back(
          fmt::format("{} repetitions resumed a journal and {} replaced a dead worker: left out",
                      growing->resumed, growing->replaced));
    }
    if (growing->interrupted > 0) {
      study.notes.push_back(fmt::format(
          "{} stopped and continued (SIGSTOP, Ctrl-Z, a suspended machine), or may have been: "
          "left out",
          growing->interrupted == 1 ? "1 repetition was"
                                    : fmt::format("{} repetitions were", growing->interrupted)));
    }
    for (const auto& [tasks, digests] : growing->digests) {
      if (digests.size() > 1) {
        study.notes.push_back(fmt::format(
            "the values of {} tasks are not the same in all runs: {} digests; expected one", tasks,
            digests.size()));
      }
    }
  }
  // A run of warm-ups only leaves nothing.
  std::erase_if(studies, [](const Study& study) { return study.curves.empty(); });
  return studies;
}

}  // namespace scalelab
