#include "drivers/common/run/memory.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

#include "tests/catch.hpp"
#include "tests/drivers/machine/system_tree.hpp"

using namespace scalelab;
using Catch::Matchers::EndsWith;

namespace {

constexpr std::uint64_t gigabyte = 1'000'000'000;
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

class Large final : public Kernel {
 public:
  Large(std::size_t tasks, std::size_t width, std::size_t workspace)
      : tasks_(tasks), width_(width), workspace_(workspace) {}

  std::size_t tasks() const override { return tasks_; }
  std::size_t width() const override { return width_; }
  std::size_t workspace_bytes() const override { return workspace_; }
  void run(std::size_t, std::size_t, Workspace&, std::span<double>) const override {}

 private:
  std::size_t tasks_, width_, workspace_;
};

MemoryNeed need_of(const Large& kernel, std::uint64_t data, std::size_t workers,
                   std::size_t neighbours) {
  return memory_need(kernel, data, shape_of(kernel, Schedule{}, workers), neighbours);
}

/// A machine with 10 GB, of which 8 are left.
struct Invented : SystemTree {
  Invented() { memory("9765625", "7812500"); }
};

/// What is said of a run that takes so much on this machine.
std::string said_of(const MemoryNeed& need, const Machine& machine) {
  try {
    require_memory(need, left_on(machine));
  } catch (const std::runtime_error& error) {
    std::string said = error.what();
    const std::size_t at = said.find(machine.host + " has");
    if (at != std::string::npos) said.replace(at, machine.host.size(), "HOST");
    return said;
  }
  return "nothing";
}

}  // namespace

