#pragma once

#include <cstdint>
#include <string>

#include "results/laws/scaling_laws.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

// Numbers in the sentences of a report.

/// Losses and gains below this share are not worth a sentence.
inline constexpr double worth_telling = 0.05;

/// "4.8 %", "48 %"
std::string percent(double share);

/// "4.8 % [4.1, 5.5]"
std::string percent(const Estimate& share);

/// As many digits behind the point as the interval is worth, but two or three that count:
/// 15.5 [15.4, 15.9], 1.5 [0.7, 2.6]
int digits_of(const Estimate& estimate);

/// Ended by a full stop, unless it ends by a mark of its own.
std::string sentence(const std::string& text);

/// "1 worker", "8 workers"
std::string workers(std::uint64_t number);

/// Whether a is shorter than b as far as their intervals say.
bool shorter(const Median& a, const Median& b);

}  // namespace scalelab
