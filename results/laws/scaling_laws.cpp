#include "results/laws/scaling_laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <deque>
#include <limits>
#include <stdexcept>

#include "kernels/linear_models/least_squares.hpp"
#include "kernels/random.hpp"
#include "results/laws/law_choice.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Numbers of workers, and a time for each of them. [s]
using Column = std::vector<double>;

std::size_t terms_of(Law law) { return law == Law::ideal ? 1 : law == Law::amdahl ? 2 : 3; }

/// Of so many terms, two more points than terms: else the residuals could not contradict.
std::size_t points_for(Law law) { return law == Law::ideal ? 1 : law == Law::amdahl ? 3 : 5; }

/// Fits one law to many sets of times on the same numbers of workers.
class Fitter {
 public:
  Fitter(Law law, const Column& workers)
      : terms_(terms_of(law)), workers_(workers), model_(workers.size(), terms_) {}

  /// Each row is divided by its time: weights 1 / time². @returns nothing if there is no one answer
  std::optional<Coefficients> fit(const Column& seconds) {
    const std::size_t rows = workers_.size();
    for (std::size_t i = 0; i < rows; ++i) {
      const double p = workers_[i];
      const std::array<double, 3> terms = {1 / p, (p - 1) / p, p - 1};
      for (std::size_t j = 0; j < terms_; ++j) model_.column(j)[i] = terms[j] / seconds[i];
      model_.column(terms_)[i] = 1;
    }
    const std::size_t freedom = std::max<std::size_t>(rows - terms_, 1);
    if (!model_.fit(rows, freedom, Solver::qr)) return std::nullopt;
    std::array<double, 3> c = {0, 0, 0};
    std::copy(model_.coefficients().begin(), model_.coefficients().end(), c.begin());
    return Coefficients{c[0], c[1], c[2]};
  }

 private:
  std::size_t terms_;
  const Column& workers_;
  LeastSquares model_;
};

/// In place: faster than a sorted copy for each of so many resamples.
double median_in(Column& samples) {
  std::sort(samples.begin(), samples.end());
  const std::size_t middle = samples.size() / 2;
  return samples.size() % 2 == 1 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2;
}

/// What is drawn from n samples varies less than what they were drawn from, by this factor.
/// Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 5.3.
double widening(std::size_t n) {
  const auto count = static_cast<double>(n);
  return std::sqrt(count / (count - 1));
}

/// Deviations from the medians, as parts of them, of all numbers of workers that were run more than
/// once.
Column pooled_deviations(const std::vector<TimesOnWorkers>& curve, const Column& medians) {
  Column pool;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const Column& seconds = curve[i].seconds;
    if (seconds.size() == 1) continue;
    for (const double time : seconds) {
      pool.push_back(widening(seconds.size()) * (time / medians[i] - 1));
    }
  }
  return pool;
}

/// Of so many times, a drawn median is drawn as a whole: that of 100 000 repetitions costs as much
/// as that of 100.
constexpr std::size_t many_times = 100;

/// Medians of the runs drawn anew, with replacement, from those of each number of workers. Medians
/// of 3 runs or more need no widening: simulated, they vary a little too much as it is. Where there
/// is only one run, it is taken to be as noisy as those of the others.
class Resampler {
 public:
  Resampler(const std::vector<TimesOnWorkers>& curve, const Column& medians, std::uint64_t seed)
      : medians_(medians), pool_(pooled_deviations(curve, medians)), random_(seed, 0) {
    for (const TimesOnWorkers& point : curve) {
      sorted_.push_back(point.seconds);
      std::sort(sorted_.back().begin(), sorted_.back().end());
    }
  }

  void draw(Column& medians) {
    for (std::size_t i = 0; i < sorted_.size(); ++i) {
      // Deviations that are widened could lead below 0, where no time is.
      medians[i] = std::max(drawn_median(sorted_[i], medians_[i]), medians_[i] / 100);
    }
  }

 private:
  double drawn_median(const Column& sorted, double median) {
    if (sorted.size() == 1) return median * (1 + one_of(pool_));
    if (sorted.size() > many_times) return median_of_many(sorted);
    drawn_.resize(sorted.size());
    for (double& sample : drawn_) sample = one_of(sorted);
    const double drawn = median_in(drawn_);
    return sorted.size() == 2 ? median + widening(2) * (drawn - median) : drawn;
  }

  /// The k-th smallest of n uniform numbers is distributed as beta (k, n - k + 1), and the next one
  /// as the smallest of n - k uniform numbers above it. Source: David and Nagaraja, "Order
  /// Statistics", 3rd edition, sections 2.1 and 2.5.
  double median_of_many(const Column& sorted) {
    const std::size_t n = sorted.size();
    const std::size_t k = (n + 1) / 2;
    const auto above = static_cast<double>(n - k);
    const double lower = boost::math::ibeta_inv(static_cast<double>(k), above + 1, uniform());
    if (n % 2 == 1) return at(sorted, lower);
    const double upper = 1 - (1 - lower) * std::pow(uniform(), 1 / above);
    return (at(sorted, lower) + at(sorted, upper)) / 2;
  }

  static double at(const Column& sorted, double part) {
    const auto place = static_cast<std::size_t>(part * static_cast<double>(sorted.size()));
    return sorted[std::min(place, sorted.size() - 1)];
  }

