#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/description.hpp"
#include "kernels/kernel.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// How the work of dummy tasks is spread. L(x) is the Lorenz curve: the share of the total that the
/// cheapest fraction x of the tasks holds.
enum class Skew {
  uniform,      ///< all alike, L = x
  linear,       ///< from 0 to twice the mean, L = x²
  exponential,  ///< L = x + (1 - x) ln(1 - x)
  pareto,       ///< heavy tail of exponent 1.5, L = 1 - (1 - x)^(1/3)
  one_giant     ///< one task holds three quarters of the total, the others share the rest alike
};

enum class SkewOrder {
  shuffled,   ///< in a pseudo-random order that depends on the seed
  ascending,  ///< the longest task last: the hard case for dynamic schedules
  descending  ///< the longest task first: the easy case ("longest processing time first")
};

/// What a run has to do, in units. With one worker serial + parallel is N · mean, exactly.
struct WorkUnits {
  std::uint64_t serial = 0;    ///< before the tasks, by one worker
  std::uint64_t parallel = 0;  ///< of all tasks together
};

/// serial = round(F · N · mean), and the tasks share what is left: the more workers, the less time
/// but never less than that of the serial part (Amdahl, AFIPS 1967).
/// @param fraction  F, 0 <= F < 1
/// @param tasks_per_worker  weak scaling, a divisor of N, else N: the serial part is that of one
///        worker, and each worker brings its own share of the parallel part (Gustafson, CACM 1988)
/// @throws UsageError if N · mean is 2^53 or more
WorkUnits split_work(std::size_t tasks, std::uint64_t mean, double fraction,
                     std::size_t tasks_per_worker);

/// The cost of each of N tasks, in units, without storing any: the task of rank r (0: the cheapest)
/// costs floor(T·L((r+1)/N)) - floor(T·L(r/N)). So the total is T exactly, for every skew, order
/// and seed, and the costs are the same set in every order. Uniform tasks differ by one unit at
/// most; they stand in one order only.
class TaskCosts {
 public:
  /// @param work  less than 2^53 units
  TaskCosts(std::size_t tasks, WorkUnits work, Skew skew, SkewOrder order, std::uint64_t seed);

  std::size_t tasks() const { return tasks_; }

  std::uint64_t units(std::size_t task) const { return alike_ ? mean_ : units_of_one(task); }

  /// Of the part before the tasks.
  std::uint64_t serial_units() const { return work_.serial; }

  /// Total and longest task, and the serial part [units].
  Work work() const;

 private:
  std::uint64_t units_of_one(std::size_t task) const;
  std::uint64_t units_below(std::size_t rank) const;
  std::size_t rank_of(std::size_t task) const;

  std::size_t tasks_;
  WorkUnits work_;
  std::uint64_t mean_;  ///< of a task, rounded down
  Skew skew_;
  SkewOrder order_;
  std::uint64_t seed_;
  bool alike_;     ///< every task costs the mean
  int half_bits_;  ///< 2 · half_bits_ bits hold every task number
};

/// The options of every dummy kernel: --task-time, --task-units, --skew, --skew-order,
/// --serial-fraction.
std::vector<Option> dummy_work_options();

/// How --task-time becomes --task-units.
/// @param seconds_per_unit  nothing: a unit has to be measured
Calibration dummy_work_calibration(std::optional<double> seconds_per_unit = std::nullopt);

/// From those options, --tasks, --seed and, if it is there, --tasks-per-worker. --task-units must
/// have been resolved. @throws UsageError
TaskCosts task_costs_of(const OptionValues& options);

}  // namespace scalelab
