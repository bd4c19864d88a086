#include "results/laws/task_cost.hpp"

#include <algorithm>
#include <limits>

#include "results/laws/resampling.hpp"
#include "results/statistics/metg.hpp"

namespace scalelab {

namespace {

constexpr double quartile = 0.25;
constexpr std::size_t fewest_lengths = 4;

}  // namespace

double TaskCost::metg(double efficiency) const {
  const double missing = ideal - efficiency * unit;
  return missing > 0 ? ideal * overhead / missing : std::numeric_limits<double>::infinity();
}

Estimate FittedTaskCost::metg(double efficiency) const {
  std::vector<double> values;
  for (const TaskCost& sample : resampled) values.push_back(sample.metg(efficiency));
  return percentiles(cost.metg(efficiency), std::move(values));
}

Estimate FittedTaskCost::slower() const {
  std::vector<double> values;
  for (const TaskCost& sample : resampled) values.push_back(sample.unit / sample.ideal - 1);
  return percentiles(cost.unit / cost.ideal - 1, std::move(values));
}

std::optional<FittedTaskCost> fit_task_cost(const std::vector<LengthRuns>& lengths,
                                            const std::vector<double>& ideal, std::uint64_t seed,
                                            std::size_t resamples) {
  if (lengths.size() < fewest_lengths) return std::nullopt;
  MeasuredTimes times;
  times.quantile = quartile;
  Terms terms;
  for (const LengthRuns& length : lengths) {
    times.runs.push_back(length.granularities);
    times.seconds.push_back(lower_quartile(length.granularities).value);
    terms.push_back({1, length.units});
  }
  const LinearFit fit = fit_models({terms}, times, seed, resamples).front();
  if (fit.coefficients.empty()) return std::nullopt;
  const Column unit = {lower_quartile(ideal).value};
  FittedTaskCost fitted{{fit.coefficients[0], fit.coefficients[1], unit[0]}, {}, fit.lack_of_fit};
  // The denominator is measured in runs of its own: another stream of random numbers.
  RunsResampler denominators({ideal}, unit, ~seed, quartile);
  Column drawn = unit;
  for (const Column& sample : fit.resampled) {
    if (ideal.size() > 1) denominators.draw(drawn);
    fitted.resampled.push_back({sample[0], sample[1], drawn[0]});
  }
  return fitted;
}

}  // namespace scalelab
