#pragma once

#include <cstddef>

#include "drivers/common/board/schedule.hpp"
#include "kernels/kernel.hpp"

namespace scalelab {

/// How much there is to be done, by how many, and in which chunks: what a board is laid out for.
/// All who share a board, and all who ask how large one would be, have it from `shape_of`.
struct BoardShape {
  /// @throws UsageError if the schedule has more chunks than can be numbered
  BoardShape(std::size_t tasks, std::size_t width, std::size_t workers, const Schedule& schedule,
             std::size_t most_events = 0);

  std::size_t tasks;
  std::size_t width;  ///< values per task
  std::size_t workers;
  Schedule schedule;
  std::size_t most_events;  ///< kept of each worker
  Chunks chunks;

  std::size_t values() const { return tasks * width; }
};

/// @param most_events  kept of each worker, for --trace
/// @throws UsageError as above
BoardShape shape_of(const Kernel& kernel, const Schedule& schedule, std::size_t workers,
                    std::size_t most_events = 0);

}  // namespace scalelab
