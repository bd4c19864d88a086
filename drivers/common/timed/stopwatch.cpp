#include "drivers/common/timed/stopwatch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scalelab {

namespace {

/// Of the time, for readings of the clock.
constexpr double most_cost = 0.015;
/// A pause as long as this is no dispatch but somebody else's turn on the core: it is counted once,
/// not for all the parts that were not timed. [s]
constexpr double outlier = 20e-6;
constexpr double most_gap = 4096;

double seconds(Stopwatch::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double measured_reading_cost() {
  double least = 1;
  for (int round = 0; round < 20; ++round) {
    const auto begin = Stopwatch::Clock::now();
    auto end = begin;
    for (int i = 0; i < 50; ++i) end = Stopwatch::Clock::now();
    least = std::min(least, seconds(end - begin) / 50);
  }
  return least;
}

}  // namespace

double Stopwatch::reading_cost() {
  static const double cost = measured_reading_cost();
  return cost;
}

void Stopwatch::start(const Times& before) {
  times_ = before;
  stretches_ = sampled_ = since_timed_ = 0;
  stretched_ = samples_ = gap_ = 0;
  if (!on_) {
    untimed_left_ = std::numeric_limits<std::uint64_t>::max();
    return;
  }
  timed_ = true;
  mark_ = Clock::now();
}

/// Time since the last reading, less what reading costs.
double Stopwatch::lap() {
  const Clock::time_point now = Clock::now();
  const double all = seconds(now - mark_);
  mark_ = now;
  since_timed_ += all;
  return std::max(0.0, all - reading_cost());
}

void Stopwatch::end_dispatch() {
  const double dispatch = lap();
  times_.dispatch += dispatch;
  if (dispatch > outlier) return;
  sampled_ += dispatch;
  ++samples_;
}

void Stopwatch::end_compute() {
  times_.compute += lap();
  ++times_.parts;
  ++times_.timed_parts;
  // Three readings for each part that is timed among others. The distance between two is random,
  // from 1 to twice the mean less 1: one that is always the same could fall in step with the tasks.
  const double cycle = since_timed_ / static_cast<double>(gap_ + 1);
  const double mean = std::clamp(3 * reading_cost() / (most_cost * cycle), 1.0, most_gap);
  random_ = random_ * 6364136223846793005U + 1442695040888963407U;
  const double share = static_cast<double>(random_ >> 11) * 0x1p-53;
  gap_ = static_cast<std::uint64_t>(std::llround(2 * (mean - 1) * share));
  untimed_left_ = gap_;
  timed_ = gap_ == 0;
  since_timed_ = 0;
}

void Stopwatch::end_stretch() {
  stretches_ += lap();
  stretched_ += gap_ - untimed_left_;
  timed_ = true;
}

void Stopwatch::leave() {
  if (!on_) return;
  if (timed_ || untimed_left_ == gap_) {  // no part was run since the last reading
    times_.dispatch += lap();
    timed_ = true;
  } else {
    end_stretch();
  }
}

void Stopwatch::spend(double Times::*account) {
  if (!on_) return;
  times_.*account += lap();
  since_timed_ = 0;
  gap_ = 0;
}

Times Stopwatch::times() const {
  Times times = times_;
  const double mean = samples_ == 0 ? 0 : sampled_ / static_cast<double>(samples_);
  const double dispatch = std::min(stretches_, mean * static_cast<double>(stretched_));
  times.parts += stretched_;
  times.dispatch += dispatch;
  times.compute += stretches_ - dispatch;
  return times;
}

}  // namespace scalelab
