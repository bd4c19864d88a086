#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernels/kernel.hpp"

namespace scalelab {

/// What one run is: a driver, a configuration.
struct Run {
  std::string driver;
  std::string kernel;
  std::string data;  ///< name of the data set, empty if the kernel has none
  std::size_t workers = 0;
  std::size_t tasks = 0;
  std::string schedule;
  std::size_t chunk = 0;                                   ///< 0: the schedule's own
  std::string bind;                                        ///< cores or none
  std::map<std::string, std::string> options;              ///< the kernel's, as resolved
  std::map<std::string, std::string> driver_options = {};  ///< what only this driver has
  std::optional<Work> work;                                ///< in the kernel's units
  std::optional<double> seconds_per_unit = {};             ///< where it is known; not recorded
  std::size_t data_bytes = 0;                              ///< of one copy of the data set
  std::size_t data_copies = 0;  ///< in the memory of all machines together
};

/// What one repetition measured.
struct Repetition {
  std::size_t number = 0;  ///< from 1; warm-ups are counted apart
  bool warmup = false;
  double seconds = 0;       ///< from the entry barrier until the reporter owns all values
  std::string digest = {};  ///< of all values, 16 hexadecimal digits
  std::vector<std::uint64_t> tasks_by_worker = {};
  std::vector<double> busy_seconds = {};  ///< by worker: its part, less waiting for chunks
  std::size_t retries = 0;                ///< dead workers that were replaced
  std::size_t resumed = 0;                ///< tasks not run, but read from a journal
  std::map<std::string, std::uint64_t> counters = {};  ///< the kernel's, summed over all tasks
};

/// One repetition of one run as one line of JSON, without the line's end.
std::string to_json(const Run& run, const Repetition& repetition);

struct Record {
  Run run;
  Repetition repetition;
};

/// @throws std::runtime_error if the line is not a record
Record from_json(const std::string& line);

}  // namespace scalelab
