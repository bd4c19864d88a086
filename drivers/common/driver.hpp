#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/common/work/assignment.hpp"
#include "drivers/common/work/board.hpp"
#include "kernels/options.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// *Who* computes: a way of having several workers. Everything else is written once, in
/// `driver_main`, which calls, in every process of the driver:
///
///     workers(...)          how many
///     start(assignment)     once per run: the pool of workers
///     ready(); run();       once per repetition; the clock starts between the two
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

  /// Whether times are in doubt unless each worker is bound to a core.
  virtual bool should_be_bound() const { return false; }

  /// Options that only this driver has.
  virtual std::vector<Option> options() const { return {}; }

  /// The number of workers if the user asks for `wanted`. @throws UsageError
  virtual std::size_t workers(std::optional<std::size_t> wanted,
                              const OptionValues& options) const = 0;

  /// At most so many of them share a machine.
  virtual std::size_t workers_per_machine(std::size_t workers) const { return workers; }

  /// What it took before the program could do anything: MPI_Init. [s]
  virtual double init_seconds() const { return 0; }

  /// Whether this process is the one that reads options and files, and prints.
  virtual bool reports() const { return true; }

  /// Collective. The reporter's bytes are copied to all processes that do not share its memory.
  virtual void broadcast(std::span<std::byte>) {}

  /// Read-only values that all processes see, and how many times they lie in memory.
  struct Shared {
    std::shared_ptr<const double[]> values;
    std::size_t copies = 1;
  };
  /// Collective. Gives all processes the reporter's values. @param count  known to all
  virtual Shared share(std::shared_ptr<const double[]> values, std::size_t /*count*/) {
    return {std::move(values)};
  }

  /// Collective, after `start`. On the reporter: what one process of each machine says, the
  /// reporter's first, and perhaps what some others say.
  virtual std::vector<std::string> gather(const std::function<std::string()>& own) {
    return {own()};
  }

  /// Collective. @param failure  of this process; empty: none
  /// @throws Ended everywhere if one has failed; with the message where that is this process
  virtual void end_if_any_failed(const std::string& failure);

  /// Collective. Starts the workers, and has their facts on the reporter's board if it can. The
  /// assignment outlives the driver's pool.
  virtual void start(const Assignment& assignment) = 0;

  /// Collective. Clears the board, where the tasks `finished` need not be run again, and returns on
  /// the reporter when all workers wait for `run`.
  virtual void ready(std::span<const Range> finished) = 0;

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

  /// How often a dead worker was replaced in this repetition.
  virtual std::size_t retries() const { return 0; }

  /// Collective, for --costs, after the last repetition. What this way of working costs apart from
  /// any work, on the reporter; what it does not have is left out. Takes a second or two.
  virtual std::vector<Cost> costs() { return {}; }

  /// Why the run was asked to end, where whoever started it has passed that on as another signal.
  virtual Stop asked_for(Stop why) const { return why; }

  /// Not collective. This process cannot go on, and the others do not know: ends them all.
  virtual void abandon() {}
};

}  // namespace scalelab
