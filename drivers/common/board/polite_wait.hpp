#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace scalelab {

/// Waits without burning a core that another worker needs: yields at first, then sleeps for a
/// twentieth of the time already waited, from 10 µs to `longest`. So waiting ends at most 5 % late.
class PoliteWait {
 public:
  using Clock = std::chrono::steady_clock;

  explicit PoliteWait(Clock::duration longest = std::chrono::milliseconds(1)) : longest_(longest) {}

  void pause() {
    if (yields_ < 100) {
      if (yields_ == 0) begin_ = Clock::now();
      ++yields_;
      std::this_thread::yield();
      return;
    }
    const Clock::duration shortest = std::chrono::microseconds(10);
    std::this_thread::sleep_for(std::clamp((Clock::now() - begin_) / 20, shortest, longest_));
  }

  /// What was waited for has happened: start afresh.
  void reset() { yields_ = 0; }

 private:
  Clock::duration longest_;
  Clock::time_point begin_{};
  int yields_ = 0;
};

}  // namespace scalelab
