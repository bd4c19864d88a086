#pragma once

#include <vector>

#include "results/analysis/analysis.hpp"

namespace scalelab {

/// What the laws foretell of twice as many workers as were measured, and how sure that is; and what
/// to measure next, which would tell those apart that fit as well. Nothing, where no law is
/// believed.
std::vector<Verdict> tell_next(const Study& study);

}  // namespace scalelab
