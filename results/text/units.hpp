#pragma once

#include <cstdint>
#include <string>

namespace scalelab {

// For people: three digits, in the unit that fits.

/// "35.2 ns", "1.24 µs", "850 ms", "12.5 s"
std::string text_of_seconds(double seconds);

/// "8 B", "4 KiB", "1.5 GiB"
std::string text_of_bytes(std::uint64_t bytes);

}  // namespace scalelab
