#pragma once

#include <cstdint>

namespace scalelab {

/// Where the time of one worker went in one repetition. Plain bytes. [s]
struct Times {
  double compute = 0;        ///< in the kernel, without the serial part
  double serial = 0;         ///< in the serial part
  double dispatch = 0;       ///< taking chunks, keeping the ledger and the journal
  double communication = 0;  ///< waiting for messages, gathering
  double idle = 0;           ///< waiting for other workers
  std::uint64_t parts = 0;   ///< calls of the kernel
  std::uint64_t timed_parts = 0;

  double sum() const { return compute + serial + dispatch + communication + idle; }
};

}  // namespace scalelab
