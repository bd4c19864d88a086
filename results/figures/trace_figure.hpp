#pragma once

#include <string>

#include "results/figures/figure_data.hpp"

namespace scalelab {

/// Who ran what when. @param trace  a file of --trace
/// @throws std::runtime_error naming it, if it is none
FigureData figure_of_trace(const std::string& trace, const std::string& name);

}  // namespace scalelab
