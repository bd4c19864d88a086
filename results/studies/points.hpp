#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "results/record/workers.hpp"
#include "results/studies/study.hpp"

// From a run and its repetitions to a sample, and from samples to a point.
namespace scalelab {

/// One repetition as curves need it.
struct Timing {
  double seconds;
  std::optional<TimeSpent> spent;
  double longest_compute;
  double longest_parallel;
  double longer_on_cpu;
  double most_tasks;
  double cpu_seconds;
  std::optional<double> serial_seconds;
};

/// A run, as long as repetitions may still come.
struct OpenRun {
  std::string id;
  std::string started;
  std::string shape;
  std::size_t hosts;
  std::uint64_t workers;
  std::uint64_t tasks;
  Sharing sharing;
  double bytes;
  bool in_caches;
  bool warmed_up;
  Seats seats;
  std::vector<Timing> timings;
  std::set<std::string> digests;
};

/// Without repetitions and their digests, which are still to come.
OpenRun open_run(const Run& run);

/// @param repetition  counts
Timing timing_of(const Repetition& repetition);

/// A sample of each run, by their starts; the point's time is that of these, or of one run's
/// repetitions. Derives nothing.
/// @param runs  at least one, of one configuration with one number of workers; each has timings
Point point_of(const std::vector<const OpenRun*>& runs);

}  // namespace scalelab
