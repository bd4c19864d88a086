#pragma once

#include <atomic>
#include <cstdint>

#include "drivers/common/board/ending.hpp"

namespace scalelab {

/// When the workers of a repetition may begin, may go on, must stop and have all done their part;
/// and the clock by which they are timed. Free of addresses, so it may lie in shared memory.
class Gate {
 public:
  /// Closed, with nobody through. Nobody else may be using it.
  void reset();

  /// The clock of the repetition. It is set when the workers are let go: by the reporter or, on
  /// other nodes, when its word arrives.
  void start_clock();
  /// Since then. [s]
  double seconds() const;

  /// Lets those go who `await_release`: for drivers whose workers cannot be started by a call.
  void release() { released_.store(true, std::memory_order_release); }
  void await_release() const;

  /// The serial part is done, and what came of it: the tasks may begin.
  void open(double serial_value);
  bool is_open() const { return open_.load(std::memory_order_acquire); }
  double serial_value() const { return serial_value_; }

  /// Nobody begins another task. The first reason counts.
  void stop(Stop why);
  bool stopped() const { return why_stopped() != Stop::none; }
  Stop why_stopped() const { return stopped_.load(std::memory_order_acquire); }

  /// A worker has done its part of the repetition.
  void leave() { ++left_; }
  /// How many have.
  std::uint32_t left() const { return left_; }

 private:
  std::atomic<bool> released_{false};
  std::atomic<bool> open_{false};
  std::atomic<std::int64_t> began_{0};  ///< steady clock [ns]
  double serial_value_ = 0;
  std::atomic<Stop> stopped_{Stop::none};
  std::atomic<std::uint32_t> left_{0};
};

}  // namespace scalelab
