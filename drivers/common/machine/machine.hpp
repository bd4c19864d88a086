#pragma once

#include <optional>
#include <string>

#include "results/record/record.hpp"

namespace scalelab {

/// This host as it is now. Never throws: what the system does not tell is left out.
/// @param root  where /proc and /sys lie, for tests; the name of the host and of the system, and
///              what stands in for files that are missing, are always this host's
Machine read_machine(const std::string& root = "");

/// Of this its name and its memory, and nothing else: quick enough for every process of a run.
Machine read_machine_memory(const std::string& root = "");

/// CPU time that the hypervisor has given to others since this host was started, of all CPUs.
std::optional<double> steal_seconds(const std::string& root = "");

}  // namespace scalelab
