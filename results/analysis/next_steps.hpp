#pragma once

#include <optional>

#include "results/analysis/analysis.hpp"

namespace scalelab {

/// What to measure next: how sure the laws are of twice as many workers as were measured, and what
/// would tell those apart that fit as well. Nothing, where no law is believed.
std::optional<Verdict> tell_next(const Study& study);

}  // namespace scalelab
