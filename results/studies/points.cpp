#include "results/studies/points.hpp"

#include <algorithm>

namespace scalelab {

namespace {

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

}  // namespace

OpenRun open_run(const Run& run) {
  Seats seats = seats_of(run);
  if (run.waits) {
    seats.crowding = {};
    seats.throttled = seats.mixed = false;
    seats.cpus = 0;
  }
  return {run.id,
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
          {}};
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

Point point_of(const std::vector<const OpenRun*>& runs) {
  Point point;
  point.workers = runs.front()->workers;
  point.nodes = runs.front()->hosts;
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

}  // namespace scalelab
