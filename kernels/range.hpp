#pragma once

#include <cstddef>

namespace scalelab {

/// The tasks first <= i < last.
struct Range {
  std::size_t first;
  std::size_t last;

  std::size_t size() const { return last - first; }
  bool operator==(const Range&) const = default;
};

}  // namespace scalelab
