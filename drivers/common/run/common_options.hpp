#pragma once

#include <vector>

#include "kernels/options.hpp"

namespace scalelab {

/// The options of every kernel in every driver, in the order in which --help prints them.
const std::vector<Option>& common_options();

}  // namespace scalelab
