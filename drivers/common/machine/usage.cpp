#include "drivers/common/machine/usage.hpp"

#include <sys/resource.h>

#include <ctime>

#ifdef __linux__
#include <sched.h>
#endif

namespace scalelab {

#ifdef __linux__

Usage thread_usage() {
  Usage usage;
  timespec time{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0) {
    usage.cpu_seconds = static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }
  rusage switches{};
  if (getrusage(RUSAGE_THREAD, &switches) == 0) {
    usage.voluntary_switches = static_cast<std::uint64_t>(switches.ru_nvcsw);
    usage.involuntary_switches = static_cast<std::uint64_t>(switches.ru_nivcsw);
  }
  return usage;
}

int current_cpu() { return sched_getcpu(); }

#else

Usage thread_usage() { return {}; }

int current_cpu() { return -1; }

#endif

}  // namespace scalelab
