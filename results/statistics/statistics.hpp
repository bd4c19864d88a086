#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace scalelab {

/// A median and how sure it is.
struct Median {
  double value;
  double low;  ///< ends of the 95 % interval, or, without one, the smallest and the largest
  double high;
  bool confident;  ///< low .. high is a 95 % confidence interval
};

/// The place k (from 1) so that the k-th smallest and the k-th largest of n independent samples
/// enclose the median of their distribution, whatever it is, with 95 % confidence: the largest k
/// with P(B < k) <= 2.5 %, B binomial (n, 1/2). Nothing below n = 6, where no such interval exists.
/// Source: David and Nagaraja, "Order Statistics", 3rd edition, section 7.1.
std::optional<std::size_t> median_interval_place(std::size_t n);

/// @param samples  at least one, in any order
Median median_of(std::vector<double> samples);

/// The chance that the intervals of two medians, of n and of m samples, do not overlap, though all
/// samples are independent and of one continuous distribution. Exact, whatever it is: of all orders
/// of the n + m samples, which are equally likely then, those are counted in which it is so. Of
/// fewer than 6 samples the interval is from the smallest to the largest.
/// @param n, m  at least 1
double chance_to_differ(std::size_t n, std::size_t m);

/// Of samples that are not independent, as repetitions in one process: without an interval.
/// @param samples  at least one, in any order
Median median_and_range_of(std::vector<double> samples);

/// The q-quantile of sorted samples, interpolated linearly (type 7 of Hyndman and Fan, 1996).
double quantile(const std::vector<double>& sorted, double q);

/// Between the first and the third lies the middle half of the samples.
struct Quartiles {
  double first;
  double median;
  double third;
};

/// @param samples  at least one, in any order
Quartiles quartiles_of(std::vector<double> samples);

}  // namespace scalelab
