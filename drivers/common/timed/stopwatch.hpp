#pragma once

#include <chrono>
#include <cstdint>

#include "drivers/common/board/times.hpp"

namespace scalelab {

/// A worker's own account of its time, cheap enough for tasks of a microsecond: two readings of the
/// clock cost about 50 ns, so where parts (calls of the kernel) are short, only some are timed, at
/// random distances and so few that the readings take at most 1.5 % of the time.
///
/// Between two timed parts lies a stretch of others, whose length as a whole is known. Of that the
/// dispatch is estimated, part by part, by the mean of those that were timed; it hardly differs
/// from part to part, while compute may, by any factor: so compute is the rest of the stretch. What
/// the readings themselves cost is in none of the accounts.
class Stopwatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param on  false: reads no clock, keeps no accounts
  explicit Stopwatch(bool on) : on_(on) {
    if (on) reading_cost();  // measured now, not while the clock runs
  }

  bool is_on() const { return on_; }

  /// A repetition begins. @param before  the accounts of a dead worker, to be gone on with
  void start(const Times& before);

  /// Around each call of the kernel.
  void before_part() {
    if (timed_) end_dispatch();
  }
  void after_part() {
    if (timed_) {
      end_compute();
    } else if (--untimed_left_ == 0) {
      end_stretch();
    }
  }

  /// What follows is neither compute nor dispatch as usual: ends with `spend`.
  void leave();
  void spend(double Times::*account);

  /// The accounts up to the last reading of the clock.
  Times times() const;

  /// What a reading of the clock costs. [s]
  static double reading_cost();

 private:
  double lap();
  void end_dispatch();
  void end_compute();
  void end_stretch();

  bool on_;
  bool timed_ = false;  ///< the next part is
  std::uint64_t untimed_left_ = 0;
  std::uint64_t gap_ = 0;        ///< untimed parts in the present stretch, at its end
  std::uint64_t random_ = 0;     ///< state of a generator of distances
  Clock::time_point mark_{};     ///< all time before this is accounted for
  double since_timed_ = 0;       ///< time since the last timed part [s]
  Times times_{};                ///< without the stretches
  double stretches_ = 0;         ///< [s]
  std::uint64_t stretched_ = 0;  ///< parts in them
  double sampled_ = 0;           ///< dispatch of timed parts, without outliers [s]
  std::uint64_t samples_ = 0;
};

}  // namespace scalelab
