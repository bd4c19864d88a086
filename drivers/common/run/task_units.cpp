#include "drivers/common/run/task_units.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

namespace scalelab {

namespace {

using Clock = std::chrono::steady_clock;

/// The kernel with one task of so many units, all of them its own.
std::unique_ptr<Kernel> probe(const KernelDescription& kernel, OptionValues options,
                              std::uint64_t units) {
  options.set("tasks", "1");
  options.set("tasks-per-worker", "");
  options.set("skew", "uniform");
  options.set("serial-fraction", "0");
  options.set("task-units", std::to_string(units));
  return kernel.make(options, {});
}

double seconds_for(const Kernel& probe, Workspace& workspace) {
  std::vector<double> values(probe.width());
  const auto begin = Clock::now();
  probe.run(0, 1, workspace, values);
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// The shortest of several timings is the one that was disturbed least. A workspace may be large
/// and serves the same kernel with tasks of any length, so that there is only one.
double measured_seconds_per_unit(const KernelDescription& kernel, const OptionValues& options,
                                 const std::function<void(const Kernel&)>& check) {
  std::uint64_t units = 1000;
  std::unique_ptr<Kernel> task = probe(kernel, options, units);
  check(*task);
  const std::unique_ptr<Workspace> workspace = task->workspace();
  double shortest = seconds_for(*task, *workspace);
  while (shortest < 2e-3 && units < (1ULL << 50)) {
    units *= 2;
    task = probe(kernel, options, units);
    shortest = seconds_for(*task, *workspace);
  }
  const auto begin = Clock::now();
  for (int i = 0; i < 20 && Clock::now() - begin < std::chrono::seconds(1); ++i) {
    shortest = std::min(shortest, seconds_for(*task, *workspace));
  }
  return shortest / static_cast<double>(units);
}

}  // namespace

void resolve_task_units(const KernelDescription& kernel, OptionValues& options,
                        const std::function<void(const Kernel&)>& check) {
  const bool dummy = std::any_of(kernel.options.begin(), kernel.options.end(),
                                 [](const Option& option) { return option.name == "task-time"; });
  if (!dummy) return;
  if (options.given("task-units")) {
    if (options.given("task-time")) {
      throw UsageError("--task-time: not allowed together with --task-units");
    }
    return;
  }
  if (!options.given("task-time")) options.set("task-time", default_task_time, false);
  const double seconds = options.seconds("task-time");
  if (!(seconds < 1e6)) throw UsageError("--task-time: expected less than 1000000s");
  const double per_unit = kernel.seconds_per_unit
                              ? *kernel.seconds_per_unit
                              : measured_seconds_per_unit(kernel, options, check);
  const auto units = std::llround(seconds / per_unit);
  if (units == 0 && seconds > 0) {
    throw UsageError("--task-time: " + options.text("task-time") + " is less than one unit of " +
                     kernel.name + "; for tasks without work use --task-units 0");
  }
  options.set("task-units", std::to_string(units), false);
}

std::optional<double> seconds_per_unit(const KernelDescription& kernel,
                                       const OptionValues& options) {
  if (kernel.seconds_per_unit) return kernel.seconds_per_unit;
  const auto& texts = options.texts();
  if (!texts.contains("task-time") || !options.given("task-time")) return std::nullopt;
  const auto units = static_cast<double>(options.whole("task-units", 0));
  if (units < 100) return std::nullopt;  // it has been rounded too much to tell
  return options.seconds("task-time") / units;
}

}  // namespace scalelab
