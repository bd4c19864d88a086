#include "kernels/dummy_work/task_costs.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "kernels/random.hpp"

namespace scalelab {

namespace {

constexpr double giant_share = 0.75;

/// Holds the product of two 64-bit numbers; GCC and Clang have it, the standard has not.
__extension__ using Wide = unsigned __int128;

/// L(rank / tasks), increasing from 0 to 1.
double lorenz(Skew skew, std::size_t rank, std::size_t tasks) {
  if (rank == 0) return 0;
  if (rank == tasks) return 1;
  const double x = static_cast<double>(rank) / static_cast<double>(tasks);
  switch (skew) {
    case Skew::uniform: return x;
    case Skew::linear: return x * x;
    case Skew::exponential: return x + (1 - x) * std::log1p(-x);
    case Skew::pareto: return 1 - std::cbrt(1 - x);
    case Skew::one_giant:
      return (1 - giant_share) * static_cast<double>(rank) / static_cast<double>(tasks - 1);
  }
  return x;
}

}  // namespace

WorkUnits split_work(std::size_t tasks, std::uint64_t mean, double fraction,
                     std::size_t tasks_per_worker) {
  if (static_cast<double>(tasks) * static_cast<double>(mean) >= std::ldexp(1.0, 53)) {
    throw UsageError(fmt::format(
        "--task-units or --task-time: expected fewer than 2^53 units of work in all, got "
        "{} tasks of {} units",
        tasks, mean));
  }
  if (tasks % tasks_per_worker != 0) {
    throw UsageError(fmt::format("--tasks-per-worker: expected a divisor of the {} tasks, got '{}'",
                                 tasks, tasks_per_worker));
  }
  const std::uint64_t of_one_worker = tasks_per_worker * mean;
  const auto serial =
      static_cast<std::uint64_t>(std::llround(fraction * static_cast<double>(of_one_worker)));
  return {serial, (tasks / tasks_per_worker) * (of_one_worker - serial)};
}

TaskCosts::TaskCosts(std::size_t tasks, WorkUnits work, Skew skew, SkewOrder order,
                     std::uint64_t seed)
    : tasks_(tasks),
      work_(work),
      mean_(work.parallel / tasks),
      skew_(skew),
      order_(order),
      seed_(seed),
      alike_(skew == Skew::uniform && work.parallel % tasks == 0),
      half_bits_((static_cast<int>(std::bit_width(tasks - 1)) + 1) / 2) {}

Work TaskCosts::work() const {
  const std::uint64_t longest = work_.parallel - units_below(tasks_ - 1);
  return {static_cast<double>(work_.parallel), static_cast<double>(longest),
          static_cast<double>(work_.serial)};
}

std::uint64_t TaskCosts::units_of_one(std::size_t task) const {
  const std::size_t rank = skew_ == Skew::uniform || order_ == SkewOrder::ascending ? task
                           : order_ == SkewOrder::descending ? tasks_ - 1 - task
                                                             : rank_of(task);
  return units_below(rank + 1) - units_below(rank);
}

/// Units of the `rank` cheapest tasks together.
std::uint64_t TaskCosts::units_below(std::size_t rank) const {
  if (skew_ == Skew::uniform) {  // exact: many tasks may share fewer units than there are tasks
    const Wide rest = work_.parallel % tasks_;
    return mean_ * rank + static_cast<std::uint64_t>(rest * rank / tasks_);
  }
  const auto total = static_cast<double>(work_.parallel);
  return static_cast<std::uint64_t>(std::floor(total * lorenz(skew_, rank, tasks_)));
}

/// A permutation of 0 .. N - 1 under the key `seed`, computed and not stored: a Feistel network
/// over the next power of four, walked until it comes back into range. Source: Black and Rogaway,
/// "Ciphers with arbitrary finite domains", CT-RSA 2002.
std::size_t TaskCosts::rank_of(std::size_t task) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t x = task;
  do {
    std::uint64_t left = x >> half_bits_;
    std::uint64_t right = x & mask;
    for (std::uint32_t round = 0; round < 4; ++round) {
      const RandomStream::Block block = RandomStream::philox(
          {static_cast<std::uint32_t>(right), static_cast<std::uint32_t>(right >> 32), round, 0},
          {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
      const std::uint64_t mixed = left ^ ((std::uint64_t{block[1]} << 32 | block[0]) & mask);
      left = right;
      right = mixed;
    }
    x = left << half_bits_ | right;
  } while (x >= tasks_);
  return x;
}

std::vector<Option> dummy_work_options() {
  return {
      {"task-time", "", "mean time of a task, as in 50us, 2ms (else: 1ms)"},
      {"task-units", "", "or: mean work of a task in the kernel's units"},
      {"skew", "uniform", "uniform, linear, exponential, pareto, one-giant"},
      {"skew-order", "shuffled", "shuffled, ascending (longest last), descending"},
      {"serial-fraction", "0", "share of the work that one worker does alone, below 1"},
  };
}

Calibration dummy_work_calibration(std::optional<double> seconds_per_unit) {
  return {
      .time = "task-time",
      .units = "task-units",
      .fallback = "1ms",
      .probe =
          [](OptionValues options, std::uint64_t units) {
            options.set("tasks", "1");
            options.set("tasks-per-worker", "");
            options.set("skew", "uniform");
            options.set("serial-fraction", "0");
            options.set("task-units", std::to_string(units));
            return options;
          },
      .seconds_per_unit = seconds_per_unit,
  };
}

TaskCosts task_costs_of(const OptionValues& options) {
  const auto skew = static_cast<Skew>(
      options.choice("skew", {"uniform", "linear", "exponential", "pareto", "one-giant"}));
  const auto order =
      static_cast<SkewOrder>(options.choice("skew-order", {"shuffled", "ascending", "descending"}));
  const std::uint64_t tasks = options.whole("tasks");
  // A common option, which not everybody who makes a kernel declares.
  const bool weak =
      options.texts().contains("tasks-per-worker") && options.given("tasks-per-worker");
  const WorkUnits work =
      split_work(tasks, options.whole("task-units", 0), options.fraction("serial-fraction"),
                 weak ? options.whole("tasks-per-worker") : tasks);
  return {tasks, work, skew, order, options.whole("seed", 0)};
}

}  // namespace scalelab
