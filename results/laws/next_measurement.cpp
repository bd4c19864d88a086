#include "results/laws/next_measurement.hpp"

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <vector>

#include "results/laws/law_words.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

using Times = std::vector<TimesOnWorkers>;

constexpr double farthest = 16;  ///< times as many workers as were measured
constexpr std::size_t most_runs = 50;
constexpr double clearly = 2;  ///< so that what is needed by chance is there in most cases

std::size_t fewest_runs(const Times& times) {
  std::size_t fewest = times.front().seconds.size();
  for (const TimesOnWorkers& point : times) fewest = std::min(fewest, point.seconds.size());
  return fewest;
}

/// Variance of a run, as a part of the time, of all numbers of workers together, by the median of
/// the distances from their medians: outliers do not count. 0: not known.
double variance_of_runs(const Times& times) {
  std::vector<double> distances;
  double runs = 0;
  for (const TimesOnWorkers& point : times) {
    if (point.seconds.size() < 2) continue;
    const double middle = median_of(point.seconds).value;
    for (const double seconds : point.seconds) distances.push_back(std::abs(seconds / middle - 1));
    runs = std::max(runs, static_cast<double>(point.seconds.size()));
  }
  if (distances.empty()) return 0;
  constexpr double of_normal = 1.4826;
  // A median is nearer to its few runs than to what they scatter around.
  const double few = runs / (runs - 0.8);
  return std::pow(of_normal * few * median_of(distances).value, 2);
}

/// That of a median, which is pi / 2 times that of a mean.
double of_medians(double variance, std::size_t runs) {
  return variance * std::acos(-1) / 2 / static_cast<double>(runs);
}

/// What a law foretells, as if it had been measured.
Times foretold_times(const FittedLaw& law, const Times& times) {
  Times all = times;
  for (TimesOnWorkers& point : all) {
    point.seconds = {law.coefficients.seconds(point.workers, point.share)};
  }
  return all;
}

/// By how much two laws can be told apart on these numbers of workers: what the other leaves where
/// one is true, over what it must leave to be refused. The least of any two laws.
double contrast_of(const std::vector<const FittedLaw*>& laws, const Times& times, double variance) {
  const std::size_t terms = terms_of(laws.front()->law);
  if (times.size() <= terms) return 0;
  const auto left = static_cast<double>(times.size() - terms);
  const double needed =
      clearly * variance * left * boost::math::quantile(boost::math::fisher_f(left, left), 0.95);
  std::optional<double> least;
  for (const FittedLaw* truth : laws) {
    // Amdahl's is a case of all others, which are then not needed.
    if (!grows(truth->law)) continue;
    const Times foretold = foretold_times(*truth, times);
    const auto positive = [](const TimesOnWorkers& point) { return point.seconds.front() > 0; };
    if (!std::all_of(foretold.begin(), foretold.end(), positive)) continue;  // it cannot be true
    for (const FittedLaw* other : laws) {
      if (other == truth) continue;
      const auto fitted = fit_law(other->law, foretold);
      const double squares = fitted ? fitted->squares : 0;
      const double contrast = squares / std::max(needed, 1e-12);
      least = std::min(least.value_or(contrast), contrast);
    }
  }
  return least.value_or(0);
}

/// Numbers of workers between those measured.
std::vector<double> numbers_between(const Times& times) {
  std::vector<double> between;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double number = std::round(std::sqrt(times[i - 1].workers * times[i].workers));
    if (number > times[i - 1].workers && number < times[i].workers) between.push_back(number);
  }
  return between;
}

/// Twice as many as were measured, four times, and so on, as far as there are tasks for them.
std::vector<double> numbers_beyond(const Times& times, const Sharing& sharing,
                                   double times_farther) {
  std::vector<double> beyond;
  const double most = times.back().workers;
  for (double far = 2; far <= times_farther; far *= 2) {
    if (sharing.tasks == 0 || far * most <= static_cast<double>(sharing.tasks))
      beyond.push_back(far * most);
  }
  return beyond;
}

