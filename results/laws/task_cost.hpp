#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "results/laws/law.hpp"
#include "results/laws/linear_fit.hpp"

namespace scalelab {

/// What a task of u units costs its worker is a straight line, g(u) = o + c u: an overhead for
/// each task, and work at the driver's own rate. The granularity at which the efficiency
/// i u / g(u) is e follows from it, i being a unit in the sequential driver's long tasks.
struct TaskCost {
  double overhead = 0;  ///< o, of a task [s]
  double unit = 0;      ///< c, of a unit of work [s]
  double ideal = 0;     ///< i, the same in the sequential driver's long tasks [s]

  /// Granularity with that efficiency: i o / (i - e c) [s]; infinite where no length reaches it,
  /// as a unit costs i / e or more.
  double metg(double efficiency) const;
};

/// Runs with tasks of one length.
struct LengthRuns {
  double units;                       ///< of work in a task
  std::vector<double> granularities;  ///< of each run [s]
};

/// A line fitted to lower quartiles of the runs.
struct FittedTaskCost {
  TaskCost cost;
  std::vector<TaskCost> resampled;
  LackOfFit lack_of_fit;

  /// With its percentile interval of the bootstrap; may be infinite. [s]
  Estimate metg(double efficiency) const;
  /// By which part a unit takes longer than in the sequential driver's long tasks: c / i - 1.
  Estimate slower() const;
};

/// Fits to all lengths at once, weighted by 1 / g². Intervals by resampling the runs of each length
/// and those of the denominator, or, where the line misses the lengths by more than the runs
/// scatter, the residuals. How often they hold what is true is told in docs/reading.md.
/// @param lengths  by increasing units
/// @param ideal    what a unit took in each run of the sequential driver's long tasks, at least one
///                 [s]
/// @returns nothing for fewer than 4 lengths
std::optional<FittedTaskCost> fit_task_cost(const std::vector<LengthRuns>& lengths,
                                            const std::vector<double>& ideal,
                                            std::uint64_t seed = 1, std::size_t resamples = 2000);

}  // namespace scalelab
