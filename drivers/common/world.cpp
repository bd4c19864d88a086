#include "drivers/common/world.hpp"

#include "drivers/common/timed/failure.hpp"

namespace scalelab {

void World::end_if_any_failed(const std::string& failure) {
  if (!failure.empty()) throw Ended{1, failure, false};
}

}  // namespace scalelab
