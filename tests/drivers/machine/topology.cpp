// On which CPUs workers are put: how machines number theirs is taken from real ones.
#include "drivers/common/machine/topology.hpp"

#include "tests/catch.hpp"
#include "tests/drivers/machine/system_tree.hpp"

using namespace scalelab;

namespace {

using Cpus = std::vector<int>;

void siblings(const SystemTree& tree, int cpu, const std::string& list) {
  tree.cpu(cpu, "topology/thread_siblings_list", list + "\n");
}

}  // namespace

TEST_CASE("topology: where the system tells nothing, CPUs are taken as they are numbered") {
  const SystemTree tree;
  const Topology unknown = read_topology(tree.root());
  CHECK(unknown.cores.empty());
  CHECK(unknown.slowness.empty());
  CHECK(binding_order({0, 1, 5}, unknown) == Cpus{0, 1, 5});
  CHECK(binding_order({}, unknown).empty());
}

TEST_CASE("topology: two threads of a core are taken last, neighbours or not") {
  // A virtual machine of EC2 has 0-1, 2-3; a desktop has 0,4 and so on.
  const SystemTree neighbours, apart;
  neighbours.write("/sys/devices/system/cpu/online", "0-7\n");
  apart.write("/sys/devices/system/cpu/online", "0-7\n");
  for (int cpu = 0; cpu < 8; ++cpu) {
    const int even = cpu - cpu % 2;
    siblings(neighbours, cpu, std::to_string(even) + "-" + std::to_string(even + 1));
    siblings(apart, cpu, std::to_string(cpu % 4) + "," + std::to_string(cpu % 4 + 4));
  }
  const Topology pairs = read_topology(neighbours.root());
  CHECK(pairs.cores == std::vector<Cpus>{{0, 1}, {2, 3}, {4, 5}, {6, 7}});
  CHECK(binding_order({0, 1, 2, 3, 4, 5, 6, 7}, pairs) == Cpus{0, 2, 4, 6, 1, 3, 5, 7});
  // As a cluster hands out whole cores, or half of one.
  CHECK(binding_order({4, 5, 6, 7}, pairs) == Cpus{4, 6, 5, 7});
  CHECK(binding_order({1, 2, 3}, pairs) == Cpus{1, 2, 3});
  CHECK(binding_order({0, 1, 2, 3, 4, 5, 6, 7}, read_topology(apart.root())) ==
        Cpus{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("topology: fast cores come before slow ones, and those before second threads") {
  // As an i5-1235U, with two of its ten cores left out: 0-1 and 2-3 fast, 4 to 7 slow.
  const SystemTree intel;
  intel.write("/sys/devices/system/cpu/online", "0-7\n");
  intel.write("/sys/devices/cpu_atom/cpus", "4-7\n");
  for (int cpu = 0; cpu < 8; ++cpu) {
    siblings(intel, cpu, cpu < 4 ? (cpu < 2 ? "0-1" : "2-3") : std::to_string(cpu));
  }
  CHECK(read_topology(intel.root()).slowness.size() == 4);
  CHECK(binding_order({0, 1, 2, 3, 4, 5, 6, 7}, read_topology(intel.root())) ==
        Cpus{0, 2, 4, 5, 6, 7, 1, 3});
}

TEST_CASE("topology: ARM's slower cores are those of less capacity, the slowest last") {
  // Four small cores, two medium ones, and two large ones that are nearly alike.
  const SystemTree board;
  board.write("/sys/devices/system/cpu/online", "0-7\n");
  for (int cpu = 0; cpu < 8; ++cpu) {
    siblings(board, cpu, std::to_string(cpu));
    const char* capacity = cpu < 4 ? "250" : cpu < 6 ? "620" : cpu < 7 ? "1008" : "1024";
    board.cpu(cpu, "cpu_capacity", capacity);
  }
  const Topology topology = read_topology(board.root());
  CHECK(topology.slowness.size() == 6);
  CHECK(binding_order({0, 1, 2, 3, 4, 5, 6, 7}, topology) == Cpus{6, 7, 4, 5, 0, 1, 2, 3});
  CHECK(board.machine().slow_cpus == "0-5");
}
