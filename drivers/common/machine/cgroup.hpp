#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace scalelab {

/// What Linux's control groups leave to this process: a container or a batch job is often given
/// less than the machine has. Nothing: no limit, or none that can be read.
struct CgroupLimits {
  std::optional<double> cpus;                ///< time per time, over all CPUs
  std::optional<std::uint64_t> memory_left;  ///< that may still be taken [bytes]
};

/// Of both versions of control groups, the smallest on the way from the process's group up.
/// Memory that only caches files counts as left, since it is given back.
/// @param root  where /proc and /sys lie
CgroupLimits cgroup_limits(const std::string& root = "");

}  // namespace scalelab
