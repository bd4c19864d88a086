#pragma once

#include <string>
#include <vector>

#include "drivers/common/board.hpp"
#include "kernels/description.hpp"

namespace scalelab {

/// Why the times of this build cannot be trusted; empty: they can.
std::string doubt_about_build();

/// Why the times of a run cannot be trusted, one sentence each: more workers than cores, several
/// workers on one core, workers that should be bound and are not. By what the reports on the board
/// say, that is, by what the system said while they worked.
/// @param bound  whether this driver's workers should be bound
std::vector<std::string> doubts_about_run(const KernelDescription& kernel, Board& board,
                                          bool bound);

}  // namespace scalelab
