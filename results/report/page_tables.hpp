#pragma once

#include <string>

#include "results/analysis/analysis.hpp"

namespace scalelab {

// The tables of a report, as markup.

/// A name with the colour that its driver has in all figures.
std::string colored(const std::string& driver, const std::string& name);

/// Each driver's best, the best of all first; a bar shows the speed-up.
std::string best_of_drivers(const Study& study);

std::string scaling_table(const Study& study);

/// Nothing where there are no laws: weak scaling. @param target  of the parallel efficiency
std::string laws_table(const Study& study, double target);

std::string metg_table(const GranularityStudy& study);

std::string machines_table(const Analysis& analysis);

/// Nothing if there are none.
std::string findings_table(const Analysis& analysis);

}  // namespace scalelab
