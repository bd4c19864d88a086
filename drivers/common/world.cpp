#include "drivers/common/world.hpp"

#include "drivers/common/timed/failure.hpp"

namespace scalelab {

std::string World::standard_stream(int number) const {
  return "/proc/self/fd/" + std::to_string(number);
}

void World::end_if_any_failed(const std::string& failure) {
  if (!failure.empty()) throw Ended{1, failure, false};
}

}  // namespace scalelab
