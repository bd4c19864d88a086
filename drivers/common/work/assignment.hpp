#pragma once

#include <cstddef>
#include <string>

#include "drivers/common/work/schedule.hpp"
#include "kernels/kernel.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// What a pool of workers is started for. The same in all processes of a driver.
struct Assignment {
  const Kernel& kernel;
  Schedule schedule;
  std::size_t workers;
  bool bind = false;                  ///< each worker to a core of its own
  const OptionValues& options;        ///< all, for the driver's own
  bool accounting = true;             ///< workers measure where their time goes
  bool progress = false;              ///< somebody looks at it while it goes on
  std::size_t most_events = 0;        ///< kept of each worker for --trace
  std::string journal = {};           ///< folder, empty: none is kept
  std::string journal_identity = {};  ///< what the entries of the journal belong to
};

}  // namespace scalelab
