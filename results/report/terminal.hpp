#pragma once

#include <string>

#include "results/analysis/analysis.hpp"

namespace scalelab {

/// A study for the terminal, at most 80 columns wide: its table, its plot if there is one, its
/// verdicts, each with the name of the figure that shows it, and notes. Of long curves only some
/// numbers of workers are shown.
/// @param plot  as text; may be empty
/// @param figures  there are some, and verdicts name theirs
std::string text_of(const Study& study, const std::string& plot, bool figures);

/// METG of each driver, and what that is.
std::string text_of(const GranularityStudy& study);

}  // namespace scalelab
