#include "drivers/common/run/measure_cost.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "results/statistics/statistics.hpp"
#include "results/text/units.hpp"

namespace scalelab {

namespace {

/// Of a sample. [s]
constexpr double least = 2e-3;
/// One that lasts as long may have been interrupted: so often is asked before it is believed.
constexpr int tries = 5;
constexpr std::size_t most_count = std::size_t{1} << 20;

}  // namespace

Cost measure_cost(const std::string& name, std::uint64_t bytes,
                  const std::function<double(std::size_t)>& seconds_of) {
  // The shortest of some tries: one that was interrupted may take thousands of times as long.
  const auto shortest = [&](std::size_t count) {
    double time = seconds_of(count);
    for (int i = 1; i < tries && time >= least; ++i) time = std::min(time, seconds_of(count));
    return time;
  };
  std::size_t count = 1;
  while (count < most_count && shortest(count) < least) count *= 2;
  Cost cost{.run = "", .name = name, .bytes = bytes, .seconds = {}};
  for (std::size_t sample = 0; sample < cost_samples; ++sample) {
    cost.seconds.push_back(seconds_of(count) / static_cast<double>(count));
  }
  return cost;
}

std::string cost_lines(const std::vector<Cost>& costs) {
  std::string lines;
  for (const Cost& cost : costs) {
    const Median median = median_of(cost.seconds);
    const std::string name = cost.name + (cost.bytes == 0 ? "" : ", " + text_of_bytes(cost.bytes));
    lines += fmt::format("  {:<11} {:<20} {:>8} ({} .. {})\n", lines.empty() ? "costs" : "", name,
                         text_of_seconds(median.value), text_of_seconds(median.low),
                         text_of_seconds(median.high));
  }
  return lines;
}

}  // namespace scalelab
