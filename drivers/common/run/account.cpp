#include "drivers/common/run/account.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "results/record/digest.hpp"

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

bool is_complete(Board& board, std::size_t resumed) {
  std::uint64_t runs = resumed;
  for (std::size_t w = 0; w < board.shape().workers; ++w) runs += board.report(w).tasks;
  return runs >= board.shape().tasks && !board.ledger().gap();
}

void check_ledger(Board& board, std::size_t resumed) {
  const auto ledger = board.ledger().marks();
  const auto wrong = std::find_if(ledger.begin(), ledger.end(), [](std::uint8_t mark) {
    return mark != 1 && mark != Ledger::finished_before;
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

namespace {

/// Of the result; what came of the serial part is the last of them.
std::string digest_of(const Kernel& kernel, const Board& board) {
  std::uint64_t hash = digest(board.result().values);
  if (kernel.work().value_or(Work{}).serial > 0) {
    const double last = board.gate().serial_value();
    hash = digest({&last, 1}, hash);
  }
  return fmt::format("{:016x}", hash);
}

/// The clock tells no more than nanoseconds, and a line with less digits is read faster.
double rounded(double seconds) { return std::round(seconds * 1e9) / 1e9; }

void add_accounts(WorkerReport& report, double seconds, Accounts& accounts) {
  report.charge(&Times::idle, seconds);  // it had nothing to do, and waited for the end
  const Times& times = report.times;
  accounts.compute_seconds.push_back(rounded(times.compute + times.serial));
  accounts.dispatch_seconds.push_back(rounded(times.dispatch));
  accounts.communication_seconds.push_back(rounded(times.communication));
  accounts.idle_seconds.push_back(rounded(times.idle));
  accounts.unaccounted_seconds.push_back(rounded(seconds - times.sum()));
  accounts.parts.push_back(times.parts);
  accounts.timed_parts.push_back(times.timed_parts);
  accounts.cpu_seconds.push_back(rounded(report.usage.cpu_seconds));
  accounts.voluntary_switches.push_back(report.usage.voluntary_switches);
  accounts.involuntary_switches.push_back(report.usage.involuntary_switches);
  accounts.migrations.push_back(report.usage.migrations);
}

}  // namespace

void describe(const Kernel& kernel, Board& board, bool accounting, Repetition& repetition) {
  repetition.digest = digest_of(kernel, board);
  Interruption happened = interruption();  // the reporter waits for all of them
  for (std::size_t w = 0; w < board.shape().workers; ++w) {
    repetition.workers.tasks.push_back(board.report(w).tasks);
    if (accounting) add_accounts(board.report(w), repetition.seconds, repetition.workers);
    happened |= board.report(w).interruption;
  }
  if (happened.stopped_seconds > 0) repetition.stopped_seconds = rounded(happened.stopped_seconds);
  if (happened.suspended_seconds > 0) {
    repetition.suspended_seconds = rounded(happened.suspended_seconds);
  }
  repetition.retries = board.retries();
  if (repetition.retries > 0) {  // what the dead had used nobody knows
    Accounts& accounts = repetition.workers;
    accounts.cpu_seconds.clear();
    accounts.voluntary_switches.clear();
    accounts.involuntary_switches.clear();
    accounts.migrations.clear();
  }
  if (accounting && kernel.work().value_or(Work{}).serial > 0) {
    repetition.serial_seconds = rounded(board.report(0).times.serial);
  }
  const auto counters = kernel.counters();
  const std::span<const double> values = board.values();
  const std::size_t width = board.shape().width;
  for (std::size_t c = 0; c < counters.size(); ++c) {
    double sum = 0;
    for (std::size_t at = width - counters.size() + c; at < values.size(); at += width) {
      sum += values[at];
    }
    repetition.counters[counters[c]] = static_cast<std::uint64_t>(std::llround(sum));
  }
}

}  // namespace scalelab
