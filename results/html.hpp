#pragma once

#include <string>
#include <vector>

#include "results/analysis.hpp"
#include "results/figures.hpp"

namespace scalelab {

/// The report: one page that refers to nothing outside itself. Well-formed XML, too, so that any
/// tool can check it.
/// @param folder  where draw_figures has left figures/NAME.svg
/// @throws std::runtime_error  naming a figure that cannot be read
std::string html_of(const Analysis& analysis, const std::vector<Figure>& figures,
                    const std::string& folder);

}  // namespace scalelab
