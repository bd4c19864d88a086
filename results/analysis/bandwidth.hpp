#pragma once

#include <string>
#include <vector>

#include "results/studies/study.hpp"

namespace scalelab {

// Whether workers are slower side by side because they use up what they share, by the bytes per
// second that they were seen to move. A kernel's name, and what it says of itself, is no evidence.

/// Of all workers together, while they compute. [bytes/s] Valid where `bytes` are known.
Estimate bandwidth_of(const Point& point);

/// After all studies have their points: each learns what the others were seen to move through
/// memory, at most.
void compare_bandwidths(std::vector<Study>& studies);

/// Why the work of a curve's workers takes longer side by side, as far as the records tell.
std::string slowed_by(const Study& study, const Curve& curve, const Point& last);

/// "44.6 GB/s on 1 worker, 45.9 GB/s on 2 workers", or, where the fewer are another driver's,
/// whose: "45.9 GB/s on 2 workers, sequential 44.6 GB/s on 1 worker"; empty: how much they move is
/// not known, or no bandwidth is shared.
std::string moved_by(const Study& study, const Curve& curve, const Point& last);

}  // namespace scalelab
