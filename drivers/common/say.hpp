#pragma once

#include <cstdio>
#include <string>

namespace scalelab {

/// A line on standard error. Never throws, as fmt::print does if that is closed.
inline void say(const std::string& text) noexcept {
  std::fprintf(stderr, "scalelab: %s\n", text.c_str());
}

}  // namespace scalelab
