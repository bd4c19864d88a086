#pragma once

#include <cstdio>
#include <stdexcept>

namespace scalelab {

/// To be called when all is printed. @throws std::runtime_error if some of it was lost, as on a
/// full disk
inline void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw std::runtime_error("standard output cannot be written");
  }
}

}  // namespace scalelab
