#pragma once

#include <memory>
#include <span>
#include <string>

#include "kernels/description.hpp"
#include "kernels/kernel.hpp"

namespace scalelab {

/// That a kernel is what kernel.hpp asks for, as far as that can be seen before it runs: it has
/// tasks and values, its columns and counters are all of them, each with a name of its own, and its
/// work makes sense. Called once for each kernel that is built for a run.
/// @throws std::runtime_error, one line for whoever has written it: "kernel 'darts': width() is 2,
///         but columns() and counters() name 1 value (1 and 0): expected as many"
void require_contract(const KernelDescription& description, const Kernel& kernel);

/// That the counters are counts: whole, not negative, below 2^53 also in sum. Called when a
/// repetition is done.
/// @param values  of all tasks, tasks × width
/// @throws std::runtime_error, one line: "kernel 'darts': counter 'hits' of task 3 is -1: expected
///         a whole number below 2^53"
void require_counts(const KernelDescription& description, const Kernel& kernel,
                    std::span<const double> values);

/// Its workspace. @param name  of the kernel
/// @throws std::runtime_error if it has made none, and what it throws itself
std::unique_ptr<Workspace> workspace_of(const std::string& name, const Kernel& kernel);

/// What `make` of the description makes. @throws std::runtime_error if there is no kernel, and what
/// `make` throws itself
std::unique_ptr<Kernel> kernel_of(const KernelDescription& description, const OptionValues& options,
                                  const DataSet& data);

}  // namespace scalelab
