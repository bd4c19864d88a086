#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "results/record/identity.hpp"
#include "results/studies/study.hpp"

namespace scalelab {

/// Sorts runs and their repetitions into studies, curves and points: what is equal belongs
/// together. Derives nothing.
class Studies {
 public:
  /// @param merged  fields (as in record/identity.hpp, and schedule, chunk, bind) that may differ
  /// within a
  ///                study or a curve
  explicit Studies(std::set<std::string> merged);
  ~Studies();

  /// The next repetition in the order of reading. Of those that do not count, only how many there
  /// are is told.
  void add(const Run& run, const Repetition& repetition);

  /// Names of all fields that were seen: what --merge may name.
  std::set<std::string> fields() const;

  /// Once, at the end: all studies, without derived numbers, in the order of reading.
  std::vector<Study> finish();

 private:
  struct Growing;
  struct SortedRun;

  Fields without_merged(Fields fields);
  Growing& study_of(const Run& run);

  std::set<std::string> merged_;
  std::set<std::string> fields_;
  std::vector<std::unique_ptr<Growing>> studies_;
  std::map<std::string, SortedRun> sorted_;  ///< by the run's id
};

}  // namespace scalelab
