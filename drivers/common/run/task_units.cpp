#include "drivers/common/run/task_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/contract.hpp"

namespace scalelab {

namespace {

using Clock = std::chrono::steady_clock;

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
  const auto task_of = [&](std::uint64_t so_many) {
    return kernel_of(kernel, kernel.calibration->probe(options, so_many), {});
  };
  std::unique_ptr<Kernel> task = task_of(units);
  check(*task);
  const std::unique_ptr<Workspace> workspace = workspace_of(kernel.name, *task);
  double shortest = seconds_for(*task, *workspace);
  while (shortest < 2e-3 && units < (1ULL << 50)) {
    units *= 2;
    task = task_of(units);
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
  if (!kernel.calibration) return;
  const Calibration& calibration = *kernel.calibration;
  const std::string& time = calibration.time;
  const std::string& units = calibration.units;
  if (options.given(units)) {
    if (options.given(time)) {
      throw UsageError(fmt::format("--{}: not allowed together with --{}", time, units));
    }
    return;
  }
  if (!options.given(time)) options.set(time, calibration.fallback, false);
  const double seconds = options.seconds(time);
  if (!(seconds < 1e6)) throw UsageError(fmt::format("--{}: expected less than 1000000s", time));
  const double per_unit = calibration.seconds_per_unit
                              ? *calibration.seconds_per_unit
                              : measured_seconds_per_unit(kernel, options, check);
  const auto count = std::llround(seconds / per_unit);
  if (count == 0 && seconds > 0) {
    throw UsageError(
        fmt::format("--{}: {} is less than one unit of {}; for tasks without work use --{} 0", time,
                    options.text(time), kernel.name, units));
  }
  options.set(units, std::to_string(count), false);
}

std::optional<double> seconds_per_unit(const KernelDescription& kernel,
                                       const OptionValues& options) {
  if (!kernel.calibration) return std::nullopt;
  const Calibration& calibration = *kernel.calibration;
  if (calibration.seconds_per_unit) return calibration.seconds_per_unit;
  if (!options.given(calibration.time)) return std::nullopt;
  const auto units = static_cast<double>(options.whole(calibration.units, 0));
  if (units < 100) return std::nullopt;  // it has been rounded too much to tell
  return options.seconds(calibration.time) / units;
}

std::string task_time_of(const Calibration& calibration, const OptionValues& options) {
  return options.given(calibration.time) ? options.text(calibration.time) : calibration.fallback;
}

}  // namespace scalelab
