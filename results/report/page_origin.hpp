#pragma once

#include <string>

#include "results/analysis/analysis.hpp"

namespace scalelab {

// Where a report's numbers come from, as markup.

/// The machines, the build, and the job of Slurm if there was one.
std::string machines_section(const Analysis& analysis);

/// The commands that lead to the same report again, from records and from runs.
std::string reproduce_section(const Analysis& analysis);

}  // namespace scalelab
