#include "results/statistics/metg.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <stdexcept>

#include "results/statistics/statistics.hpp"

namespace scalelab {

Quartile lower_quartile(std::vector<double> samples, double wanted) {
  std::sort(samples.begin(), samples.end());
  const double value = quantile(samples, 0.25);
  const auto n = static_cast<double>(samples.size());
  const boost::math::binomial below_quartile(n, 0.25);
  // The quartile lies between the smallest and the k-th smallest if 1 to k - 1 samples are below
  // it.
  const auto confidence = [&](std::size_t k) {
    return k < 2 ? 0
                 : boost::math::cdf(below_quartile, static_cast<double>(k - 1)) -
                       boost::math::cdf(below_quartile, 0);
  };
  std::size_t k = 1;
  while (k < samples.size() && confidence(k) < wanted) ++k;
  return {value, samples.front(), samples[k - 1], confidence(k)};
}

Metg metg(const std::vector<TaskLength>& curve, double efficiency) {
  if (curve.empty()) throw std::invalid_argument("METG of no tasks");
  const auto above = std::find_if(curve.begin(), curve.end(), [&](const TaskLength& length) {
    return length.efficiency() >= efficiency;
  });
  if (above == curve.end()) return {Metg::Kind::not_reached, curve.back().granularity};
  if (above == curve.begin()) return {Metg::Kind::below, above->granularity};
  const TaskLength& below = *std::prev(above);
  const double share =
      (efficiency - below.efficiency()) / (above->efficiency() - below.efficiency());
  const double rate =
      1 / below.granularity + share * (1 / above->granularity - 1 / below.granularity);
  return {Metg::Kind::at, 1 / rate};
}

}  // namespace scalelab
