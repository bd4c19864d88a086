#pragma once

#include <vector>

#include "results/analysis.hpp"

namespace scalelab {

/// Why curves go no further: by the largest of the losses with most workers that have a core each,
/// where the efficiency's interval leaves no doubt that something is lost.
std::vector<Verdict> tell_causes(const Study& study);

/// What workers gain that compute and have no core of their own.
std::vector<Verdict> tell_oversubscribed(const Study& study);

}  // namespace scalelab
