#pragma once

#include <vector>

#include "results/analysis/analysis.hpp"
#include "results/figures/figure_data.hpp"

namespace scalelab {

/// The figures that a study has numbers for.
/// @param analysis  it is a part of
std::vector<FigureData> figures_of(const Study& study, const Analysis& analysis);

}  // namespace scalelab
