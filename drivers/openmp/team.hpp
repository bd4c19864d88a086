#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "drivers/common/board/board.hpp"
#include "drivers/common/timed/assignment.hpp"
#include "drivers/common/timed/worker.hpp"

namespace scalelab {

/// Clang's OpenMP, before version 18, registers each process in /dev/shm, and aborts it where it
/// cannot. To be called before OpenMP is used.
/// @param processes  that will start on this machine
/// @throws std::runtime_error
void need_openmp(std::size_t processes);

/// A team of OpenMP threads, each of them a worker: all that the driver openmp has, and what a rank
/// of a hybrid run has. The OpenMP library keeps the threads from one repetition to the next.
class Team {
 public:
  /// Where a team stands among all workers.
  struct Position {
    std::size_t threads = 1;
    std::size_t first_worker = 0;  ///< its workers have this number and those that follow
    std::size_t first_core = 0;    ///< for --bind
  };

  /// @throws std::runtime_error if a worker cannot start
  Team(const Assignment& assignment, Board& board, const Position& position);

  /// One repetition. @throws std::runtime_error if OpenMP gives fewer threads: then none has worked
  void work();

  std::size_t size() const { return workers_.size(); }

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace scalelab
