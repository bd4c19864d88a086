#include "drivers/common/run/stopping_rule.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <vector>

#include "kernels/options.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

constexpr std::size_t most_repetitions = 1'000'000;
constexpr std::size_t fewest_for_rule = 6;  // below there is no interval
constexpr std::size_t usual_most = 100;
constexpr double narrowest = 1e-4;
constexpr double widest = 0.5;

bool is_look(std::size_t n) {
  std::size_t look = fewest_for_rule;
  while (look < n) look = (7 * look + 4) / 5;  // 1.4 times, rounded up
  return look == n;
}

std::optional<std::size_t> count_in(std::string_view text, std::size_t least) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (count < least || count > most_repetitions) return std::nullopt;
  return count;
}

/// "2%" or "0.02"
std::optional<double> width_in(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  double width = 0;
  if (!read_number(text, width)) return std::nullopt;
  if (percent) width /= 100;
  if (!(width >= narrowest && width <= widest)) return std::nullopt;
  return width;
}

}  // namespace

std::string StoppingRule::text() const {
  return width_ ? fmt::format("auto:{:.6g}:{}", *width_, most_) : std::to_string(most_);
}

bool StoppingRule::enough(std::span<const double> seconds, std::size_t all) const {
  if (all >= most_) return true;
  if (!width_ || !is_look(seconds.size())) return false;
  const Median median = median_of({seconds.begin(), seconds.end()});
  return (median.high - median.low) / 2 <= *width_ * median.value;
}

StoppingRule stopping_rule_of(const std::string& text) {
  std::string_view rest = text;
  if (!rest.starts_with("auto:")) {
    if (const auto count = count_in(rest, 1)) return StoppingRule(*count);
    throw UsageError(
        fmt::format("--repetitions: expected a whole number from 1 to {}, or auto:WIDTH[:MOST] as "
                    "in auto:2%:100, got '{}'",
                    most_repetitions, text));
  }
  rest.remove_prefix(5);
  const std::size_t colon = rest.find(':');
  const auto width = width_in(rest.substr(0, colon));
  if (!width) {
    throw UsageError(
        fmt::format("--repetitions: expected a width from {}% to {}%, as in auto:2%, got '{}'",
                    narrowest * 100, widest * 100, text));
  }
  if (colon == std::string_view::npos) return {*width, usual_most};
  const auto most = count_in(rest.substr(colon + 1), fewest_for_rule);
  if (!most) {
    throw UsageError(
        fmt::format("--repetitions: expected at most from {} to {} repetitions, as in auto:2%:100, "
                    "got '{}'",
                    fewest_for_rule, most_repetitions, text));
  }
  return {*width, *most};
}

}  // namespace scalelab
