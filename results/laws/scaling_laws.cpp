#include "results/laws/scaling_laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "results/laws/law_choice.hpp"
#include "results/statistics/statistics.hpp"

namespace scalelab {

namespace {

using Laws = std::vector<Law>;

const Laws strong_laws = {Law::ideal, Law::amdahl, Law::tree, Law::root, Law::usl};
const Laws weak_laws = {Law::constant, Law::weak_tree, Law::weak_root, Law::weak_linear};

/// A law is there to be believed, and so needs one point that could contradict it. What grows
/// besides Amdahl's law is there to show what else is possible, too.
std::size_t points_for(Law law) { return terms_of(law) == 1 ? 1 : 3; }

Terms terms_of(Law law, const std::vector<TimesOnWorkers>& curve) {
  Terms terms;
  for (const TimesOnWorkers& point : curve) {
    const double q = point.share > 0 ? point.share : 1 / point.workers;
    const double g = growth(law, point.workers);
    Column row =
        is_weak(law) ? Column{1, g - growth(law, curve.front().workers)} : Column{q, 1 - q, g};
    row.resize(terms_of(law));
    terms.push_back(row);
  }
  return terms;
}

Coefficients coefficients_of(Law law, Column fitted, double fewest) {
  if (is_weak(law)) fitted.insert(fitted.begin() + 1, 0);
  fitted.resize(3, 0);
  return {fitted[0], fitted[1], fitted[2], law, fewest};
}

FittedLaw law_of(Law law, LinearFit fit, const std::vector<TimesOnWorkers>& curve,
                 const Column& medians) {
  const double fewest = curve.front().workers;
  FittedLaw fitted;
  fitted.law = law;
  fitted.coefficients = coefficients_of(law, fit.coefficients, fewest);
  for (const Column& sample : fit.resampled) {
    fitted.resampled.push_back(coefficients_of(law, sample, fewest));
  }
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const double expected = fitted.coefficients.seconds(curve[i].workers, curve[i].share);
    fitted.residuals.push_back(medians[i] / expected - 1);
  }
  fitted.lack_of_fit = fit.lack_of_fit;
  fitted.squares = fit.squares;
  fitted.resampled_squares = std::move(fit.resampled_squares);
  return fitted;
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
  Column values;
  for (const Coefficients& sample : resampled) values.push_back(of(sample));
  return percentiles(of(coefficients), std::move(values));
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

MeasuredTimes measured(const std::vector<TimesOnWorkers>& curve) {
  MeasuredTimes times;
  for (const TimesOnWorkers& point : curve) {
    times.runs.push_back(point.seconds);
    times.seconds.push_back(median_of(point.seconds).value);
  }
  return times;
}

ScalingLaws fit_all(const Laws& laws_to_fit, const std::vector<TimesOnWorkers>& curve,
                    std::uint64_t seed, std::size_t resamples) {
  const MeasuredTimes times = measured(curve);
  Laws fitted;
  std::vector<Terms> models;
  for (const Law law : laws_to_fit) {
    if (curve.size() < points_for(law)) continue;
    fitted.push_back(law);
    models.push_back(terms_of(law, curve));
  }
  std::vector<LinearFit> fits = fit_models(models, times, seed, resamples);
  ScalingLaws laws;
  laws.times = curve;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (fits[i].coefficients.empty()) continue;
    laws.fits.push_back(law_of(fitted[i], std::move(fits[i]), curve, times.seconds));
  }
  choose(laws, curve);
  return laws;
}

/// A law that fits all points but one, which is not the first or the last: such a point is odd
/// rather than the law wrong. A term that grows would fit too much.
std::optional<ScalingLaws> without_odd_point(const Laws& laws_to_fit,
                                             const std::vector<TimesOnWorkers>& curve,
                                             std::uint64_t seed, std::size_t resamples) {
  constexpr double odd = 0.5;  // away from the law of the others
  constexpr std::size_t fewest = 5;
  std::optional<ScalingLaws> best;
  if (curve.size() < fewest) return best;
  for (std::size_t i = 1; i + 1 < curve.size(); ++i) {
    std::vector<TimesOnWorkers> others = curve;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    ScalingLaws laws = fit_all(laws_to_fit, others, seed, resamples);
    const FittedLaw* law = laws.chosen_fit();
    if (law == nullptr || terms_of(law->law) > 2 || law->lack_of_fit.chance < 0.05) continue;
    const double away = median_of(curve[i].seconds).value /
                        law->coefficients.seconds(curve[i].workers, curve[i].share);
    if (std::abs(away - 1) < odd) continue;
    if (best && best->chosen_fit()->squares <= law->squares) continue;
    laws.odd_workers = curve[i].workers;
    laws.note = fmt::format(
        "the time at p = {} is odd, {:.2g} times that of the law of all others, "
        "and is left out: measure it again{}{}",
        curve[i].workers, away, laws.note.empty() ? "" : "; ", laws.note);
    best = std::move(laws);
  }
  return best;
}

ScalingLaws fit(const Laws& laws_to_fit, const std::vector<TimesOnWorkers>& curve,
                std::uint64_t seed, std::size_t resamples) {
  check(curve);
  ScalingLaws laws = fit_all(laws_to_fit, curve, seed, resamples);
  if (laws.chosen) return laws;
  return without_odd_point(laws_to_fit, curve, seed, resamples).value_or(std::move(laws));
}

}  // namespace

std::optional<FittedLaw> fit_law(Law law, const std::vector<TimesOnWorkers>& curve) {
  check(curve);
  const MeasuredTimes times = measured(curve);
  std::vector<LinearFit> fits = fit_models({terms_of(law, curve)}, times, 1, 0);
  if (fits.front().coefficients.empty()) return std::nullopt;
  return law_of(law, std::move(fits.front()), curve, times.seconds);
}

ScalingLaws fit_scaling_laws(const std::vector<TimesOnWorkers>& curve, std::uint64_t seed,
                             std::size_t resamples) {
  return fit(strong_laws, curve, seed, resamples);
}

ScalingLaws fit_weak_laws(const std::vector<TimesOnWorkers>& curve, std::uint64_t seed,
                          std::size_t resamples) {
  return fit(weak_laws, curve, seed, resamples);
}

}  // namespace scalelab
