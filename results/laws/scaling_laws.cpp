#include "results/laws/scaling_laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "kernels/linear_models/least_squares.hpp"
#include "kernels/random.hpp"
#include "results/laws/law_choice.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Numbers of workers, and a time for each of them. [s]
using Column = std::vector<double>;

constexpr std::array all_laws = {Law::ideal, Law::amdahl, Law::tree, Law::root, Law::usl};

std::size_t terms_of(Law law) { return law == Law::ideal ? 1 : law == Law::amdahl ? 2 : 3; }

/// Amdahl's law is there to be believed, and so needs one point that could contradict it. What
/// grows is there to show what else is possible, too.
std::size_t points_for(Law law) { return law == Law::ideal ? 1 : 3; }

/// A curve as the fits need it.
struct Points {
  Column workers, shares, medians;
};

double squares_of(const Coefficients& law, const Points& points, const Column& seconds) {
  double sum = 0;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const double part = law.seconds(points.workers[i], points.shares[i]) / seconds[i] - 1;
    sum += part * part;
  }
  return sum;
}

/// Fits one law to many sets of times on the same numbers of workers.
class Fitter {
 public:
  Fitter(Law law, const Points& points)
      : law_(law), terms_(terms_of(law)), points_(points), model_(points.workers.size(), terms_) {}

  /// Each row is divided by its time: weights 1 / time². @returns nothing if there is no one answer
  std::optional<Coefficients> fit(const Column& seconds) {
    const std::size_t rows = seconds.size();
    for (std::size_t i = 0; i < rows; ++i) {
      const double q = points_.shares[i];
      const std::array<double, 3> terms = {q, 1 - q, growth(law_, points_.workers[i])};
      for (std::size_t j = 0; j < terms_; ++j) model_.column(j)[i] = terms[j] / seconds[i];
      model_.column(terms_)[i] = 1;
    }
    const std::size_t freedom = std::max<std::size_t>(rows - terms_, 1);
    if (!model_.fit(rows, freedom, Solver::qr)) return std::nullopt;
    std::array<double, 3> c = {0, 0, 0};
    std::copy(model_.coefficients().begin(), model_.coefficients().end(), c.begin());
    return Coefficients{c[0], c[1], c[2], law_};
  }
  double squares() const { return model_.residual_sum_of_squares(); }

 private:
  Law law_;
  std::size_t terms_;
  const Points& points_;
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

Column residuals(const Coefficients& law, const Points& points) {
  Column result;
  for (std::size_t i = 0; i < points.workers.size(); ++i) {
    result.push_back(points.medians[i] / law.seconds(points.workers[i], points.shares[i]) - 1);
  }
  return result;
}

/// Of the medians that the resampler draws, as a part of them.
class DrawnVariance {
 public:
  explicit DrawnVariance(const Column& medians) : medians_(medians), squares_(medians.size()) {}

  void add(const Column& drawn) {
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      const double part = drawn[i] / medians_[i] - 1;
      squares_[i] += part * part;
    }
    ++count_;
  }
  double mean() const {
    return std::accumulate(squares_.begin(), squares_.end(), 0.0) / count_ /
           static_cast<double>(squares_.size());
  }
  /// Of most numbers of workers: a few that were disturbed do not count.
  double middle() const {
    Column squares = squares_;
    return median_in(squares) / count_;
  }

 private:
  const Column& medians_;
  Column squares_;
  double count_ = 0;
};

/// @param runs  of all numbers of workers together
LackOfFit lack_of_fit(double squares, const DrawnVariance& variance, std::size_t points,
                      std::size_t terms, std::size_t runs) {
  if (points <= terms || runs <= points || !(variance.middle() > 0)) return {};
  const auto left = static_cast<double>(points - terms);
  const boost::math::fisher_f fisher(left, static_cast<double>(runs - points));
  const double mean_square = squares / left;
  return {mean_square / variance.mean(),
          boost::math::cdf(boost::math::complement(fisher, mean_square / variance.middle()))};
}

