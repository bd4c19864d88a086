#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/common/board/schedule.hpp"
#include "drivers/common/driver.hpp"
#include "drivers/common/run/stopping_rule.hpp"
#include "kernels/description.hpp"
#include "kernels/options.hpp"

namespace scalelab {

/// What the user asks for.
struct Request {
  std::string answer;    ///< --help and the like: print this and end; all else is empty then
  std::string kernel;    ///< name
  OptionValues options;  ///< the common ones and the kernel's own, resolved
};

/// Reads the command line and the file that --config names.
/// @throws UsageError, std::runtime_error if the file of --config cannot be read
Request read_command_line(int argc, const char* const* argv, const DriverDescription& driver);

constexpr std::size_t most_tasks = std::size_t{1} << 48;

/// The common options, typed. @throws UsageError
struct RunOptions {
  explicit RunOptions(const OptionValues& options);

  std::optional<std::size_t> workers;
  std::optional<std::size_t> tasks_per_worker;
  std::size_t tasks;
  Schedule schedule;
  bool bind;
  StoppingRule repetitions;
  std::size_t warmup;
  bool json;
  bool quiet;
  bool progress;
  bool dry_run;
  bool costs;
  bool accounting;
  std::string record_path;  ///< empty: not wanted
  std::string values_path;  ///< empty: not wanted
  std::string trace_path;   ///< empty: not wanted
  std::string journal;      ///< folder; empty: not wanted
  bool resume;
  std::optional<double> timeout;  ///< [s]
};

/// What was given, or their fallbacks, of these options.
std::map<std::string, std::string> texts_of(const std::vector<Option>& options,
                                            const OptionValues& values);

/// The kernel's own options and the seed, as they go into the record.
std::map<std::string, std::string> own_options(const KernelDescription& kernel,
                                               const OptionValues& options);

}  // namespace scalelab
