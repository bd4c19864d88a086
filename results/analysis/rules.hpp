#pragma once

#include <string>
#include <vector>

#include "results/analysis/analysis.hpp"

namespace scalelab {

/// One of the twelve rules of Hoefler and Belli, "Scientific Benchmarking of Parallel Computing
/// Systems: Twelve ways to tell the masses when reporting performance results", SC15, in our words.
struct Rule {
  enum class State {
    kept,
    not_kept,
    yours  ///< no program can tell
  };
  int number = 0;
  std::string asks;
  State state = State::yours;
  std::vector<std::string> evidence;  ///< sentences, with the place that they are about
};

/// All twelve, as an analysis keeps them.
std::vector<Rule> twelve_rules(const Analysis& analysis);

/// For the terminal, at most 80 columns.
std::string text_of(const std::vector<Rule>& rules);

}  // namespace scalelab
