#include "results/studies/rounds.hpp"

#include <algorithm>
#include <cmath>

namespace scalelab {

namespace {

/// The times of both ends lie in their intervals with 95 % each, so their ratio lies in this one
/// with 90 % at least, whatever the distributions are; usually with more than 99 %.
Estimate ratio(const Median& above, const Median& below) {
  return {above.value / below.value, above.low / below.high, above.high / below.low};
}

/// Whether the k-th runs of both were started before any later one of either: what a machine does
/// in a round it does to both.
bool are_in_rounds(const Point& a, const Point& b) {
  if (a.runs.size() != b.runs.size()) return false;
  for (std::size_t k = 1; k < a.runs.size(); ++k) {
    const std::string& last = std::max(a.runs[k - 1].started, b.runs[k - 1].started);
    if (last >= std::min(a.runs[k].started, b.runs[k].started)) return false;
  }
  return true;
}

}  // namespace

Estimate ratio_of(const Point& base, const Point& point) {
  const Estimate apart = ratio(base.seconds, point.seconds);
  if (!median_interval_place(point.runs.size()) || !are_in_rounds(base, point)) return apart;
  std::vector<double> ratios;
  for (std::size_t k = 0; k < point.runs.size(); ++k) {
    ratios.push_back(base.runs[k].seconds / point.runs[k].seconds);
  }
  const Median paired = median_of(ratios);
  return {apart.value, std::min(paired.low, apart.value), std::max(paired.high, apart.value)};
}

std::optional<double> drift_of(const Study& study) {
  const Point* first = nullptr;
  std::vector<std::vector<double>> rounds;
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) {
      if (first == nullptr) first = &point;
      if (!are_in_rounds(*first, point)) return std::nullopt;
      rounds.resize(point.runs.size());
      for (std::size_t k = 0; k < rounds.size(); ++k) {
        rounds[k].push_back(point.runs[k].seconds / point.seconds.value);
      }
    }
  }
  if (!median_interval_place(rounds.size())) return std::nullopt;
  const auto n = static_cast<double>(rounds.size());
  std::vector<double> slopes;
  double order = 0;  // pairs of rounds that rise, less those that fall
  for (std::size_t j = 1; j < rounds.size(); ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      const double change = median_of(rounds[j]).value - median_of(rounds[i]).value;
      slopes.push_back(change / static_cast<double>(j - i));
      order += change > 0 ? 1 : change < 0 ? -1 : 0;
    }
  }
  const double spread = std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
  constexpr double normal = 1.96;
  if ((std::abs(order) - 1) / spread < normal) return std::nullopt;
  const double change = median_of(slopes).value * (n - 1);
  return change / (1 - change / 2);  // over the first round, not over the one in the middle
}

bool one_after_the_other(const Study& study) {
  std::vector<std::pair<std::string, const Point*>> starts;
  std::size_t configurations = 0;
  double squares = 0;
  double cubes = 0;
  for (const Curve& curve : study.curves) {
    for (const Point& point : curve.points) {
      ++configurations;
      const auto runs = static_cast<double>(point.runs.size());
      squares += runs * runs;
      cubes += runs * runs * runs;
      for (const Sample& run : point.runs) starts.emplace_back(run.started, &point);
    }
  }
  if (configurations < 2 || starts.size() == configurations) return false;
  std::stable_sort(starts.begin(), starts.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t blocks = 1;
  for (std::size_t i = 1; i < starts.size(); ++i) {
    blocks += starts[i].second != starts[i - 1].second ? 1 : 0;
  }
  if (blocks == configurations) return true;
  const auto n = static_cast<double>(starts.size());
  const double expected = n + 1 - squares / n;
  const double variance =
      (squares * (squares + n * (n + 1)) - 2 * n * cubes - n * n * n) / (n * n * (n - 1));
  constexpr double one_in_a_hundred = 2.33;
  return variance > 0 &&
         (expected - static_cast<double>(blocks)) / std::sqrt(variance) > one_in_a_hundred;
}

}  // namespace scalelab
