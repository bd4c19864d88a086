#include "drivers/common/board/worker_report.hpp"

#include <algorithm>
#include <string>

#include "kernels/printable.hpp"

namespace scalelab {

void WorkerReport::fail(std::uint64_t task, std::string_view what) {
  failed_task = task;
  const std::string clean = printable(what, message.size() - 40);
  message.fill('\0');
  std::copy_n(clean.begin(), std::min(clean.size(), message.size() - 1), message.begin());
}

void WorkerReport::charge(double Times::*account, double now) {
  if (now <= until) return;
  times.*account += now - until;
  until = now;
}

}  // namespace scalelab
