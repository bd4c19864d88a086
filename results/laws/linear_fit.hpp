#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "results/laws/resampling.hpp"

// Times as sums of terms, each with a coefficient: fitted by the kit's own least squares, with
// weights 1 / time², as errors are proportional.
namespace scalelab {

/// Of each time, what the coefficients are multiplied by: as many numbers as there are
/// coefficients.
using Terms = std::vector<Column>;

/// Whether what a model leaves is more than the runs scatter: the test of lack of fit with
/// replicates. Source: Draper and Smith, "Applied Regression Analysis", 3rd edition, section 2.1.
struct LackOfFit {
  double ratio = 0;   ///< F: mean square of the residuals over a time's variance; 0: not known
  double chance = 1;  ///< of so large a ratio where the model is true
};

/// A model fitted to times, and to times that could have been measured as well.
struct LinearFit {
  Column coefficients;            ///< empty: there is no one answer
  std::vector<Column> resampled;  ///< coefficients; empty where there is no interval
  double squares = 0;             ///< sum of the squares of the residuals, as parts of the times
  Column resampled_squares;       ///< left by fits to resampled runs
  LackOfFit lack_of_fit;
};

/// What is fitted: a time of each place, as its runs tell it.
struct MeasuredTimes {
  std::vector<Column> runs;  ///< of each place, at least one [s]
  Column seconds;            ///< what is fitted: their medians, or another quantile of theirs [s]
  double quantile = 0.5;     ///< which one it is, from 0 to 1
};

/// Fits all models to the same times. They are resampled by drawing the runs anew, or, where each
/// place was run once or a model misses the times by more than the runs scatter, the residuals.
/// Deterministic: the same times and seed give the same result.
std::vector<LinearFit> fit_models(const std::vector<Terms>& models, const MeasuredTimes& times,
                                  std::uint64_t seed, std::size_t resamples);

}  // namespace scalelab
