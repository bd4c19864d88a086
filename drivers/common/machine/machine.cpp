#include "drivers/common/machine/machine.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "drivers/common/machine/cgroup.hpp"
#include "drivers/common/machine/host.hpp"
#include "drivers/common/machine/system_file.hpp"
#include "drivers/common/machine/topology.hpp"
#include "results/record/cpu_list.hpp"

namespace scalelab {

namespace {

std::optional<std::uint64_t> system_value(int name) {
  const long value = sysconf(name);
  if (value <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::optional<std::string> system_name() {
  struct utsname system {};
  if (uname(&system) != 0) return std::nullopt;
  return printing(std::string(system.sysname) + " " + system.release);
}

/// Of each name in /proc/cpuinfo ("name : value") the first value, which is that of the first CPU.
using CpuInfo = std::map<std::string, std::string>;

CpuInfo read_cpu_info(const std::string& root) {
  CpuInfo info;
  for (const std::string& line : lines_of(root + "/proc/cpuinfo")) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto name = printing(line.substr(0, colon));
    const auto value = printing(line.substr(colon + 1));
    if (name && value) info.emplace(*name, *value);
  }
  return info;
}

std::optional<std::string> cpu_model(const std::string& root, const CpuInfo& info) {
  if (const auto found = info.find("model name"); found != info.end()) return found->second;
  // ARM: the board if there is a device tree, else numbers that lscpu has names for.
  if (auto board = line_of(root + "/sys/firmware/devicetree/base/model")) return board;
  const auto implementer = info.find("CPU implementer");
  const auto part = info.find("CPU part");
  if (implementer == info.end() || part == info.end()) return std::nullopt;
  return "implementer " + implementer->second + ", part " + part->second;
}

void count_cores(Machine& machine, const Topology& topology) {
  if (topology.cores.empty()) return;
  machine.cores = topology.cores.size();
  std::size_t threads = 0;
  for (const std::vector<int>& cpus : topology.cores) threads = std::max(threads, cpus.size());
  machine.threads_per_core = threads;
  if (threads == 1) return;  // then a CPU is a core
  for (const std::vector<int>& cpus : topology.cores) {
    machine.core_cpus.push_back(cpu_list(cpus));
  }
}

/// How many CPUs the file lists.
std::optional<std::uint64_t> count_in(const std::string& path) {
  const auto list = line_of(path);
  const std::uint64_t count = list ? cpus_of(*list).size() : 0;
  return count > 0 ? std::optional(count) : std::nullopt;
}

/// "32768K"
std::optional<std::uint64_t> bytes_in(std::string text) {
  std::uint64_t unit = 1;
  if (text.ends_with('K')) unit = 1 << 10;
  if (text.ends_with('M')) unit = 1 << 20;
  if (unit > 1) text.pop_back();
  const auto count = whole_in(text);
  if (!count || *count == 0 || *count > std::uint64_t{1} << 40) return std::nullopt;
  return *count * unit;
}

/// The one that the CPU uses: a processor may have several, each for some of its cores.
std::optional<std::uint64_t> last_level_cache(const std::string& cpu) {
  std::uint64_t last = 0;
  std::optional<std::uint64_t> bytes;
  for (int i = 0;; ++i) {
    const std::string cache = cpu + "/cache/index" + std::to_string(i);
    const auto level = whole_of(cache + "/level");
    if (!level) break;
    const auto size = bytes_in(line_of(cache + "/size").value_or(""));
    if (!size || *level < last) continue;
    last = *level;
    bytes = size;
  }
  if (bytes) return bytes;
#ifdef _SC_LEVEL3_CACHE_SIZE
  for (const int name : {_SC_LEVEL3_CACHE_SIZE, _SC_LEVEL2_CACHE_SIZE}) {
    if (const auto size = system_value(name)) return size;
  }
#endif
  return std::nullopt;
}

void read_memory(Machine& machine, const std::string& root) {
  for (const std::string& line : lines_of(root + "/proc/meminfo")) {
    const auto words = words_of(line);  // "MemTotal:  16384 kB"
    if (words.size() != 3 || words[2] != "kB") continue;
    const auto count = whole_in(words[1]);
    if (!count || *count > std::uint64_t{1} << 50) continue;
    if (words[0] == "MemTotal:") machine.memory_bytes = *count * 1024;
    if (words[0] == "MemAvailable:") machine.available_bytes = *count * 1024;
  }
  if (!machine.memory_bytes) {
    const auto pages = system_value(_SC_PHYS_PAGES);
    const auto bytes = system_value(_SC_PAGESIZE);
    if (pages && bytes) machine.memory_bytes = *pages * *bytes;
  }
}

void lower_to(Machine& machine, const CgroupLimits& limits) {
  if (!limits.memory_left) return;
  machine.available_bytes =
      std::min(*limits.memory_left, machine.available_bytes.value_or(*limits.memory_left));
}

void read_frequency(Machine& machine, const std::string& cpu, const CpuInfo& info) {
  machine.governor = line_of(cpu + "/cpufreq/scaling_governor");
  if (const auto kilohertz = whole_of(cpu + "/cpufreq/scaling_cur_freq")) {
    machine.frequency_hz = static_cast<double>(*kilohertz) * 1e3;
  } else if (const auto found = info.find("cpu MHz"); found != info.end()) {
    if (const auto megahertz = real_in(found->second)) machine.frequency_hz = *megahertz * 1e6;
  }
}

/// An x86 processor says so itself; of others only Xen's guests are known.
std::optional<bool> is_virtual(const std::string& root, const CpuInfo& info) {
  if (line_of(root + "/sys/hypervisor/type")) return true;
  const auto found = info.find("flags");
  if (found == info.end()) return std::nullopt;
  const auto flags = words_of(found->second);
  return std::find(flags.begin(), flags.end(), "hypervisor") != flags.end();
}

}  // namespace

Machine read_machine_memory(const std::string& root) {
  Machine machine;
  machine.host = host_name().data();
  read_memory(machine, root);
  lower_to(machine, cgroup_limits(root));
  return machine;
}

Machine read_machine(const std::string& root) {
  const CpuInfo info = read_cpu_info(root);
  const std::vector<int> online =
      cpus_of(line_of(root + "/sys/devices/system/cpu/online").value_or(""));
  const std::string first_cpu = cpu_folder(root, online.empty() ? 0 : online.front());

  Machine machine;
  machine.host = host_name().data();
  machine.system = system_name();
  machine.cpu = cpu_model(root, info);
  machine.cpus = online.empty() ? system_value(_SC_NPROCESSORS_ONLN).value_or(1) : online.size();
  const Topology topology = read_topology(root);
  count_cores(machine, topology);
  std::vector<int> slow;
  for (const auto& [cpu, slowness] : topology.slowness) slow.push_back(cpu);
  if (!slow.empty()) machine.slow_cpus = cpu_list(slow);
  machine.performance_cpus = count_in(root + "/sys/devices/cpu_core/cpus");
  machine.efficiency_cpus = count_in(root + "/sys/devices/cpu_atom/cpus");
  machine.last_level_cache_bytes = last_level_cache(first_cpu);
  read_memory(machine, root);
  const CgroupLimits limits = cgroup_limits(root);
  machine.cpu_limit = limits.cpus;
  lower_to(machine, limits);
  const std::string load = line_of(root + "/proc/loadavg").value_or("");
  if (const auto words = words_of(load); !words.empty()) machine.load = real_in(words.front());
  read_frequency(machine, first_cpu, info);
  machine.virtual_machine = is_virtual(root, info);
  return machine;
}

std::optional<double> steal_seconds(const std::string& root) {
  // "cpu  user nice system idle iowait irq softirq steal ...", in ticks
  const std::string line = line_of(root + "/proc/stat").value_or("");
  const auto words = words_of(line);
  const auto ticks_per_second = system_value(_SC_CLK_TCK);
  if (words.size() < 9 || words[0] != "cpu" || !ticks_per_second) return std::nullopt;
  const auto ticks = whole_in(words[8]);
  if (!ticks) return std::nullopt;
  return static_cast<double>(*ticks) / static_cast<double>(*ticks_per_second);
}

}  // namespace scalelab
