#include <string>

#include "drivers/common/machine/machine.hpp"
#include "tests/catch.hpp"
#include "tests/drivers/machine/system_tree.hpp"

using namespace scalelab;

namespace {

constexpr std::uint64_t gigabyte = 1 << 30;

}  // namespace

TEST_CASE("cgroup: the smallest limit between the process's control group and the root counts") {
  const SystemTree tree;
  tree.memory("16777216", "12582912");
  tree.write("/proc/self/cgroup", "0::/slurm/job_1/step_0\n");
  const std::string mount = "/sys/fs/cgroup";
  tree.write(mount + "/slurm/cpu.max", "max 100000\n");
  tree.write(mount + "/slurm/job_1/cpu.max", "150000 100000\n");
  tree.write(mount + "/slurm/job_1/step_0/cpu.max", "400000 100000\n");
  tree.write(mount + "/slurm/job_2/cpu.max", "10000 100000\n");  // another job
  CHECK(tree.machine().cpu_limit == 1.5);
  CHECK(tree.machine().available_bytes == 12 * gigabyte);

  tree.write(mount + "/slurm/memory.max", std::to_string(8 * gigabyte) + "\n");
  tree.write(mount + "/slurm/memory.current", std::to_string(6 * gigabyte) + "\n");
  tree.write(mount + "/slurm/job_1/step_0/memory.max", "max\n");
  tree.write(mount + "/slurm/job_1/step_0/memory.current", "4096\n");
  CHECK(tree.machine().available_bytes == 2 * gigabyte);
  CHECK(tree.machine().memory_bytes == 16 * gigabyte);

  // A file that was read fills the group's memory, until somebody wants it: whether it was read
  // once or often, and with it what the system remembers of files. The rest is there to stay.
  tree.write(mount + "/slurm/memory.stat",
             "anon 4096\ninactive_file " + std::to_string(2 * gigabyte) + "\nactive_file " +
                 std::to_string(gigabyte / 2) + "\nslab_reclaimable " +
                 std::to_string(gigabyte / 4) + "\nslab_unreclaimable 65536\nslab " +
                 std::to_string(gigabyte / 4 + 65536) + "\ninactive_anon 4096\nshmem 4096\n");
  CHECK(tree.machine().available_bytes == 4 * gigabyte + 3 * gigabyte / 4);
  tree.write(mount + "/slurm/memory.stat",
             "inactive_file 18446744073709551615\nactive_file 18446744073709551615\n");
  CHECK(tree.machine().available_bytes == 8 * gigabyte);
  tree.write(mount + "/slurm/memory.current", std::to_string(9 * gigabyte) + "\n");
  tree.write(mount + "/slurm/memory.stat", "");
  CHECK(tree.machine().available_bytes == 0U);
}

TEST_CASE("cgroup: limits of the first version of control groups") {
  const SystemTree tree;
  tree.memory("16777216", "12582912");
  tree.write("/proc/self/cgroup",
             "12:pids:/user.slice\n5:cpu,cpuacct:/slurm/uid_0/job_1\n4:memory:/slurm/uid_0/job_1\n"
             "1:name=systemd:/user.slice\n0::/user.slice\n");
  const std::string cpu = "/sys/fs/cgroup/cpu,cpuacct";
  const std::string memory = "/sys/fs/cgroup/memory";
  tree.write(cpu + "/cpu.cfs_quota_us", "-1\n");
  tree.write(cpu + "/cpu.cfs_period_us", "100000\n");
  tree.write(memory + "/memory.limit_in_bytes", "9223372036854771712\n");
  tree.write(memory + "/memory.usage_in_bytes", std::to_string(4 * gigabyte) + "\n");
  CHECK_FALSE(tree.machine().cpu_limit.has_value());
  CHECK(tree.machine().available_bytes == 12 * gigabyte);

  tree.write(cpu + "/slurm/uid_0/job_1/cpu.cfs_quota_us", "50000\n");
  tree.write(cpu + "/slurm/uid_0/job_1/cpu.cfs_period_us", "200000\n");
  tree.write(memory + "/slurm/uid_0/memory.limit_in_bytes", std::to_string(gigabyte) + "\n");
  tree.write(memory + "/slurm/uid_0/memory.usage_in_bytes", std::to_string(gigabyte / 2) + "\n");
  tree.write(memory + "/slurm/uid_0/memory.stat",
             "inactive_file 7\nactive_file 7\ntotal_inactive_file " + std::to_string(gigabyte / 4) +
                 "\ntotal_active_file " + std::to_string(gigabyte / 8) +
                 "\ntotal_unevictable 4096\n");
  CHECK(tree.machine().cpu_limit == 0.25);
  CHECK(tree.machine().available_bytes == gigabyte * 7 / 8);
}

TEST_CASE("cgroup: no limit of memory is not a limit, however it is written") {
  const SystemTree tree;
  tree.write("/proc/self/cgroup", "4:memory:/\n0::/\n");
  tree.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  tree.write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "4096\n");
  tree.write("/sys/fs/cgroup/memory.max", "max\n");
  tree.write("/sys/fs/cgroup/memory.current", "4096\n");
  CHECK_FALSE(tree.machine().available_bytes.has_value());
}

TEST_CASE("cgroup: controllers of version 1 that are mounted by the name of each") {
  const SystemTree tree;
  tree.write("/proc/self/cgroup", "5:cpuacct,cpu:/\n");
  tree.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n");
  tree.write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  CHECK(tree.machine().cpu_limit == 3.0);
}

TEST_CASE("cgroup: in a container the process's group is the mount itself") {
  for (const char* path : {"/", "/docker/0123456789abcdef", "/../elsewhere"}) {
    CAPTURE(path);
    const SystemTree tree;
    tree.write("/proc/self/cgroup", std::string("0::") + path + "\n");
    tree.write("/sys/fs/elsewhere/cpu.max", "10000 100000\n");
    tree.write("/sys/fs/cgroup/cpu.max", "200000 100000\n");
    tree.write("/sys/fs/cgroup/memory.max", "1000000\n");
    tree.write("/sys/fs/cgroup/memory.current", "400000\n");
    CHECK(tree.machine().cpu_limit == 2.0);
    CHECK(tree.machine().available_bytes == 600'000U);
  }
}
