#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "kernels/options.hpp"

namespace scalelab {

/// The tasks first <= i < last.
struct Range {
  std::size_t first;
  std::size_t last;

  std::size_t size() const { return last - first; }
  bool operator==(const Range&) const = default;
};

/// How tasks are given to workers; the same meaning in every driver.
struct Schedule {
  enum class Kind {
    fixed,   ///< "static": known before the run. Without a chunk one contiguous block per worker,
             ///< with one the chunks go round
    dynamic  ///< a worker that is free takes the next chunk
  };

  Kind kind = Kind::fixed;
  std::size_t chunk = 0;  ///< tasks handed out at once; 0: not given

  std::string name() const;
  /// Tasks handed out at once by `dynamic`.
  std::size_t step() const { return chunk == 0 ? 1 : chunk; }
};

/// From --schedule and --chunk.
Schedule schedule_of(const OptionValues& options);

/// The k-th range (k = 0, 1, ...) of a worker under a `fixed` schedule, or nothing after its last.
/// P blocks of N tasks: the first N mod P are one task longer.
std::optional<Range> fixed_range(const Schedule& schedule, std::size_t tasks, std::size_t workers,
                                 std::size_t worker, std::size_t k);

}  // namespace scalelab
