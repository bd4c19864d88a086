#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/laws/scaling_laws.hpp"

// In which words the choice of a law says what the times tell of it.
namespace scalelab {

/// Fewer numbers of workers have no law.
inline constexpr std::size_t points_for_a_law = 3;

/// Numbers of workers of which what is serial can be told from what grows.
inline constexpr std::size_t points_to_tell = 5;

/// The term that the law has and the one before it has not, as a part of c0.
Estimate term_of(const FittedLaw& fitted);

/// "alpha is 4.8 % [4.1, 5.5]", or, of what grows, "beta is 0.00052 [0.0004, 0.0006]"
std::string text_of(Law law, const Estimate& term);

/// Of weak scaling: "whose time at p = 64 is 31 % [29, 33] longer than at p = 1"
std::string text_of_growth(const FittedLaw& law, const std::vector<TimesOnWorkers>& times);

/// What a law's term, which the chosen one has not and which does not show, could be for all that
/// the times tell: never less than nothing.
std::string not_shown(Law chosen, Law law, const Estimate& term, double most_workers);

/// Of weak scaling: how much could have grown, by whatever law, for all that the times tell.
std::string no_growth_shown(const ScalingLaws& laws, const std::vector<TimesOnWorkers>& times);

/// Of weak scaling: "superlinear: the time at p = 64 is 12 % [10, 14] shorter than at p = 1, ..."
std::string falls(const FittedLaw& law, const std::vector<TimesOnWorkers>& times);

/// "Amdahl, whose alpha is 2.9 % [0.5, 6.1]"; of few numbers of workers its name alone
std::string with_terms(const FittedLaw& law, const std::vector<TimesOnWorkers>& times);

}  // namespace scalelab
