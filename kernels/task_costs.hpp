#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

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

/// The cost of each of N tasks, in units, without storing any: the task of rank r (0: the cheapest)
/// costs floor(T·L((r+1)/N)) - floor(T·L(r/N)), where T = N · mean. So the total is T exactly, for
/// every skew, order and seed, and the costs are the same set in every order.
class TaskCosts {
 public:
  /// @param mean  units per task
  /// @throws UsageError if N · mean is 2^53 or more
  TaskCosts(std::size_t tasks, std::uint64_t mean, Skew skew, SkewOrder order, std::uint64_t seed);

  std::size_t tasks() const { return tasks_; }

  std::uint64_t units(std::size_t task) const {
    return skew_ == Skew::uniform ? mean_ : skewed_units(task);
  }

  /// Total and longest task [units].
  Work work() const;

 private:
  std::uint64_t skewed_units(std::size_t task) const;
  std::uint64_t units_below(std::size_t rank) const;
  std::size_t rank_of(std::size_t task) const;

  std::size_t tasks_;
  std::uint64_t mean_;
  Skew skew_;
  SkewOrder order_;
  std::uint64_t seed_;
  int half_bits_;  ///< 2 · half_bits_ bits hold every task number
};

/// The options of every dummy kernel: --task-time, --task-units, --skew, --skew-order.
std::vector<Option> dummy_work_options();

/// From those options, --tasks and --seed. --task-units must have been resolved.
TaskCosts task_costs_of(const OptionValues& options);

}  // namespace scalelab
