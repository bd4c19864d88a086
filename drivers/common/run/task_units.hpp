#pragma once

#include <functional>
#include <optional>
#include <string>

#include "kernels/description.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// Turns the time of a task into units of work, as the kernel's calibration says: by its seconds
/// per unit or, where it has none, by timing it on the spot, in one workspace. Leaves the options
/// of kernels without a calibration alone.
/// @param options  `resolve` of the kernel has been called with them
/// @param check    called before a workspace is made; throws if the kernel breaks its contract, or
///                 if there is no memory for it
/// @throws UsageError if both are given
void resolve_task_units(const KernelDescription& kernel, OptionValues& options,
                        const std::function<void(const Kernel&)>& check);

/// How long one unit of the kernel's work lasts, where that is known without this run: from the
/// kernel, or from the time that was turned into units.
std::optional<double> seconds_per_unit(const KernelDescription& kernel,
                                       const OptionValues& options);

/// The time of a task that was asked for, as it was written, or what stands for it if none was.
std::string task_time_of(const Calibration& calibration, const OptionValues& options);

}  // namespace scalelab
