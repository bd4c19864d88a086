#pragma once

#include <string>
#include <vector>

#include "results/record/identity.hpp"
#include "results/studies/study.hpp"

// What studies and their curves are called.
namespace scalelab {

/// "spin: 2000 tasks of 50 µs"
std::string title_of(const Run& run);

/// What is in one of the works and not in all: "skew pareto".
std::string difference_of(const Fields& work, const std::vector<const Fields*>& others);

/// Names that tell the curves of a study apart, and no longer than that.
void name_curves(std::vector<Curve>& curves);

}  // namespace scalelab
