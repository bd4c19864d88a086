#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace scalelab {

/// 64-bit FNV-1a over the bits of the values, least significant byte first. Equal bits, equal
/// digest. Source: Fowler, Noll, Vo; RFC 9923.
/// @param hash  of what stands before
inline std::uint64_t digest(std::span<const double> values,
                            std::uint64_t hash = 0xCBF29CE484222325U) {
  for (const double value : values) {
    auto bits = std::bit_cast<std::uint64_t>(value);
    for (int byte = 0; byte < 8; ++byte, bits >>= 8) hash = (hash ^ (bits & 0xFF)) * 0x100000001B3U;
  }
  return hash;
}

}  // namespace scalelab
