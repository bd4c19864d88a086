#pragma once

#include <vector>

#include "results/analysis.hpp"

namespace scalelab {

/// Of a curve, the fewest workers with which it is as fast as it gets, as far as the interval of
/// its shortest time tells. @param curve  has points
const Point& fastest_point(const Curve& curve);

/// What a study says, in plain words, the most important first: who was fastest, how far each
/// driver scales and why it stops. Nothing that the intervals do not support.
/// @param target  parallel efficiency that is still worth it
/// @param study   with its derived numbers
std::vector<Verdict> verdicts_of(const Study& study, double target);

}  // namespace scalelab
