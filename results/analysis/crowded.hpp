#pragma once

#include <vector>

#include "results/studies/study.hpp"

namespace scalelab {

/// What workers gain that compute and cannot all do so at a time, and why they cannot.
std::vector<Verdict> tell_oversubscribed(const Study& study);

}  // namespace scalelab
