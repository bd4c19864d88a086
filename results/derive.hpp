#pragma once

#include "results/analysis.hpp"

namespace scalelab {

/// What speed-ups are over.
enum class BaseOf {
  sequential,  ///< the sequential driver's time
  one_worker   ///< each driver's own time on one worker
};

/// Fills in everything that follows from the times of a study: base, speed-ups, efficiencies, laws.
/// What cannot be derived stays empty, and a note says why.
void derive(Study& study, BaseOf base);

}  // namespace scalelab
