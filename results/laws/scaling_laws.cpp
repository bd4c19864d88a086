#include "results/laws/scaling_laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <deque>
#include <stdexcept>
#include <utility>

#include "kernels/linear_models/least_squares.hpp"
#include "results/laws/law_choice.hpp"
#include "results/laws/resampling.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

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

/// The law's time on each number of workers. [s]
Column law_times(const Coefficients& law, const Points& points) {
  Column times;
  for (std::size_t i = 0; i < points.workers.size(); ++i) {
    times.push_back(law.seconds(points.workers[i], points.shares[i]));
  }
  return times;
}

Column residuals(const Coefficients& law, const Points& points) {
  Column result = law_times(law, points);
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = points.medians[i] / result[i] - 1;
  return result;
}

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

std::vector<Column> runs_of(const std::vector<TimesOnWorkers>& curve) {
  std::vector<Column> runs;
  for (const TimesOnWorkers& point : curve) runs.push_back(point.seconds);
  return runs;
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
    RunsResampler resampler(runs_of(curve), points.medians, seed);
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
    ResidualResampler resampler(law_times(fitted.coefficients, points), fitted.squares, terms,
                                seed);
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

}  // namespace scalelab
