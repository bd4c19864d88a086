#include "results/statistics/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <stdexcept>

namespace scalelab {

std::optional<std::size_t> median_interval_place(std::size_t n) {
  if (n == 0) return std::nullopt;
  const boost::math::binomial below_median(static_cast<double>(n), 0.5);
  std::size_t k = 0;
  while (k < n / 2 && boost::math::cdf(below_median, static_cast<double>(k)) <= 0.025) ++k;
  if (k == 0) return std::nullopt;
  return k;
}

namespace {

/// The chance that the k-th largest of n samples is below the l-th smallest of m others: that fewer
/// than l of the others are below it. How many are is distributed as the negative hypergeometric
/// distribution says.
double chance_below(std::size_t n, std::size_t k, std::size_t m, std::size_t l) {
  const auto log_ways = [](std::size_t of, std::size_t taken) {  // of choosing so many
    return std::lgamma(static_cast<double>(of) + 1) - std::lgamma(static_cast<double>(taken) + 1) -
           std::lgamma(static_cast<double>(of - taken) + 1);
  };
  const std::size_t place = n - k + 1;
  double chance = 0;
  for (std::size_t below = 0; below < l; ++below) {
    chance += std::exp(log_ways(place - 1 + below, below) +
                       log_ways(n - place + m - below, m - below) - log_ways(n + m, m));
  }
  return chance;
}

}  // namespace

double chance_to_differ(std::size_t n, std::size_t m) {
  const std::size_t k = median_interval_place(n).value_or(1);
  const std::size_t l = median_interval_place(m).value_or(1);
  return std::min(1.0, chance_below(n, k, m, l) + chance_below(m, l, n, k));
}

double quantile(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) throw std::invalid_argument("quantile of no samples");
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = place - static_cast<double>(below);
  return sorted[below] + part * (sorted[above] - sorted[below]);
}

Quartiles quartiles_of(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  return {quantile(samples, 0.25), quantile(samples, 0.5), quantile(samples, 0.75)};
}

Median median_and_range_of(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  return {quantile(samples, 0.5), samples.front(), samples.back(), false};
}

Median median_of(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  const double median = quantile(samples, 0.5);
  const auto place = median_interval_place(samples.size());
  if (!place) return {median, samples.front(), samples.back(), false};
  return {median, samples[*place - 1], samples[samples.size() - *place], true};
}

}  // namespace scalelab
