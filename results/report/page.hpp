#pragma once

#include <string>
#include <vector>

#include "results/analysis/analysis.hpp"
#include "results/figures/figures.hpp"

namespace scalelab {

/// The report: one page that refers to nothing outside itself. Well-formed XML, too, so that any
/// tool can check it.
/// @param folder  where draw_figures has left figures/NAME.svg
/// @param failures  gets a line for each figure that cannot be read, and is missing
std::string html_of(const Analysis& analysis, const std::vector<Figure>& figures,
                    const std::string& folder, std::vector<std::string>& failures);

}  // namespace scalelab
