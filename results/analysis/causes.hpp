#pragma once

#include <vector>

#include "results/studies/study.hpp"

namespace scalelab {

/// The point with most workers that have a core each, all alike; nullptr: none have.
const Point* last_with_like_cores(const Curve& curve);

/// Why curves go no further: by the largest of the losses with most workers that have a core each,
/// where the efficiency's interval leaves no doubt that something is lost; and others, if the
/// runs do not tell which is the largest. Last, which curves' times vary too much to show a loss.
std::vector<Verdict> tell_causes(const Study& study);

/// Whether nearly all that the workers of its last point with a core each lose is that their
/// compute itself takes longer: they hardly wait for anything.
bool work_itself_takes_longer(const Curve& curve);

}  // namespace scalelab
