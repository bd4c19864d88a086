#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/common/board/board.hpp"
#include "drivers/common/timed/assignment.hpp"
#include "drivers/common/world.hpp"
#include "kernels/options.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// Threads or processes; thread libraries crash later.
constexpr std::size_t most_workers = 10000;

/// What a driver says of itself.
struct DriverDescription {
  std::string name;
  std::string built_on = {};         ///< as in "Open MPI 4.1.4"
  std::vector<Option> options = {};  ///< that only this driver has
  /// Times are not to be trusted unless each worker is bound to a core.
  bool should_be_bound = false;
  /// Without --workers it has one for each CPU that it may use.
  bool fills_cpus = false;
  /// Each worker is a process of its own, with memory of its own.
  bool forks = false;
};

/// *Who* computes: a way of having several workers. Everything else is written once, in
/// `driver_main`, which calls, in every process of the driver:
///
///     workers(...)          how many
///     require_workers(...)  once per run: that they can be started
///     start(assignment)     once per run: the pool of workers
///     ready(); run();       once per repetition; the clock starts between the two
class Driver {
 public:
  Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  /// Ends the pool: no thread, child or message is left.
  virtual ~Driver() = default;

  virtual DriverDescription description() const = 0;

  /// Its processes: one, unless it says otherwise.
  virtual World& world() { return alone_; }

  /// The number of workers if the user asks for `wanted`. @throws UsageError
  virtual std::size_t workers(std::optional<std::size_t> wanted,
                              const OptionValues& options) const = 0;

  /// Collective, before `start`. That the system allows all workers, where a library would end the
  /// program if it did not. @throws std::runtime_error, Ended
  virtual void require_workers(const Assignment&) {}

  /// Collective. Starts the workers, and has their facts on the reporter's board if it can. The
  /// assignment outlives the driver's pool.
  virtual void start(const Assignment& assignment) = 0;

  /// Collective. Clears the board, where the tasks `finished` need not be run again, and returns on
  /// the reporter when all workers wait for `run`.
  virtual void ready(std::span<const Range> finished);

  /// Collective. One repetition: every worker does its `work`; none begins before the reporter has
  /// called, or it would work while the clock stands; the clock of the reporter's board has been
  /// set, those of other boards are set here. Returns on the reporter when all values, the whole
  /// ledger and all reports are on its board, or as much of them as there is if the board was
  /// stopped.
  /// @throws std::runtime_error if a worker died
  virtual void run() = 0;

  /// Valid after `start`, complete on the reporter after `run`.
  virtual Board& board() = 0;

  /// While `run` goes on, for another thread of the reporter: tasks done so far, by node.
  struct NodeProgress {
    std::string host;
    std::uint64_t tasks;
  };
  virtual std::vector<NodeProgress> progress();

  /// Collective, for --costs, after the last repetition. What this way of working costs apart from
  /// any work, on the reporter; what it does not have is left out. Takes a second or two.
  virtual std::vector<Cost> costs() { return {}; }

 private:
  World alone_;
};

}  // namespace scalelab
