#include "drivers/common/machine/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/drivers/machine/system_tree.hpp"

using namespace scalelab;

namespace {

constexpr std::uint64_t megabyte = 1 << 20;

bool printing(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

TEST_CASE("machine: a desktop with two threads per core") {
  const SystemTree tree;
  tree.write(
      "/proc/cpuinfo",
      "processor\t: 0\nmodel name\t: AMD Ryzen 5 3600 6-Core Processor\ncpu MHz\t\t: 2200.5\n"
      "flags\t\t: fpu sse sse2 avx2\n\n"
      "processor\t: 1\nmodel name\t: another\ncpu MHz\t\t: 4000.0\n\n");
  tree.write("/sys/devices/system/cpu/online", "0-11\n");
  for (int cpu = 0; cpu < 12; ++cpu) {
    const std::string siblings = std::to_string(cpu % 6) + "," + std::to_string(cpu % 6 + 6);
    tree.cpu(cpu, "topology/thread_siblings_list", siblings + "\n");
  }
  tree.cache(0, 0, "1", "32K");
  tree.cache(0, 1, "1", "32K");
  tree.cache(0, 2, "3", "16384K");
  tree.cache(0, 3, "2", "512K");
  tree.cpu(0, "cpufreq/scaling_governor", "schedutil\n");
  tree.cpu(0, "cpufreq/scaling_cur_freq", "3600000\n");
  tree.write("/proc/loadavg", "0.52 0.58 0.59 1/597 12345\n");
  tree.memory("16384000", "8192000");

  const Machine machine = tree.machine();
  CHECK(machine.cpu == "AMD Ryzen 5 3600 6-Core Processor");
  CHECK(machine.cpus == 12);
  CHECK(machine.cores == 6U);
  CHECK(machine.threads_per_core == 2U);
  CHECK_FALSE((machine.performance_cpus || machine.efficiency_cpus));
  CHECK(machine.last_level_cache_bytes == 16 * megabyte);
  CHECK(machine.memory_bytes == 16'384'000ULL * 1024);
  CHECK(machine.available_bytes == 8'192'000ULL * 1024);
  CHECK_FALSE(machine.cpu_limit.has_value());
  CHECK(machine.load == 0.52);
  CHECK(machine.governor == "schedutil");
  CHECK(machine.frequency_hz == 3.6e9);
  CHECK(machine.virtual_machine == false);
}

TEST_CASE("machine: an Intel processor with performance and efficiency cores") {
  // Two cores with two threads each, four with one.
  const SystemTree tree;
  tree.write("/proc/cpuinfo",
             "model name\t: 12th Gen Intel(R) Core(TM) i5-1235U\ncpu MHz\t: 1300\n");
  tree.write("/sys/devices/system/cpu/online", "0-7\n");
  tree.write("/sys/devices/cpu_core/cpus", "0-3\n");
  tree.write("/sys/devices/cpu_atom/cpus", "4-7\n");
  for (int cpu = 0; cpu < 8; ++cpu) {
    const std::string siblings = cpu < 4 ? (cpu < 2 ? "0-1" : "2-3") : std::to_string(cpu);
    tree.cpu(cpu, "topology/core_cpus_list", siblings + "\n");
  }
  const Machine machine = tree.machine();
  CHECK(machine.cpus == 8);
  CHECK(machine.cores == 6U);
  CHECK(machine.threads_per_core == 2U);
  CHECK(machine.performance_cpus == 4U);
  CHECK(machine.efficiency_cpus == 4U);
  CHECK(machine.core_cpus == std::vector<std::string>{"0-1", "2-3", "4", "5", "6", "7"});
  CHECK(machine.slow_cpus == "4-7");
  CHECK(machine.frequency_hz == 1.3e9);
  CHECK_FALSE(machine.governor.has_value());
}

TEST_CASE("machine: two sockets, whose cores have the same numbers, and CPUs that are offline") {
  const SystemTree tree;
  tree.write("/proc/cpuinfo",
             "model name\t: AMD EPYC 7763 64-Core Processor\nflags\t\t: fpu hypervisor avx2\n");
  tree.write("/sys/devices/system/cpu/online", "1-63,65-127\n");
  for (int cpu = 0; cpu < 128; ++cpu) {
    tree.cpu(cpu, "topology/physical_package_id", std::to_string(cpu / 64) + "\n");
    tree.cpu(cpu, "topology/core_id", std::to_string(cpu % 64) + "\n");
  }
  tree.cache(0, 0, "3", "1K");  // offline: not asked
  tree.cache(1, 0, "3", "32768K");
  const Machine machine = tree.machine();
  CHECK(machine.cpus == 126);
  CHECK(machine.cores == 126U);
  CHECK(machine.threads_per_core == 1U);
  CHECK(machine.core_cpus.empty());
  CHECK_FALSE(machine.slow_cpus.has_value());
  CHECK(machine.last_level_cache_bytes == 32 * megabyte);
  CHECK(machine.virtual_machine == true);
}

TEST_CASE("machine: ARM processors have no model name, but a board or numbers") {
  const SystemTree tree;
  tree.write("/proc/cpuinfo",
             "processor\t: 0\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n"
             "CPU architecture: 8\nCPU part\t: 0xd0c\n");
  tree.write("/sys/devices/system/cpu/online", "0-3\n");
  CHECK(tree.machine().cpu == "implementer 0x41, part 0xd0c");
  CHECK(tree.machine().cpus == 4);
  CHECK_FALSE((tree.machine().cores || tree.machine().virtual_machine));
  tree.write("/sys/firmware/devicetree/base/model",
             std::string("Raspberry Pi 4 Model B Rev 1.4") + '\0');
  CHECK(tree.machine().cpu == "Raspberry Pi 4 Model B Rev 1.4");
  tree.write("/sys/hypervisor/type", "xen\n");
  CHECK(tree.machine().virtual_machine == true);
}

TEST_CASE("machine: what is not there, empty or nonsense is left out") {
  const std::vector<std::string> files = {"/proc/cpuinfo",
                                          "/proc/meminfo",
                                          "/proc/loadavg",
                                          "/proc/self/cgroup",
                                          "/proc/stat",
                                          "/sys/devices/system/cpu/online",
                                          "/sys/devices/system/cpu/cpu0/topology/core_cpus_list",
                                          "/sys/devices/system/cpu/cpu0/cache/index0/level",
                                          "/sys/devices/system/cpu/cpu0/cache/index0/size",
                                          "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq",
                                          "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                                          "/sys/devices/cpu_core/cpus",
                                          "/sys/fs/cgroup/cpu.max",
                                          "/sys/fs/cgroup/memory.max",
                                          "/sys/fs/cgroup/memory.current",
                                          "/sys/hypervisor/type",
                                          "/sys/firmware/devicetree/base/model"};
  const std::vector<std::string> contents = {"",
                                             "\n",
                                             "\n\n:\n: :\n",
                                             std::string("\0\xff\x80 \x01\n", 5),
                                             ":",
                                             "::",
                                             "0::",
                                             "0::/\n1:\n",
                                             "-1\n",
                                             "0-99999999999\n",
                                             "3-1",
                                             "nan inf -5\n",
                                             "MemTotal: x kB\nMemAvailable: -1 kB\n",
                                             "99999999999999999999999 99999999999999999999999\n",
                                             "model name\t:\nflags\n"};
  for (std::size_t i = 0; i <= contents.size(); ++i) {
    CAPTURE(i);
    const SystemTree tree;
    for (const std::string& file : files) {
      if (i < contents.size()) tree.write(file, contents[i]);
      if (i == contents.size()) std::filesystem::create_directories(tree.root() + file);
    }
    const Machine machine = tree.machine();
    CHECK_FALSE(machine.host.empty());
    CHECK(machine.cpus >= 1);
    CHECK(machine.memory_bytes.value_or(1) > 0);
    CHECK_FALSE((machine.cores > 1U || machine.performance_cpus > 1U || machine.efficiency_cpus));
    CHECK_FALSE((machine.available_bytes || machine.cpu_limit));
    CHECK((std::isfinite(machine.load.value_or(0)) && machine.load.value_or(0) >= 0));
    CHECK(printing(machine.cpu.value_or("-") + machine.governor.value_or("-")));
    CHECK_FALSE(machine.frequency_hz.value_or(0) > 0);
    CHECK_FALSE(steal_seconds(tree.root()).has_value());
  }
}

TEST_CASE("machine: its memory alone is as it is among all the rest") {
  const SystemTree tree;
  tree.memory("16777216", "12582912");
  tree.write("/proc/self/cgroup", "0::/job\n");
  for (const char* limit : {"max\n", "8589934592\n"}) {
    tree.write("/sys/fs/cgroup/job/memory.max", limit);
    tree.write("/sys/fs/cgroup/job/memory.current", "1073741824\n");
    const Machine memory = read_machine_memory(tree.root());
    CHECK(memory.host == tree.machine().host);
    CHECK(memory.memory_bytes == 16 * 1024 * megabyte);
    CHECK(memory.available_bytes == tree.machine().available_bytes);
    CHECK_FALSE((memory.cpu || memory.cores || memory.load));
  }
  CHECK(read_machine_memory(tree.root()).available_bytes == 7 * 1024 * megabyte);
}

TEST_CASE("machine: this host is as the C library says") {
  const Machine machine = read_machine();
  CHECK(machine.cpus == static_cast<std::uint64_t>(sysconf(_SC_NPROCESSORS_ONLN)));
  CHECK(machine.cpus >= std::thread::hardware_concurrency());
  REQUIRE(machine.system.has_value());
#ifdef __linux__
  CHECK(machine.system->starts_with("Linux "));
  REQUIRE(machine.memory_bytes.has_value());
  const auto pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES));
  CHECK(*machine.memory_bytes == pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
  CHECK(machine.available_bytes.value_or(1) <= *machine.memory_bytes);
  if (machine.cores) CHECK(*machine.cores <= machine.cpus);
  CHECK(steal_seconds().value_or(-1) >= 0);
#endif
}

TEST_CASE("machine: stolen time is the eighth number of all CPUs") {
  const SystemTree tree;
  tree.write("/proc/stat", "cpu  1 2 3 4 5 6 7 1234 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
  const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  CHECK(steal_seconds(tree.root()) == 1234 / ticks_per_second);
  tree.write("/proc/stat", "cpu  1 2 3 4\n");  // before Linux 2.6.11
  CHECK_FALSE(steal_seconds(tree.root()).has_value());
}
