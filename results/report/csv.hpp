#pragma once

#include <string>

#include "results/analysis/analysis.hpp"

namespace scalelab {

// Tables for other programs (RFC 4180; seconds; points as decimal marks, whatever the locale; empty
// where there is nothing). results/README.md has their columns.

/// One row for each study, curve and number of workers.
std::string scaling_csv(const Analysis& analysis);

/// One row for each study, curve and law.
std::string laws_csv(const Analysis& analysis);

/// One row for each granularity study, driver and length of tasks.
std::string granularity_csv(const Analysis& analysis);

}  // namespace scalelab
