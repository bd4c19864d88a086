#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace scalelab {

/// Which dots of a figure are drawn: all, or where those are more than some thousand, as many of
/// each group as show how its values are distributed.
class Dots {
 public:
  /// @param all  dots of the figure @param groups  of them, that have a place of their own
  Dots(std::size_t all, std::size_t groups);

  /// Indexes of a group's values that are drawn, in their order: smallest, largest, and evenly
  /// spread order statistics between.
  std::vector<std::size_t> of(const std::vector<double>& values);

  /// For the caption: how many of `of` so far are drawn; empty: all.
  std::string note() const;

 private:
  std::size_t most_of_each_;
  std::size_t all_ = 0;
  std::size_t drawn_ = 0;
};

}  // namespace scalelab
