#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "drivers/common/board/times.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// What the repetitions of a run come to, for people; so that not all of them need be kept.
class Tally {
 public:
  void add(const Repetition& repetition);

  /// Of the repetitions that are no warm-ups. [s]
  const std::vector<double>& seconds() const { return seconds_; }
  /// Of those that a report takes, as `counts` of the record says; or of all if there is none such,
  /// as where all go on from a journal. [s]
  const std::vector<double>& counted_seconds() const {
    return counted_seconds_.empty() ? seconds_ : counted_seconds_;
  }
  /// All repetitions, warm-ups too.
  std::size_t count() const { return count_; }
  /// The last one. Valid after the first `add`.
  const Repetition& last() const { return *last_; }
  /// Of the first repetition; all others should have the same.
  const std::string& digest() const { return digest_; }
  std::uint64_t retries() const { return retries_; }
  /// Repetitions with retries, without warm-ups.
  std::size_t retried() const { return retried_; }
  /// The numbers of those in which somebody was stopped, or a machine suspended, without warm-ups.
  const std::vector<std::uint64_t>& interrupted() const { return interrupted_; }
  /// The longest of these interruptions, at most. [s]
  double longest_interruption() const { return longest_interruption_; }

  // Of the repetitions that are no warm-ups; accounts without those that were interrupted:

  /// Load balance as POP defines it, mean / longest of the workers' compute times; of those that
  /// have accounts and count.
  const std::vector<double>& balances() const { return balances_; }
  /// Sums over all workers; `compute` includes the serial part.
  const Times& times() const { return times_; }
  double cpu_seconds() const { return cpu_seconds_; }
  /// Workers × seconds of those that have accounts.
  double worker_seconds() const { return worker_seconds_; }
  double stolen_seconds() const { return stolen_seconds_; }
  double unaccounted_seconds() const { return unaccounted_seconds_; }

 private:
  void add_accounts(const Repetition& repetition);

  std::vector<double> seconds_;
  std::vector<double> counted_seconds_;
  std::vector<double> balances_;
  std::size_t count_ = 0;
  std::uint64_t retries_ = 0;
  std::size_t retried_ = 0;
  std::vector<std::uint64_t> interrupted_;
  double longest_interruption_ = 0;
  std::string digest_;
  std::optional<Repetition> last_;
  Times times_;
  double cpu_seconds_ = 0;
  double worker_seconds_ = 0;
  double stolen_seconds_ = 0;
  double unaccounted_seconds_ = 0;
};

}  // namespace scalelab
