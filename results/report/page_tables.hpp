#pragma once

#include <string>

#include "results/analysis/analysis.hpp"
#include "results/figures/driver_styles.hpp"

namespace scalelab {

// The tables of a report, as markup. `looks`: of all its drivers.

/// A name with the colour that its driver has in all figures.
std::string colored(const DriverStyle& look, const std::string& name);

/// Each driver's best, the best of all first; a bar shows the speed-up.
std::string best_of_drivers(const Study& study, const DriverStyles& looks);

std::string scaling_table(const Study& study, const DriverStyles& looks);

/// Nothing where there are no laws. @param target  of the parallel efficiency
std::string laws_table(const Study& study, double target, const DriverStyles& looks);

std::string metg_table(const GranularityStudy& study, const DriverStyles& looks);

/// Nothing if there are none.
std::string findings_table(const Analysis& analysis);

}  // namespace scalelab
