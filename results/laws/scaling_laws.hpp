#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "results/laws/law.hpp"
#include "results/laws/linear_fit.hpp"

namespace scalelab {

/// Times of the runs on some number of workers: the sampling unit is the run, a process of its own.
struct TimesOnWorkers {
  double workers;
  std::vector<double> seconds;  ///< at least one
  double share = 0;             ///< q, from 1 / p to 1; 0: 1 / p
};

/// A law fitted to a curve.
struct FittedLaw {
  Law law = Law::ideal;
  Coefficients coefficients;
  std::vector<Coefficients> resampled;  ///< empty where there is no interval
  std::vector<double> residuals;        ///< (measured median - law) / law, by number of workers
  LackOfFit lack_of_fit;
  double squares = 0;                     ///< sum of the squares of the relative residuals
  std::vector<double> resampled_squares;  ///< left by fits to resampled runs

  /// Anything that follows from the coefficients, with its percentile interval of the bootstrap.
  /// @param of  may be infinite, but not NaN
  Estimate estimate(const std::function<double(const Coefficients&)>& of) const;
};

/// All laws that the curve allows, and the one to believe.
struct ScalingLaws {
  std::vector<TimesOnWorkers> times;  ///< that they are fitted to: without an odd point
  double odd_workers = 0;             ///< whose time is left out; 0: none is
  /// Ideal, Amdahl, those that grow; or of weak scaling constant and those that grow: as far as
  /// there are points.
  std::vector<FittedLaw> fits;
  std::optional<Law> chosen;  ///< none: see `note`
  /// Those with as many terms that fit as well, as far as the times tell: of what grows, nothing is
  /// known but that it does.
  std::vector<Law> rivals;
  /// What a reader has to know about the choice: "ideal is not distinguishable from Amdahl up to p
  /// = 8 ...", "the curve has one number of workers: a law needs at least three", ...; may be
  /// empty. The column `remark` of laws.csv.
  std::string note;

  const FittedLaw* fit(Law law) const;  ///< nullptr: not fitted
  const FittedLaw* chosen_fit() const;  ///< nullptr: none was chosen

  /// As FittedLaw::estimate of the chosen one, with an interval that holds those of its rivals,
  /// too.
  Estimate estimate(const std::function<double(const Coefficients&)>& of) const;
};

/// Fits one law to the medians, without intervals. @returns nothing if there is no one answer
std::optional<FittedLaw> fit_law(Law law, const std::vector<TimesOnWorkers>& curve);

/// Fits all laws to the medians of each number of workers, weighted by 1 / median²; intervals by
/// resampling the runs of each number of workers, or, where these were run once or a law misses
/// them by more than they scatter, the residuals. law_choice.hpp tells which one is chosen; where
/// none is, and a law of fewer than 3 terms fits all points but one, that one is left out.
/// Deterministic: the same times and seed give the same result. How often the intervals hold what
/// is true is simulated by tests/results/laws/simulation.cpp, and told in docs/reading.md. The
/// median of two runs is their mean, so their resamples are widened; those of more runs are
/// somewhat too wide as they are.
///
/// @param curve  by increasing number of workers, each once
/// @throws std::invalid_argument  the numbers do not increase, or a time is not positive
ScalingLaws fit_scaling_laws(const std::vector<TimesOnWorkers>& curve, std::uint64_t seed = 1,
                             std::size_t resamples = 2000);

/// The same with the laws of weak scaling: the times of workers that have the same work each,
/// whatever their number.
/// @param curve  whose shares do not count
ScalingLaws fit_weak_laws(const std::vector<TimesOnWorkers>& curve, std::uint64_t seed = 1,
                          std::size_t resamples = 2000);

}  // namespace scalelab
