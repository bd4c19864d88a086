#pragma once

#include <cstdint>

#include "results/studies/study.hpp"

namespace scalelab {

/// What speed-ups are over: the sequential driver's time, where there is one, and else as `fewest`;
/// or each driver's own time on so many workers.
enum class BaseOf : std::uint64_t {
  sequential = 0,
  one_worker = 1,
  fewest = UINT64_MAX  ///< the fewest that it was run with
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
