#pragma once

#include <cstdio>
#include <stdexcept>
#include <string>

namespace scalelab {

/// A line on standard error. Never throws, as fmt::print does if that is closed.
inline void say(const std::string& text) noexcept {
  std::fprintf(stderr, "scalelab: %s\n", text.c_str());
}

/// On standard output. @throws std::runtime_error if that cannot be written
inline void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw std::runtime_error("standard output cannot be written");
  }
}

}  // namespace scalelab
