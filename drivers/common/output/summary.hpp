#pragma once

#include <string>

#include "drivers/common/output/tally.hpp"
#include "results/record/record.hpp"

namespace scalelab {

/// What people see at the end of a run: some lines of 80 columns at most.
/// @param tally  of at least one repetition that is no warm-up
std::string summary(const Run& run, const Tally& tally);

}  // namespace scalelab
