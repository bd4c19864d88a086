#pragma once

#include <map>
#include <string>

#include "results/analysis.hpp"
#include "results/granularity_study.hpp"
#include "results/identity.hpp"

namespace scalelab {

/// Finds, among all runs, those of one work that was cut into shorter and shorter tasks.
class Granularities {
 public:
  void add(const Run& run, const Repetition& repetition);

  /// Moves them out of an analysis' studies into its granularity studies: where each driver had one
  /// number of workers, and tasks of at least four lengths. What cannot be judged stays a study,
  /// and a note says why.
  void finish(Analysis& analysis) const;

 private:
  using Runs = std::map<std::string, GranularityRun>;  ///< by their id

  std::map<Fields, Runs> parallel_;    ///< by their work but for its cut, and their schedule
  std::map<Fields, Runs> sequential_;  ///< by their work
};

}  // namespace scalelab
