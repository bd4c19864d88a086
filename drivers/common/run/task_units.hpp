#pragma once

#include <functional>
#include <optional>

#include "kernels/description.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// Dummy work: turns --task-time into --task-units, by the kernel's seconds per unit or, where it
/// has none, by timing it on the spot, in one workspace: that of a kernel serves all kernels of
/// the same options but for --task-units. Leaves the options of other kernels alone.
/// @param options  `resolve` of the kernel has been called with them
/// @param check    throws if there is no memory for a workspace of the kernel it is given; called
///                 before one is made
/// @throws UsageError if both are given
void resolve_task_units(const KernelDescription& kernel, OptionValues& options,
                        const std::function<void(const Kernel&)>& check);

/// How long one unit of the kernel's work lasts, where that is known without this run: from the
/// kernel, or from the calibration that turned --task-time into --task-units.
std::optional<double> seconds_per_unit(const KernelDescription& kernel,
                                       const OptionValues& options);

/// Of a task, if nothing is said.
constexpr const char* default_task_time = "1ms";

}  // namespace scalelab
