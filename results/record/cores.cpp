#include "results/record/cores.hpp"

#include <algorithm>

#include "results/record/cpu_list.hpp"

namespace scalelab {

std::set<int> cores_of(const Machine& machine, const std::vector<int>& cpus) {
  std::set<int> cores(cpus.begin(), cpus.end());
  for (const std::string& list : machine.core_cpus) {
    const std::vector<int> core = cpus_of(list);
    const auto is_one = [&](int cpu) { return cores.contains(cpu); };
    if (std::none_of(core.begin(), core.end(), is_one)) continue;
    for (const int cpu : core) cores.erase(cpu);
    cores.insert(core.front());
  }
  return cores;
}

}  // namespace scalelab