TEST_CASE("memory: a run takes its data, its values and the workspaces of all its workers") {
  const MemoryNeed need = need_of({1000, 50, 7'000'000}, 160'000, 8, 4);
  CHECK(need.data == 160'000);
  CHECK(need.values > 1000 * 50 * 8 + 1000);           // and a byte a task
  CHECK(need.values < 1000 * 50 * 8 + 1000 + 50'000);  // and reports
  CHECK(total(need) == need.data + need.values + 4 * 7'000'000);
  // More workers anywhere report here, but only those of this machine have workspaces on it.
  const MemoryNeed more = need_of({1000, 50, 7'000'000}, 160'000, 800, 4);
  CHECK(more.values - need.values >= 792 * 1000);
  CHECK(total(more) - total(need) == more.values - need.values);
}

TEST_CASE("memory: the largest task is met by one worker, however many there are") {
  MemoryNeed need{.data = 1, .values = 1, .workspace = 100, .workers = 1, .largest = 50};
  CHECK(total(need) == 152);
  need.workers = 16;
  CHECK(total(need) == 1652);
  const Invented tree;
  CHECK(said_of({.workspace = 5 * gigabyte, .workers = 1, .largest = 3 * gigabyte},
                tree.machine()) == "nothing");
  CHECK(
      said_of({.workspace = 5 * gigabyte, .workers = 1, .largest = 4 * gigabyte}, tree.machine()) ==
      "the run would need 9 GB of memory (1 workspace of 9 GB), and HOST has 8 GB left: a "
      "smaller workspace would help");
}

TEST_CASE("memory: while data are loaded there may be more of it than later, or less") {
  MemoryNeed need{.loading = 5, .data = 2, .values = 1, .workspace = 1, .workers = 1};
  CHECK(total(need) == 5);
  need.workers = 3;
  CHECK(total(need) == 6);
}

TEST_CASE("memory: what fits into what is left is let through, one byte more is not") {
  const Invented tree;
  const std::uint64_t left = 8 * gigabyte;
  CHECK(said_of({.data = left}, tree.machine()) == "nothing");
  CHECK(said_of({.data = left + 1}, tree.machine()) ==
        "the run would need 8 GB of memory (its data 8 GB), and HOST has 8 GB left: less data "
        "would help");
  CHECK(said_of({.workspace = left / 4, .workers = 4}, tree.machine()) == "nothing");
  CHECK(said_of({.data = 1, .workspace = left / 4, .workers = 4}, tree.machine()) != "nothing");
  CHECK(said_of({.loading = left}, tree.machine()) == "nothing");
  CHECK(said_of({.loading = left + 1}, tree.machine()) != "nothing");
}

TEST_CASE("memory: a control group leaves less than the machine has") {
  const Invented tree;
  const MemoryNeed need{.data = 3 * gigabyte};
  tree.write("/proc/self/cgroup", "0::/job\n");
  CHECK(said_of(need, tree.machine()) == "nothing");
  tree.write("/sys/fs/cgroup/job/memory.max", std::to_string(4 * gigabyte) + "\n");
  tree.write("/sys/fs/cgroup/job/memory.current", std::to_string(gigabyte) + "\n");
  CHECK(said_of(need, tree.machine()) == "nothing");
  tree.write("/sys/fs/cgroup/job/memory.current", std::to_string(2 * gigabyte) + "\n");
  CHECK(said_of(need, tree.machine()) ==
        "the run would need 3 GB of memory (its data 3 GB), and HOST has 2 GB left: less data "
        "would help");

  // The first version of control groups.
  tree.write("/proc/self/cgroup", "4:memory:/old\n");
  CHECK(said_of(need, tree.machine()) == "nothing");
  tree.write("/sys/fs/cgroup/memory/old/memory.limit_in_bytes", std::to_string(gigabyte) + "\n");
  tree.write("/sys/fs/cgroup/memory/old/memory.usage_in_bytes", "0\n");
  CHECK_THAT(said_of(need, tree.machine()), Contains("HOST has 1 GB left"));
}

TEST_CASE("memory: where the system does not tell what is left, all that it has is taken for it") {
  const SystemTree tree;
  tree.write("/proc/meminfo", "MemTotal:       9765625 kB\n");
  CHECK(said_of({.data = 10 * gigabyte}, tree.machine()) == "nothing");
  CHECK_THAT(said_of({.data = 10 * gigabyte + 1}, tree.machine()), Contains("HOST has 10 GB left"));
  Machine unknown = tree.machine();
  unknown.memory_bytes.reset();
  CHECK(said_of({.data = most}, unknown) == "nothing");
}

TEST_CASE("memory: what takes most is named first, and what would help there") {
  const Invented tree;
  const Machine machine = tree.machine();
  CHECK(said_of({.data = 2 * gigabyte, .values = 5 * gigabyte, .workspace = gigabyte, .workers = 3},
                machine) ==
        "the run would need 10 GB of memory (its values 5 GB, 3 workspaces of 1 GB, its data 2 "
        "GB), and HOST has 8 GB left: fewer tasks (--tasks) would help");
  CHECK(said_of({.data = 1, .values = 1, .workspace = 2'500'000'000, .workers = 4}, machine) ==
        "the run would need 10 GB of memory (4 workspaces of 2.5 GB), and HOST has 8 GB left: "
        "fewer workers on a machine (--workers; for mpi ranks), or smaller workspaces would help");
  CHECK(said_of({.workspace = 9 * gigabyte, .workers = 1}, machine) ==
        "the run would need 9 GB of memory (1 workspace of 9 GB), and HOST has 8 GB left: a "
        "smaller workspace would help");
  CHECK(said_of({.loading = 12'345 * gigabyte, .data = gigabyte}, machine) ==
        "the run would need 12345 GB of memory (loading its data 12345 GB), and HOST has 8 GB "
        "left: less data would help");
}

TEST_CASE("memory: the kernel's own options are named where they would help") {
  const Invented tree;
  MemoryNeed need{.data = 9 * gigabyte, .workers = 1, .size_options = {"length", "breadth"}};
  const std::string options = "(--length, --breadth) would help";
  CHECK_THAT(said_of(need, tree.machine()), EndsWith(": less data " + options));
  need.loading = 10 * gigabyte;
  CHECK_THAT(said_of(need, tree.machine()), EndsWith(": less data " + options));
  need.workspace = 11 * gigabyte;
  CHECK_THAT(said_of(need, tree.machine()), EndsWith(": a smaller workspace " + options));
  need.workers = 2;
  CHECK_THAT(said_of(need, tree.machine()), EndsWith(", or smaller workspaces " + options));
  need.values = 30 * gigabyte;
  CHECK_THAT(said_of(need, tree.machine()), EndsWith(": fewer tasks (--tasks) would help"));
}

TEST_CASE("memory: from four fifths of what is left on it is a narrow fit, and no lack") {
  const Invented tree;
  Machine machine = tree.machine();
  machine.host = "node7";
  const std::uint64_t left = 8 * gigabyte;
  CHECK(warning_about_memory({.data = left / 5 * 4 - 1}, machine) == "");
  CHECK(warning_about_memory({.data = left / 5 * 4}, machine) ==
        "the run needs 6.4 GB of the 8 GB of memory that node7 has left: if others take more "
        "meanwhile, the system may end it");
  CHECK(warning_about_memory(
            {.values = 1, .workspace = left / 4, .workers = 3, .largest = left / 5}, machine) !=
        "");
  CHECK(warning_about_memory({.loading = left}, machine) != "");
  CHECK(said_of({.loading = left}, machine) == "nothing");
  CHECK(warning_about_memory({.loading = left + 1}, machine) == "");  // it is refused
  machine.available_bytes.reset();
  machine.memory_bytes.reset();
  CHECK(warning_about_memory({.data = most}, machine) == "");
}

TEST_CASE("memory: sizes that no number can hold are too large, and not small again") {
  const Invented tree;
  const std::size_t large = std::size_t{1} << 48;
  for (const Large& kernel : {Large{large, 1 << 20, 0}, Large{large, most, 0}, Large{1, most, 0},
                              Large{1, 1, most}, Large{large, large, most}}) {
    const MemoryNeed need = need_of(kernel, 0, 10'000, 10'000);
    CHECK(total(need) >= most / 8);
    CHECK(said_of(need, tree.machine()) != "nothing");
  }
  CHECK(total({.data = most, .values = most, .workspace = most, .workers = 10'000}) == most);
  CHECK(total({.workspace = most, .workers = 1, .largest = most}) == most);
}

TEST_CASE("memory: of what processes cannot share there are more copies") {
  const Large kernel(1000, 50, 7'000'000);
  const BoardShape shape = shape_of(kernel, Schedule{}, 8);
  const MemoryNeed shared = memory_need(kernel, 160'000, shape, 4);
  const MemoryNeed own = memory_need(kernel, 160'000, shape, 4, {.data = 4, .values = 4});
  CHECK(own.data == 4 * shared.data);
  CHECK(own.values == 4 * shared.values);
  CHECK(own.workspace == shared.workspace);
  const MemoryNeed huge = memory_need(kernel, most / 2, shape, 4, {.data = 3});
  CHECK(huge.data == most);
  const Invented tree;
  CHECK(
      said_of({.values = 12 * gigabyte, .workers = 4, .copies = {.values = 4}}, tree.machine()) ==
      "the run would need 12 GB of memory (its values 12 GB in 4 copies), and HOST has 8 GB left: "
      "fewer tasks (--tasks), or more room in /dev/shm, which ranks could share, would help");
}

TEST_CASE("memory: a limit of one process is told as such") {
  CHECK(lack_of_memory({.data = most}, left_to_a_process(std::nullopt)) == "");
  CHECK(lack_of_memory({.data = gigabyte}, left_to_a_process(gigabyte)) == "");
  CHECK(lack_of_memory({.data = 3 * gigabyte}, left_to_a_process(gigabyte)) ==
        "the run would need 3 GB of memory (its data 3 GB), and a process may have 1 GB more "
        "(ulimit -v, ulimit -d): less data would help");
}
