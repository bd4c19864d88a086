#pragma once

#include <optional>

#include "results/studies/study.hpp"

namespace scalelab {

/// Weak scaling: does the time stay the same? @returns nothing where there is nothing to compare
std::optional<Verdict> tell_weak(const Curve& curve, double target);

/// By which law its time grows, if it does, without the curve's name. @param curve  has laws
Verdict tell_weak_law(const Curve& curve);

}  // namespace scalelab
