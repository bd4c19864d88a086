#include "drivers/common/machine/topology.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "drivers/common/machine/system_file.hpp"
#include "results/record/cpu_list.hpp"

namespace scalelab {

namespace {

std::vector<int> cpus_in(const std::string& path) { return cpus_of(line_of(path).value_or("")); }

/// What is the same for CPUs of one core and for no others.
std::optional<std::string> core_of(const std::string& cpu) {
  for (const char* name : {"/topology/core_cpus_list", "/topology/thread_siblings_list"}) {
    if (auto siblings = line_of(cpu + name)) return siblings;
  }
  const auto package = line_of(cpu + "/topology/physical_package_id");
  const auto core = line_of(cpu + "/topology/core_id");
  if (!package || !core) return std::nullopt;
  return *package + " " + *core;
}

std::vector<std::vector<int>> cores_of(const std::string& root, const std::vector<int>& online) {
  std::map<std::string, std::vector<int>> cores;
  for (const int cpu : online) {
    const auto core = core_of(cpu_folder(root, cpu));
    if (!core) return {};
    cores[*core].push_back(cpu);
  }
  std::vector<std::vector<int>> sorted;
  for (auto& [name, cpus] : cores) sorted.push_back(std::move(cpus));
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

/// ARM gives each CPU a capacity; Intel lists the CPUs of its efficiency cores. A few points less
/// are no other kind of core: in steps of a tenth of the fastest.
std::map<int, int> slowness_of(const std::string& root, const std::vector<int>& online) {
  std::map<int, int> slowness;
  for (const int cpu : cpus_in(root + "/sys/devices/cpu_atom/cpus")) slowness[cpu] = 1;
  if (!slowness.empty()) return slowness;
  std::map<int, std::uint64_t> capacities;
  std::uint64_t most = 1;
  for (const int cpu : online) {
    const auto capacity = whole_of(cpu_folder(root, cpu) + "/cpu_capacity");
    if (!capacity) return {};
    capacities[cpu] = *capacity;
    most = std::max(most, *capacity);
  }
  for (const auto& [cpu, capacity] : capacities) {
    const double missing = 1 - static_cast<double>(capacity) / static_cast<double>(most);
    if (const int tenths = static_cast<int>(10 * missing); tenths > 0) slowness[cpu] = tenths;
  }
  return slowness;
}

}  // namespace

std::string cpu_folder(const std::string& root, int cpu) {
  return root + "/sys/devices/system/cpu/cpu" + std::to_string(cpu);
}

Topology read_topology(const std::string& root) {
  const std::vector<int> online = cpus_in(root + "/sys/devices/system/cpu/online");
  return {cores_of(root, online), slowness_of(root, online)};
}

std::vector<int> binding_order(const std::vector<int>& allowed, const Topology& topology) {
  const auto contains = [](const std::vector<int>& cpus, int cpu) {
    return std::find(cpus.begin(), cpus.end(), cpu) != cpus.end();
  };
  std::map<int, std::size_t> thread;  // its place among the allowed CPUs of its core
  for (const std::vector<int>& core : topology.cores) {
    std::size_t n = 0;
    for (const int cpu : core) {
      if (contains(allowed, cpu)) thread[cpu] = n++;
    }
  }
  std::vector<int> order = allowed;
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    const auto key = [&](int cpu) {
      const auto slow = topology.slowness.find(cpu);
      return std::tuple(thread[cpu], slow == topology.slowness.end() ? 0 : slow->second, cpu);
    };
    return key(a) < key(b);
  });
  return order;
}

}  // namespace scalelab
