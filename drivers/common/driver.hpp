#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "drivers/common/board.hpp"
#include "drivers/common/schedule.hpp"
#include "kernels/kernel.hpp"

namespace scalelab {

/// *Who* computes: a way of having several workers. Everything else is written once, in
/// `driver_main`, which calls, in every process of the driver:
///
///     workers(...)                         how many
///     start(kernel, schedule, workers)     once per run: the pool of workers
///     ready(); run();                      once per repetition; the clock starts between the two
class Driver {
 public:
  Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  /// Ends the pool: no thread, child or message is left.
  virtual ~Driver() = default;

  virtual std::string name() const = 0;
  /// What it is built on, as in "Open MPI 4.1.4".
  virtual std::string built_on() const { return ""; }

  /// The number of workers if the user asks for `wanted`. @throws UsageError
  virtual std::size_t workers(std::optional<std::size_t> wanted) const = 0;

  /// Whether this process is the one that reads options and files, and prints.
  virtual bool reports() const { return true; }

  /// Collective. The reporter's bytes are copied to all processes that do not share its memory.
  virtual void broadcast(std::span<std::byte>) {}

  /// Collective. Starts the workers, which make their workspaces. The kernel outlives the driver's
  /// pool. @param bind  each worker to a core of its own
  virtual void start(const Kernel& kernel, const Schedule& schedule, std::size_t workers,
                     bool bind) = 0;

  /// Collective. Clears the board and returns on the reporter when all workers wait for `run`.
  virtual void ready() = 0;

  /// Collective. One repetition: every worker does its `work`; none begins before the reporter has
  /// called, or it would work while the clock stands. Returns on the reporter when all values, the
  /// whole ledger and all reports are on its board.
  /// @throws std::runtime_error if a worker died
  virtual void run() = 0;

  /// Valid after `start`, complete on the reporter after `run`.
  virtual Board& board() = 0;

  /// Not collective. This process cannot go on, and the others do not know: ends them all.
  virtual void abandon() {}
};

}  // namespace scalelab
