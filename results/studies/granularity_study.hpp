#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "results/laws/task_cost.hpp"
#include "results/record/record.hpp"
#include "results/statistics/metg.hpp"

namespace scalelab {

// How the efficiency of a driver grows with the length of its tasks.
//
// How the time of a length is estimated: a run's time is its shortest repetition, and a length's is
// the lower quartile of its runs. METG is a property of the driver, and what others do on the
// machine only ever adds time. Some of that is over in a few milliseconds (a worker that wakes up
// late): the shortest repetition is free of it. Some lasts for seconds, longer than a run (two
// virtual processors that share a core: 1.7 times the time; another program). On an idle virtual
// machine that hit 13 % of all runs, measured, in other lengths in each round. Where half of the
// runs are hit, the median is, too; the quartile only where three quarters are. The minimum would
// be steadier still, but has no interval. The denominator is estimated in the same way: like with
// like.

/// One run: one process, tasks of one length.
struct GranularityRun {
  std::string driver;
  bool timers = false;  ///< Run::accounting
  std::uint64_t workers = 0;
  std::string kernel;
  std::string what;  ///< "spin: dynamic, chunk 1": the same for all runs of a study
  double tasks = 0;
  double units = 0;                                          ///< of work in a task
  double seconds = std::numeric_limits<double>::infinity();  ///< of its shortest repetition

  /// @param repetition  counts
  void add(const Repetition& repetition);
  /// Wall time of a task on its worker. [s]
  double granularity() const { return seconds * static_cast<double>(workers) / tasks; }
};

/// Whether its tasks have a length, and only one: work that is known before, all alike, no serial
/// part.
bool has_length(const Run& run);

/// Without any repetition yet. @param run  has a length
GranularityRun granularity_run_of(const Run& run);

/// A driver, with or without timers, from short tasks to long ones. All three have the same
/// lengths.
struct GranularityCurve {
  std::string driver;
  bool timers = false;
  std::uint64_t workers = 0;
  std::vector<TaskLength> value;       ///< of the lower quartiles
  std::vector<TaskLength> low, high;   ///< of the ends of their intervals
  double confidence = 1;               ///< of a length's low .. high: the least of all lengths
  std::size_t fewest_runs = 0;         ///< of a length
  std::optional<FittedTaskCost> cost;  ///< of all lengths; nothing where there are too few
};

/// A unit of work in the longest tasks of the sequential driver: the denominator of all.
struct UnitOfWork {
  Quartile seconds{};
  double units = 0;  ///< in such a task
  std::size_t runs = 0;
  bool timers = false;
  std::vector<double> times = {};  ///< of a unit, in each run [s]
};

struct GranularityStudy {
  std::string name;   ///< fit for file names: the kernel's
  std::string title;  ///< "spin: dynamic, chunk 1"
  UnitOfWork unit;
  std::vector<GranularityCurve> curves;  ///< sequential first, then by driver's name; timers last
};

/// Whose rate of work is the denominator of every efficiency.
enum class Denominator {
  without_timers,  ///< of the sequential driver without them
  any              ///< so, too, or, where there is none, of the sequential driver with timers
};

/// The sequential driver's curve is left out where it has no more than the denominator's length.
/// @throws std::runtime_error  the runs cannot be compared; there is no denominator, or none of
/// short tasks; an efficiency is above 1.05, which no driver can reach
GranularityStudy granularity_study(const std::vector<GranularityRun>& runs,
                                   Denominator denominator);

/// METG of a curve. The interval holds all granularities whose own interval holds the efficiency:
/// as sure as those are.
struct MetgEstimate {
  Metg value, low, high;
};

MetgEstimate metg_of(const GranularityCurve& curve, double efficiency);

/// METG(95 %). There the efficiency hardly grows with the length any more, and the interval of one
/// length says next to nothing: it comes from the cost of a task that all lengths tell together,
/// with an interval of 95 %. Where these are too few for that, from metg_of.
MetgEstimate metg_95_of(const GranularityCurve& curve);

/// "1.46 µs"; "<11 ns": even the shortest tasks were efficient enough; "not reached"; "never"
std::string text_of(const Metg& metg);

/// "105 .. 131 ns", "980 ns .. >1.1 µs", "980 ns .. never"
std::string interval_of(const MetgEstimate& estimate);

/// Why curves never have an efficiency of 95 %, or may not: "No task is long enough for 95 % where
/// a unit of work takes 5 % longer than in the sequential driver's long tasks: openmp 12 % [10,
/// 14]."
std::vector<std::string> never_95(const GranularityStudy& study);

}  // namespace scalelab
