#pragma once

#include <cstdint>
#include <string>

#include "results/statistics/statistics.hpp"

namespace scalelab {

// For people: three digits, in the unit that fits.

/// "35.2 ns", "1.24 µs", "850 ms", "12.5 s"
std::string text_of_seconds(double seconds);

/// Of a task, in a table of such: zeros at the end stay, so that all have as many digits. "75.7
/// ns", "1.00 µs", "1.50 s"
std::string text_of_task_time(double seconds, int digits = 3);

/// Of two texts of times: "105 .. 131 ns", "980 ns .. 1.05 µs"
std::string text_of_interval(const std::string& low, const std::string& high);

/// "9.31 .. 9.42 ms"; of fewer than 6 times, whose ends are no interval of 95 %, with a mark:
/// "985 µs .. 1.02 ms*"
std::string text_of_interval(const Median& seconds);

/// "8 B", "4 KiB", "1.5 GiB"
std::string text_of_bytes(std::uint64_t bytes);

}  // namespace scalelab
