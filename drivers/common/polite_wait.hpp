#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace scalelab {

/// Waits without burning a core that another worker needs: yields at first, then sleeps for a
/// twentieth of the time already waited, from 10 µs to 1 ms. So waiting ends at most 5 % late.
class PoliteWait {
 public:
  void pause() {
    if (yields_ < 100) {
      ++yields_;
      std::this_thread::yield();
      return;
    }
    const auto waited = std::chrono::steady_clock::now() - begin_;
    std::this_thread::sleep_for(std::clamp<std::chrono::nanoseconds>(
        waited / 20, std::chrono::microseconds(10), std::chrono::milliseconds(1)));
  }

  /// What was waited for has happened: start afresh.
  void reset() { *this = PoliteWait(); }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  int yields_ = 0;
};

}  // namespace scalelab
