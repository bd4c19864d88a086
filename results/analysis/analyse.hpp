#pragma once

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/analysis/analysis.hpp"
#include "results/analysis/derive.hpp"

namespace scalelab {

struct AnalysisOptions {
  BaseOf base = BaseOf::sequential;
  std::set<std::string> merged =
      {};                ///< fields that may differ: "cpu", "commit", "task-units", "bind"
  double target = 0.75;  ///< parallel efficiency that is still worth it
};

/// A field of --merge that no record has.
class UnknownField : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads records and derives all that a report tells.
/// @param paths  as of read_records
/// @throws UnknownField
/// @returns without studies, if no repetition was measured
/// @throws std::runtime_error  a path cannot be read; or what must be equal is not, with the
/// fields,
///         their values and where they are from
Analysis analyse(const std::vector<std::string>& paths, const AnalysisOptions& options);

}  // namespace scalelab
