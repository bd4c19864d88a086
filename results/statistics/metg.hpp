#pragma once

#include <vector>

namespace scalelab {

// METG, minimum effective task granularity: how short tasks may be before what they cost to hand
// out eats the gain. Source: Slaughter et al., "Task Bench", SC20, section IV.

/// The lower quartile of the times of runs, and an interval of order statistics around it.
struct Quartile {
  double value;
  double low;         ///< the smallest sample
  double high;        ///< the smallest one that makes it as sure as was wanted, or else the largest
  double confidence;  ///< that low .. high holds the quartile of the samples' distribution
};

/// How many of n samples lie below the quartile is binomial (n, 1/4), whatever their distribution.
/// It takes 11 samples for 95 %. Source: David and Nagaraja, "Order Statistics", 3rd edition,
/// section 7.1.
/// @param samples  at least one, in any order
/// @param wanted   confidence, below 1
Quartile lower_quartile(std::vector<double> samples, double wanted = 0.95);

/// Tasks of one length.
struct TaskLength {
  double work;         ///< of a task, at the rate of the sequential driver's long tasks [s]
  double granularity;  ///< wall time × workers / tasks: the work and all that it took besides [s]

  double efficiency() const { return work / granularity; }
};

/// The shortest granularity with at least some efficiency.
struct Metg {
  enum class Kind {
    at,           ///< `seconds`
    below,        ///< even the shortest tasks are that efficient; their granularity is `seconds`
    not_reached,  ///< not even the longest tasks are; their granularity is `seconds`
    never         ///< no length would be; `seconds` is infinite
  };
  Kind kind;
  double seconds;
};

/// Between the shortest length that is efficient enough and the next below it, the efficiency is
/// taken as a straight line over 1 / granularity. That is exact where each task costs the same
/// overhead: efficiency = 1 - overhead / granularity. (Over log granularity, METG(95 %) of lengths
/// a factor of 2 apart would come out 5 % too long.)
/// @param curve  at least one length, by increasing work
/// @param efficiency  above 0, below 1
Metg metg(const std::vector<TaskLength>& curve, double efficiency);

}  // namespace scalelab
