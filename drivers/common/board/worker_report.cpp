#include "drivers/common/board/worker_report.hpp"

#include <algorithm>
#include <cstring>

namespace scalelab {

void WorkerReport::fail(std::uint64_t task, std::string_view what) {
  failed_task = task;
  const std::size_t length = std::min(what.size(), message.size() - 1);
  std::memcpy(message.data(), what.data(), length);
  message[length] = '\0';
}

void WorkerReport::charge(double Times::*account, double now) {
  if (now <= until) return;
  times.*account += now - until;
  until = now;
}

}  // namespace scalelab
