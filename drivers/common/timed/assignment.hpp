#pragma once

#include <string>

#include "drivers/common/board/board_shape.hpp"
#include "kernels/kernel.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// What a pool of workers is started for. The same in all processes of a driver.
struct Assignment {
  const Kernel& kernel;
  BoardShape shape;
  bool bind = false;                  ///< each worker to a core of its own
  const OptionValues& options;        ///< all, for the driver's own
  bool accounting = true;             ///< workers measure where their time goes
  bool progress = false;              ///< somebody looks at it while it goes on
  std::string journal = {};           ///< folder, empty: none is kept
  std::string journal_identity = {};  ///< what the entries of the journal belong to
  std::string kernel_name = {};       ///< for who is told that it is wrong
};

}  // namespace scalelab
