#pragma once

#include <cstddef>
#include <vector>

#include "results/record/record.hpp"

namespace scalelab {

/// What a team of OpenMP threads costs: `region`, an empty parallel region, and `barrier`. Nothing
/// for one thread, which has neither.
std::vector<Cost> costs_of_team(std::size_t threads);

}  // namespace scalelab
