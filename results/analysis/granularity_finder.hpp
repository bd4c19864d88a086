#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "results/analysis/analysis.hpp"
#include "results/record/identity.hpp"
#include "results/studies/granularity_study.hpp"

namespace scalelab {

/// Finds, among all runs, those of one work that was cut into shorter and shorter tasks.
class GranularityFinder {
 public:
  /// @param merged  fields, as in record/identity.hpp, that may differ
  explicit GranularityFinder(std::set<std::string> merged) : merged_(std::move(merged)) {}

  void add(const Run& run, const Repetition& repetition);

  /// Moves them out of an analysis' studies into its granularity studies: where each driver had one
  /// number of workers, and tasks of at least four lengths. What cannot be judged stays a study,
  /// and a note says why.
  void finish(Analysis& analysis) const;

 private:
  using Runs = std::map<std::string, GranularityRun>;  ///< by their id

  /// What two curves over the length of tasks cannot differ in.
  struct Key {
    Fields work;      ///< but for its cut
    Fields measured;  ///< how: what the sequential driver's runs should have in common with them
    Fields configuration;  ///< the rest, of parallel runs only

    auto operator<=>(const Key&) const = default;
  };

  Key key_of(const Run& run) const;
  /// The sequential driver's runs of the same work; nullptr: there are none.
  const Runs* sequential_of(const Key& key) const;

  std::set<std::string> merged_;
  std::map<Key, Runs> parallel_;
  std::map<Key, Runs> sequential_;
};

}  // namespace scalelab
