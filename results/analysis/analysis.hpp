#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/record/read_records.hpp"
#include "results/studies/granularity_study.hpp"
#include "results/studies/study.hpp"
#include "results/studies/warnings.hpp"

namespace scalelab {

/// Everything that a report tells.
struct Analysis {
  std::vector<std::string> paths;      ///< that were read
  std::vector<std::string> arguments;  ///< of `lab report`; empty: only the paths
  std::vector<Study> studies;          ///< in the order of reading
  std::vector<GranularityStudy> granularity;
  double target = 0.75;                       ///< parallel efficiency that is still worth it
  std::vector<Machine> machines;              ///< each host once
  std::vector<std::uint64_t> cores_per_host;  ///< physical, or logical where those are unknown
  Build build;
  std::optional<Job> job;  ///< of the first run that had one
  std::string first_started, last_started;
  Warnings warnings;
  std::vector<std::string> notes;  ///< why something could not be derived
  std::vector<Finding> findings;   ///< in the files
  std::size_t runs = 0;
  std::size_t repetitions = 0;  ///< without warm-ups
};

}  // namespace scalelab