  double one_of(const Column& samples) {
    return samples[random_.below(static_cast<std::uint32_t>(samples.size()))];
  }

  /// Above 0, below 1.
  double uniform() { return (random_() + 0.5) * 0x1p-32; }

  const Column& medians_;
  std::vector<Column> sorted_;
  Column pool_;
  RandomStream random_;
  Column drawn_;
};

Column residuals(const Coefficients& law, const Column& workers, const Column& medians) {
  Column result;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    result.push_back(medians[i] / law.seconds(workers[i]) - 1);
  }
  return result;
}

void check(const std::vector<TimesOnWorkers>& curve) {
  if (curve.empty()) throw std::invalid_argument("scaling laws: expected times");
  double before = 0;
  for (const TimesOnWorkers& point : curve) {
    const auto positive = [](double time) { return time > 0 && std::isfinite(time); };
    if (!(point.workers > before) || !(point.workers >= 1) || point.seconds.empty() ||
        !std::all_of(point.seconds.begin(), point.seconds.end(), positive)) {
      throw std::invalid_argument("scaling laws: expected positive times on more and more workers");
    }
    before = point.workers;
  }
}

}  // namespace

std::string name_of(Law law) {
  switch (law) {
    case Law::ideal: return "ideal";
    case Law::amdahl: return "Amdahl";
    case Law::usl: return "USL";
  }
  throw std::logic_error("a law that nobody knows");
}

Estimate FittedLaw::estimate(const std::function<double(const Coefficients&)>& of) const {
  const double value = of(coefficients);
  if (resampled.empty()) return {value, value, value};
  Column values;
  for (const Coefficients& sample : resampled) values.push_back(of(sample));
  std::sort(values.begin(), values.end());
  // Order statistics, not between them: some may be infinite.
  const auto tail = static_cast<std::size_t>(0.025 * static_cast<double>(values.size()));
  return {value, values[tail], values[values.size() - 1 - tail]};
}

const FittedLaw* ScalingLaws::fit(Law law) const {
  const auto place = std::find_if(fits.begin(), fits.end(),
                                  [&](const FittedLaw& fitted) { return fitted.law == law; });
  return place == fits.end() ? nullptr : &*place;
}

const FittedLaw* ScalingLaws::chosen_fit() const { return chosen ? fit(*chosen) : nullptr; }

ScalingLaws fit_scaling_laws(const std::vector<TimesOnWorkers>& curve, std::uint64_t seed,
                             std::size_t resamples) {
  check(curve);
  Column workers, medians;
  for (const TimesOnWorkers& point : curve) {
    workers.push_back(point.workers);
    medians.push_back(median_of(point.seconds).value);
  }
  ScalingLaws laws;
  std::deque<Fitter> fitters;  // which stay where they are
  for (const Law law : {Law::ideal, Law::amdahl, Law::usl}) {
    if (curve.size() < points_for(law)) continue;
    fitters.emplace_back(law, workers);
    if (const auto coefficients = fitters.back().fit(medians)) {
      laws.fits.push_back({law, *coefficients, {}, residuals(*coefficients, workers, medians)});
    } else {
      fitters.pop_back();
    }
  }
  const bool repeated = std::any_of(curve.begin(), curve.end(), [](const TimesOnWorkers& point) {
    return point.seconds.size() > 1;
  });
  if (repeated) {
    Resampler resampler(curve, medians, seed);
    Column drawn(medians.size());
    for (std::size_t round = 0; round < resamples; ++round) {
      resampler.draw(drawn);
      for (std::size_t i = 0; i < fitters.size(); ++i) {
        if (const auto sample = fitters[i].fit(drawn)) laws.fits[i].resampled.push_back(*sample);
      }
    }
  }
  choose(laws, curve);
  return laws;
}

double karp_flatt(double speedup, double workers) {
  if (!(workers > 1) || !(speedup > 0)) {
    throw std::invalid_argument("Karp-Flatt: expected a speed-up on at least 2 workers");
  }
  return (1 / speedup - 1 / workers) / (1 - 1 / workers);
}

double workers_at_efficiency(const Coefficients& law, double target, double base) {
  if (!(target > 0 && target < 1)) {
    throw std::invalid_argument("workers at an efficiency: expected one between 0 and 1");
  }
  if (base <= target * law.c0) return 1;
  // base / (p T(p)) = target where c2 p² + b p = c, with:
  const double b = law.c1 - law.c2;
  const double c = law.c1 - law.c0 + base / target;
  const double discriminant = b * b + 4 * law.c2 * c;
  if (discriminant < 0) return infinity;
  const double root = std::sqrt(discriminant);
  // The smallest root above 1, without taking a difference of like numbers.
  const double workers = b > 0        ? 2 * c / (b + root)
                         : law.c2 > 0 ? (root - b) / (2 * law.c2)
                                      : infinity;
  return workers > 1 ? workers : infinity;
}

double peak_workers(const Coefficients& law) {
  if (law.c2 < 0) return infinity;
  if (law.c1 >= law.c0) return 1;
  if (law.c2 == 0) return infinity;
  return std::max(1.0, std::sqrt((law.c0 - law.c1) / law.c2));
}

}  // namespace scalelab
