#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "results/laws/scaling_laws.hpp"
#include "results/laws/sharing.hpp"

namespace scalelab {

/// How many runs give a time a 95 % interval.
constexpr std::size_t runs_for_interval = 6;

/// The time on so many workers, by the chosen law, with an interval that holds what its rivals
/// foretell, too, and what larger laws do: a term that does not show in the measured range may show
/// beyond it. [s]
/// @param laws   of which one is chosen
/// @param share  q of so many workers; 0: 1 / p
Estimate foretold(const ScalingLaws& laws, double workers, double share = 0);

/// What would tell the chosen law and its rivals apart.
struct NextMeasurement {
  /// On each of these 6 runs would, or, if `few`, may do so, and fewer numbers of workers cannot.
  std::vector<double> workers;
  bool few = false;
  bool odd = false;      ///< one of these was measured, and its time is odd and left out
  std::size_t runs = 0;  ///< so many on each number of workers that there is would; 0: too many
};

/// If one of the laws is true, the others are fitted to what it foretells of the measured numbers
/// of workers and of one more, and must miss that by clearly more than medians scatter. Numbers
/// between the measured ones are tried, and up to 16 times as many. Source: Atkinson and Fedorov,
/// "The design of experiments for discriminating between two rival models", Biometrika 62 (1975).
/// More workers than tasks are none to be measured.
/// @param sharing  of the curve's work; of weak scaling none, as its tasks grow with the workers
/// @returns nothing where there are no rivals
std::optional<NextMeasurement> what_tells_apart(const ScalingLaws& laws, const Sharing& sharing);

}  // namespace scalelab
