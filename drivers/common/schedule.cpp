#include "drivers/common/schedule.hpp"

#include <algorithm>

namespace scalelab {

std::string Schedule::name() const { return kind == Kind::fixed ? "static" : "dynamic"; }

Schedule schedule_of(const OptionValues& options) {
  Schedule schedule;
  schedule.kind = options.choice("schedule", {"static", "dynamic"}) == 0 ? Schedule::Kind::fixed
                                                                         : Schedule::Kind::dynamic;
  if (options.given("chunk")) schedule.chunk = options.whole("chunk", 1, 1ULL << 40);
  return schedule;
}

std::optional<Range> fixed_range(const Schedule& schedule, std::size_t tasks, std::size_t workers,
                                 std::size_t worker, std::size_t k) {
  if (schedule.chunk == 0) {
    if (k > 0) return std::nullopt;
    const std::size_t length = tasks / workers;
    const std::size_t longer = tasks % workers;
    const std::size_t first = worker * length + std::min(worker, longer);
    const std::size_t last = first + length + (worker < longer ? 1 : 0);
    if (first == last) return std::nullopt;
    return Range{first, last};
  }
  const std::size_t chunks = (tasks - 1) / schedule.chunk + 1;
  const std::size_t number = k * workers + worker;
  if (number >= chunks) return std::nullopt;
  const std::size_t first = number * schedule.chunk;
  return Range{first, std::min(tasks - first, schedule.chunk) + first};
}

}  // namespace scalelab
