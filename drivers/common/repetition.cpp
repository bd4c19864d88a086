#include "drivers/common/repetition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "drivers/common/digest.hpp"

namespace scalelab {

void throw_failure(Board& board) {
  const WorkerReport* failed = nullptr;
  for (std::size_t w = 0; w < board.shape().workers; ++w) {
    const WorkerReport& report = board.report(w);
    if (report.failed_task == WorkerReport::none) continue;
    if (failed == nullptr || report.failed_task < failed->failed_task) failed = &report;
  }
  if (failed != nullptr) throw std::runtime_error(failed->message.data());
}

void check_ledger(Board& board, std::size_t resumed) {
  const auto ledger = board.ledger();
  const auto wrong = std::find_if(ledger.begin(), ledger.end(), [](std::uint8_t mark) {
    return mark != 1 && mark != Board::finished_before;
  });
  if (wrong != ledger.end()) {
    throw std::logic_error(
        fmt::format("task {} was run {} times instead of once", wrong - ledger.begin(), *wrong));
  }
  // Two workers that run the same task at the same moment may mark it once; their counts tell.
  std::uint64_t runs = resumed;
  for (std::size_t w = 0; w < board.shape().workers; ++w) runs += board.report(w).tasks;
  if (runs != ledger.size()) {
    throw std::logic_error(fmt::format("{} tasks were run instead of {}", runs, ledger.size()));
  }
}

Repetition describe(const Kernel& kernel, Board& board) {
  Repetition repetition;
  repetition.digest = fmt::format("{:016x}", digest(board.values()));
  for (std::size_t w = 0; w < board.shape().workers; ++w) {
    repetition.tasks_by_worker.push_back(board.report(w).tasks);
    repetition.busy_seconds.push_back(board.report(w).busy_seconds);
  }
  const auto counters = kernel.counters();
  const std::size_t width = board.shape().width;
  for (std::size_t c = 0; c < counters.size(); ++c) {
    double sum = 0;
    for (std::size_t at = width - counters.size() + c; at < board.values().size(); at += width) {
      sum += board.values()[at];
    }
    repetition.counters[counters[c]] = static_cast<std::uint64_t>(std::llround(sum));
  }
  return repetition;
}

}  // namespace scalelab
