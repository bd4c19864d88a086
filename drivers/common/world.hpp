#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "drivers/common/board/ending.hpp"

namespace scalelab {

/// Who talks: the processes of a run, all of which call what is collective in the same order. One
/// of them reports: it reads options and files, and prints. This one is of a single process, which
/// has nobody to talk to; a driver of several derives its own.
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  /// Whether this process is the one that does.
  virtual bool reports() const { return true; }

  /// What it took before the program could do anything: MPI_Init. [s]
  virtual double init_seconds() const { return 0; }

  /// So many of the workers are on this process's machine.
  virtual std::size_t workers_here(std::size_t workers) const { return workers; }

  /// On the reporter: where standard output (1) or error (2) ends, as a path to an open file of
  /// some process; empty: nobody knows.
  virtual std::string standard_stream(int number) const;
  /// Not collective. So many processes are on this one's machine.
  virtual std::size_t processes_here() const { return 1; }

  /// Not collective. How many times something of so many bytes will lie in the memory of this
  /// machine, where its processes share what they can.
  virtual std::size_t copies_here(std::uint64_t /*bytes*/) const { return 1; }

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

  /// Collective. On the reporter: what one process of each machine says, the reporter's first, and
  /// perhaps what some others say.
  virtual std::vector<std::string> gather(const std::function<std::string()>& own) {
    return {own()};
  }

  /// Collective. @param failure  of this process; empty: none
  /// @throws Ended everywhere if one has failed; with the message where that is this process
  virtual void end_if_any_failed(const std::string& failure);

  /// Why the run was asked to end, where whoever started it has passed that on as another signal.
  virtual Stop asked_for(Stop why) const { return why; }

  /// Not collective. This process cannot go on, and the others do not know: ends them all.
  virtual void abandon() {}
};

}  // namespace scalelab
