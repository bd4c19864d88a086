#pragma once

#include <vector>

#include "results/laws/scaling_laws.hpp"

namespace scalelab {

/// The law to believe is the smallest one whose next term is not needed. A term is needed if all
/// of its 95 % interval is above 0 (below, it would mean nothing) and if the fit with it differs
/// from the fit without it by 1 % at a measured number of workers, at least: times of the same work
/// are often steady to 0.1 %, and no machine keeps to a law so closely. It is needed, too, on the
/// way to a law that fits. The residuals have the last word: a law that misses a median by 20 %,
/// or, where it leaves more than the runs scatter, its interval by 5 %, is not believed, as where a
/// curve has a kink at the number of cores. Neither is Amdahl's whose next term is needed and would
/// be below 0: more workers are then faster than it allows. What grows has rivals: laws with as
/// many terms that it does not beat clearly, and of fewer than 5 points Amdahl's, too.
/// @param laws  fitted to the curve; `chosen`, `rivals` and `note` are set
void choose(ScalingLaws& laws, const std::vector<TimesOnWorkers>& curve);

}  // namespace scalelab
