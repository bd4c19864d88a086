#pragma once

#include <cstdint>
#include <string>

namespace scalelab {

/// How much of a run's work falls, at the least, to the worker with most of it: more than 1 / p
/// where few tasks are to be shared out, as 4 of 10 tasks on 3 workers, or where one task is longer
/// than that. What a schedule does beyond it is imbalance.
struct Sharing {
  std::uint64_t tasks = 0;  ///< 0: not known, the work can be cut at will
  std::uint64_t chunk = 1;  ///< tasks handed out at once
  double longest = 0;       ///< the longest task, as a part of the work; 0: all are alike

  /// @returns from 1 / p to 1; 1 / p where it differs by less than any time could show
  double share(double workers) const;
};

}  // namespace scalelab
