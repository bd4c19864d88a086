#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "results/record/record.hpp"

namespace scalelab {

/// What has been seen of a run, so that its next line can be held against it.
struct RunSoFar {
  Run run;
  std::size_t line = 0;                            ///< where it began
  std::uint64_t repetitions = 0;                   ///< good ones, warm-ups included
  std::map<bool, std::uint64_t> last_number = {};  ///< by `warmup`
  double last_at_seconds = 0;                      ///< begin of its last repetition,
  double last_end_seconds = 0;                     ///< and its end
  std::string digest = {};                         ///< of its first repetition
  bool ended = false;
};

// Each returns what is wrong with a line, in words for a finding; empty: nothing.

std::string problem_of(const Run& run);
std::string problem_of(const Repetition& repetition, const RunSoFar& before);
std::string problem_of(const Cost& cost);
std::string problem_of(const End& end, const Run& run);

/// What is strange about a repetition that is used all the same.
std::string finding_in(const Repetition& repetition, const RunSoFar& before);

}  // namespace scalelab
