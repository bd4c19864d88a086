#include "drivers/common/driver.hpp"

#include <numeric>

#include "drivers/common/machine/host.hpp"
#include "drivers/common/run/on_reporter.hpp"

namespace scalelab {

std::vector<Driver::NodeProgress> Driver::progress() {
  std::vector<std::size_t> workers(board().shape().workers);
  std::iota(workers.begin(), workers.end(), std::size_t{0});
  return {{host_name().data(), board().tasks_done(workers)}};
}

void Driver::end_if_any_failed(const std::string& failure) {
  if (!failure.empty()) throw Ended{1, failure, false};
}

}  // namespace scalelab
