#pragma once

#include <set>
#include <string>
#include <vector>

#include "results/record/record.hpp"

namespace scalelab {

/// The physical cores of a machine that these CPUs belong to, each called by its first CPU: two
/// threads of a core are one. Where the record does not tell, each CPU is a core.
std::set<int> cores_of(const Machine& machine, const std::vector<int>& cpus);

}  // namespace scalelab
