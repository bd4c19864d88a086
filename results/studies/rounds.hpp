#pragma once

#include <optional>

#include "results/studies/study.hpp"

// What runs of the same round have in common.
namespace scalelab {

/// base / point. Where both were run in the same rounds, and often enough, the interval is of the
/// ratios in each: drift goes through both, and does not make them less sure.
Estimate ratio_of(const Point& base, const Point& point);

/// How all times of a study changed from its first round to its last, if they did so steadily: the
/// slope of Theil and Sen over the rounds' medians of time / median of its configuration, where
/// Mann and Kendall's test finds a trend. Nothing where configurations were not run in rounds.
/// Sources: Sen, JASA 63, 1968; Kendall, "Rank Correlation Methods", 1975.
std::optional<double> drift_of(const Study& study);

/// Whether runs of a configuration were started one after the other clearly more often than in a
/// random order, or always, though there are others. Source of the number of blocks that is to be
/// expected, and of its variance: Barton and David, "Multiple runs", Biometrika 44, 1957.
bool one_after_the_other(const Study& study);

}  // namespace scalelab
