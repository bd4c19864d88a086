#include "drivers/common/board/gate.hpp"

#include <chrono>

#include "drivers/common/board/polite_wait.hpp"

namespace scalelab {

namespace {

std::int64_t now_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void Gate::reset() {
  released_.store(false, std::memory_order_relaxed);
  open_.store(false, std::memory_order_relaxed);
  stopped_.store(Stop::none, std::memory_order_relaxed);
  left_.store(0, std::memory_order_relaxed);
}

void Gate::start_clock() { began_.store(now_ns(), std::memory_order_release); }

double Gate::seconds() const {
  return static_cast<double>(now_ns() - began_.load(std::memory_order_acquire)) * 1e-9;
}

void Gate::await_release() const {
  for (PoliteWait wait; !released_.load(std::memory_order_acquire);) wait.pause();
}

void Gate::open(double serial_value) {
  serial_value_ = serial_value;
  open_.store(true, std::memory_order_release);
}

void Gate::stop(Stop why) {
  Stop nothing = Stop::none;
  stopped_.compare_exchange_strong(nothing, why, std::memory_order_acq_rel);
}

}  // namespace scalelab
