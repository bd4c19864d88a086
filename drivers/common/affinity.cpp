#include "drivers/common/affinity.hpp"

#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

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
    std::vector<int> cores;
    for (int core = 0; read && core < most; ++core) {
      if (CPU_ISSET_S(static_cast<std::size_t>(core), bytes, set)) cores.push_back(core);
    }
    CPU_FREE(set);
    if (read) return cores;
    if (errno != EINVAL) break;
  }
  throw std::system_error(errno, std::generic_category(), "sched_getaffinity");
}

const std::vector<int>& allowed() {
  static const std::vector<int> cores = read_mask();
  return cores;
}

}  // namespace

std::size_t allowed_cores() { return allowed().size(); }

std::vector<int> cores_of_thread() { return read_mask(); }

void bind_worker(std::size_t n) {
  const int core = allowed()[n % allowed().size()];
  const auto most = static_cast<std::size_t>(core) + 1;
  cpu_set_t* set = CPU_ALLOC(most);
  const std::size_t bytes = CPU_ALLOC_SIZE(most);
  CPU_ZERO_S(bytes, set);
  CPU_SET_S(static_cast<std::size_t>(core), bytes, set);
  const bool bound = sched_setaffinity(0, bytes, set) == 0;
  CPU_FREE(set);
  if (!bound) throw std::system_error(errno, std::generic_category(), "sched_setaffinity");
}

#else

std::size_t allowed_cores() { return std::max(1U, std::thread::hardware_concurrency()); }

std::vector<int> cores_of_thread() { return {}; }

void bind_worker(std::size_t) {
  throw std::system_error(ENOTSUP, std::generic_category(), "--bind cores");
}

#endif

}  // namespace scalelab
