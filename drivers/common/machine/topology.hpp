#pragma once

#include <map>
#include <string>
#include <vector>

namespace scalelab {

/// Which CPUs of this machine share a core, and which are slow, as far as the system tells.
struct Topology {
  /// CPUs of each physical core; with SMT more than one. Empty: not known.
  std::vector<std::vector<int>> cores;
  /// CPUs of slower cores, of a processor that has several kinds: the more, the slower.
  std::map<int, int> slowness;
};

/// Where the system tells of a CPU. @param root  where /sys lies, for tests
std::string cpu_folder(const std::string& root, int cpu);

/// Of the CPUs that are online. Never throws. @param root  where /sys lies, for tests
Topology read_topology(const std::string& root = "");

/// The order in which workers are put on CPUs, so that each has a core of its own as long as there
/// are some: the first CPU of each fast core, of each slower core, and only then the second ones.
/// How CPUs are numbered does not tell: 0 and 1 are two cores here, two threads of one core there.
std::vector<int> binding_order(const std::vector<int>& allowed, const Topology& topology);

}  // namespace scalelab