/// Where each number of workers was run once, or a law misses their medians by more than runs
/// scatter: times that scatter about the law as its residuals do (the ratio of Birge, Phys. Rev.
/// 40, 1932). How much they do is known from few of them, so that the intervals are Student's.
class ResidualResampler {
 public:
  ResidualResampler(const FittedLaw& fitted, const Points& points, std::size_t terms,
                    std::uint64_t seed)
      : left_(points.medians.size() - terms), random_(seed, 1) {
    for (std::size_t i = 0; i < points.medians.size(); ++i) {
      law_.push_back(fitted.coefficients.seconds(points.workers[i], points.shares[i]));
    }
    sigma_ = std::sqrt(fitted.squares / static_cast<double>(left_));
  }

  void draw(Column& times) {
    double squares = 0;
    for (std::size_t i = 0; i < left_; ++i) squares += std::pow(normal_(random_), 2);
    const double sigma = sigma_ * std::sqrt(static_cast<double>(left_) / squares);
    for (std::size_t i = 0; i < times.size(); ++i) {
      times[i] = std::max(law_[i] * (1 + sigma * normal_(random_)), law_[i] / 100);
    }
  }

 private:
  std::size_t left_;
  Column law_;
  double sigma_ = 0;
  RandomStream random_;
  boost::random::normal_distribution<> normal_;  // whose numbers are the same everywhere
};

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
    case Law::tree: return "log p";
    case Law::root: return "sqrt p";
    case Law::usl: return "USL";
  }
  throw std::logic_error("a law that nobody knows");
}

