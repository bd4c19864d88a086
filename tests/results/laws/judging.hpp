#pragma once

#include <boost/math/distributions/binomial.hpp>

#include "results/laws/law.hpp"

// How often something simulated may be wrong.
namespace scalelab::test {

inline bool holds(const Estimate& estimate, double truth) {
  return estimate.low <= truth && truth <= estimate.high;
}

/// Whether so many of all show that the chance of one is above it.
inline bool clearly_above(int some, int all, double chance) {
  if (some == 0) return false;
  const boost::math::binomial expected(all, chance);
  return boost::math::cdf(boost::math::complement(expected, some - 1)) < 1e-4;
}

/// Whether intervals that held the truth so often are not shown to be of less than 92 % or, of many
/// data sets, more than 99 %.
inline bool are_of_95_percent(int held, int all) {
  if (clearly_above(all - held, all, 0.08)) return false;
  return all < 1000 || !clearly_above(held, all, 0.99);
}

inline double percent_of(int part, int all) { return 100.0 * part / all; }

}  // namespace scalelab::test
