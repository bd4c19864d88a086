#pragma once

#include <boost/random/normal_distribution.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/random.hpp"

// Times that could have been measured as well, for the intervals of laws.
namespace scalelab {

/// A number for each number of workers.
using Column = std::vector<double>;

/// Medians, or other quantiles, of the runs drawn anew, with replacement, from those of each number
/// of workers. Medians of 3 runs or more need no widening: simulated, they vary a little too much
/// as it is. Where there is only one run, it is taken to be as noisy as those of the others.
class RunsResampler {
 public:
  /// @param runs      times on each number of workers, at least one each [s]
  /// @param medians   of them, or that quantile [s]
  /// @param quantile  which one is drawn
  RunsResampler(std::vector<Column> runs, const Column& medians, std::uint64_t seed,
                double quantile = 0.5);

  /// Writes medians that are above 0. [s]
  void draw(Column& medians);

 private:
  double drawn_median(const Column& sorted, double median);
  double median_of_many(const Column& sorted);
  double one_of(const Column& samples);
  double uniform();  ///< above 0, below 1

  const Column& medians_;
  const double quantile_;
  std::vector<Column> sorted_;
  Column pool_;
  RandomStream random_;
  Column drawn_;
};

/// How much drawn medians vary, as a part of the medians.
class DrawnVariance {
 public:
  explicit DrawnVariance(const Column& medians) : medians_(medians), squares_(medians.size()) {}

  void add(const Column& drawn);
  double mean() const;    ///< over the numbers of workers
  double middle() const;  ///< of most of them: a few that were disturbed do not count

 private:
  const Column& medians_;
  Column squares_;
  double count_ = 0;
};

/// Where each number of workers was run once, or a law misses their medians by more than runs
/// scatter: times that scatter about the law as its residuals do (the ratio of Birge, Phys. Rev.
/// 40, 1932). How much they do is known from few of them, so that the intervals are Student's.
class ResidualResampler {
 public:
  /// @param law      its times [s]
  /// @param sigma    standard deviation of the residuals, as parts of the times
  /// @param freedom  degrees of freedom from which it is known, at least 1
  ResidualResampler(const Column& law, double sigma, std::size_t freedom, std::uint64_t seed);

  void draw(Column& times);

 private:
  const Column law_;
  double sigma_;
  std::size_t freedom_;
  RandomStream random_;
  boost::random::normal_distribution<> normal_;  // whose numbers are the same everywhere
};

}  // namespace scalelab
