#pragma once

#include <unistd.h>

#include <array>

namespace scalelab {

/// Cut if need be, and ended by a zero.
using HostName = std::array<char, 64>;

inline HostName host_name() {
  HostName name{};
  gethostname(name.data(), name.size() - 1);
  return name;
}

}  // namespace scalelab
