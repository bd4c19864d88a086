#include "drivers/common/machine/affinity.hpp"

#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include "drivers/common/machine/topology.hpp"

#ifdef __linux__
#include <sched.h>
#endif

namespace scalelab {

#ifdef __linux__

namespace {

std::vector<int> read_mask() {
  // The kernel refuses a mask that is too small for the machine: try larger ones.
  for (int most = CPU_SETSIZE; most <= 1 << 20; most *= 2) {
    cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(most));
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(most));
    const bool read = sched_getaffinity(0, bytes, set) == 0;
    std::vector<int> cpus;
    for (int cpu = 0; read && cpu < most; ++cpu) {
      if (CPU_ISSET_S(static_cast<std::size_t>(cpu), bytes, set)) cpus.push_back(cpu);
    }
    CPU_FREE(set);
    if (read) return cpus;
    if (errno != EINVAL) break;
  }
  throw std::system_error(errno, std::generic_category(), "sched_getaffinity");
}

/// In the order in which workers are bound to them.
const std::vector<int>& allowed() {
  static const std::vector<int> cpus = binding_order(read_mask(), read_topology());
  return cpus;
}

}  // namespace

std::size_t allowed_cpus() { return allowed().size(); }

std::vector<int> cpus_of_thread() { return read_mask(); }

void bind_worker(std::size_t n) {
  const int cpu = allowed()[n % allowed().size()];
  const auto most = static_cast<std::size_t>(cpu) + 1;
  cpu_set_t* set = CPU_ALLOC(most);
  const std::size_t bytes = CPU_ALLOC_SIZE(most);
  CPU_ZERO_S(bytes, set);
  CPU_SET_S(static_cast<std::size_t>(cpu), bytes, set);
  const bool bound = sched_setaffinity(0, bytes, set) == 0;
  CPU_FREE(set);
  if (!bound) throw std::system_error(errno, std::generic_category(), "sched_setaffinity");
}

#else

std::size_t allowed_cpus() { return std::max(1U, std::thread::hardware_concurrency()); }

std::vector<int> cpus_of_thread() { return {}; }

void bind_worker(std::size_t) {
  throw std::system_error(ENOTSUP, std::generic_category(), "--bind cores");
}

#endif

}  // namespace scalelab