/// Sets of numbers of workers that were not measured, in the order of what they take.
std::vector<std::vector<double>> numbers_to_try(const Times& times, const Sharing& sharing) {
  std::vector<double> all = numbers_between(times);
  const std::vector<double> beyond = numbers_beyond(times, sharing, farthest);
  std::vector<std::vector<double>> sets;
  for (const double number : all) sets.push_back({number});
  for (const double number : beyond) sets.push_back({number});
  if (all.size() > 1) sets.push_back(all);
  for (std::size_t some = 2; some <= beyond.size(); ++some) {
    sets.emplace_back(beyond.begin(), beyond.begin() + static_cast<std::ptrdiff_t>(some));
  }
  all.insert(all.end(), beyond.begin(), beyond.end());
  if (!all.empty()) sets.push_back(all);
  return sets;
}

/// So many more numbers of workers, beyond the measured ones if there are tasks for them; fewer:
/// there are no more.
std::vector<double> more_numbers(const Times& times, const Sharing& sharing, std::size_t missing) {
  std::vector<double> more = numbers_beyond(times, sharing, std::exp2(missing));
  const std::vector<double> between = numbers_between(times);
  for (std::size_t i = between.size(); i > 0 && more.size() < missing; --i)
    more.insert(more.begin(), between[i - 1]);
  return more;
}

Times with(const Times& times, const std::vector<double>& workers, const Sharing& sharing) {
  Times more = times;
  for (const double number : workers) more.push_back({number, {1}, sharing.share(number)});
  std::sort(more.begin(), more.end(),
            [](const TimesOnWorkers& a, const TimesOnWorkers& b) { return a.workers < b.workers; });
  return more;
}

}  // namespace

Estimate foretold(const ScalingLaws& laws, double workers, double share) {
  const auto seconds = [&](const Coefficients& c) { return c.seconds(workers, share); };
  Estimate all = laws.estimate(seconds);
  const std::size_t terms = terms_of(*laws.chosen);
  for (const FittedLaw& law : laws.fits) {
    const bool next = terms_of(law.law) > terms && !grows(*laws.chosen);
    // What has as many terms as points says nothing beyond them.
    if (!next || law.residuals.size() <= terms_of(law.law)) continue;
    const Estimate other = law.estimate(seconds);
    all.high = std::max(all.high, other.high);
    all.low = std::min(all.low, other.low);
  }
  return all;
}

std::optional<NextMeasurement> what_tells_apart(const ScalingLaws& laws, const Sharing& sharing) {
  if (!laws.chosen || laws.rivals.empty()) return std::nullopt;
  std::vector<const FittedLaw*> all = {laws.chosen_fit()};
  for (const Law rival : laws.rivals) all.push_back(laws.fit(rival));
  if (laws.odd_workers > 0) return NextMeasurement{{laws.odd_workers}, true, true};
  const double scatter = variance_of_runs(laws.times);
  const std::size_t runs = fewest_runs(laws.times);
  // A law that misses the times by more than they scatter will do so there, too.
  const std::size_t terms = terms_of(*laws.chosen);
  const double missed =
      laws.times.size() > terms
          ? laws.chosen_fit()->squares / static_cast<double>(laws.times.size() - terms)
          : 0;
  const double variance = std::max(missed, of_medians(scatter, std::min(runs, runs_for_interval)));
  for (const std::vector<double>& workers : numbers_to_try(laws.times, sharing)) {
    if (contrast_of(all, with(laws.times, workers, sharing), variance) > 1)
      return NextMeasurement{workers};
  }
  if (laws.times.size() < points_to_tell) {
    NextMeasurement next;
    next.few = true;
    next.workers = more_numbers(laws.times, sharing, points_to_tell - laws.times.size());
    return next.workers.empty() ? NextMeasurement{} : next;
  }
  // More runs make the scatter less, but not what a law misses.
  const double contrast = contrast_of(all, laws.times, of_medians(scatter, runs));
  const double needed = std::ceil(static_cast<double>(runs) / contrast);
  if (scatter == 0 || !(needed <= static_cast<double>(most_runs)) ||
      missed > of_medians(scatter, static_cast<std::size_t>(needed))) {
    return NextMeasurement{};
  }
  return NextMeasurement{
      {}, false, false, std::max(runs_for_interval, static_cast<std::size_t>(needed))};
}

}  // namespace scalelab
