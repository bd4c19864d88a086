#include "results/laws/linear_fit.hpp"

#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <deque>
#include <utility>

#include "kernels/linear_models/least_squares.hpp"

namespace scalelab {

namespace {

/// Fits one model to many sets of times.
class Fitter {
 public:
  explicit Fitter(const Terms& terms) : terms_(terms), model_(terms.size(), count()) {}

  /// Each row is divided by its time. @returns whether there is one answer
  bool fit(const Column& seconds) {
    const std::size_t rows = seconds.size();
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < count(); ++j) model_.column(j)[i] = terms_[i][j] / seconds[i];
      model_.column(count())[i] = 1;
    }
    const std::size_t freedom = rows > count() ? rows - count() : 1;
    return model_.fit(rows, freedom, Solver::qr);
  }
  std::size_t count() const { return terms_.front().size(); }
  Column coefficients() const {
    return {model_.coefficients().begin(), model_.coefficients().end()};
  }
  double squares() const { return model_.residual_sum_of_squares(); }

  /// The model's times. [s]
  Column times(const Column& coefficients) const {
    Column result;
    for (const Column& row : terms_) {
      double sum = 0;
      for (std::size_t j = 0; j < row.size(); ++j) sum += row[j] * coefficients[j];
      result.push_back(sum);
    }
    return result;
  }

 private:
  const Terms& terms_;
  LeastSquares model_;
};

double squares_of(const Column& model, const Column& seconds) {
  double sum = 0;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const double part = model[i] / seconds[i] - 1;
    sum += part * part;
  }
  return sum;
}

/// @param runs  of all places together
LackOfFit lack_of_fit(double squares, const DrawnVariance& variance, std::size_t places,
                      std::size_t terms, std::size_t runs) {
  if (places <= terms || runs <= places || !(variance.middle() > 0)) return {};
  const auto left = static_cast<double>(places - terms);
  const boost::math::fisher_f fisher(left, static_cast<double>(runs - places));
  const double mean_square = squares / left;
  return {mean_square / variance.mean(),
          boost::math::cdf(boost::math::complement(fisher, mean_square / variance.middle()))};
}

/// What is left of several models has chosen between them, and knows less of how times scatter
/// about the chosen one. Source: Ye, "On Measuring and Correcting the Effects of Data Mining and
/// Model Selection", Journal of the American Statistical Association 93, 1998. How much that costs
/// he leaves to each case; one degree of freedom was enough in simulations. Of fewer than four,
/// Student's t with one less would be so wide that it said nothing, so they keep it.
std::size_t freedom_of(std::size_t left, std::size_t models) {
  constexpr std::size_t enough = 4;
  return models > 1 && left >= enough ? left - 1 : left;
}

void fit_drawn(Fitter& fitter, LinearFit& fit, const Column& drawn) {
  if (fit.coefficients.empty() || !fitter.fit(drawn)) return;
  fit.resampled.push_back(fitter.coefficients());
  fit.resampled_squares.push_back(fitter.squares());
}

}  // namespace

std::vector<LinearFit> fit_models(const std::vector<Terms>& models, const MeasuredTimes& times,
                                  std::uint64_t seed, std::size_t resamples) {
  const std::size_t places = times.seconds.size();
  std::size_t runs = 0;
  for (const Column& of_place : times.runs) runs += of_place.size();
  std::deque<Fitter> fitters;  // which stay where they are
  std::vector<LinearFit> fits(models.size());
  for (std::size_t i = 0; i < models.size(); ++i) {
    Fitter& fitter = fitters.emplace_back(models[i]);
    if (!fitter.fit(times.seconds)) continue;
    fits[i].coefficients = fitter.coefficients();
    fits[i].squares = squares_of(fitter.times(fits[i].coefficients), times.seconds);
  }
  Column drawn(places);
  const bool repeated = runs > places;
  if (repeated) {
    RunsResampler resampler(times.runs, times.seconds, seed, times.quantile);
    DrawnVariance variance(times.seconds);
    for (std::size_t round = 0; round < resamples; ++round) {
      resampler.draw(drawn);
      variance.add(drawn);
      for (std::size_t i = 0; i < fits.size(); ++i) fit_drawn(fitters[i], fits[i], drawn);
    }
    for (std::size_t i = 0; i < fits.size(); ++i) {
      fits[i].lack_of_fit =
          lack_of_fit(fits[i].squares, variance, places, fitters[i].count(), runs);
    }
  }
  for (std::size_t i = 0; i < fits.size(); ++i) {
    LinearFit& fit = fits[i];
    if (fit.coefficients.empty() || places <= fitters[i].count()) continue;
    const std::size_t left = places - fitters[i].count();
    // Of one run each as R's package usl does.
    const std::size_t freedom = repeated ? freedom_of(left, models.size()) : left;
    if (repeated && fit.lack_of_fit.ratio <= 1) continue;
    const Column squares = std::exchange(fit.resampled_squares, {});
    fit.resampled.clear();
    ResidualResampler resampler(fitters[i].times(fit.coefficients),
                                std::sqrt(fit.squares / static_cast<double>(left)), freedom, seed);
    for (std::size_t round = 0; round < resamples; ++round) {
      resampler.draw(drawn);
      fit_drawn(fitters[i], fit, drawn);
    }
    if (repeated) fit.resampled_squares = squares;
  }
  return fits;
}

}  // namespace scalelab
