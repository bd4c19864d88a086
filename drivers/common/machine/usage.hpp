#pragma once

#include <cstdint>

namespace scalelab {

/// What the system says of one thread, or of what it did in one repetition. Plain bytes.
struct Usage {
  double cpu_seconds = 0;  ///< that it ran on a CPU [s]
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
  std::uint64_t migrations = 0;  ///< seen between tasks: at least these
};

/// Of the calling thread, since it began; migrations are not in it. All zero where the system does
/// not tell.
Usage thread_usage();

/// The CPU that the calling thread runs on; -1 where the system does not tell. Some ns.
int current_cpu();

}  // namespace scalelab
