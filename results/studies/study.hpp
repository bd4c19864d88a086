#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "results/laws/scaling_laws.hpp"
#include "results/laws/sharing.hpp"
#include "results/record/workers.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

// From records to what can be said about them. A run (one process) is one sample of the time of its
// configuration: repetitions inside a process have more in common than the machine and the kernel.

/// Where the time of a repetition went: means over its workers, which add up to its seconds. [s]
struct TimeSpent {
  double compute = 0;
  double dispatch = 0;
  double communication = 0;
  double idle = 0;
  double unaccounted = 0;
};

/// One run.
struct Sample {
  std::string run;
  std::string started;
  std::vector<double> repetitions;  ///< those that count, in their order [s]
  bool warmed_up = false;           ///< others went before them, which do not
  double seconds = 0;               ///< their median
  // Of the repetition in the middle (of an even number the shorter one); nothing without
  // accounting.
  std::optional<TimeSpent> spent;
  double longest_compute = 0;   ///< of the worker that computed most [s]
  double cpu_seconds = 0;       ///< on a CPU: mean over the workers; 0: not known [s]
  double longest_parallel = 0;  ///< compute of the longest, without the serial part [s]
  /// The same of CPU time, over the mean of that: what the longest had to do more than others, or
  /// did more slowly; 0: not known. [s]
  double longer_on_cpu = 0;
  double most_tasks = 1;                 ///< of one worker, over their mean
  std::optional<double> serial_seconds;  ///< only one worker could work
};

/// Where the time of all workers went, as shares of it that add up to 1. May be negative: a gain.
struct Losses {
  double work = 0;       ///< the base's compute time, as if it had been shared out evenly
  double serial = 0;     ///< all others waited while one worker did the serial part
  double imbalance = 0;  ///< and while the last one still computed
  /// The tasks had begun, but somebody else had the CPU: of all workers, or of the last one, whom
  /// all others wait for.
  double preempted = 0;
  double slowdown = 0;  ///< on the CPU the same work took longer than the base needed for it
  double other = 0;     ///< handing out, messages, starting, waking up
};

/// All runs of a curve with one number of workers.
struct Point {
  std::uint64_t workers = 0;
  std::size_t nodes = 0;      ///< machines that they are on; 0: not known
  std::string shape;          ///< "8", or of a hybrid run "2x4"
  std::vector<Sample> runs;   ///< in the order of their starts
  std::vector<double> times;  ///< one of each run; if there is only one run, of its repetitions [s]
  bool times_of_runs = true;
  Median seconds{};  ///< of `times`
  Quartiles quartiles{};
  std::uint64_t tasks = 0;        ///< of each repetition
  std::set<std::string> digests;  ///< of the values of all its repetitions
  double bytes = 0;               ///< that each repetition moves; 0: not known
  bool in_caches = false;         ///< where there is room for all that the workers go through
  Sharing sharing;                ///< among its workers
  std::uint64_t cores = 0;        ///< that the runs could use; 0: not known
  Crowding crowding;         ///< its workers compute, and not each has a core all the time: why
  bool throttled = false;    ///< they compute, and a limit of CPUs slows them; one alone, too
  double cpus = 0;           ///< that it lets them have together; 0: no limit slows them
  bool mixed_cores = false;  ///< they compute, and some are on slower cores than others

  bool oversubscribed() const { return crowding.any(); }
  /// Each worker had what the others had: only of such points laws of scaling speak.
  bool has_like_cores() const { return !oversubscribed() && !mixed_cores; }

  // Derived with the base; nothing where there is none.
  std::optional<Estimate> speedup;     ///< strong: T_base / T; weak: scaled, p T_base / T
  std::optional<Estimate> efficiency;  ///< speed-up / workers
  std::optional<double> karp_flatt;    ///< with the fitted c0; strong, from 2 workers on
  // POP: their product is the efficiency. Of the run in the middle; nothing without accounting.
  std::optional<TimeSpent> spent;
  std::optional<Losses> losses;
  std::vector<Losses> losses_of_runs;              ///< the same of each run, over the same base
  std::optional<double> load_balance;              ///< mean / max of compute
  std::optional<double> communication_efficiency;  ///< max of compute / wall time
  std::optional<double> computation_scalability;   ///< compute of the base / total compute
  std::optional<double>
      gustafson;            ///< scaled speed-up s + p (1 - s), s = serial / wall as measured
  double throughput = 0;    ///< [tasks/s]
  double core_seconds = 0;  ///< workers × wall [s]
};

/// One driver with one schedule, on more and more workers.
struct Curve {
  std::string name;  ///< "mpi", and what tells it from others of the study: "mpi dynamic,10"
  std::string driver;
  std::string schedule;  ///< "static", "dynamic,10"
  std::string bind;      ///< cores or none
  std::uint64_t threads_per_rank = 1;
  std::size_t nodes = 0;               ///< 0: does not tell it from another curve
  bool accounting = true;              ///< the workers measured where their time went
  bool traced = false;                 ///< and noted each chunk
  std::vector<Point> points;           ///< by workers, each number once
  std::optional<double> base_seconds;  ///< what its speed-ups are over [s]
  std::uint64_t base_workers = 1;      ///< on how many workers
  /// Of each of those runs, what one worker computes of a point's work on one worker; empty: not
  /// known. [s]
  std::vector<double> base_compute;
  std::optional<ScalingLaws> laws;  ///< of strong or of weak scaling; not of the sequential driver
};

/// The time that all speed-ups of a study are over.
struct Base {
  std::string name;  ///< "the sequential driver", "its own time on 1 worker"
  Median seconds;
};

/// What is said in words, as far as the intervals support it.
struct Verdict {
  std::string text;
  std::string figure;        ///< that shows it: "speedup", "where", ...; empty: none
  bool tells_cause = false;  ///< why it goes no further
};

/// What the workers of some point were seen to move through memory.
struct MemoryBandwidth {
  Estimate bytes_per_second;  ///< of each node
  std::string kernel;
};

/// One work: what may be put into one figure.
struct Study {
  std::string name;   ///< unique, fit for file names: "spin", "spin-2"
  std::string title;  ///< "spin: 2000 tasks of 50 µs"
  std::string kernel;
  bool weak = false;                           ///< tasks per worker were given
  bool waits = false;                          ///< its tasks wait rather than compute
  std::string bound_by;                        ///< what its workers share: Run::bound_by
  std::optional<MemoryBandwidth> memory;       ///< the most that other studies have moved
  std::map<std::string, std::string> options;  ///< as resolved, the same for all runs
  std::optional<Base> base;                    ///< nothing: each curve has its own
  std::string own_base;            ///< what it is then: "on 1 worker", "on its fewest workers"
  std::vector<Curve> curves;       ///< sequential first, then by driver's name
  std::vector<std::string> notes;  ///< why something could not be derived
  std::vector<Verdict> verdicts;
  std::vector<std::vector<std::string>> commands;  ///< of the first run of each curve
};

}  // namespace scalelab
