#include "drivers/common/output/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

/// No schedule is faster than max(total / workers, longest task). Only where it is known how long
/// the work lasts, other than from this run: in a run that shares too few cores all tasks take
/// longer, and every schedule would look perfect.
std::string bound_line(const Run& run, double time) {
  if (run.workers == 1 || !run.work || !(run.work->total > 0) || !run.seconds_per_unit) return "";
  const auto workers = static_cast<double>(run.workers);
  const bool giant = run.work->longest * workers > run.work->total * 1.01;
  const double bound = (run.work->serial + std::max(run.work->total / workers, run.work->longest)) *
                       *run.seconds_per_unit;
  return fmt::format(
      "  bound       {:.4g} s, {}{}: {:.3g} % of the time\n", bound,
      run.work->serial > 0 ? "the serial part and " : "",
      giant ? "the longest task" : fmt::format("total work / {} workers", run.workers),
      100 * bound / time);
}

std::string balance_line(const Run& run, const Tally& tally) {
  if (run.workers == 1 || tally.balances().empty()) return "";
  return fmt::format("  balance     {:.3g} % (mean / longest compute time of a worker)\n",
                     100 * median_of(tally.balances()).value);
}

/// Where the time of all workers went, in all measured repetitions.
std::string time_line(const Tally& tally) {
  if (!(tally.worker_seconds() > 0)) return "";
  const auto percent = [&](double seconds) { return 100 * seconds / tally.worker_seconds(); };
  return fmt::format(
      "  time went   {:.1f} % compute, {:.1f} % dispatch, {:.1f} % communication, {:.1f} % idle\n"
      "  on a CPU    {:.1f} % of the time; {:.1f} % is not accounted for\n",
      percent(tally.times().compute), percent(tally.times().dispatch),
      percent(tally.times().communication), percent(tally.times().idle),
      percent(tally.cpu_seconds()), percent(tally.unaccounted_seconds()));
}

}  // namespace

std::string summary(const Run& run, const Tally& tally) {
  const std::vector<double>& seconds = tally.counted_seconds();
  const Median median = median_of(seconds);
  const Repetition& last = tally.last();

  std::string text =
      fmt::format("{}{}, {}, {} worker{}\n", run.kernel, run.data ? " on " + *run.data : "",
                  run.driver, run.workers, run.workers == 1 ? "" : "s");
  for (const std::string& note : run.data_notes) {
    text += fmt::format("  {:<12}{}\n", &note == &run.data_notes.front() ? "data" : "", note);
  }
  const std::string chunk = run.chunk == 0 ? "" : fmt::format(", chunk {}", run.chunk);
  text += fmt::format("  tasks       {}, schedule {}{}\n", run.tasks, run.schedule, chunk);
  const std::string spread =
      seconds.size() == 1 ? ", one repetition"
                          : fmt::format(", median of {} ({} {:.4g} to {:.4g} s)", seconds.size(),
                                        median.confident ? "95 % interval" : "min and max",
                                        median.low, median.high);
  text += fmt::format("  time        {:.4g} s{}\n", median.value, spread);
  // What is left of a run is not like the whole of it.
  const bool resumed = last.resumed_tasks > 0;
  if (!resumed) {
    text += fmt::format("  throughput  {:.4g} tasks/s\n",
                        static_cast<double>(run.tasks) / median.value);
  }
  if (!resumed && run.bytes_per_unit && run.work) {
    const double bytes =
        (run.work->total + run.work->serial) * static_cast<double>(*run.bytes_per_unit);
    text += fmt::format("  bandwidth   {:.4g} GB/s\n", bytes / median.value * 1e-9);
  }
  if (run.working_set_bytes > 0) {
    text += fmt::format("  memory      {} x {:.4g} MB that the workers go through\n", run.workers,
                        static_cast<double>(run.working_set_bytes) * 1e-6);
  }
  if (!resumed) text += bound_line(run, median.value);
  text += balance_line(run, tally);
  text += time_line(tally);
  if (tally.retries() > 0) {
    text += fmt::format("  retries     {}, to replace workers that died\n", tally.retries());
  }
  if (!run.restarts.empty()) {
    text +=
        fmt::format("  restarts    {}: {}\n", run.restarts.size(), fmt::join(run.restarts, "; "));
  }
  if (resumed) {
    text += fmt::format(
        "  resumed     {} tasks were in the journal, {} were run: this time is no measurement\n",
        last.resumed_tasks, run.tasks - last.resumed_tasks);
  }
  for (const auto& [name, count] : last.counters) {
    if (count > 0) text += fmt::format("  {:<11} {}\n", name, count);
  }
  text += fmt::format("  digest      {}\n", last.digest);
  return text;
}

}  // namespace scalelab
