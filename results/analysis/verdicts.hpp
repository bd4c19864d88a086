#pragma once

#include <vector>

#include "results/analysis/comparisons.hpp"
#include "results/studies/study.hpp"

namespace scalelab {

/// Of a curve, the fewest workers that its shortest time is not shown to be shorter than: their
/// intervals overlap. @param curve  has points
const Point& fastest_point(const Curve& curve);

/// Of each curve that the study's shortest time is not shown to be shorter than, the fewest workers
/// of which that is so; the shorter ones first. @param study  has curves
std::vector<CurveAt> fastest_of(const Study& study);

/// Whether one worker alone is among them: nothing is shown to be faster then.
bool needs_one_worker(const std::vector<CurveAt>& fastest);

/// Whom the first sentence on a study of strong scaling names first, and as what.
struct Winner {
  CurveAt at;
  bool is_shortest = false;  ///< no time is shorter; else it is one of the fewest workers
  bool is_fastest = false;   ///< and that is shown as far as six runs of each show it
};

/// @param study  has curves
Winner winner_of(const Study& study);

/// What a study says, in plain words, the most important first: who was fastest, how far each
/// driver scales and why it stops. Nothing that the intervals do not support.
/// @param target  parallel efficiency that is still worth it
/// @param study   with its derived numbers
std::vector<Verdict> verdicts_of(const Study& study, double target);

}  // namespace scalelab
