#include "results/text/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scalelab {

namespace {

struct Scaled {
  double value;
  const char* unit;
};

/// In the unit that fits: what would be rounded to 1000 of a unit is 1 of the next.
Scaled scaled(double seconds) {
  if (seconds < 999.5e-9) return {seconds * 1e9, "ns"};
  if (seconds < 999.5e-6) return {seconds * 1e6, "µs"};
  if (seconds < 999.5e-3) return {seconds * 1e3, "ms"};
  return {seconds, "s"};
}

}  // namespace

std::string text_of_seconds(double seconds) {
  const auto [value, unit] = scaled(seconds);
  return value < 999.5 ? fmt::format("{:.3g} {}", value, unit)
                       : fmt::format("{:.0f} {}", value, unit);
}

std::string text_of_task_time(double seconds, int digits) {
  const auto [value, unit] = scaled(seconds);
  const int before = value < 10 - 0.5 * std::pow(10, 1 - digits) ? 1 : value < 99.95 ? 2 : 3;
  return fmt::format("{:.{}f} {}", value, std::max(digits - before, 0), unit);
}

std::string text_of_interval(const std::string& low, const std::string& high) {
  const auto unit = [](const std::string& time) { return time.substr(time.find(' ')); };
  const bool once = unit(low) == unit(high);
  return fmt::format("{} .. {}", once ? low.substr(0, low.find(' ')) : low, high);
}

std::string text_of_interval(const Median& seconds) {
  return text_of_interval(text_of_seconds(seconds.low), text_of_seconds(seconds.high)) +
         (seconds.confident ? "" : "*");
}

std::string text_of_bytes(std::uint64_t bytes) {
  auto size = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* larger : {"KiB", "MiB", "GiB", "TiB"}) {
    if (size < 1023.5) break;
    size /= 1024;
    unit = larger;
  }
  return fmt::format("{:.4g} {}", size, unit);
}

}  // namespace scalelab
