#pragma once

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "kernels/printable.hpp"

namespace scalelab {

/// Cut if need be, and ended by a zero.
using HostName = std::array<char, 64>;

/// As it is shown everywhere: Linux allows any bytes in it.
inline HostName host_name() {
  HostName name{};
  gethostname(name.data(), name.size() - 1);
  const std::string clean = printable(name.data());
  name.fill('\0');
  std::copy_n(clean.begin(), std::min(clean.size(), name.size() - 1), name.begin());
  return name;
}

}  // namespace scalelab
