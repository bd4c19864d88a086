#include "drivers/common/driver.hpp"

#include <numeric>

#include "drivers/common/machine/host.hpp"

namespace scalelab {

void Driver::ready(std::span<const Range> finished) {
  board().clear(finished);
  board().deal();
}

std::vector<Driver::NodeProgress> Driver::progress() {
  std::vector<std::size_t> workers(board().shape().workers);
  std::iota(workers.begin(), workers.end(), std::size_t{0});
  return {{host_name().data(), board().tasks_done(workers)}};
}

}  // namespace scalelab
