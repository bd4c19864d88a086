#include "results/laws/resampling.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <numeric>

#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

/// In place: faster than a sorted copy for each of so many resamples.
double median_in(Column& samples) {
  std::sort(samples.begin(), samples.end());
  const std::size_t middle = samples.size() / 2;
  return samples.size() % 2 == 1 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2;
}

/// In place, too.
double quantile_in(Column& samples, double part) {
  std::sort(samples.begin(), samples.end());
  return quantile(samples, part);
}

/// What is drawn from n samples varies less than what they were drawn from, by this factor.
/// Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 5.3.
double widening(std::size_t n) {
  const auto count = static_cast<double>(n);
  return std::sqrt(count / (count - 1));
}

/// Deviations from the medians, as parts of them, of all numbers of workers that were run more than
/// once.
Column pooled_deviations(const std::vector<Column>& runs, const Column& medians) {
  Column pool;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].size() == 1) continue;
    for (const double time : runs[i]) {
      pool.push_back(widening(runs[i].size()) * (time / medians[i] - 1));
    }
  }
  return pool;
}

/// Of so many times, a drawn median is drawn as a whole: that of 100 000 repetitions costs as much
/// as that of 100.
constexpr std::size_t many_times = 100;

double at(const Column& sorted, double part) {
  const auto place = static_cast<std::size_t>(part * static_cast<double>(sorted.size()));
  return sorted[std::min(place, sorted.size() - 1)];
}

}  // namespace

RunsResampler::RunsResampler(std::vector<Column> runs, const Column& medians, std::uint64_t seed,
                             double quantile)
    : medians_(medians),
      quantile_(quantile),
      sorted_(std::move(runs)),
      pool_(pooled_deviations(sorted_, medians)),
      random_(seed, 0) {
  for (Column& times : sorted_) std::sort(times.begin(), times.end());
}

void RunsResampler::draw(Column& medians) {
  for (std::size_t i = 0; i < sorted_.size(); ++i) {
    // Deviations that are widened could lead below 0, where no time is.
    medians[i] = std::max(drawn_median(sorted_[i], medians_[i]), medians_[i] / 100);
  }
}

double RunsResampler::drawn_median(const Column& sorted, double median) {
  if (sorted.size() == 1) return median * (1 + one_of(pool_));
  if (sorted.size() > many_times && quantile_ == 0.5) return median_of_many(sorted);
  drawn_.resize(sorted.size());
  for (double& sample : drawn_) sample = one_of(sorted);
  const double drawn = quantile_ == 0.5 ? median_in(drawn_) : quantile_in(drawn_, quantile_);
  return sorted.size() == 2 ? median + widening(2) * (drawn - median) : drawn;
}

/// The k-th smallest of n uniform numbers is distributed as beta (k, n - k + 1), and the next one
/// as the smallest of n - k uniform numbers above it. Source: David and Nagaraja, "Order
/// Statistics", 3rd edition, sections 2.1 and 2.5.
double RunsResampler::median_of_many(const Column& sorted) {
  const std::size_t n = sorted.size();
  const std::size_t k = (n + 1) / 2;
  const auto above = static_cast<double>(n - k);
  const double lower = boost::math::ibeta_inv(static_cast<double>(k), above + 1, uniform());
  if (n % 2 == 1) return at(sorted, lower);
  const double upper = 1 - (1 - lower) * std::pow(uniform(), 1 / above);
  return (at(sorted, lower) + at(sorted, upper)) / 2;
}

double RunsResampler::one_of(const Column& samples) {
  return samples[random_.below(static_cast<std::uint32_t>(samples.size()))];
}

double RunsResampler::uniform() { return (random_() + 0.5) * 0x1p-32; }

void DrawnVariance::add(const Column& drawn) {
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const double part = drawn[i] / medians_[i] - 1;
    squares_[i] += part * part;
  }
  ++count_;
}

double DrawnVariance::mean() const {
  return std::accumulate(squares_.begin(), squares_.end(), 0.0) / count_ /
         static_cast<double>(squares_.size());
}

double DrawnVariance::middle() const {
  Column squares = squares_;
  return median_in(squares) / count_;
}

ResidualResampler::ResidualResampler(const Column& law, double sigma, std::size_t freedom,
                                     std::uint64_t seed)
    : law_(law), sigma_(sigma), freedom_(freedom), random_(seed, 1) {}

void ResidualResampler::draw(Column& times) {
  double squares = 0;
  for (std::size_t i = 0; i < freedom_; ++i) squares += std::pow(normal_(random_), 2);
  const double sigma = sigma_ * std::sqrt(static_cast<double>(freedom_) / squares);
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i] = std::max(law_[i] * (1 + sigma * normal_(random_)), law_[i] / 100);
  }
}

}  // namespace scalelab
