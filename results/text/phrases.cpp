#include "results/text/phrases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scalelab {

std::string percent(double share) {
  const double value = 100 * share;
  return fmt::format("{:.{}f} %", value, std::fabs(value) < 9.95 ? 1 : 0);
}

std::string percent(const Estimate& share) {
  const Estimate value{100 * share.value, 100 * share.low, 100 * share.high};
  const int digits = digits_of(value);
  return fmt::format("{:.{}f} % [{:.{}f}, {:.{}f}]", value.value, digits, value.low, digits,
                     value.high, digits);
}

int digits_of(const Estimate& estimate) {
  const double width = estimate.high - estimate.low;
  const double size = std::fabs(estimate.value);
  const int worth = width > 0 ? static_cast<int>(-std::floor(std::log10(width))) : 0;
  const int two = size > 0 ? 1 - static_cast<int>(std::floor(std::log10(size))) : 1;
  return std::clamp(std::clamp(worth, two, two + 1), 0, 4);
}

std::string sentence(const std::string& text) {
  return text.ends_with('.') || text.ends_with('?') || text.ends_with('!') ? text : text + '.';
}

std::string workers(std::uint64_t number) {
  return fmt::format("{} worker{}", number, number == 1 ? "" : "s");
}

bool shorter(const Median& a, const Median& b) { return a.high < b.low; }

}  // namespace scalelab
