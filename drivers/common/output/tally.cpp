#include "drivers/common/output/tally.hpp"

#include <algorithm>
#include <numeric>

namespace scalelab {

namespace {

double sum_of(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

}  // namespace

void Tally::add(const Repetition& repetition) {
  if (count_++ == 0) digest_ = repetition.digest;
  last_ = repetition;
  retries_ += repetition.retries;
  if (repetition.warmup) return;
  seconds_.push_back(repetition.seconds);
  if (repetition.retries > 0) ++retried_;
  if (was_interrupted(repetition)) {
    interrupted_.push_back(repetition.number);
    longest_interruption_ = std::max({longest_interruption_, repetition.stopped_seconds.value_or(0),
                                      repetition.suspended_seconds.value_or(0)});
  }
  if (counts(repetition)) counted_seconds_.push_back(repetition.seconds);
  stolen_seconds_ += repetition.steal_seconds.value_or(0);
  const bool has_accounts = !repetition.workers.compute_seconds.empty();
  // Who was stopped in the kernel has computed all the time, by the accounts.
  if (has_accounts && !was_interrupted(repetition)) add_accounts(repetition);
}

void Tally::add_accounts(const Repetition& repetition) {
  const Accounts& workers = repetition.workers;
  const double compute = sum_of(workers.compute_seconds);
  const double longest = std::ranges::max(workers.compute_seconds);
  const auto count = static_cast<double>(workers.compute_seconds.size());
  if (longest > 0 && counts(repetition)) balances_.push_back(compute / count / longest);
  times_.compute += compute;
  times_.dispatch += sum_of(workers.dispatch_seconds);
  times_.communication += sum_of(workers.communication_seconds);
  times_.idle += sum_of(workers.idle_seconds);
  unaccounted_seconds_ += sum_of(workers.unaccounted_seconds);
  times_.parts += sum_of(workers.parts);
  cpu_seconds_ += sum_of(workers.cpu_seconds);
  worker_seconds_ += count * repetition.seconds;
}

}  // namespace scalelab
