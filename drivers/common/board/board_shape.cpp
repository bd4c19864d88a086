#include "drivers/common/board/board_shape.hpp"

namespace scalelab {

BoardShape::BoardShape(std::size_t tasks_, std::size_t width_, std::size_t workers_,
                       const Schedule& schedule_, std::size_t most_events_)
    : tasks(tasks_),
      width(width_),
      workers(workers_),
      schedule(schedule_),
      most_events(most_events_),
      chunks(schedule_, tasks_, workers_) {}

BoardShape shape_of(const Kernel& kernel, const Schedule& schedule, std::size_t workers,
                    std::size_t most_events) {
  return {kernel.tasks(), kernel.width(), workers, schedule, most_events};
}

}  // namespace scalelab
