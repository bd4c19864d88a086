#pragma once

#include <vector>

#include "results/analysis/analysis.hpp"
#include "results/figures/driver_styles.hpp"
#include "results/figures/figure_data.hpp"

namespace scalelab {

/// Of all studies together: drift. Nothing if no configuration was run twice.
std::vector<FigureData> figures_of(const Analysis& analysis);

/// Efficiency against task granularity.
/// @param looks  of the study's drivers @throws std::out_of_range  one has none
FigureData figure_of(const GranularityStudy& study, const DriverStyles& looks);

}  // namespace scalelab
