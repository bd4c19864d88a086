#pragma once

#include <set>
#include <string>
#include <vector>

#include "results/analysis/analysis.hpp"
#include "results/studies/derive.hpp"

namespace scalelab {

struct AnalysisOptions {
  BaseOf base = BaseOf::sequential;
  std::set<std::string> merged =
      {};                ///< fields that may differ: "cpu", "commit", "task-units", "bind"
  double target = 0.75;  ///< parallel efficiency that is still worth it
};

/// Reads records and derives all that a report tells.
/// @param paths  as of read_records
/// @returns without studies, if no repetition was measured
/// @throws UsageError          a field of `merged` that no record has
/// @throws std::runtime_error  a path cannot be read; or what must be equal is not, with the
///         fields, their values and where they are from
Analysis analysis_from_records(const std::vector<std::string>& paths,
                               const AnalysisOptions& options);

/// Why an analysis has no study.
std::string nothing_measured(const Analysis& analysis);

}  // namespace scalelab
