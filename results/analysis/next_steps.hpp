#pragma once

#include <vector>

#include "results/studies/study.hpp"

namespace scalelab {

/// What the laws foretell of twice as many workers as were measured, and how sure that is; and what
/// to measure next: what is missing (the sequential driver, numbers of workers), and what would
/// tell those laws apart that fit as well.
std::vector<Verdict> tell_next(const Study& study);

}  // namespace scalelab
