#pragma once

#include "results/analysis/analysis.hpp"

namespace scalelab {

/// What speed-ups are over.
enum class BaseOf {
  sequential,  ///< the sequential driver's time
  one_worker   ///< each driver's own time on one worker
};

/// Fills in everything that follows from the times of a study: base, speed-ups, efficiencies, laws.
/// What cannot be derived stays empty, and a note says why.
void derive(Study& study, BaseOf base);

/// Of the points that the curve's laws are fitted to, the most workers: beyond them a law
/// foretells. 0: there are none.
double most_workers_of_laws(const Curve& curve);

/// By a law of the curve, the number of workers from which on its efficiency, over what its
/// speed-ups are over, is below a target; as of workers_at_efficiency. @param curve  with its
/// derived numbers
double workers_at_target(const Curve& curve, const FittedLaw& law, double target);

}  // namespace scalelab