double growth(Law law, double workers) {
  switch (law) {
    case Law::tree: return std::log2(workers);
    case Law::root: return std::sqrt(workers) - 1;
    case Law::usl: return workers - 1;
    default: return 0;
  }
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

Estimate ScalingLaws::estimate(const std::function<double(const Coefficients&)>& of) const {
  Estimate all = chosen_fit()->estimate(of);
  for (const Law rival : rivals) {
    const Estimate other = fit(rival)->estimate(of);
    all.low = std::min(all.low, other.low);
    all.high = std::max(all.high, other.high);
  }
  return all;
}

namespace {

ScalingLaws fit_all(const std::vector<TimesOnWorkers>& curve, std::uint64_t seed,
                    std::size_t resamples) {
  Points points;
  std::size_t runs = 0;
  for (const TimesOnWorkers& point : curve) {
    points.workers.push_back(point.workers);
    points.shares.push_back(point.share > 0 ? point.share : 1 / point.workers);
    points.medians.push_back(median_of(point.seconds).value);
    runs += point.seconds.size();
  }
  ScalingLaws laws;
  std::deque<Fitter> fitters;  // which stay where they are
  for (const Law law : all_laws) {
    if (curve.size() < points_for(law)) continue;
    fitters.emplace_back(law, points);
    if (const auto coefficients = fitters.back().fit(points.medians)) {
      FittedLaw fitted{law, *coefficients, {}, residuals(*coefficients, points), {}, 0, {}};
      fitted.squares = squares_of(*coefficients, points, points.medians);
      laws.fits.push_back(fitted);
    } else {
      fitters.pop_back();
    }
  }
  Column drawn(points.medians.size());
  const auto fit_drawn = [&](std::size_t i) {
    if (const auto sample = fitters[i].fit(drawn)) {
      laws.fits[i].resampled.push_back(*sample);
      laws.fits[i].resampled_squares.push_back(fitters[i].squares());
    }
  };
  const bool repeated = runs > curve.size();
  if (repeated) {
    Resampler resampler(curve, points.medians, seed);
    DrawnVariance variance(points.medians);
    for (std::size_t round = 0; round < resamples; ++round) {
      resampler.draw(drawn);
      variance.add(drawn);
      for (std::size_t i = 0; i < fitters.size(); ++i) fit_drawn(i);
    }
    for (FittedLaw& fitted : laws.fits) {
      fitted.lack_of_fit =
          lack_of_fit(fitted.squares, variance, curve.size(), terms_of(fitted.law), runs);
    }
  }
  for (std::size_t i = 0; i < fitters.size(); ++i) {
    FittedLaw& fitted = laws.fits[i];
    const std::size_t terms = terms_of(fitted.law);
    if ((repeated && fitted.lack_of_fit.ratio <= 1) || curve.size() <= terms) continue;
    const std::vector<double> squares = std::exchange(fitted.resampled_squares, {});
    fitted.resampled.clear();
    ResidualResampler resampler(fitted, points, terms, seed);
    for (std::size_t round = 0; round < resamples; ++round) {
      resampler.draw(drawn);
      fit_drawn(i);
    }
    if (repeated) fitted.resampled_squares = squares;
  }
  choose(laws, curve);
  return laws;
}

/// A law that fits all points but one, which is not the first or the last: such a point is odd
/// rather than the law wrong. A term that grows would fit too much.
std::optional<ScalingLaws> without_odd_point(const std::vector<TimesOnWorkers>& curve,
                                             std::uint64_t seed, std::size_t resamples) {
  constexpr double odd = 0.5;  // away from the law of the others
  constexpr std::size_t fewest = 5;
  std::optional<ScalingLaws> best;
  if (curve.size() < fewest) return best;
  for (std::size_t i = 1; i + 1 < curve.size(); ++i) {
    std::vector<TimesOnWorkers> others = curve;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    ScalingLaws laws = fit_all(others, seed, resamples);
    const FittedLaw* law = laws.chosen_fit();
    if (law == nullptr || terms_of(law->law) > 2 || law->lack_of_fit.chance < 0.05) continue;
    const double away = median_of(curve[i].seconds).value /
                        law->coefficients.seconds(curve[i].workers, curve[i].share);
    if (std::abs(away - 1) < odd) continue;
    if (best && best->chosen_fit()->squares <= law->squares) continue;
    laws.note = fmt::format(
        "the time at p = {} is odd, {:.2g} times that of the law of all others, "
        "and is left out: measure it again{}{}",
        curve[i].workers, away, laws.note.empty() ? "" : "; ", laws.note);
    best = std::move(laws);
  }
  return best;
}

}  // namespace

ScalingLaws fit_scaling_laws(const std::vector<TimesOnWorkers>& curve, std::uint64_t seed,
                             std::size_t resamples) {
  check(curve);
  ScalingLaws laws = fit_all(curve, seed, resamples);
  if (laws.chosen) return laws;
  return without_odd_point(curve, seed, resamples).value_or(std::move(laws));
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
  // base / (p T(p)) = target where p T(p) = base / target: the smallest such p above 1.
  const double enough = base / target;
  if (law.law == Law::usl || law.c2 == 0) {
    // c2 p² + b p = c, with:
    const double b = law.c1 - law.c2;
    const double c = law.c1 - law.c0 + enough;
    const double discriminant = b * b + 4 * law.c2 * c;
    if (discriminant < 0) return infinity;
    const double root = std::sqrt(discriminant);
    // Without taking a difference of like numbers.
    const double workers = b > 0        ? 2 * c / (b + root)
                           : law.c2 > 0 ? (root - b) / (2 * law.c2)
                                        : infinity;
    return workers > 1 ? workers : infinity;
  }
  const auto missing = [&](double p) { return p * law.seconds(p) - enough; };
  double below = 1;
  double above = 2;
  while (missing(above) < 0) {
    if (above > 1e9) return infinity;
    below = above;
    above *= 2;
  }
  for (int i = 0; i < 60; ++i) {
    const double middle = (below + above) / 2;
    (missing(middle) < 0 ? below : above) = middle;
  }
  return above;
}

double peak_workers(const Coefficients& law) {
  if (law.c2 < 0) return infinity;
  if (law.c1 >= law.c0) return 1;
  if (law.c2 == 0) return infinity;
  const double ratio = (law.c0 - law.c1) / law.c2;
  switch (law.law) {
    case Law::tree: return std::max(1.0, ratio * std::log(2.0));
    case Law::root: return std::max(1.0, std::pow(2 * ratio, 2.0 / 3));
    default: return std::max(1.0, std::sqrt(ratio));
  }
}

}  // namespace scalelab
