#pragma once

#include "kernels/description.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// Dummy work: turns --task-time into --task-units, by the kernel's seconds per unit or, where it
/// has none, by timing it on the spot. Leaves the options of other kernels alone.
/// @throws UsageError if both are given
void resolve_task_units(const KernelDescription& kernel, OptionValues& options);

}  // namespace scalelab
